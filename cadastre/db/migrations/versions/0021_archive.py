"""Archive copies of extracts: revocation evidence under a time stamp of its own.

Revision ID: 0021
Revises: 0020
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Keep one archive copy of each time-stamped extract."""
    execute_sibling_sql(Path(__file__))
