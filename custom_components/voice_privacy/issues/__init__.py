"""Repair issues that are not raised by the coordinator."""
