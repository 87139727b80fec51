"""Flags of investigation on entries and on parties, beside those on sections and parcels.

Revision ID: 0008
Revises: 0007
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Let a flag name an entry of a section, or a party."""
    execute_sibling_sql(Path(__file__))
