"""Satellites: where sound comes in."""
