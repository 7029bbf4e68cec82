"""The rig: a real Home Assistant, simulated satellites and speech servers that work offline."""
