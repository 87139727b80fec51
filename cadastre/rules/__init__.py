"""What the register checks before it enters anything: rules as data and code, and what they find."""
