"""Domain logic for audio, privacy and deletion. Independent of Home Assistant and of the disk."""
