"""Hub: puts the parts of the house together, and decides who may do what."""
