"""Voice commands, and the same requests from language models."""
