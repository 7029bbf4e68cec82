"""Tests, from pure decisions to a real Home Assistant with a browser."""
