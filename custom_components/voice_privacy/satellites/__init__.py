"""Satellites: the sources of audio."""
