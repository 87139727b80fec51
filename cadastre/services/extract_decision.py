"""One decision about an extract request, inside one snapshot of the register."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, timezone
from enum import Enum, auto
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from cadastre.db.unit_of_work import Database
from cadastre.domain.caller import Caller, is_bound_to_own_property
from cadastre.domain.codelist import load_codelist
from cadastre.domain.extract import ExtractRequest
from cadastre.extract.issue import Issuer
from cadastre.extract.record import (
    ExtractRecord,
    IssuingOffice,
    RegisterState,
    RequestRecord,
    StatementKind,
    Text3,
)
from cadastre.extract.statement import canonical_bytes
from cadastre.kernel.clock import Clock
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.ids import IdSource
from cadastre.services import extract_record as build
from cadastre.store import extracts as store
from cadastre.store.deployment import is_synthetic
from cadastre.store.ledger import append_leaf, count_unnumbered, get_head_index
from cadastre.store.properties import (
    Moment,
    PropertyRows,
    find_property,
    find_property_id,
    has_holder,
    list_leaves_of_property,
)

BAKU = timezone(timedelta(hours=4), "Asia/Baku")


@dataclass(frozen=True)
class DeskParts:
    """What the desk works with, put together by the composition root.

    ``verify_base_url`` is the address of the verification page without the token;
    ``new_token`` gives unguessable tokens of 32 lower-case hex digits.
    """

    database: Database
    issuer: Issuer
    clock: Clock
    ids: IdSource
    office: IssuingOffice
    verify_base_url: str
    address_text_of: build.AddressTextOf
    validity: Text3 | None = None
    new_token: Callable[[], str] = field(default=lambda: secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Draft:
    """A decided statement that still lacks its signature."""

    extract_id: UUID
    canonical: bytes


class NoDraft(Enum):
    """Why no statement was written."""

    NOT_YOURS = auto()  # the caller is bound to his own property, and this is not his
    NO_LAND = auto()  # a plan was asked for, and the property is no land: a flat
    UNNUMBERED = auto()  # an entry about the property has no ledger index yet; decide again


class Decision:
    """One attempt to decide a request inside one snapshot."""

    def __init__(
        self, desk: DeskParts, connection: Connection, request: ExtractRequest, number: str, caller: Caller
    ) -> None:
        self.desk = desk
        self.connection = connection
        self.request = request
        self.number = number
        self.caller = caller
        self.now = desk.clock.now()
        self.today = self.now.astimezone(BAKU).date()
        self.request_id = desk.ids.new_id()
        self.extract_id = desk.ids.new_id()
        self.token = desk.new_token()

    def make(self) -> Draft | NoDraft:
        """Write request, statement and leaves, or say why not."""
        property_id = find_property_id(self.connection, self.number)
        if property_id is not None:
            leaves = list_leaves_of_property(self.connection, property_id)
            if count_unnumbered(self.connection, leaves):
                return NoDraft.UNNUMBERED
        moment = self._moment()
        request_leaf = self._log_request()
        rows = None if property_id is None else find_property(self.connection, property_id, moment)
        if is_bound_to_own_property(self.caller) and not self._is_own(rows):
            return NoDraft.NOT_YOURS
        kind = StatementKind(self.request.kind)
        if rows is None or not rows.rights:
            kind, rows = StatementKind.NOT_IN_REGISTER, None
        elif kind is StatementKind.PLAN and not rows.parcels:
            return NoDraft.NO_LAND
        canonical = self._write(kind, rows, moment)
        self._record(kind, property_id, moment, canonical, request_leaf)
        return Draft(self.extract_id, canonical)

    def _moment(self) -> Moment:
        head = get_head_index(self.connection)
        known_at = head if self.request.known_at is None else self.request.known_at
        if not 0 <= known_at <= head:
            raise InvalidInput(
                f"known_at must lie in 0..{head}, the newest ledger index.",
                code="moment-in-future",
                head=head,
            )
        return Moment(as_of=self.request.as_of or self.today, known_at=known_at)

    def _is_own(self, rows: PropertyRows | None) -> bool:
        return rows is not None and has_holder(rows, fin=self.caller.fin, voen=self.caller.voen)

    def _log_request(self) -> int:
        payload = {
            "request_id": str(self.request_id),
            "register_number": self.number,
            "kind": self.request.kind,
            "capacity": self.request.capacity,
            "purpose": self.request.purpose,
        }
        return append_leaf(
            self.connection, kind="extract.requested", actor=self.caller.subject, payload=payload
        )

    def _write(self, kind: StatementKind, rows: PropertyRows | None, moment: Moment) -> bytes:
        record = self._record_of(kind, rows, moment)
        return canonical_bytes(self.desk.issuer.build(record))

    def _record_of(self, kind: StatementKind, rows: PropertyRows | None, moment: Moment) -> ExtractRecord:
        desk, request = self.desk, self.request
        purpose = load_codelist("purposes").entry_at(request.purpose, self.today)
        return ExtractRecord(
            kind=kind,
            id=str(self.extract_id),
            register_number=self.number,
            issued_at=self.now,
            office=desk.office,
            request=RequestRecord(
                subject=self.caller.subject,
                name=self.caller.name or self.caller.subject,
                capacity=request.capacity,
                basis=request.basis.strip(),
                purpose=purpose.az,
                requested_at=self.now,
            ),
            state=RegisterState(self._valid_time(moment), moment.known_at),
            token=self.token,
            verify_url=f"{desk.verify_base_url}/{self.token}",
            property=None if rows is None else build.property_record(rows, self._address(rows), moment.as_of),
            parcels=() if rows is None else build.parcel_records(rows, moment.as_of),
            rights=() if rows is None else build.right_records(rows),
            restrictions=() if rows is None else build.restriction_records(rows),
            asked_kind=StatementKind(request.kind),
            identifiers=build.identifier_policy(self.caller),
            validity=desk.validity,
            synthetic=is_synthetic(self.connection),
        )

    def _valid_time(self, moment: Moment) -> datetime:
        if moment.as_of == self.today:
            return self.now
        return datetime.combine(moment.as_of, time(), BAKU)

    def _address(self, rows: PropertyRows) -> Text3 | None:
        parcel_ids = [p.parcel_id for p in rows.parcels] + [u.parcel_id for u in rows.units if u.parcel_id]
        building_ids = [b.building_id for b in rows.buildings] + [u.building_id for u in rows.units]
        unit = build.unit_place(rows.units[0]) if rows.units else None
        return self.desk.address_text_of(self.connection, parcel_ids, building_ids, unit)

    def _record(
        self,
        kind: StatementKind,
        property_id: int | None,
        moment: Moment,
        canonical: bytes,
        request_leaf: int,
    ) -> None:
        sha256 = hashlib.sha256(canonical)
        store.insert_request(self.connection, self._journal_row(request_leaf))
        payload = {
            "extract_id": str(self.extract_id),
            "request_id": str(self.request_id),
            "kind": kind.value,
            "statement_sha256": sha256.hexdigest(),
            "ledger_index": moment.known_at,
        }
        leaf = append_leaf(self.connection, kind="extract.issued", actor=self.caller.subject, payload=payload)
        store.insert_extract(
            self.connection,
            {
                "extract_id": self.extract_id,
                "request_id": self.request_id,
                "property_id": property_id,
                "kind": kind.value,
                "register_number": self.number,
                "verify_token": self.token,
                "issued_at": self.now,
                "valid_time": moment.as_of,
                "ledger_index": moment.known_at,
                "statement": canonical,
                "statement_sha256": sha256.digest(),
                "leaf_id": leaf,
            },
        )

    def _journal_row(self, request_leaf: int) -> dict[str, Any]:
        request = self.request
        return {
            "request_id": self.request_id,
            "requester": self.caller.subject,
            "requester_role": self.caller.role.value,
            "requester_name": self.caller.name or None,
            "capacity": request.capacity,
            "basis": request.basis.strip(),
            "purpose": request.purpose,
            "register_number": self.number,
            "kind": request.kind,
            "as_of": request.as_of,
            "known_at": request.known_at,
            "requested_at": self.now,
            "leaf_id": request_leaf,
        }


__all__ = ["BAKU", "Decision", "DeskParts", "Draft", "NoDraft"]
