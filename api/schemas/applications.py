"""Applications (ərizə), the cases that they open, and the steps of those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from sqlalchemy import Row

from api.schemas.codes import codes_of
from cadastre.domain.case import CaseState, StepKind
from cadastre.domain.codelist import Language
from cadastre.domain.filing import (
    ApplicationOrder,
    CasePartyRole,
    Channel,
    NamedDocument,
    NamedParty,
    NamedProperty,
)
from cadastre.domain.party import PartyKind
from cadastre.domain.share import parse_share
from cadastre.services.case_filing import FiledCase
from cadastre.services.case_steps import StepOrder, StepTaken
from cadastre.services.cases import CaseView

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PropertyAsked(_Asked):
    """A property; ``version`` is the number in the ETag that was read, unless If-Match says it."""

    register_number: Annotated[str, Field(max_length=40, examples=["203015000123"])]
    version: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None
    notice_id: UUID | None = Field(default=None, description="Priority notice that the application rests on.")


class PartyAsked(_Asked):
    """Somebody who gives, takes, lends, consents ...; the printed spelling of his name is kept."""

    role: CasePartyRole
    kind: PartyKind
    name: Line
    fin: Annotated[str, Field(max_length=20)] | None = None
    voen: Annotated[str, Field(max_length=20)] | None = None
    share: Annotated[
        str, Field(max_length=40, description="Fraction of the whole property, such as 1/2.")
    ] | (None) = None
    joint: bool = False
    register_number: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="The property that he is a party about, when there are several."
    )
    represented_by: Annotated[str, Field(max_length=20)] | None = Field(
        default=None, description="FIN of the party of this application who signs for this one."
    )
    spouse: Annotated[str, Field(max_length=20)] | None = Field(
        default=None, description="FIN of the spouse, when the property is declared joint of both."
    )

    def to_named(self) -> NamedParty:
        """Write the party for the desk."""
        share = None if self.share is None else parse_share(self.share)
        return NamedParty(
            self.role,
            self.kind,
            self.name,
            self.fin,
            self.voen,
            share,
            self.joint,
            self.register_number,
            self.represented_by,
            self.spouse,
        )


class DocumentAsked(_Asked):
    """An uploaded document; the one in the role ``basis`` is what the entry will rest on."""

    document_id: UUID
    role: Code
    number: Annotated[str, Field(max_length=100)] | None = None
    dated: date | None = None
    issuer: Annotated[str, Field(max_length=100)] | None = None
    concerns: Annotated[str, Field(max_length=20)] | None = Field(
        default=None, description="FIN of the party whose consent it is, or who was told by it."
    )


class Application(_Asked):
    """What is applied for, by whom, about what, on which papers."""

    service: Annotated[Code, Field(json_schema_extra=codes_of("services"))]
    tier: Code = "standard"
    capacity: Annotated[Code, Field(json_schema_extra=codes_of("applicant_capacities"))]
    channel: Channel | None = Field(
        default=None,
        description="service_point or office, said by a registrar; else it follows from the role.",
    )
    properties: Annotated[list[PropertyAsked], Field(max_length=50)] = []
    parties: Annotated[list[PartyAsked], Field(max_length=200)] = []
    documents: Annotated[list[DocumentAsked], Field(max_length=100)] = []
    terms: Annotated[
        dict[Code, JsonValue],
        Field(
            description="What was agreed: amount, currency, rank, until, registration_number ... by service; "
            "amounts are text such as 50000.00."
        ),
    ] = {}
    signed_payload: Annotated[str, Field(max_length=150_000, pattern=r"^[A-Za-z0-9_.=-]+$")] | None = Field(
        default=None, description="JWS of the notary or bank; kept with the case."
    )

    def to_order(self) -> ApplicationOrder:
        """Write the application for the desk."""
        return ApplicationOrder(
            service=self.service,
            capacity=self.capacity,
            tier=self.tier,
            properties=tuple(NamedProperty(**part.model_dump()) for part in self.properties),
            parties=tuple(part.to_named() for part in self.parties),
            documents=tuple(NamedDocument(**part.model_dump()) for part in self.documents),
            terms=self.terms,
            channel=self.channel,
            signed_payload=self.signed_payload,
        )


class StepAsked(_Asked):
    """A step: who takes it follows from the token, what was seen before it from If-Match."""

    kind: Literal["assign", "prepare", "send_back", "suspend", "resume", "register", "refuse", "withdraw"]
    ground: Code | None = Field(default=None, description="Codelist suspension_grounds or refusal_grounds.")
    reason: Annotated[str, Field(max_length=4000)] | None = None
    assignee: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="Officer; without one, whoever of the territory has the fewest open cases."
    )
    until: date | None = Field(default=None, description="Last day of a suspension; at most a month.")

    def to_order(self, seen: int) -> StepOrder:
        """Write the step for the desk."""
        return StepOrder(StepKind(self.kind), seen, self.ground, self.reason, self.assignee, self.until)


class CaseProperty(BaseModel):
    """A property of the case: the case's place before it, and the version that was seen or reached."""

    register_number: str
    version: int | None
    place: int = Field(description="Journal number, or that of the priority notice it rests on.")


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
    parties: list[CaseParty]
    documents: list[CaseDocument]
    registration_numbers: list[str]
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
        parties=[CaseParty(role=row.role, kind=row.kind, name=row.name) for row in view.parties],
        documents=[_document(row) for row in view.documents],
        registration_numbers=list(view.registration_numbers),
        steps=[_step(row) for row in view.steps],
    )


def write_list(rows: Sequence[Row[Any]]) -> CaseList:
    """Write a page of cases."""
    lines = [CaseLine(**_named(row._mapping)) for row in rows]
    return CaseList(cases=lines, after=lines[-1].journal_number if lines else None)


def write_step(taken: StepTaken) -> StepDone:
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
    )


def _named(values: Mapping[Any, Any]) -> dict[str, Any]:
    kept = {name: values[name] for name in CaseLine.model_fields if name in values}
    return {**kept, "id": values["case_id"], "step": values["step_number"]}


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
    "Application",
    "Case",
    "CaseList",
    "FiledApplication",
    "StepAsked",
    "StepDone",
    "write_case",
    "write_filed",
    "write_list",
    "write_step",
]
