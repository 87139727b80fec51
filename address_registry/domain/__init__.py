"""Streets, entrance numbers and address lines; pure."""
