"""A real Home Assistant with real satellites."""
