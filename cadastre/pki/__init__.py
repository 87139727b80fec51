"""A public-key infrastructure for development: authority, revocation lists, OCSP and RFC 3161 time stamps.

Nothing signed under it has legal force, and its certificates say so by name.
"""
