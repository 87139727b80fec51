"""An application as it is handed in, and as the journal keeps it: who asks for what, on which papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from cadastre.domain.caller import CallerRole
from cadastre.domain.party import PartyKind
from cadastre.domain.service import STANDARD
from cadastre.domain.share import Share, parse_share
from cadastre.domain.signed_contract import SignedContract
from cadastre.kernel.errors import Denied, InvalidInput


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
    ``born_on`` tells a minor, whose record need not say it. ``represented_by`` and ``spouse`` are FINs of
    other parties of the application: who signs for it, and whose consent it needs because the property is
    declared joint of the spouses.
    """

    role: CasePartyRole
    kind: PartyKind
    name: str
    fin: str | None = None
    voen: str | None = None
    share: Share | None = None
    joint: bool = False
    register_number: str | None = None
    represented_by: str | None = None
    spouse: str | None = None
    born_on: date | None = None

    @property
    def is_numbered(self) -> bool:
        """Tell whether it is named by a FIN or VOEN."""
        return self.fin is not None or self.voen is not None


@dataclass(frozen=True, slots=True)
class NamedProperty:
    """A property by its register number, as the applicant last read it, and the notice he holds on it."""

    register_number: str
    version: int | None = None
    notice_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """An uploaded document and what it stands for in the case; its own number, day and issuer as printed.

    ``concerns`` is the FIN or VOEN of the party that it was given by, as a consent is, or to, as a notice;
    ``land_category`` the category of land that it states; ``legible`` is False when whoever took it in could
    not read it.
    """

    document_id: UUID
    role: str
    number: str | None = None
    dated: date | None = None
    issuer: str | None = None
    concerns: str | None = None
    land_category: str | None = None
    legible: bool = True


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
    signed: SignedContract | None = None


@dataclass(frozen=True, slots=True)
class FiledParty:
    """A party of a filed case, by its record in the register; ``property_id`` when it concerns one only."""

    party_id: UUID
    role: CasePartyRole
    share: Share | None = None
    joint: bool = False
    property_id: int | None = None
    represented_by: UUID | None = None
    spouse: UUID | None = None
    born_on: date | None = None
    is_numbered: bool = True


@dataclass(frozen=True, slots=True)
class FiledDocument:
    """A document of a filed case."""

    document_id: UUID
    role: str
    dated: date | None = None
    concerns: UUID | None = None
    land_category: str | None = None
    legible: bool = True


@dataclass(frozen=True, slots=True)
class FiledApplication:
    """What the journal keeps of an application: everything an operation is read from.

    ``versions_seen`` are those of the properties that the applicant relied on.
    """

    service: str
    property_ids: tuple[int, ...]
    parties: tuple[FiledParty, ...]
    terms: Mapping[str, Any]
    documents: tuple[FiledDocument, ...] = ()
    versions_seen: Mapping[int, int] = field(default_factory=dict)

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
    order: ApplicationOrder, property_ids: Sequence[int], party_ids: Sequence[UUID]
) -> dict[str, Any]:
    """Write what the journal keeps, as an object fit for canonical JSON."""
    sections = [part.register_number for part in order.properties]
    by_number = dict(zip(sections, property_ids, strict=True))
    by_fin = {
        number: str(key)
        for party, key in zip(order.parties, party_ids, strict=True)
        for number in (party.fin, party.voen)
        if number
    }
    return {
        "service": order.service,
        "tier": order.tier,
        "capacity": order.capacity,
        "properties": [
            {"register_number": part.register_number, "property_id": key, "version": part.version}
            for part, key in zip(order.properties, property_ids, strict=True)
        ],
        "parties": [
            _write_party(party, key, by_number, by_fin)
            for party, key in zip(order.parties, party_ids, strict=True)
        ],
        "documents": [
            {
                "document_id": str(part.document_id),
                "role": part.role,
                "dated": None if part.dated is None else part.dated.isoformat(),
                "concerns": _named_by_fin(part.concerns, by_fin),
                "land_category": part.land_category,
                "legible": part.legible,
            }
            for part in order.documents
        ],
        "terms": dict(order.terms),
        "signed_payload": order.signed_payload,
    }


def _write_party(
    party: NamedParty, key: UUID, by_number: Mapping[str, int], by_fin: Mapping[str, str]
) -> dict[str, Any]:
    if party.register_number is not None and party.register_number not in by_number:
        raise InvalidInput(
            f"A party is about {party.register_number}, which the application does not name.",
            code="party-of-other-property",
        )
    return {
        "party_id": str(key),
        "role": party.role.value,
        "name": party.name,
        "kind": party.kind.value,
        "share": None if party.share is None else str(party.share),
        "joint": party.joint,
        "property_id": by_number.get(party.register_number or ""),
        "represented_by": _named_by_fin(party.represented_by, by_fin),
        "spouse": _named_by_fin(party.spouse, by_fin),
        "born_on": None if party.born_on is None else party.born_on.isoformat(),
        "is_numbered": party.is_numbered,
    }


def _named_by_fin(fin: str | None, by_fin: Mapping[str, str]) -> str | None:
    if fin is None:
        return None
    if fin not in by_fin:
        raise InvalidInput(
            "Somebody is named by a FIN or VOEN that no party of the application has; add him as a party.",
            code="party-not-named",
        )
    return by_fin[fin]


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
                represented_by=_uuid(part["represented_by"]),
                spouse=_uuid(part["spouse"]),
                born_on=_day(part.get("born_on")),
                is_numbered=part.get("is_numbered", True),
            )
            for part in kept["parties"]
        ),
        terms=kept["terms"],
        documents=tuple(
            FiledDocument(
                document_id=UUID(part["document_id"]),
                role=part["role"],
                dated=None if part["dated"] is None else date.fromisoformat(part["dated"]),
                concerns=_uuid(part["concerns"]),
                land_category=part.get("land_category"),
                legible=part.get("legible", True),
            )
            for part in kept["documents"]
        ),
        versions_seen={
            part["property_id"]: part["version"] for part in kept["properties"] if part["version"] is not None
        },
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


__all__ = [
    "ApplicationOrder",
    "CasePartyRole",
    "Channel",
    "FiledApplication",
    "FiledDocument",
    "FiledParty",
    "NamedDocument",
    "NamedParty",
    "NamedProperty",
    "channel_of",
    "read_filed",
    "write_filed",
]
