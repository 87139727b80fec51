"""What rules are told out of an application itself: texts, numbers as they were written, a house, a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import Command, CompleteUnit, FirstRegistration
from cadastre.domain.filing import ApplicationOrder, FiledApplication
from cadastre.domain.property_state import PartyState, PropertyState
from cadastre.kernel.errors import InvalidInput
from cadastre.rules.proposal import HouseFacts, Identifier
from cadastre.store.judged_facts import JudgedFacts, Record

_DRAWN: Final = frozenset({"outline", "part"})
"""Terms that are geometry: as long as it takes, and read as such."""
_HELD_AS: Final = {
    "ownership": "ownership",
    "lease": "lease",
    "superficies": "lease",
    "permanent_use": "use",
    "temporary_use": "use",
}
_STAGES: Final = ("demolished", "planned", "under_construction", "completed")
"""In the order in which they stand in the way of a registration."""


def list_identifiers(order: ApplicationOrder) -> Iterator[Identifier]:
    """Give every number of the application with the field that it was written in."""
    for at, party in enumerate(order.parties):
        for kind, number in (("fin", party.fin), ("voen", party.voen)):
            if number is not None:
                yield Identifier(f"parties/{at}/{kind}", kind, number)
    for at, part in enumerate(order.properties):
        yield Identifier(f"properties/{at}/register_number", "register_number", part.register_number)


def list_texts(order: ApplicationOrder) -> Iterator[tuple[str, str]]:
    """Give every text of the application that people will read, with the field that it was written in."""
    for at, party in enumerate(order.parties):
        yield f"parties/{at}/name", party.name
    for at, document in enumerate(order.documents):
        for name, written in (("number", document.number), ("issuer", document.issuer)):
            if written is not None:
                yield f"documents/{at}/{name}", written
    yield from _texts_within(order.terms, "terms")


def _texts_within(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _DRAWN:
                yield from _texts_within(item, f"{path}/{key}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _texts_within(item, f"{path}/{at}")


def list_stated_values(application: FiledApplication) -> dict[int, Decimal]:
    """Give what each property is worth in manats by the valuation that the application states.

    ``terms.property_value`` is text such as ``"120000.00"``; it is stated for one property.
    """
    stated = application.terms.get("property_value")
    if stated is None or len(application.property_ids) != 1:
        return {}
    return {application.property_ids[0]: _number(stated, "property_value")}


def list_buildings_asked(
    commands: Iterable[Command], states: Mapping[int, PropertyState]
) -> tuple[Sequence[int], Sequence[int]]:
    """Give buildings and units whose facts a rule asks for: of a first registration, of a completion."""
    buildings: list[int] = []
    units: list[int] = []
    for command in commands:
        match command:
            case FirstRegistration():
                buildings += command.building_ids
                units += [] if command.unit_id is None else [command.unit_id]
            case CompleteUnit() if command.property_id in states:
                buildings += states[command.property_id].building_ids
                units += states[command.property_id].unit_ids
            case _:
                pass
    return buildings, units


def find_stage(facts: JudgedFacts) -> str | None:
    """Give the stage of the building; of several, the one that stands in the way most."""
    stages = {record["stage"] for record in facts.buildings}
    return next((stage for stage in _STAGES if stage in stages), None)


def find_house(
    application: FiledApplication, commands: Iterable[Command], facts: JudgedFacts
) -> HouseFacts | None:
    """Give the house that is to be registered for the first time, None when the case is about none.

    Year, height, storeys and span are those of ``terms.house``; the storeys of a surveyed building count
    when they are not stated. How its ground is held follows from the application when the land is
    registered with it, else from the section of the land.
    """
    command = next((c for c in commands if isinstance(c, FirstRegistration) and not c.future), None)
    if command is None:
        return None
    stated = application.terms.get("house")
    if not isinstance(stated, Mapping | None):
        raise InvalidInput("house is an object with year, height and storeys.", code="term-malformed")
    known = stated or {}
    floors = [record["floors"] for record in facts.buildings if record["floors"] is not None]
    storeys = _whole(known, "storeys")
    return HouseFacts(
        built_year=_whole(known, "built_year"),
        height_m=_decimal(known, "height_m"),
        storeys=max(floors) if storeys is None and floors else storeys,
        span_m=_decimal(known, "span_m"),
        residential=_is_residential(known, command),
        land_held=_land_held(command, facts.holdings, facts.parties),
    )


def _is_residential(stated: Mapping[str, Any], command: FirstRegistration) -> bool | None:
    said = stated.get("residential")
    if isinstance(said, bool):
        return said
    kind = load_codelist("object_kinds").latest(command.object_kind)
    return True if kind.flag("is_dwelling") else None


def _land_held(
    command: FirstRegistration, holdings: Iterable[Record], parties: Mapping[UUID, PartyState]
) -> str | None:
    if command.parcel_ids:
        return "ownership"
    holders = {
        parties[gain.party_id].stands_for if gain.party_id in parties else gain.party_id
        for gain in command.holders
    }
    held = {_HELD_AS.get(record["kind"]) for record in holdings if record["stands_for"] in holders}
    return next((manner for manner in ("ownership", "lease", "use") if manner in held), None)


def _whole(stated: Mapping[str, Any], key: str) -> int | None:
    value = stated.get(key)
    if value is None:
        return None
    number = _number(value, key)
    if number != number.to_integral_value():
        raise InvalidInput(f"{key} is a whole number.", code="term-malformed", term=key)
    return int(number)


def _decimal(stated: Mapping[str, Any], key: str) -> Decimal | None:
    value = stated.get(key)
    return None if value is None else _number(value, key)


def _number(value: object, key: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0 or number.adjusted() > 15:
        raise InvalidInput(f"{key} is no number such as 12.5.", code="term-malformed", term=key)
    return number


__all__ = [
    "find_house",
    "find_stage",
    "list_buildings_asked",
    "list_identifiers",
    "list_stated_values",
    "list_texts",
]
