"""Redaction: find what must not be shown to a reviewer."""
