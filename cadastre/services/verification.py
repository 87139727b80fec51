"""The verification desk: whether a document is ours, and whether the register has moved on since.

Genuineness comes from the seal and the signed statement (``cadastre.extract.verify``)
and from the register's own record of having issued it (its digest: nobody opens it); a genuine document of a
state that has passed is SUPERSEDED. The public learns only *that* it has passed; of a person not even that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
from cadastre.domain.caller import PUBLIC, Caller, may_read_any_property
from cadastre.domain.extract import LaterEntry, ParcelSummary, TokenSummary, UnitSummary
from cadastre.extract.jws import public_jwk
from cadastre.extract.kinds import StatementKind
from cadastre.extract.ledger_policy import LedgerEntry
from cadastre.extract.reasons import Reason, reason
from cadastre.extract.statement import Statement, canonical_bytes
from cadastre.extract.verify import Verdict, Verification, Verifier
from cadastre.kernel.clock import OFFICIAL_ZONE, Clock
from cadastre.kernel.errors import NotFound
from cadastre.services.addresses import AddressBook, list_leaves_of_extract
from cadastre.services.existence_verdict import PersonNow, look_again
from cadastre.services.ledger_clock import sequence
from cadastre.services.property_numbers import list_candidates
from cadastre.store import extracts as store


@dataclass(frozen=True, slots=True)
class VerifyAnswer:
    """Verdict on a document. ``superseded_by`` is None for the public, who learn only that it is.

    ``entry`` tells where the document stands in the ledger, when it came with a proof.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    issued_at: datetime | None = None
    superseded_by: tuple[LaterEntry, ...] | None = None
    entry: LedgerEntry | None = None


class VerificationDesk:
    """Judges documents against the keys and against the register."""

    def __init__(
        self,
        database: Database,
        verifier: Verifier | Callable[[], Verifier],
        addresses: AddressBook,
        clock: Clock,
    ) -> None:
        self._database = database
        self._given = verifier
        self._addresses = addresses
        self._clock = clock

    @property
    def _verifier(self) -> Verifier:
        """What is judged by now: a rotation or a revocation changes it."""
        return self._given if isinstance(self._given, Verifier) else self._given()

    @property
    def statement_keys(self) -> list[dict[str, str]]:
        """Public keys of the statements, as JWKs with their names: pages that check QR codes pin them."""
        return [{**public_jwk(key), "kid": kid} for kid, key in self._verifier.trust.jws_keys.items()]

    def verify_pdf(self, pdf: bytes, caller: Caller) -> VerifyAnswer:
        """Judge a PDF file, whatever its bytes."""
        return self._answer(self._verifier.judge_pdf(pdf, now=self._clock.now()), caller)

    def verify_bundle(self, bundle: bytes | Mapping[str, Any], caller: Caller) -> VerifyAnswer:
        """Judge the JSON that issuing answered with; raw bytes let duplicate keys be seen."""
        return self._answer(self._verifier.judge_bundle(bundle, now=self._clock.now()), caller)

    def public_summary(self, token: str) -> TokenSummary:
        """Tell what the QR code of an extract opens."""
        return self._database.read(lambda uow: _summary(uow.connection, token, self._addresses))

    def _answer(self, found: Verification, caller: Caller) -> VerifyAnswer:
        if found.statement is None:
            return _plain(found)
        statement = found.statement
        later = self._database.read(lambda uow: _later(uow.connection, statement, self._addresses))
        if later is None:
            refused = Verification(Verdict.NOT_AUTHENTIC, (reason("not-issued"),))
            return _plain(refused)
        if statement["kind"] == StatementKind.EXISTENCE:
            return self._answer_about_person(found, statement, caller)
        if not later:
            return _plain(found)
        shown = self._numbered(later) if may_read_any_property(caller) else None
        return _plain(found.superseded(), shown)

    def _answer_about_person(self, found: Verification, statement: Statement, caller: Caller) -> VerifyAnswer:
        """Tell to whom it concerns whether a certificate holds, and to all others that it is genuine."""
        today = self._clock.now().astimezone(OFFICIAL_ZONE).date()

        def look(uow: UnitOfWork) -> tuple[PersonNow | None, dict[int, LaterEntry]]:
            now = look_again(uow.connection, statement, caller, today=today)
            later = {} if now is None else _entries_of(uow.connection, now.leaves, now.ledger_index)
            return now, later

        now, later = None, dict[int, LaterEntry]()
        if caller != PUBLIC:
            sequence(self._database)  # what has no number yet is known, too
            now, later = self._database.run(look, isolation=Isolation.REPEATABLE_READ)
        if now is None:
            untold = replace(found, reasons=(*found.reasons, reason("present-not-told")))
            return _plain(untold)
        if not now.has_changed:
            return _plain(found)
        shown = self._numbered(later) if later and may_read_any_property(caller) else None
        return _plain(found.superseded(), shown)

    def _numbered(self, later: dict[int, LaterEntry]) -> tuple[LaterEntry, ...]:
        """Put the registration numbers to the entries, for those who may see which they are."""
        leaves = sorted(later)
        numbers = self._database.read(
            lambda uow: store.list_registration_numbers(uow.connection, leaves), role=Role.WRITE
        )
        return tuple(replace(later[leaf], number=numbers.get(leaf)) for leaf in leaves)


def _plain(found: Verification, later: tuple[LaterEntry, ...] | None = None) -> VerifyAnswer:
    return VerifyAnswer(
        verdict=found.verdict,
        reasons=found.reasons,
        issued_at=found.issued_at,
        superseded_by=later,
        entry=found.entry,
    )


def _later(
    connection: Connection, statement: Statement, addresses: AddressBook
) -> dict[int, LaterEntry] | None:
    """Entries after the statement's state; None when the register never issued it."""
    digest = hashlib.sha256(canonical_bytes(statement)).digest()
    row = store.find_issued(connection, UUID(statement["id"]), digest)
    if row is None:
        return None
    return _entries_after(connection, row, addresses)


def _entries_after(connection: Connection, row: Row[Any], addresses: AddressBook) -> dict[int, LaterEntry]:
    leaves: set[int] = set()
    for property_id in _properties_of(connection, row):
        leaves.update(list_leaves_of_extract(connection, property_id, addresses))
    return _entries_of(connection, sorted(leaves), row.ledger_index)


def _entries_of(connection: Connection, leaves: Sequence[int], after_index: int) -> dict[int, LaterEntry]:
    return {
        leaf.leaf_id: LaterEntry(leaf.kind, leaf.recorded_time, leaf.ledger_index)
        for leaf in store.list_later_leaves(connection, list(leaves), after_index)
    }


def _properties_of(connection: Connection, row: Row[Any]) -> set[int]:
    """Give what the answer rests on; "not in the register" is superseded once its number names something."""
    known = set() if row.property_id is None else {row.property_id}
    if row.kind == "not-in-register":
        known.update(list_candidates(connection, row.register_number))
    return known


def _summary(connection: Connection, token: str, addresses: AddressBook) -> TokenSummary:
    row = store.find_public_summary(connection, token)
    if row is None:
        raise NotFound(
            "No extract was ever issued with this code; the paper is not genuine or the code was misread.",
            code="token-unknown",
        )
    return TokenSummary(
        verdict="SUPERSEDED" if _entries_after(connection, row, addresses) else "AUTHENTIC",
        kind=row.kind,
        register_number=row.register_number,
        number=row.number,
        issued_at=row.issued_at,
        ledger_index=row.ledger_index,
        statement_sha256=bytes(row.statement_sha256).hex(),
        parcels=tuple(_parcel(parcel) for parcel in row.parcels),
        unit=_unit(row.section),
        synthetic=row.synthetic,
    )


def _parcel(parcel: dict[str, Any]) -> ParcelSummary:
    return ParcelSummary(
        cadastral_number=parcel["cadastral_number"],
        district=parcel["district"]["name"],
        documentary_area_m2=(parcel["documentary_area"] or {}).get("m2"),
        surveyed_area_m2=(parcel["surveyed_area"] or {}).get("m2"),
    )


def _unit(section: dict[str, Any] | None) -> UnitSummary | None:
    if section is None or section["unit"] is None:
        return None
    unit = section["unit"]
    total: dict[str, Any] = next((area for area in section["unit_areas"] if area["kind"] == "total"), {})
    return UnitSummary(
        kind=section["object_kind"]["label"],
        number=unit["number"],
        building_number=unit["building_number"],
        district=unit["district"]["name"],
        documentary_area_m2=total.get("documentary_m2"),
        factual_area_m2=total.get("factual_m2"),
    )


__all__ = ["VerificationDesk", "VerifyAnswer"]
