"""microWakeWord: its audio features and its small quantized models."""
