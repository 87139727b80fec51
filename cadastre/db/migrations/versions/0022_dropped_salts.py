"""Salts of looks that may be dropped.

Revision ID: 0022
Revises: 0021
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Let the salt of a look be dropped."""
    execute_sibling_sql(Path(__file__))
