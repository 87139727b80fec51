"""Renewals of archive copies.

Revision ID: 0024
Revises: 0023
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Let archive copies be renewed."""
    execute_sibling_sql(Path(__file__))
