"""The parts of a running process, built from settings; every entry point composes them here."""

from __future__ import annotations

from dataclasses import dataclass

from api.auth import TokenDesk, open_token_desk
from api.settings import ApiSettings
from cadastre.db.settings import resolve_urls
from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class Rooms:
    """What requests and commands work with."""

    settings: ApiSettings
    database: Database
    tokens: TokenDesk
    clock: Clock

    def close(self) -> None:
        """Give everything back."""
        self.database.close()


def open_tokens(settings: ApiSettings) -> TokenDesk:
    """Open the embedded identity provider."""
    return open_token_desk(
        settings.secrets,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        hours=settings.token_hours,
    )


def open_rooms(settings: ApiSettings) -> Rooms:
    """Build the parts of one process; the embedded database is started when nobody named another."""
    database = Database(resolve_urls().app_url, pool_size=settings.database_pool)
    return Rooms(settings, database, open_tokens(settings), SystemClock())


__all__ = ["Rooms", "open_rooms", "open_tokens"]
