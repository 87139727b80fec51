"""Whether this database holds synthetic data."""

from __future__ import annotations

from sqlalchemy import Connection, text


def is_synthetic(connection: Connection) -> bool:
    """Whether synthetic sample data has ever been loaded here."""
    return bool(connection.execute(text("SELECT publish.is_synthetic()")).scalar_one())


def mark_synthetic(connection: Connection) -> None:
    """Mark the database as synthetic, for ever; only the owner may."""
    connection.execute(text("UPDATE cadastre.deployment SET synthetic = true WHERE NOT synthetic"))


__all__ = ["is_synthetic", "mark_synthetic"]
