"""Statements are signed by the transaction that decides them.

Revision ID: 0023
Revises: 0022
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Keep the signature beside the statement."""
    execute_sibling_sql(Path(__file__))
