"""Portfolios: batches of extracts and watched sections.

Revision ID: 0020
Revises: 0019
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add batches and watches."""
    execute_sibling_sql(Path(__file__))
