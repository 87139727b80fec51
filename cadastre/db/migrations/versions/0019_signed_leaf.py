"""A leaf of its own for the signature of an extract.

Revision ID: 0019
Revises: 0018
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Bind what signature and PDF an extract got."""
    execute_sibling_sql(Path(__file__))
