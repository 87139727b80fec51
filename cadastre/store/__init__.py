"""Reads and writes the register's tables; SQL lives here and nowhere above."""
