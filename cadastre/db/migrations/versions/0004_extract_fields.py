"""Every field that the form of an extract names has a place: sections, units, documents, the journal.

Revision ID: 0004
Revises: 0003
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the fields, number the application journal and the documents issued."""
    execute_sibling_sql(Path(__file__))
