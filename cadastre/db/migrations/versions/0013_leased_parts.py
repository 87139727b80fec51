"""One holder, several parts: leases of parts of one plot to one lessee.

Revision ID: 0013
Revises: 0012
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Let the key of holders know the part."""
    execute_sibling_sql(Path(__file__))
