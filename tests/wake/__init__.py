"""The wake engine, without Home Assistant."""
