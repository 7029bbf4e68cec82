"""Voice: requests in spoken or generated words."""
