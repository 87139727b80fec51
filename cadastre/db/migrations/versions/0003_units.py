"""Flats and other units of buildings can be loaded, and found by the entrance they are reached through.

Revision ID: 0003
Revises: 0002
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Widen the kinds of load and of unit, bound what is known of a unit, number a building's entrances."""
    execute_sibling_sql(Path(__file__))
