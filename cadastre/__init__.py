"""The cadastre and register of real estate: its rules, its store and what it issues."""
