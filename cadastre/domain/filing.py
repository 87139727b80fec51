"""An application as it is handed in, and as the journal keeps it: who asks for what, on which papers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from cadastre.domain.caller import CallerRole
from cadastre.domain.party import PartyKind
from cadastre.domain.service import STANDARD
from cadastre.domain.share import Share, parse_share
from cadastre.kernel.errors import Denied


class Channel(StrEnum):
    """Where an application arrives; one journal orders them all."""

    SERVICE_POINT = "service_point"
    OFFICE = "office"
    NOTARY = "notary"
    BANK = "bank"
    COURT = "court"
    BAILIFF = "bailiff"
    PORTAL = "portal"


class CasePartyRole(StrEnum):
    """What a party is in a case."""

    DISPOSER = "disposer"
    ACQUIRER = "acquirer"
    MORTGAGOR = "mortgagor"
    MORTGAGEE = "mortgagee"
    LESSOR = "lessor"
    LESSEE = "lessee"
    DEBTOR = "debtor"
    CREDITOR = "creditor"
    AUTHORITY = "authority"
    APPLICANT = "applicant"
    AGENT = "agent"
    CONSENTING = "consenting"
    HOLDER = "holder"


_OF_COUNTER: Final = frozenset({Channel.OFFICE, Channel.SERVICE_POINT})
_BY_ROLE: Final = {
    CallerRole.NOTARY: Channel.NOTARY,
    CallerRole.BANK: Channel.BANK,
    CallerRole.COURT: Channel.COURT,
    CallerRole.REGISTRAR: Channel.OFFICE,
}


@dataclass(frozen=True, slots=True)
class NamedParty:
    """A party as the papers name it; ``share`` is what it gives or takes of the whole property.

    ``register_number`` names the property that it is a party about, when the case is about several.
    """

    role: CasePartyRole
    kind: PartyKind
    name: str
    fin: str | None = None
    voen: str | None = None
    share: Share | None = None
    joint: bool = False
    register_number: str | None = None


@dataclass(frozen=True, slots=True)
class NamedProperty:
    """A property by its register number, as the applicant last read it, and the notice he holds on it."""

    register_number: str
    version: int | None = None
    notice_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """An uploaded document and what it stands for in the case; its own number, day and issuer as printed."""

    document_id: UUID
    role: str
    number: str | None = None
    dated: date | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class ApplicationOrder:
    """An application (ərizə) as it is handed in; ``terms`` hold only text, whole numbers, lists and flags."""

    service: str
    capacity: str
    tier: str = STANDARD
    properties: tuple[NamedProperty, ...] = ()
    parties: tuple[NamedParty, ...] = ()
    documents: tuple[NamedDocument, ...] = ()
    terms: Mapping[str, Any] = field(default_factory=dict)
    channel: Channel | None = None
    signed_payload: str | None = None


@dataclass(frozen=True, slots=True)
class FiledParty:
    """A party of a filed case, by its record in the register; ``property_id`` when it concerns one only."""

    party_id: UUID
    role: CasePartyRole
    share: Share | None = None
    joint: bool = False
    property_id: int | None = None


@dataclass(frozen=True, slots=True)
class FiledApplication:
    """What the journal keeps of an application: everything an operation is read from."""

    service: str
    property_ids: tuple[int, ...]
    parties: tuple[FiledParty, ...]
    terms: Mapping[str, Any]

    def parties_as(self, *roles: CasePartyRole) -> tuple[FiledParty, ...]:
        """Give the parties that stand in one of these roles, in the order of the application."""
        return tuple(party for party in self.parties if party.role in roles)


def channel_of(role: CallerRole, capacity: str, asked: Channel | None) -> Channel:
    """Give where an application arrives: only the office may say that it was handed over a counter.

    Examples
    --------
    >>> channel_of(CallerRole.NOTARY, "notary", None).value
    'notary'
    >>> channel_of(CallerRole.REGISTRAR, "registry_officer", Channel.SERVICE_POINT).value
    'service_point'
    """
    if role is CallerRole.REGISTRAR and asked in _OF_COUNTER:
        return asked
    channel = _BY_ROLE.get(role, Channel.PORTAL)
    if capacity == "bailiff":
        channel = Channel.BAILIFF
    if asked is not None and asked is not channel:
        raise Denied(
            f"An account of the role {role.value} files as {channel.value}, not as {asked.value}.",
            code="channel-not-entitled",
        )
    return channel


def write_filed(
    order: ApplicationOrder, property_ids: Iterable[int], party_ids: Iterable[UUID]
) -> dict[str, Any]:
    """Write what the journal keeps, as an object fit for canonical JSON."""
    keys = list(property_ids)
    by_number = {named.register_number: key for named, key in zip(order.properties, keys, strict=True)}
    return {
        "service": order.service,
        "tier": order.tier,
        "capacity": order.capacity,
        "properties": [
            {"register_number": named.register_number, "property_id": key, "version": named.version}
            for named, key in zip(order.properties, keys, strict=True)
        ],
        "parties": [
            {
                "party_id": str(key),
                "role": named.role.value,
                "name": named.name,
                "kind": named.kind.value,
                "share": None if named.share is None else str(named.share),
                "joint": named.joint,
                "property_id": by_number.get(named.register_number or ""),
            }
            for named, key in zip(order.parties, party_ids, strict=True)
        ],
        "documents": [
            {"document_id": str(named.document_id), "role": named.role} for named in order.documents
        ],
        "terms": dict(order.terms),
        "signed_payload": order.signed_payload,
    }


def read_filed(kept: Mapping[str, Any]) -> FiledApplication:
    """Read what :func:`write_filed` wrote.

    Examples
    --------
    >>> kept = write_filed(ApplicationOrder("sale", "notary", terms={"price": "1"}), (), ())
    >>> read_filed(kept).terms
    {'price': '1'}
    """
    return FiledApplication(
        service=kept["service"],
        property_ids=tuple(part["property_id"] for part in kept["properties"]),
        parties=tuple(
            FiledParty(
                party_id=UUID(part["party_id"]),
                role=CasePartyRole(part["role"]),
                share=None if part["share"] is None else parse_share(part["share"]),
                joint=part["joint"],
                property_id=part["property_id"],
            )
            for part in kept["parties"]
        ),
        terms=kept["terms"],
    )


__all__ = [
    "ApplicationOrder",
    "CasePartyRole",
    "Channel",
    "FiledApplication",
    "FiledParty",
    "NamedDocument",
    "NamedParty",
    "NamedProperty",
    "channel_of",
    "read_filed",
    "write_filed",
]
