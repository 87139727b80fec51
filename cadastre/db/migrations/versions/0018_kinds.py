"""More kinds of extracts and certificates.

Revision ID: 0018
Revises: 0017
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Let more kinds be asked for and issued."""
    execute_sibling_sql(Path(__file__))
