"""Debian packages the system needs, by one mechanism for root and for an ordinary user."""
