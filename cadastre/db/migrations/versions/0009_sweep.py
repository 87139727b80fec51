"""What the nightly sweep finds, and how far it has come.

Revision ID: 0009
Revises: 0008
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the runs of the sweep and their findings."""
    execute_sibling_sql(Path(__file__))
