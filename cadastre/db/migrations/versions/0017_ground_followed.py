"""Entrances follow the ground: how far the address register has followed the land.

Revision ID: 0017
Revises: 0016
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Keep how far the address register has followed the land."""
    execute_sibling_sql(Path(__file__))
