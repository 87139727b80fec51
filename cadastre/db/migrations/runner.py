"""Runs a migration's sibling ``.sql`` file through the raw cursor."""

from __future__ import annotations

from pathlib import Path

from alembic import op


def execute_sibling_sql(revision_file: Path) -> None:
    """Execute ``<revision>.sql`` beside ``revision_file``, without parameters.

    SQLAlchemy's ``text()`` trips over ``:name`` and ``exec_driver_sql`` over
    ``%``; a raw cursor called without parameters takes the file as it stands.
    """
    cursor = op.get_bind().connection.cursor()
    try:
        cursor.execute(revision_file.with_suffix(".sql").read_text(encoding="utf-8"))
    finally:
        cursor.close()
