"""Voice Privacy: satellite microphones that can be seen, muted, listened back to and erased."""
