"""Recordings: what is kept, on Home Assistant's threads, and how it goes."""
