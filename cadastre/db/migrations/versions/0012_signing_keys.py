"""Keys that applications are signed with, and what was signed.

Revision ID: 0012
Revises: 0010
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    """Add signing keys and signed payloads."""
    execute_sibling_sql(Path(__file__))
