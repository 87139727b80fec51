"""The public log: entries, the tiles of its tree, signed checkpoints and their cosignatures.

Revision ID: 0014
Revises: 0013
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make room for the tree; what is numbered already is entered after the migration, in batches."""
    execute_sibling_sql(Path(__file__))
