"""openWakeWord's models, run by numpy alone."""
