"""Home Assistant loads integrations from here."""
