"""First slice of the register.

Revision ID: 0001
Revises:
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create schemas, tables and named invariants."""
    execute_sibling_sql(Path(__file__))
