"""Issues: what needs a person, in Home Assistant's list of repairs."""
