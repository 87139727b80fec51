"""Who looked at whose data.

Revision ID: 0015
Revises: 0014
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the looks."""
    execute_sibling_sql(Path(__file__))
