"""What the register speaks of, as plain values and rules; no database, no clock."""
