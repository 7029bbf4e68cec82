"""Web: the page and the card."""
