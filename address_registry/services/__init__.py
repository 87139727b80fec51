"""What the address register does for its callers."""
