"""Tools that try many inputs; tests run a few of them, people run many by hand."""
