"""Review: clips that wait for a label, and what is learned from them."""
