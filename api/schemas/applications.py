"""Applications (ərizə) and the steps of cases, as they are asked for; the answers: ``cases``."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from api.schemas.codes import codes_of
from cadastre.domain.case import StepKind
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
from cadastre.domain.signed_contract import SignedContract
from cadastre.extract.envelope import open_envelope
from cadastre.kernel.errors import InvalidInput
from cadastre.services.case_steps import StepOrder

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
    born_on: date | None = Field(default=None, description="Birth day, of a minor.")
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
            self.born_on,
        )


class DocumentAsked(_Asked):
    """An uploaded document; the one in the role ``basis`` is what the entry will rest on."""

    document_id: UUID
    role: Code
    number: Annotated[str, Field(max_length=100)] | None = None
    dated: date | None = None
    issuer: Annotated[str, Field(max_length=100)] | None = None
    concerns: Annotated[str, Field(max_length=20)] | None = Field(
        default=None, description="FIN or VOEN of the party whose consent it is, or who was told by it."
    )
    land_category: Annotated[
        str, Field(pattern="^[0-9]{1,2}$", json_schema_extra=codes_of("land_categories"))
    ] | (None) = Field(
        default=None, description="Category of land that the document states; compared with the one set."
    )
    legible: bool = Field(
        default=True, description="False: illegible, erased or written over; such a document is not accepted."
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
            "amounts are text such as 50000.00. What has no section yet is named here: object_kind, parcels, "
            "buildings, unit {building, number}, house {built_year, height_m, storeys, span_m}; a paper "
            "extract as paper and issued_on."
        ),
    ] = {}
    signed_payload: Annotated[str, Field(max_length=150_000, pattern=r"^[A-Za-z0-9_.=-]+$")] | None = Field(
        default=None,
        description="JWS (Ed25519) of the application without this field, by the account's registered key; "
        "kept with the case.",
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
            signed=None if self.signed_payload is None else self._opened(self.signed_payload),
        )

    def stated(self) -> bytes:
        """Give what is applied for as canonical JSON, however it was written: all of it but the signature."""
        return rfc8785.dumps(self.model_dump(mode="json", exclude={"signed_payload"}))

    def _opened(self, token: str) -> SignedContract:
        """Open the envelope; what was signed is read as this application was, and must say the same."""
        contract = open_envelope(token)
        try:
            signed = Application.model_validate(contract.application)
        except ValidationError:
            signed = None
        if signed is None or signed.signed_payload is not None or signed.stated() != self.stated():
            raise InvalidInput(
                "What was signed is not what is applied for; send the application as it was signed.",
                code="signed-payload-differs",
            )
        return contract


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


__all__ = ["Application", "DocumentAsked", "PartyAsked", "PropertyAsked", "StepAsked"]
