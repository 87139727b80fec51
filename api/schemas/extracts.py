"""Applications for extracts, and the signed answers."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.errors import ONE_LINE
from api.schemas.codes import codes_of
from cadastre.domain.extract import ExistenceRequest, ExtractRequest, IssuedStatement, RequestedKind
from cadastre.extract.text import instant

Line = Annotated[str, StringConstraints(pattern=ONE_LINE, strip_whitespace=True)]


class ExtractOrder(BaseModel):
    """An application (ərizə): what is asked for, by whom in what capacity, on what basis, what for."""

    model_config = ConfigDict(extra="forbid")

    register_number: Annotated[
        Line,
        Field(
            max_length=40,
            description="Register number of the property, or the cadastral number of its parcel: a parcel "
            "without a registered right has no other. It is answered for the property; where no right is "
            "registered, an office gets the signed kind `not-in-register` for the number it gave.",
            examples=["203015000123", "585-03-36-001"],
        ),
    ]
    kind: RequestedKind = "extract"
    capacity: Annotated[
        Line,
        Field(
            max_length=40,
            description="Codelist applicant_capacities; the caller's role must be one that may act in it.",
            json_schema_extra=codes_of("applicant_capacities"),
        ),
    ]
    basis: Annotated[
        Line,
        Field(
            max_length=300,
            description="The document that the application rests on.",
            examples=["Power of attorney 1Z-441 of 03.02.2026"],
        ),
    ]
    purpose: Annotated[
        Line, Field(max_length=40, description="Codelist purposes.", json_schema_extra=codes_of("purposes"))
    ]
    acting_for: Annotated[Line, Field(max_length=300)] | None = Field(
        default=None, description="Whom the applicant acts for, as a notary does for the disposer."
    )
    as_of: date | None = Field(
        default=None, description="Day of the law's time; else the day of known_at, or today."
    )
    known_at: Annotated[int, Field(ge=0, le=2**53 - 1)] | AwareDatetime | None = Field(
        default=None,
        description="What the answer shall know of: a ledger index, or an instant; else all there is.",
    )

    def to_request(self) -> ExtractRequest:
        """Write the application for the desk."""
        return ExtractRequest(**self.model_dump())


class ExistenceOrder(BaseModel):
    """An application whether the person of a number stands in the register; the question is told to him."""

    model_config = ConfigDict(extra="forbid")

    fin: Annotated[Line, Field(max_length=20)] | None = Field(default=None, description="Of a person.")
    voen: Annotated[Line, Field(max_length=20)] | None = Field(default=None, description="Of a taxpayer.")
    capacity: Annotated[Line, Field(max_length=40, json_schema_extra=codes_of("applicant_capacities"))]
    basis: Annotated[Line, Field(max_length=300, examples=["Court ruling 2-441 of 03.02.2026"])]
    purpose: Annotated[Line, Field(max_length=40, json_schema_extra=codes_of("purposes"))]
    acting_for: Annotated[Line, Field(max_length=300)] | None = None
    as_of: date | None = None
    known_at: Annotated[int, Field(ge=0, le=2**53 - 1)] | AwareDatetime | None = None

    def to_request(self) -> ExistenceRequest:
        """Write the application for the desk."""
        return ExistenceRequest(**self.model_dump())


class Extract(BaseModel):
    """A signed extract; send the whole body to /v1/verify to have it judged."""

    id: UUID
    issued_at: datetime
    statement: dict[str, Any] = Field(description="RFC 8785 canonical JSON object; the facts are here.")
    jws: str = Field(description="Detached JWS over it (RFC 7797, b64=false), EdDSA with Ed25519.")
    proof: str | None = Field(
        description="Inclusion in the public ledger (c2sp.org/tlog-proof@v1), with what its entry is made of."
    )
    promise: str | None = Field(
        description="Where there is no proof yet: the ledger's signed promise that the entry will stand in "
        "it within 10 s (kadastr.inclusion-promise@v1); the extract's address then gives the proof."
    )
    pdf: str = Field(description="Address of the printed and sealed form; may be a path.")


def write_extract(issued: IssuedStatement, pdf_url: str, proof: str | None) -> bytes:
    """Write an issued extract as it goes over the wire, the statement in its canonical bytes."""
    head = {"id": str(issued.id), "issued_at": instant(issued.issued_at)}
    promise = issued.promise if proof is None else None
    rest = {"jws": issued.jws, "proof": proof, "promise": promise, "pdf": pdf_url}
    return b"".join((_json(head)[:-1], b',"statement":', issued.canonical, b",", _json(rest)[1:]))


def _json(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


__all__ = ["ExistenceOrder", "Extract", "ExtractOrder", "write_extract"]
