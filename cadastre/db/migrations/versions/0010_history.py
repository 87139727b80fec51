"""What every question about the past needs: where a building stands, and indexes of what has ended.

Revision ID: 0010
Revises: 0009
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Record on which parcel a building stands, and index past objects and the times of the ledger."""
    execute_sibling_sql(Path(__file__))
