"""Keys, sealed files and rows. Independent of Home Assistant."""
