"""Cases as they are answered: the journal entry, a case with its steps, lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue
from sqlalchemy import Row

from cadastre.domain.case import CaseState, StepKind
from cadastre.domain.codelist import Language
from cadastre.domain.filing import CasePartyRole
from cadastre.domain.party import PartyKind
from cadastre.domain.service import due_on, find_service
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.services.case_filing import FiledCase
from cadastre.services.case_steps import StepTaken
from cadastre.services.cases import CaseView


class CaseProperty(BaseModel):
    """A property of the case: the case's place before it, and the version that was seen or reached."""

    register_number: str
    version: int | None
    place: int = Field(description="Journal number, or that of the priority notice it rests on.")


class CaseObject(BaseModel):
    """An object without a section that the case is about, and the case's place before it."""

    kind: str = Field(description="parcel, building or unit.")
    number: str = Field(description="Cadastral number, building number, or building / unit.")
    place: int = Field(description="Journal number of the case.")
    earlier: int | None = Field(
        default=None, description="When filed: earlier cases about it that are not decided yet."
    )


class Fee(BaseModel):
    """Money, two decimals."""

    amount: str
    currency: str


class FiledApplication(BaseModel):
    """The journal entry, which is the answer."""

    id: UUID
    journal_number: int
    received_at: datetime
    state: CaseState
    step: int
    due_on: date
    due_on_certain: bool = Field(description="False: decisions on holidays of that time are not all known.")
    fee: Fee
    properties: list[CaseProperty]
    objects: list[CaseObject] = Field(description="What has no section yet, by numbers of its own.")
    missing_documents: list[str] = Field(description="Why it was returned at once; empty when it was not.")
    warnings: list[str] = Field(description="Codes of what is doubtful and was taken nevertheless.")
    findings: list[dict[str, JsonValue]] = Field(
        description="What the rules say so far; the decision asks again."
    )


class CaseStep(BaseModel):
    """A step with what it took."""

    number: int
    kind: StepKind
    state: CaseState
    actor: str
    actor_role: str
    at: datetime
    duration_s: str = Field(description="Seconds since the step before.")
    fee: Fee
    assignee: str | None
    ground: str | None
    due_on: date | None
    notify_by: datetime | None


class CaseParty(BaseModel):
    """A party of the case."""

    role: CasePartyRole
    kind: PartyKind
    name: str


class CaseDocument(BaseModel):
    """A document of the case."""

    document_id: UUID
    role: str
    kind: str
    file_name: str
    sha256: str


class Signature(BaseModel):
    """Whose registered key signed the application."""

    subject: str
    key_id: str
    signed_at: datetime


class Case(BaseModel):
    """A case with everything done to it."""

    id: UUID
    journal_number: int
    received_at: datetime
    service: str
    tier: str
    channel: str
    office_code: str
    state: CaseState
    step: int
    due_on: date
    due_on_certain: bool
    fee: Fee
    properties: list[CaseProperty]
    objects: list[CaseObject]
    parties: list[CaseParty]
    documents: list[CaseDocument]
    registration_numbers: list[str]
    signature: Signature | None
    steps: list[CaseStep]


class CaseLine(BaseModel):
    """A case in a list; no parties."""

    id: UUID
    journal_number: int
    received_at: datetime
    service: str
    tier: str
    channel: str
    office_code: str
    state: CaseState
    step: int
    due_on: date
    due_on_certain: bool
    assignee: str | None


class CaseList(BaseModel):
    """Cases in the order of the journal; ``after`` is what the next page is asked with."""

    cases: list[CaseLine]
    after: int | None


class StepDone(BaseModel):
    """A step as it was recorded, with what a registration gave."""

    number: int
    kind: StepKind
    state: CaseState
    at: datetime
    duration_s: str
    assignee: str | None
    ground: str | None
    due_on: date | None
    notify_by: datetime | None
    registration_numbers: list[str]
    findings: list[dict[str, JsonValue]] = Field(
        description="What the rules told at the decision and what did not stop it; empty for other steps."
    )


def write_filed(filed: FiledCase, language: Language) -> FiledApplication:
    """Write the journal entry as it goes over the wire."""
    return FiledApplication(
        id=filed.case_id,
        journal_number=filed.journal_number,
        received_at=filed.received_at,
        state=filed.state,
        step=filed.step_number,
        due_on=filed.deadline.due_on,
        due_on_certain=filed.deadline.is_certain,
        fee=Fee(amount=f"{filed.fee.amount:.2f}", currency=filed.fee.currency),
        properties=[
            CaseProperty(register_number=part.register_number, version=part.version, place=part.place)
            for part in filed.properties
        ],
        objects=[
            CaseObject(kind=o.kind, number=o.number, place=o.place, earlier=o.earlier) for o in filed.objects
        ],
        missing_documents=list(filed.missing_documents),
        warnings=list(filed.warnings),
        findings=[dict(item.tell(language)) for item in filed.report.judged] if filed.report else [],
    )


def write_case(view: CaseView) -> Case:
    """Write a case as it goes over the wire."""
    case = view.case
    return Case(
        id=case.case_id,
        journal_number=case.journal_number,
        received_at=case.received_at,
        service=case.service,
        tier=case.tier,
        channel=case.channel,
        office_code=case.office_code,
        state=view.state,
        step=view.steps[-1].step_number,
        due_on=view.deadline.due_on,
        due_on_certain=view.deadline.is_certain,
        fee=Fee(amount=f"{view.fee.amount:.2f}", currency=view.fee.currency),
        properties=[
            CaseProperty(register_number=row.register_number, version=row.version_seen, place=row.place)
            for row in view.properties
        ],
        objects=[
            CaseObject(kind=row.object_kind, number=row.object_number, place=row.place)
            for row in view.objects
        ],
        parties=[CaseParty(role=row.role, kind=row.kind, name=row.name) for row in view.parties],
        documents=[_document(row) for row in view.documents],
        registration_numbers=list(view.registration_numbers),
        signature=_signature(view.signer),
        steps=[_step(row) for row in view.steps],
    )


def write_list(rows: Sequence[Row[Any]]) -> CaseList:
    """Write a page of cases."""
    lines = [CaseLine(**_named(row._mapping)) for row in rows]
    return CaseList(cases=lines, after=lines[-1].journal_number if lines else None)


def write_step(taken: StepTaken, language: Language) -> StepDone:
    """Write a step as it was recorded."""
    return StepDone(
        number=taken.step_number,
        kind=taken.kind,
        state=taken.state,
        at=taken.at,
        duration_s=str(taken.duration_s),
        assignee=taken.assignee,
        ground=taken.ground,
        due_on=taken.due_on,
        notify_by=taken.notify_by,
        registration_numbers=list(taken.registration_numbers),
        findings=[dict(item.tell(language)) for item in taken.report.judged] if taken.report else [],
    )


def _named(values: Mapping[Any, Any]) -> dict[str, Any]:
    kept = {name: values[name] for name in CaseLine.model_fields if name in values}
    received = values["received_at"].astimezone(OFFICIAL_ZONE).date()
    tier = find_service(values["service"], received).tier(values["tier"])
    certain = due_on(tier, received).is_certain
    return {**kept, "id": values["case_id"], "step": values["step_number"], "due_on_certain": certain}


def _signature(row: Row[Any] | None) -> Signature | None:
    return None if row is None else Signature(subject=row.subject, key_id=row.kid, signed_at=row.signed_at)


def _document(row: Row[Any]) -> CaseDocument:
    digest = bytes(row.sha256).hex()
    return CaseDocument(
        document_id=row.document_id, role=row.role, kind=row.kind, file_name=row.file_name, sha256=digest
    )


def _step(row: Row[Any]) -> CaseStep:
    return CaseStep(
        number=row.step_number,
        kind=row.kind,
        state=row.state,
        actor=row.actor,
        actor_role=row.actor_role,
        at=row.at,
        duration_s=str(row.duration_s),
        fee=Fee(amount=f"{row.fee:.2f}", currency=row.currency),
        assignee=row.assignee,
        ground=row.ground,
        due_on=row.due_on,
        notify_by=row.notify_by,
    )


__all__ = [
    "Case",
    "CaseList",
    "FiledApplication",
    "StepDone",
    "write_case",
    "write_filed",
    "write_list",
    "write_step",
]
