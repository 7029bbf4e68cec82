"""Decisions, without Home Assistant."""
