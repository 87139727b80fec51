"""Reads the address register."""
