"""How far watchers have been told of the ledger.

Revision ID: 0025
Revises: 0024
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Let watchers be told of every change."""
    execute_sibling_sql(Path(__file__))
