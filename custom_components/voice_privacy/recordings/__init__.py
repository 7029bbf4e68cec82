"""Recordings: the sealed store, retention and deletion on Home Assistant's threads."""
