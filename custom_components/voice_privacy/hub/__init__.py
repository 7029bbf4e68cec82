"""Hub: connects satellites, store, review and settings, and enforces permissions."""
