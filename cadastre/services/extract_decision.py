"""One decision about an extract request, inside one snapshot of the register."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection

from cadastre.domain.caller import Caller, is_bound_to_own_property
from cadastre.domain.codelist import load_codelist
from cadastre.domain.extract import ExtractRequest
from cadastre.domain.look import Subject, find_disclosure_day, of_property
from cadastre.domain.moment import AskedMoment, Moment
from cadastre.domain.share import Share, is_whole_ownership
from cadastre.extract.kinds import TerminatedRecord
from cadastre.extract.record import (
    ExtractRecord,
    IssuingOffice,
    RegisterState,
    RequestRecord,
    StatementKind,
    Text3,
)
from cadastre.extract.statement import canonical_bytes
from cadastre.services import extract_record as build
from cadastre.services.addresses import list_leaves_of_extract
from cadastre.services.extract_entries import (
    restriction_records,
    right_records,
    servitude_records,
    terminated_records,
)
from cadastre.services.extract_neighbours import parcels_told
from cadastre.services.extract_parts import BAKU, DeskParts, Draft, NoDraft, Settled
from cadastre.services.ledger_clock import require_numbered
from cadastre.services.moments import settle_moment
from cadastre.services.offices import (
    SYNTHETIC_OFFICIALS,
    Officials,
    office_of_district,
    office_of_number,
    registrar_at,
)
from cadastre.services.property_numbers import find_named_property, is_mistyped, list_candidates
from cadastre.store import extracts as store
from cadastre.store.deployment import is_synthetic
from cadastre.store.ledger import enter_leaf, get_head_index, get_recorded_time, leaf_values
from cadastre.store.looks import add_subjects, append_look
from cadastre.store.properties import PropertyRows, find_last_state, find_property, has_holder
from cadastre.store.search import stands_in
from cadastre.store.terminated import list_terminated

SERIES = "EX"
"""Series of documents made by this system, before seven digits."""


class Decision:
    """One attempt to decide a request inside one snapshot."""

    def __init__(
        self, desk: DeskParts, connection: Connection, request: ExtractRequest, caller: Caller
    ) -> None:
        self.desk = desk
        self.connection = connection
        self.request = request
        self.number = request.register_number
        self.caller = caller
        self.now = desk.clock.now()
        self.today = self.now.astimezone(BAKU).date()
        self.request_id = desk.ids.new_id()
        self.extract_id = desk.ids.new_id()
        self.token = desk.new_token()
        self.jws, self.leaf = "", ("", b"")
        self.journal_number = self.document_number = 0  # drawn when there is something to write
        self.head = self._find_head()
        self.terminated: tuple[TerminatedRecord, ...] = ()

    def make(self) -> Draft | NoDraft:
        """Write request, statement and leaves, or say why not; refusals leave the request's leaf.

        Raises
        ------
        LedgerBusy
            An entry about the property has no ledger index yet; decide again.
        """
        for candidate in list_candidates(self.connection, self.number):
            leaves = list_leaves_of_extract(self.connection, candidate, self.desk.addresses)
            require_numbered(self.connection, leaves)
        moment, historic = self._moment()
        property_id = find_named_property(self.connection, self.number, moment)
        shown = of_property(property_id, moment)
        is_bound = is_bound_to_own_property(self.caller)
        request_leaf = self._log_request(() if is_bound else shown)
        if is_bound:
            if not self._is_own_today(property_id):
                return NoDraft.NOT_YOURS
            add_subjects(self.connection, request_leaf, self.caller, shown, **self._said())
        if is_mistyped(self.connection, self.number):
            return NoDraft.MISTYPED
        rows = None if property_id is None else find_property(self.connection, property_id, moment)
        settled = self._settle(rows, moment, historic=historic)
        if isinstance(settled, NoDraft):
            return settled
        self.journal_number = store.draw_journal_number(self.connection)
        self.document_number = store.draw_document_number(self.connection)
        return self._finish(settled, property_id, request_leaf)

    def _find_head(self) -> int:
        return get_head_index(self.connection)

    def _settle(self, rows: PropertyRows | None, moment: Moment, *, historic: bool) -> Settled | NoDraft:
        """Settle what the statement is about, and of which moment; or why nothing may be signed."""
        if rows is not None and rows.closing is not None:
            moment, historic = replace(moment, as_of=rows.closing.closed_on), True
            rows = find_last_state(self.connection, rows)
        if rows is not None:
            self.terminated = self._terminated(rows, moment)
        if rows is not None and not (rows.rights or rows.restrictions or self.terminated):
            rows = None
        refusal = None if rows is None else self._refusal(rows, historic=historic)
        if refusal is not None:
            return refusal
        if rows is not None:
            self.number = rows.property.register_number  # whatever number it was asked for by
        kind = StatementKind.NOT_IN_REGISTER if rows is None else StatementKind(self.request.kind)
        return Settled(kind, rows, moment, historic)

    def _finish(self, settled: Settled, property_id: int | None, request_leaf: int) -> Draft:
        """Write, sign and record the statement; its numbers are drawn."""
        kind, moment = settled.kind, settled.moment
        canonical = self._write(kind, settled.rows, moment, historic=settled.historic)
        return self._sign_and_record(kind, property_id, moment, canonical, request_leaf)

    def _terminated(self, rows: PropertyRows, moment: Moment) -> tuple[TerminatedRecord, ...]:
        if self.request.kind != "archive":
            return ()
        return terminated_records(*list_terminated(self.connection, rows.property.property_id, moment))

    def _refusal(self, rows: PropertyRows, *, historic: bool) -> NoDraft | None:
        """Say why nothing may be signed about what is registered."""
        if self.request.kind == "archive":
            return None
        if not rows.rights:
            return NoDraft.WITHOUT_RIGHTS
        if self.request.kind == "plan" and not rows.parcels:
            return NoDraft.NO_LAND
        owners = [row for row in rows.rights if row.kind == "ownership"]
        shares = [None if o.joint else Share(o.share_numerator, o.share_denominator) for o in owners]
        if owners and not historic and not is_whole_ownership(shares):
            return NoDraft.CONTRADICTORY
        return None

    def _moment(self) -> tuple[Moment, bool]:
        """Give the moment that is asked for, and whether it is a past one."""
        asked = AskedMoment(self.request.as_of, self.request.known_at)
        settled = settle_moment(self.connection, asked, self.today)
        return settled.moment, settled.is_past

    def _is_own_today(self, property_id: int | None) -> bool:
        """Whether the caller holds something of it now; what he held once opens nothing."""
        if property_id is None:
            return False
        rows = find_property(self.connection, property_id, Moment(self.today, self.head))
        numbers = {"fin": self.caller.fin, "voen": self.caller.voen}
        return rows is not None and (
            has_holder(rows, **numbers) or stands_in(self.connection, property_id, **numbers)
        )

    def _said(self) -> dict[str, Any]:
        """Give what the log keeps of every look of this request: what for, and when the person is told."""
        purpose = self.request.purpose
        return {
            "purpose": purpose,
            "disclosed_from": find_disclosure_day(purpose, self.caller, self.today),
        }

    def _request_payload(self) -> dict[str, Any]:
        return {
            "request_id": str(self.request_id),
            "register_number": self.request.register_number,
            "kind": self.request.kind,
            "capacity": self.request.capacity,
            "purpose": self.request.purpose,
        }

    def _log_request(self, shown: tuple[Subject, ...]) -> int:
        return append_look(
            self.connection,
            kind="extract.requested",
            caller=self.caller,
            payload=self._request_payload(),
            subjects=shown,
            **self._said(),
        )

    def _write(
        self, kind: StatementKind, rows: PropertyRows | None, moment: Moment, *, historic: bool
    ) -> bytes:
        record = self._record_of(kind, rows, moment, historic=historic)
        return canonical_bytes(self.desk.issuer.build(record))

    def _record_of(
        self, kind: StatementKind, rows: PropertyRows | None, moment: Moment, *, historic: bool
    ) -> ExtractRecord:
        desk, request = self.desk, self.request
        purpose = load_codelist("purposes").entry_at(request.purpose, self.today)
        return ExtractRecord(
            kind=kind,
            id=str(self.extract_id),
            number=f"{SERIES}{self.document_number:07d}",
            register_number=self.number,
            issued_at=self.now,
            registrar=registrar_at(self.today),
            office=self._office(rows),
            request=RequestRecord(
                subject=self.caller.subject,
                name=self.caller.name or self.caller.subject,
                capacity=request.capacity,
                basis=request.basis,
                purpose=purpose.az,
                requested_at=self.now,
                number=f"ƏR-{self.today.year}-{self.journal_number:06d}",
                acting_for=request.acting_for,
            ),
            state=self._state(moment, historic=historic),
            token=self.token,
            verify_url=f"{desk.verify_base_url}/{self.token}",
            property=None
            if rows is None
            else build.property_record(rows, self._address(rows, moment), moment.as_of),
            parcels=() if rows is None else parcels_told(self.connection, kind, rows, moment),
            rights=() if rows is None else right_records(rows),
            restrictions=() if rows is None else restriction_records(rows),
            servitudes=() if rows is None else servitude_records(rows),
            terminated=() if rows is None else self.terminated,
            asked_kind=StatementKind(request.kind),
            identifiers=build.identifier_policy(self.caller),
            validity=desk.validity,
            synthetic=self._is_synthetic(),
        )

    def _office(self, rows: PropertyRows | None) -> IssuingOffice:
        desk = self.desk
        if desk.office is not None:
            return desk.office
        unnamed = desk.officials == Officials() and self._is_synthetic()
        officials = SYNTHETIC_OFFICIALS if unnamed else desk.officials
        if rows is None:
            return office_of_number(self.connection, self.number, self.today, officials)
        return office_of_district(rows.property.district_code, self.today, officials)

    def _state(self, moment: Moment, *, historic: bool) -> RegisterState:
        return RegisterState(
            valid_time=datetime.combine(moment.as_of, time(), BAKU) if historic else self.now,
            ledger_index=moment.known_at,
            recorded_time=self._recorded_time(moment.known_at),
            historic=historic,
        )

    def _is_synthetic(self) -> bool:
        return is_synthetic(self.connection)

    def _recorded_time(self, index: int) -> datetime:
        return get_recorded_time(self.connection, index)

    def _address(self, rows: PropertyRows, moment: Moment) -> Text3 | None:
        return self.desk.addresses.find_texts(self.connection, [build.address_asked(rows)], moment)[0]

    def _sign_and_record(
        self,
        kind: StatementKind,
        property_id: int | None,
        moment: Moment,
        canonical: bytes,
        request_leaf: int,
    ) -> Draft:
        self.jws = self.desk.issuer.sign_bytes(canonical)
        self._record(kind, property_id, moment, canonical, request_leaf)
        return Draft(self.extract_id, canonical, self.jws, self.now, self.leaf)

    def _record(
        self,
        kind: StatementKind,
        property_id: int | None,
        moment: Moment,
        canonical: bytes,
        request_leaf: int,
    ) -> None:
        store.insert_request(self.connection, self._journal_row(moment, request_leaf))
        row = self._extract_row(kind, property_id, moment, canonical)
        said = leaf_values(kind="extract.issued", actor=self.caller.subject, payload=issued_payload(row))
        self.leaf = (str(said["leaf_payload"]), bytes(said["leaf_salt"]))
        store.insert_extract(self.connection, {**row, "leaf_id": enter_leaf(self.connection, said)})

    def _extract_row(
        self, kind: StatementKind, property_id: int | None, moment: Moment, canonical: bytes
    ) -> dict[str, Any]:
        return {
            "extract_id": self.extract_id,
            "request_id": self.request_id,
            "document_number": self.document_number,
            "property_id": property_id,
            "kind": kind.value,
            "register_number": self.number,
            "verify_token": self.token,
            "issued_at": self.now,
            "valid_time": moment.as_of,
            "ledger_index": moment.known_at,
            "statement": canonical,
            "statement_sha256": hashlib.sha256(canonical).digest(),
            "statement_jws": self.jws,
        }

    def _journal_row(self, moment: Moment, request_leaf: int) -> dict[str, Any]:
        request = self.request
        return {
            "request_id": self.request_id,
            "requester": self.caller.subject,
            "requester_role": self.caller.role.value,
            "requester_name": self.caller.name or None,
            "journal_number": self.journal_number,
            "capacity": request.capacity,
            "acting_for": request.acting_for,
            "basis": request.basis,
            "purpose": request.purpose,
            "register_number": self.number,
            "kind": request.kind,
            "as_of": request.as_of,
            "known_at": None if request.known_at is None else moment.known_at,
            "requested_at": self.now,
            "leaf_id": request_leaf,
        }


def issued_payload(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the leaf of an issued extract says."""
    return {
        "extract_id": str(row["extract_id"]),
        "request_id": str(row["request_id"]),
        "kind": row["kind"],
        "statement_sha256": row["statement_sha256"].hex(),
        "ledger_index": row["ledger_index"],
    }


__all__ = ["BAKU", "Decision", "DeskParts", "Draft", "NoDraft", "issued_payload"]
