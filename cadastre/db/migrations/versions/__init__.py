"""Revisions. A merged one is never edited."""
