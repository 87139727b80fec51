"""What the extract desk works with, and what comes of a decision about a request."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum, auto
from uuid import UUID

from cadastre.db.unit_of_work import Database
from cadastre.domain.moment import Moment
from cadastre.extract.issue import Issuer
from cadastre.extract.record import IssuingOffice, StatementKind, Text3
from cadastre.kernel.clock import Clock
from cadastre.kernel.ids import IdSource
from cadastre.services.addresses import AddressBook
from cadastre.services.offices import Officials
from cadastre.store.properties import PropertyRows

BAKU = timezone(timedelta(hours=4), "Asia/Baku")


@dataclass(frozen=True)
class DeskParts:
    """What the desk works with, put together by the composition root.

    ``office`` signs for every district when it is given; else each district's own does.
    ``verify_base_url`` is the address of the verification page without the token;
    ``new_token`` gives unguessable tokens of 32 lower-case hex digits.
    """

    database: Database
    issuer: Issuer
    clock: Clock
    ids: IdSource
    verify_base_url: str
    addresses: AddressBook
    validity: Text3 | None = None
    office: IssuingOffice | None = None
    officials: Officials = field(default_factory=Officials)
    new_token: Callable[[], str] = field(default=lambda: secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement as it is decided and signed, before its transaction ends; ``leaf``: payload and salt."""

    extract_id: UUID
    canonical: bytes
    jws: str
    issued_at: datetime
    leaf: tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Settled:
    """What a statement is about, before it is written: kind, what stands in the section, of which moment."""

    kind: StatementKind
    rows: PropertyRows | None
    moment: Moment
    historic: bool


class NoDraft(Enum):
    """Why no statement was written."""

    NOT_YOURS = auto()  # the caller is bound to his own property, and this is not his
    NO_LAND = auto()  # a plan was asked for, and the property is no land: a flat
    WITHOUT_RIGHTS = auto()  # restrictions stand on the property, but no right does
    MISTYPED = auto()  # a register number with a digit too many or too few, and no parcel's number
    CONTRADICTORY = auto()  # the ownership in force is not exactly one whole


__all__ = ["BAKU", "DeskParts", "Draft", "NoDraft", "Settled"]
