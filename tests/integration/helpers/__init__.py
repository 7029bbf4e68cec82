"""Helpers of the integration tests: houses, satellites, people."""
