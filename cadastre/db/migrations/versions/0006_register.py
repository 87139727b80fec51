"""The register at work: journal and cases, priority, documents, representation, lineage, events.

Revision ID: 0006
Revises: 0004
"""

from pathlib import Path

from cadastre.db.migrations.runner import execute_sibling_sql

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    """Add schema registry, deepen rights and restrictions, record lineage and closure."""
    execute_sibling_sql(Path(__file__))
