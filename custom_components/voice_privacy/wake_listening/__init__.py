"""Wake listening: the wake engine on Home Assistant's event loop."""
