"""What is asked of the extract desk, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

RequestedKind = Literal[
    "extract",
    "certificate",
    "plan",
    "reference-description",
    "reference-rights",
    "reference-encumbrances",
    "archive",
]
"""What is asked for about a property."""


@dataclass(frozen=True, slots=True)
class ExtractRequest:
    """An application (ərizə) for an extract.

    ``register_number`` is the property's number, or the cadastral number of a parcel of it.
    ``as_of`` is a day of the law's time, ``known_at`` a ledger index or an instant; both default to now.
    ``acting_for`` names whom a notary or an attorney asks for.
    """

    register_number: str
    kind: RequestedKind | Literal["existence"]
    capacity: str
    basis: str
    purpose: str
    as_of: date | None = None
    known_at: int | datetime | None = None
    acting_for: str | None = None


@dataclass(frozen=True, slots=True)
class ExistenceRequest:
    """An application for a certificate whether the person of a FIN or VOEN stands in the register."""

    fin: str | None = field(repr=False)
    voen: str | None
    capacity: str
    basis: str
    purpose: str
    as_of: date | None = None
    known_at: int | datetime | None = None
    acting_for: str | None = None

    @property
    def masked(self) -> str:
        """The number as journals and public answers show it.

        Examples
        --------
        >>> ExistenceRequest("5ZZ0A1B", None, "court", "ruling 1", "court").masked
        'FIN 5Z*****'
        """
        scheme, number = ("FIN", self.fin) if self.fin else ("VOEN", self.voen or "")
        return f"{scheme} {number[:2]}{'*' * (len(number) - 2)}"

    def as_application(self) -> ExtractRequest:
        """Give what the journal of applications keeps."""
        return ExtractRequest(
            self.masked,
            "existence",
            self.capacity,
            self.basis,
            self.purpose,
            self.as_of,
            self.known_at,
            self.acting_for,
        )


@dataclass(frozen=True, slots=True)
class IssuedStatement:
    """A statement as it was issued: its canonical bytes and the detached signature over them.

    What was issued just now comes with payload and salt of its ``leaf``, and perhaps with the log's promise
    that this leaf will stand in it.
    """

    id: UUID
    issued_at: datetime
    canonical: bytes
    jws: str
    leaf: tuple[str, bytes] | None = None
    promise: str | None = None

    def read(self) -> dict[str, Any]:
        """Give the statement as an object."""
        statement: dict[str, Any] = json.loads(self.canonical)
        return statement


@dataclass(frozen=True, slots=True)
class IssuedExtract:
    """An extract with its sealed print; ``kind`` is ``not-in-register`` when there was nothing to extract.

    ``register_number`` is then the number that was asked for, which may be a parcel's.
    """

    id: UUID
    kind: str
    register_number: str
    issued_at: datetime
    statement: dict[str, Any]
    canonical: bytes
    jws: str
    pdf: bytes
    verify_token: str


@dataclass(frozen=True, slots=True)
class LaterEntry:
    """An entry that the register made after an extract was issued; for entitled eyes only.

    ``number`` is its registration number; what is no act of registration (a new address, say) has none.
    """

    kind: str
    recorded_time: datetime
    ledger_index: int | None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class ParcelSummary:
    """What the verification page shows of a parcel, to be compared with the paper."""

    cadastral_number: str
    district: Mapping[str, str]  # by language
    documentary_area_m2: str | None
    surveyed_area_m2: str | None


@dataclass(frozen=True, slots=True)
class UnitSummary:
    """What the verification page shows of a flat or other unit, to be compared with the paper."""

    kind: Mapping[str, str]  # by language
    number: str
    building_number: str
    district: Mapping[str, str]  # by language
    documentary_area_m2: str | None
    factual_area_m2: str | None


@dataclass(frozen=True, slots=True)
class TokenSummary:
    """What the QR code of an extract opens: no party, no right, no restriction."""

    verdict: Literal["AUTHENTIC", "SUPERSEDED"]
    kind: str
    register_number: str
    number: str | None  # short number of the document; the first documents had none
    issued_at: datetime
    ledger_index: int
    statement_sha256: str
    parcels: tuple[ParcelSummary, ...]
    unit: UnitSummary | None
    synthetic: bool


__all__ = [
    "ExistenceRequest",
    "ExtractRequest",
    "IssuedExtract",
    "IssuedStatement",
    "LaterEntry",
    "ParcelSummary",
    "RequestedKind",
    "TokenSummary",
    "UnitSummary",
]
