"""Redaction of sensitive data before a clip is shown to a reviewer."""
