"""Claims are given back: a section is closed by the dissolution of its claim.

Revision ID: 0016
Revises: 0015
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Let a section be closed by the dissolution of its claim."""
    execute_sibling_sql(Path(__file__))
