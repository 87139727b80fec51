"""Cases, notices and acts of authority in a real database: what ``tests.register.Register`` builds them with."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

REPORT = hashlib.sha256(b"report of the rules").digest()
SCAN = b"%PDF-1.7 synthetic scan"

_JOURNAL = text("""
    INSERT INTO registry.registration_journal (kind, channel, office_code, actor, recorded_leaf)
    VALUES (:kind, :channel, '20', :actor, :leaf) RETURNING journal_number
""")
_CASE = text("""
    INSERT INTO registry.case_file (case_id, journal_number, service, service_from, applicant_subject, applicant_role,
                                    capacity, due_on, recorded_leaf)
    SELECT :case, :journal, code, valid_from, :applicant, :role, :role, ledger.today() + 20, :leaf
      FROM registry.service WHERE code = :service AND valid_to IS NULL RETURNING case_id
""")
_PROPERTY = text("""
    INSERT INTO registry.case_property (case_id, property_id, notice_id, version_seen, recorded_leaf)
    VALUES (:case, :property, :notice, :seen, :leaf)
""")
_STEP = text("""
    INSERT INTO registry.case_step (case_id, step_number, kind, actor, actor_role, assignee, ground, due_on,
                                    notify_by, report_sha256, recorded_leaf)
    VALUES (:case, :number, :kind, :actor, 'registrar', :assignee, :ground, :due_on,
            CASE WHEN :kind = 'suspend' THEN now() + interval '48 hours' END, :report, :leaf) RETURNING state
""")
_NOTICE = text("""
    INSERT INTO registry.priority_notice (notice_id, property_id, journal_number, holder_subject, service, state, term,
                                          recorded_leaf)
    VALUES (:notice, :property, :journal, :holder, :service, :state, make_interval(days => :days), :leaf)
    RETURNING queue_number
""")
_NAMED = text("SELECT property_id FROM registry.case_property WHERE case_id = :case")
_SOURCE = text("SELECT min(source_id) FROM cadastre.administrative_source WHERE case_id = :case")
_NEW_SOURCE = text("""
    INSERT INTO party.document_content (sha256, media_type, content)
    VALUES (sha256(:scan), 'application/pdf', :scan) ON CONFLICT DO NOTHING;
    INSERT INTO registry.document (document_id, sha256, kind, file_name, uploaded_by, recorded_leaf)
    VALUES (CAST(:document AS uuid), sha256(:scan), :kind, 'planted.pdf', 'planting-1', :leaf);
    INSERT INTO cadastre.administrative_source (kind, number, dated, document_id, case_id, recorded_leaf)
    VALUES (:kind, :number, CAST(:dated AS date), CAST(:document AS uuid), CAST(:case AS uuid), :leaf)
    RETURNING source_id
""")
_OBJECT = text("""
    INSERT INTO registry.case_object (case_id, object_kind, object_number, district_code, recorded_leaf)
    SELECT :case, 'building', building_number, 'BAK-XEZ', :leaf
      FROM cadastre.building WHERE building_id = :building RETURNING object_number
""")
_LEAVE_STAGE = text("""
    UPDATE registry.building_stage SET superseded_leaf = :leaf
     WHERE building_id = :building AND superseded_leaf IS NULL
""")
_STAGE = text("""
    INSERT INTO registry.building_stage (building_id, stage, valid_from, source_id, case_id, recorded_leaf)
    VALUES (:building, :stage, coalesce(:day, ledger.today()), :source, :case, :leaf) RETURNING stage_id
""")
_LAST_STEP = text("SELECT coalesce(max(step_number), 0) FROM registry.case_step WHERE case_id = :case")
_CLOSE_NOTICE = text("""
    UPDATE registry.priority_notice SET superseded_leaf = :leaf
     WHERE notice_id = :notice AND superseded_leaf IS NULL
""")
_LAST_NOTICE = text("""
    SELECT property_id, journal_number, holder_subject, service FROM registry.priority_notice
     WHERE notice_id = :notice ORDER BY version_id DESC LIMIT 1
""")


class CaseWriter(ABC):
    """Files cases and takes their steps, each under a leaf of the current transaction."""

    connection: Connection
    decided: dict[int, UUID]
    """Cases that this transaction has registered, by property."""

    @abstractmethod
    def _current_leaf(self) -> int: ...

    @abstractmethod
    def restriction(
        self, property_id: int, kind: str, beneficiary: UUID | None = None, **values: object
    ) -> int:
        """Restriction of a property; see ``Register``."""

    def case(
        self,
        service: str,
        *property_ids: int,
        notice: UUID | None = None,
        seen: int | None = None,
        applicant: str = "notary-1",
        prepared_by: str | None = "registrar-1",
        decided_by: str | None = "registrar-2",
    ) -> UUID:
        """File a case and bring it as far as somebody is named to bring it; gives ``case_id``.

        Without ``decided_by`` it stays prepared, without ``prepared_by`` too it stays accepted. A
        case without preparer and with a decider is one that needs no second pair of eyes.
        """
        case_id = uuid4()
        role = applicant.partition("-")[0]
        journal = self._journal("application", applicant)
        values = {"case": case_id, "journal": journal, "service": service, "applicant": applicant}
        self._one(_CASE, values | {"role": role})
        for property_id in property_ids:
            row = {"case": case_id, "property": property_id, "notice": notice, "seen": seen}
            self.connection.execute(_PROPERTY, row | {"leaf": self._current_leaf()})
        self.basis_of(case_id)
        self.step(case_id, "receive", applicant)
        self.step(case_id, "accept", "registrar-0")
        if prepared_by is not None:
            self.step(case_id, "assign", "registrar-0", assignee=prepared_by)
            self.step(case_id, "prepare", prepared_by)
        if decided_by is not None:
            self.step(case_id, "register", decided_by)
        return case_id

    def decision_about(self, property_id: int) -> UUID:
        """Case about a property that this transaction registers; one is filed for it when there is none yet."""
        if property_id not in self.decided:
            self.case(
                "mortgage_discharge",
                property_id,
                applicant="planting-1",
                prepared_by=None,
                decided_by="planting-2",
            )
        return self.decided[property_id]

    def basis_of(
        self,
        case_id: UUID,
        *,
        kind: str = "court_decision",
        number: str | None = None,
        dated: str | None = None,
    ) -> int:
        """Basis document of a case, handed in now when it has none; gives ``source_id``."""
        known = self._one(_SOURCE, {"case": case_id})
        if known is None:
            printed = {"kind": kind, "number": number, "dated": dated, "scan": SCAN}
            known = self._one(_NEW_SOURCE, {"case": str(case_id), "document": str(uuid4()), **printed})
        return int(known)

    def stage(self, building_id: int, stage: str, day: date | None = None) -> int:
        """Stage of a building on a case about it, after whatever stage it had; gives ``stage_id``."""
        case_id = self.file("future_unit", applicant="planting-0", prepared_by="planting-1")
        self._one(_OBJECT, {"case": case_id, "building": building_id})
        self.step(case_id, "register", "planting-2")
        row = {"building": building_id, "leaf": self._current_leaf()}
        self.connection.execute(_LEAVE_STAGE, row)
        entered = {"stage": stage, "day": day, "source": self.basis_of(case_id), "case": case_id}
        return int(self._one(_STAGE, row | entered))

    def file(self, service: str, *property_ids: int, **values: Any) -> UUID:
        """File a case and prepare it; it waits for its decision."""
        return self.case(service, *property_ids, decided_by=None, **values)

    def join(self, case_id: UUID, property_id: int) -> None:
        """Name a property in a case."""
        row = {"case": case_id, "property": property_id, "notice": None, "seen": None}
        self.connection.execute(_PROPERTY, row | {"leaf": self._current_leaf()})

    def step(
        self,
        case_id: UUID,
        kind: str,
        actor: str,
        *,
        number: int | None = None,
        **values: object,
    ) -> str:
        """Take the next step of a case (``assignee``, ``ground``, ``due_on`` as it needs); gives the state."""
        if number is None:
            number = int(self._one(_LAST_STEP, {"case": case_id})) + 1
        row = {"case": case_id, "number": number, "kind": kind, "actor": actor}
        report = REPORT if kind in ("prepare", "register") else None
        free = {"assignee": None, "ground": None, "due_on": None} | values
        state = str(self._one(_STEP, row | free | {"report": report}))
        if kind == "register":
            named = self.connection.execute(_NAMED, {"case": case_id}).scalars()
            self.decided |= dict.fromkeys(named, case_id)
        return state

    def notice(
        self, property_id: int, holder: str = "notary-1", *, service: str = "sale", days: int = 5
    ) -> tuple[UUID, int]:
        """Priority notice; gives ``notice_id`` and its place in the queue."""
        notice_id = uuid4()
        journal = self._journal("priority_notice", holder)
        row = {"notice": notice_id, "property": property_id, "journal": journal, "holder": holder}
        return notice_id, int(self._one(_NOTICE, row | {"service": service, "state": "held", "days": days}))

    def turn_notice(self, notice_id: UUID, state: str, *, days: int = 5) -> None:
        """Next version of a notice: renewed (``held``), ``used`` or ``released``."""
        self.connection.execute(_CLOSE_NOTICE, {"notice": notice_id, "leaf": self._current_leaf()})
        old = self.connection.execute(_LAST_NOTICE, {"notice": notice_id}).one()
        row = {"notice": notice_id, "property": old.property_id, "journal": old.journal_number}
        more = {"holder": old.holder_subject, "service": old.service, "state": state, "days": days}
        self._one(_NOTICE, row | more)

    def arrest(self, property_id: int, burdened: UUID | None = None, *, kind: str = "arrest") -> int:
        """Arrest entered on a court's case, as one act; gives ``restriction_id``."""
        case_id = self.case(
            kind, property_id, applicant="court-1", prepared_by=None, decided_by="registrar-9"
        )
        return self.restriction(property_id, kind, case_id=case_id, burdened_party_id=burdened)

    def release(self, restriction_id: int, property_id: int) -> None:
        """Release of an arrest on a court's case: its end is registered."""
        self.case(
            "arrest_release", property_id, applicant="court-1", prepared_by=None, decided_by="registrar-9"
        )
        self.connection.execute(
            text("UPDATE cadastre.restriction SET superseded_leaf = :leaf WHERE restriction_id = :id"),
            {"leaf": self._current_leaf(), "id": restriction_id},
        )

    def enter(self, *property_ids: int) -> dict[int, int]:
        """Take the heads of properties before deciding about them; gives their versions."""
        rows = self.connection.execute(
            text("SELECT property_id, version FROM registry.enter_properties(:ids)"),
            {"ids": list(property_ids)},
        )
        return {row.property_id: row.version for row in rows}

    def version_of(self, property_id: int) -> int:
        """Version of a property: how often what is registered of it has changed."""
        return int(self._one(text("SELECT registry.property_version(:id)"), {"id": property_id}))

    def _journal(self, kind: str, actor: str) -> int:
        channel = actor.partition("-")[0]
        channel = channel if channel in ("notary", "bank", "court", "bailiff") else "office"
        return int(self._one(_JOURNAL, {"kind": kind, "channel": channel, "actor": actor}))

    def _one(self, statement: Any, values: Mapping[str, object]) -> Any:
        return self.connection.execute(statement, {"leaf": self._current_leaf(), **values}).scalar_one()
