"""First registration: cases about objects that have no section yet.

Revision ID: 0007
Revises: 0006
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Let a case name parcels, buildings and units by their numbers."""
    execute_sibling_sql(Path(__file__))
