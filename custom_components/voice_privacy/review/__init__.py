"""Review: clips that wait for a label, and verifiers trained on them."""
