"""The parts of a running process, built from settings; every entry point composes them here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from address_registry import AddressBook
from api.auth import TokenDesk, open_tokens
from api.desks import Desks, open_desks
from api.ledger_room import LedgerRoom, open_ledger
from api.settings import ApiSettings
from cadastre.db.schema_state import refuse_other_schema
from cadastre.db.settings import resolve_urls
from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import OFFICIAL_ZONE, Clock, SystemClock
from cadastre.services.archive import ArchiveDesk
from cadastre.services.archive_renewal import RenewalDesk
from cadastre.services.issuing import IssuingDesk
from cadastre.services.promises import PromiseDesk


@dataclass(frozen=True, slots=True)
class Rooms:
    """What requests and commands work with."""

    settings: ApiSettings
    database: Database
    tokens: TokenDesk
    desks: Desks
    ledger: LedgerRoom
    archive: ArchiveDesk
    issuing: IssuingDesk
    renewals: RenewalDesk
    clock: Clock

    def today(self) -> date:
        """Give the day that it officially is."""
        return self.clock.now().astimezone(OFFICIAL_ZONE).date()

    def close(self) -> None:
        """Give everything back."""
        self.issuing.close()
        self.desks.close()
        self.database.close()


def open_rooms(settings: ApiSettings) -> Rooms:
    """Build the parts of one process; the embedded database is started when nobody named another."""
    clock = SystemClock()
    tokens = open_tokens(settings)
    database = Database(resolve_urls().app_url, pool_size=settings.database_pool)
    desks = open_desks(settings, database, clock, AddressBook())
    ledger = open_ledger(settings, database, clock)
    archivist = desks.signing.archivist(desks.extracts.parts.issuer, clock)

    def proof_of(extract_id: UUID) -> str:
        return ledger.proofs.require_proof_of_extract(extract_id).write()

    archive = ArchiveDesk(database, archivist, proof_of)
    renewals = RenewalDesk(database, archivist)
    issuing = IssuingDesk(desks.extracts, PromiseDesk(ledger.checkpoints, clock))
    return Rooms(settings, database, tokens, desks, ledger, archive, issuing, renewals, clock)


@contextmanager
def opened_rooms(settings: ApiSettings) -> Iterator[Rooms]:
    """Build the parts for the time of a command, over a register with the schema of this program."""
    rooms = open_rooms(settings)
    try:
        refuse_other_schema(rooms.database)
        yield rooms
    finally:
        rooms.close()


__all__ = ["Rooms", "open_rooms", "opened_rooms"]
