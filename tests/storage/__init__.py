"""Keys, sealed files and rows, without Home Assistant."""
