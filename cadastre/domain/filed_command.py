"""Reads the command out of a filed application: what its parties and terms ask the register to do.

Terms by operation (all numbers of entries are registration numbers, amounts are text such as "50000.00"):

- mortgage_registration: ``amount``, ``currency``, ``interest_rate``, ``rank``, ``note_number``,
  ``note_dated``, ``until``
- mortgage_rank: ``ranks``, a list of ``{registration_number, rank}``
- mortgage_assignment, end: ``registration_number`` (and ``confirmed_by_party``)
- grant: ``kind`` (of a use), ``until``, ``rent``, ``rent_currency``, ``rent_period``, ``part`` (WKT)
- impose: ``authority``, ``amount``, ``currency``, ``until``, ``urgent``, ``confirms``
- division: ``cadastral_number``, ``pieces``, a list of ``{outline, purpose, documentary_area_m2,
  buildings}``, the last a list of building numbers
- merger: ``outline``; boundary_change: ``outlines``, a list of ``{cadastral_number, outline}``
- cancellation: ``case_id``

Outlines are WKT in metres of the district's UTM zone, easting first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import shapely
from shapely import Polygon

from cadastre.domain.commands import (
    Acquisition,
    AssignMortgage,
    CancelEntries,
    ChangeRanks,
    Command,
    CompleteUnit,
    Divide,
    EndEntry,
    GrantRight,
    Impose,
    Merge,
    Piece,
    RegisterMortgage,
    Rename,
    ShiftBoundary,
    Taking,
    Transfer,
)
from cadastre.domain.filing import CasePartyRole, FiledApplication, FiledParty
from cadastre.domain.property_state import Encumbrance, PropertyState, Terms
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.measures import parse_area

_GRANTED_BY_SERVICE: Final = MappingProxyType(
    {
        "lease": "lease",
        "usufruct": "usufruct",
        "trust": "trust_management",
        "superficies": "superficies",
        "servitude": "servitude",
    }
)
_USES: Final = ("permanent_use", "temporary_use")


@dataclass(frozen=True, slots=True)
class _Filed:
    """An application beside what now stands in the sections that it names."""

    application: FiledApplication
    states: Mapping[int, PropertyState]

    def property_id(self) -> int:
        """Give the one property that the application names."""
        if len(self.application.property_ids) != 1:
            raise InvalidInput("This service is asked for one property at a time.", code="one-property")
        return self.application.property_ids[0]

    def section(self) -> PropertyState:
        """Give what stands in the section of the one property."""
        return self.states[self.property_id()]

    def party(self, *roles: CasePartyRole) -> FiledParty:
        """Give the one party that stands in one of these roles."""
        found = self.application.parties_as(*roles)
        if len(found) != 1:
            names = " or ".join(role.value for role in roles)
            raise InvalidInput(f"One party stands as {names}, not {len(found)}.", code="one-party")
        return found[0]

    def get(self, key: str) -> Any:
        """Give a term, or None."""
        return self.application.terms.get(key)

    def need(self, key: str) -> Any:
        """Give a term that must be there."""
        value = self.get(key)
        if value is None or value == "":
            raise InvalidInput(f"The application does not state {key}.", code="term-missing", term=key)
        return value

    def day(self, key: str) -> date | None:
        """Give a term that is a day."""
        value = self.get(key)
        try:
            return None if value is None else date.fromisoformat(value)
        except (TypeError, ValueError):
            raise InvalidInput(f"{key} is no day such as 2026-03-31.", code="term-malformed") from None

    def number(self, key: str) -> Decimal | None:
        """Give a term that is an exact number, written as text."""
        value = self.get(key)
        try:
            number = None if value is None else Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if number is not None and not number.is_finite():
            raise InvalidInput(f"{key} is no number such as 50000.00.", code="term-malformed", term=key)
        return number


def is_read_from_terms(operation: str) -> bool:
    """Tell whether what an operation does is read from parties and terms (else from its own papers)."""
    return operation == "transfer" or operation in _READERS


def read_commands(
    application: FiledApplication, operation: str, states: Mapping[int, PropertyState]
) -> tuple[Command, ...]:
    """Give the commands of a case, as the register stands when it is decided.

    There is one, but for an exchange, which has a transfer for each of its properties.

    Raises
    ------
    InvalidInput
        A term is missing or malformed, a party stands in no such role, an entry is not there.
    """
    if operation == "transfer":
        return tuple(_transfer(application, key) for key in application.property_ids)
    reader = _READERS.get(operation)
    if reader is None:
        raise InvalidInput(
            f"An application for {operation} is not read from its terms yet.", code="operation-not-offered"
        )
    return (reader(_Filed(application, states)),)


def _transfer(application: FiledApplication, property_id: int) -> Transfer:
    """Read one leg; of several, each party says about which property it is one."""
    alone = len(application.property_ids) == 1
    disposers, acquirers = (
        [
            party
            for party in application.parties_as(role)
            if party.property_id == property_id or (alone and party.property_id is None)
        ]
        for role in (CasePartyRole.DISPOSER, CasePartyRole.ACQUIRER)
    )
    if not disposers or not acquirers:
        raise InvalidInput(
            "Each property of a transfer has a disposer and an acquirer; name it beside each party.",
            code="party-missing",
        )
    return Transfer(
        property_id,
        tuple(Taking(party.party_id, party.share) for party in disposers),
        tuple(Acquisition(party.party_id, party.share, party.joint) for party in acquirers),
    )


def _mortgage(filed: _Filed) -> RegisterMortgage:
    section = filed.section()
    mortgagor = filed.party(CasePartyRole.MORTGAGOR)
    contents = Encumbrance(
        kind="mortgage",
        beneficiary=filed.party(CasePartyRole.MORTGAGEE).party_id,
        burdened=mortgagor.party_id if len(section.owners) > 1 else None,
        amount=filed.number("amount"),
        currency=filed.get("currency"),
        interest_rate=filed.number("interest_rate"),
        rank=filed.get("rank"),
        note_number=filed.get("note_number"),
        note_dated=filed.day("note_dated"),
        until=filed.day("until"),
    )
    return RegisterMortgage(section.property_id, contents)


def _ranks(filed: _Filed) -> ChangeRanks:
    section = filed.section()
    ranks = tuple(
        (_restriction_id(section, item["registration_number"]), int(item["rank"]))
        for item in _objects(filed, "ranks", "registration_number", "rank")
    )
    return ChangeRanks(section.property_id, ranks)


def _assignment(filed: _Filed) -> AssignMortgage:
    section = filed.section()
    entry = _restriction_id(section, filed.need("registration_number"))
    return AssignMortgage(section.property_id, entry, filed.party(CasePartyRole.MORTGAGEE).party_id)


def _end(filed: _Filed) -> EndEntry:
    """Name the entry: a right of that number when there is one, else a restriction."""
    section, number = filed.section(), filed.need("registration_number")
    right = next((r.right_id for r in section.rights if r.registration_number == number), None)
    return EndEntry(
        section.property_id,
        restriction_id=None if right is not None else _restriction_id(section, number),
        right_id=right,
        confirmed_by_party=filed.get("confirmed_by_party") is True,
    )


def _grant(filed: _Filed) -> GrantRight:
    service = filed.application.service
    kind = _GRANTED_BY_SERVICE.get(service) or filed.need("kind")
    if service == "use" and kind not in _USES:
        raise InvalidInput(f"A use is one of {', '.join(_USES)}.", code="term-malformed", term="kind")
    terms = Terms(
        until=filed.day("until"),
        rent=filed.number("rent"),
        rent_currency=filed.get("rent_currency"),
        rent_period=filed.get("rent_period"),
        part=None if filed.get("part") is None else _polygon(filed.get("part"), "part"),
    )
    holder = filed.party(CasePartyRole.HOLDER, CasePartyRole.LESSEE)
    return GrantRight(filed.property_id(), kind, holder.party_id, terms)


def _impose(filed: _Filed) -> Impose:
    section, confirms = filed.section(), filed.get("confirms")
    debtors = filed.application.parties_as(CasePartyRole.DEBTOR)
    creditors = filed.application.parties_as(CasePartyRole.CREDITOR)
    contents = Encumbrance(
        kind=filed.application.service,
        beneficiary=creditors[0].party_id if creditors else None,
        burdened=debtors[0].party_id if debtors else None,
        amount=filed.number("amount"),
        currency=filed.get("currency"),
        until=filed.day("until"),
        authority=filed.get("authority"),
    )
    entry = None if confirms is None else _restriction_id(section, confirms)
    return Impose(section.property_id, contents, filed.get("urgent") is True, entry)


def _division(filed: _Filed) -> Divide:
    section = filed.section()
    pieces = tuple(_piece(section, item) for item in _objects(filed, "pieces", "outline"))
    return Divide(section.property_id, _parcel_id([section], filed.need("cadastral_number")), pieces)


def _piece(section: PropertyState, item: Mapping[str, Any]) -> Piece:
    purpose, area, buildings = (item.get(key) for key in ("purpose", "documentary_area_m2", "buildings"))
    if not isinstance(purpose, str | None) or not isinstance(buildings, list | None):
        raise InvalidInput(
            "The purpose of a piece is text, its buildings are a list.", code="term-malformed", term="pieces"
        )
    return Piece(
        _polygon(item["outline"], "outline"),
        purpose,
        None if area is None else str(parse_area(str(area))),
        tuple(_building_id(section, number) for number in buildings or ()),
    )


def _merger(filed: _Filed) -> Merge:
    return Merge(filed.application.property_ids, _polygon(filed.need("outline"), "outline"))


def _boundary(filed: _Filed) -> ShiftBoundary:
    sections = [filed.states[key] for key in filed.application.property_ids]
    outlines = tuple(
        (_parcel_id(sections, item["cadastral_number"]), _polygon(item["outline"], "outline"))
        for item in _objects(filed, "outlines", "cadastral_number", "outline")
    )
    return ShiftBoundary(outlines, is_partial_transfer=filed.application.service == "partial_transfer")


def _completion(filed: _Filed) -> CompleteUnit:
    return CompleteUnit(filed.property_id())


def _renaming(filed: _Filed) -> Rename:
    former, present = filed.party(CasePartyRole.HOLDER), filed.party(CasePartyRole.ACQUIRER)
    return Rename(filed.property_id(), former.party_id, present.party_id)


def _cancellation(filed: _Filed) -> CancelEntries:
    try:
        return CancelEntries(filed.property_id(), UUID(str(filed.need("case_id"))))
    except ValueError:
        raise InvalidInput("case_id is no identifier of a case.", code="term-malformed") from None


_READERS: Final[Mapping[str, Callable[[_Filed], Command]]] = MappingProxyType(
    {
        "mortgage_registration": _mortgage,
        "mortgage_rank": _ranks,
        "mortgage_assignment": _assignment,
        "end": _end,
        "grant": _grant,
        "impose": _impose,
        "division": _division,
        "merger": _merger,
        "boundary_change": _boundary,
        "completion": _completion,
        "renaming": _renaming,
        "cancellation": _cancellation,
    }
)


def _objects(filed: _Filed, key: str, *required: str) -> list[Mapping[str, Any]]:
    found = filed.need(key)
    if not isinstance(found, list) or not all(
        isinstance(item, dict) and all(item.get(name) is not None for name in required) for item in found
    ):
        raise InvalidInput(f"{key} is a list, each with {', '.join(required)}.", code="term-malformed")
    return found


def _restriction_id(section: PropertyState, number: str) -> int:
    for entry in section.restrictions:
        if entry.registration_number == number:
            return entry.restriction_id
    raise InvalidInput(
        f"No current entry of property {section.register_number} has the registration number {number}.",
        code="entry-not-found",
        register_number=section.register_number,
    )


def _building_id(section: PropertyState, number: object) -> int:
    for building_id, known in zip(section.building_ids, section.building_numbers, strict=True):
        if known == number:
            return building_id
    raise InvalidInput(
        f"No building {str(number)[:60]!r} belongs to property {section.register_number}.",
        code="building-not-in-property",
        register_number=section.register_number,
    )


def _parcel_id(sections: Iterable[PropertyState], number: str) -> int:
    for section in sections:
        for parcel in section.parcels:
            if parcel.cadastral_number == number:
                return parcel.parcel_id
    raise InvalidInput(f"No parcel {number} belongs to these properties.", code="parcel-not-in-case")


def _polygon(text: str, key: str) -> Polygon:
    """Read a polygon from WKT, in metres of the district's UTM zone."""
    try:
        shape = shapely.from_wkt(text)
    except (shapely.GEOSException, TypeError):
        shape = None
    if not isinstance(shape, Polygon) or shape.is_empty:
        raise InvalidInput(f"{key} is no polygon in WKT.", code="term-malformed", term=key)
    return shape


__all__ = ["is_read_from_terms", "read_commands"]
