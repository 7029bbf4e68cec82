"""What developers run: the demo house and the rig of the end to end tests."""
