"""Decisions about sound, privacy and deletion; knows neither Home Assistant nor any disk."""
