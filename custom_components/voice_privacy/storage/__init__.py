"""Keys, sealed files and rows; knows no Home Assistant."""
