"""Decides whether somebody stands in the register: a look at him, whatever the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from cadastre.domain.caller import Caller, is_bound_to_own_property, may_read_any_property
from cadastre.domain.extract import ExistenceRequest
from cadastre.domain.look import of_number
from cadastre.domain.moment import Moment
from cadastre.extract.kinds import ExistenceRecord, HoldingRecord, StatementKind
from cadastre.extract.record import ExtractRecord, PartyRecord
from cadastre.services.extract_decision import Decision, DeskParts, Draft, NoDraft
from cadastre.store import extracts as store
from cadastre.store.looks import append_look
from cadastre.store.properties import PropertyRows
from cadastre.store.search import find_held, list_parties, list_sections

MOST_NAMED: Final = 10_000
"""Sections that one certificate names; it names none of more, which nobody holds but the state."""


class ExistenceDecision(Decision):
    """One attempt to certify whether the person of a number stands in the register, inside one snapshot."""

    def __init__(
        self, desk: DeskParts, connection: Connection, request: ExistenceRequest, caller: Caller
    ) -> None:
        super().__init__(desk, connection, request.as_application(), caller)
        self.asked = request
        self.found: ExistenceRecord | None = None

    def make(self) -> Draft | NoDraft:
        """Write request, statement and leaves; every number gets an answer, known or not."""
        moment, historic = self._moment()
        payload = {
            "request_id": str(self.request_id),
            "by": "fin" if self.asked.fin else "voen",
            "capacity": self.request.capacity,
            "purpose": self.request.purpose,
        }
        request_leaf = append_look(
            self.connection,
            kind="access.existence",
            caller=self.caller,
            payload=payload,
            subjects=of_number(fin=self.asked.fin, voen=self.asked.voen),
            **self._said(),
        )
        self.found = self._find(moment)
        self.journal_number = store.draw_journal_number(self.connection)
        self.document_number = store.draw_document_number(self.connection)
        kind = StatementKind.EXISTENCE
        canonical = self._write(kind, None, moment, historic=historic)
        return self._sign_and_record(kind, None, moment, canonical, request_leaf)

    def _find(self, moment: Moment) -> ExistenceRecord:
        fin, voen = self.asked.fin, self.asked.voen
        parties = list_parties(self.connection, fin=fin, voen=voen, known_at=moment.known_at)
        held = find_held(self.connection, parties, moment)
        is_own = (fin, voen) in ((self.caller.fin, None), (None, self.caller.voen))
        holdings = None
        if may_read_any_property(self.caller) or (is_own and is_bound_to_own_property(self.caller)):
            sections = list_sections(self.connection, list(held), MOST_NAMED + 1, moment)
            if len(sections) <= MOST_NAMED:
                holdings = tuple(
                    HoldingRecord(row.register_number, row.object_kind, tuple(held[row.property_id]))
                    for row in sections
                )
        person = PartyRecord("", "natural" if fin else "legal", fin=fin, voen=voen)
        return ExistenceRecord(person, bool(held), holdings)

    def _record_of(
        self, kind: StatementKind, rows: PropertyRows | None, moment: Moment, *, historic: bool
    ) -> ExtractRecord:
        record = super()._record_of(kind, rows, moment, historic=historic)
        return replace(record, existence=self.found)


__all__ = ["ExistenceDecision"]
