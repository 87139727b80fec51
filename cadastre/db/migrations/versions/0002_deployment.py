"""Whether the database holds synthetic data.

Revision ID: 0002
Revises: 0001
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the deployment record."""
    execute_sibling_sql(Path(__file__))
