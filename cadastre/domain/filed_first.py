"""What has no section yet, read from an application: first registrations, claims, completions, papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from cadastre.domain.codelist import Entry, load_codelist
from cadastre.domain.commands import (
    Acquisition,
    CompleteUnit,
    DissolveClaim,
    FirstRegistration,
    GrantedRight,
    NewUnit,
)
from cadastre.domain.filed_terms import FiledTerms
from cadastre.domain.filing import CasePartyRole
from cadastre.domain.first_objects import UNFINISHED, FirstObjects, FoundBuilding, FoundUnit
from cadastre.domain.property_state import Terms
from cadastre.domain.share import WHOLE
from cadastre.kernel.errors import InvalidInput, RuleBroken
from cadastre.kernel.measures import parse_area

FUTURE_UNIT: Final = "future_unit"
_GRANTED: Final = ("permanent_use", "temporary_use", "lease")
_BY_COURT: Final = "court_decision"
_CONTRACTS: Final = frozenset({"sale_contract", "gift_contract", "exchange_contract"})


def read_first(filed: FiledTerms) -> FirstRegistration:
    """Read a first registration, or a claim to a unit of an unfinished building.

    Of a title that gives a use or a lease, ``right`` is its kind (``permanent_use``, ``temporary_use``,
    ``lease``), with ``until``, ``rent``, ``rent_currency`` and ``rent_period`` as in a grant; the lessee or
    acquirer of the application has it, its holder is the owner.

    Raises
    ------
    InvalidInput
        The objects do not make one property of the kind that is named, or a term is missing.
    RuleBroken
        An object has a section already, or its building is not at the stage for it.
    """
    future = filed.application.service == FUTURE_UNIT
    command = read_opening(filed, _title(filed), future=future)
    return replace(command, granted=None if future else _granted(filed, command))


def read_opening(filed: FiledTerms, title: tuple[str, date], *, future: bool = False) -> FirstRegistration:
    """Read which section is to be opened on a title (its kind and day), for whom."""
    objects = _objects(filed)
    kind = _kind(filed)
    _require_fitting(kind, objects)
    _require_free(objects, future)
    holders = _holders(filed)
    joins = filed.property_id() if filed.application.property_ids else None
    if future:
        _require_unfinished(objects)
    else:
        _require_finished(objects)
        _require_ground(objects, {objects.persons.get(h.party_id, h.party_id) for h in holders}, joins)
    return FirstRegistration(
        object_kind=kind.code,
        district_code=objects.district_code,
        parcel_ids=tuple(parcel.parcel_id for parcel in objects.parcels),
        building_ids=tuple(building.building_id for building in objects.buildings),
        unit_id=None if objects.unit is None else objects.unit.unit_id,
        holders=holders,
        title_kind=title[0],
        title_dated=title[1],
        future=future,
        new_unit=_new_unit(filed, kind.code, objects, future),
        joins_property_id=joins,
        begins_building_id=_begun(objects.site) if future else None,
        stage=_stage_of_claim(objects.site) if future else None,
    )


def _granted(filed: FiledTerms, command: FirstRegistration) -> GrantedRight | None:
    kind = filed.get("right")
    if kind is None:
        return None
    if kind not in _GRANTED:
        raise InvalidInput(
            f"right is one of {', '.join(_GRANTED)}; ownership is not named.",
            code="term-malformed",
            term="right",
        )
    if command.building_ids or command.joins_property_id is not None:
        raise InvalidInput(
            "A use or a lease is entered with its land; the building on it has a section of its own.",
            code="objects-misfit",
        )
    until = filed.day("until")
    if kind == "temporary_use" and until is None:
        raise InvalidInput(
            "A temporary use has an end; write it as until.", code="term-missing", term="until"
        )
    terms = Terms(
        until=until,
        rent=filed.number("rent"),
        rent_currency=filed.get("rent_currency"),
        rent_period=filed.get("rent_period"),
    )
    party = filed.party(CasePartyRole.LESSEE, CasePartyRole.ACQUIRER)
    if any(holder.party_id == party.party_id for holder in command.holders):
        raise InvalidInput("Nobody has a use or a lease of what is his own.", code="party-repeated")
    return GrantedRight(kind, party.party_id, terms)


def read_completions(filed: FiledTerms) -> tuple[CompleteUnit, ...]:
    """Read the acceptance of a building, for each section that the application names."""
    return tuple(_completion(filed, key) for key in filed.application.property_ids)


def read_dissolution(filed: FiledTerms) -> DissolveClaim:
    """Read which claim is given back, and by whom: its holders, unless a court has ended their contract."""
    property_id = filed.property_id()
    buildings = () if filed.found is None else filed.found.buildings.get(property_id, ())
    parties = filed.application.parties_as(CasePartyRole.DISPOSER)
    return DissolveClaim(
        property_id,
        tuple(dict.fromkeys(party.party_id for party in parties)),
        by_court=filed.found is not None and filed.found.basis_kind == _BY_COURT,
        stage=next((building.stage for building in buildings if building.stage is not None), None),
    )


def _completion(filed: FiledTerms, property_id: int) -> CompleteUnit:
    buildings = () if filed.found is None else filed.found.buildings.get(property_id, ())
    stages = {"completed" if b.stage in ("under_construction", None) else b.stage for b in buildings}
    stage = next((stage for stage in ("demolished", "planned", "completed") if stage in stages), None)
    return CompleteUnit(property_id, tuple(building.building_id for building in buildings), stage)


def _objects(filed: FiledTerms) -> FirstObjects:
    if filed.found is None or filed.found.objects is None:
        raise InvalidInput("The application names no object.", code="object-missing")
    return filed.found.objects


def _kind(filed: FiledTerms) -> Entry:
    code = filed.need("object_kind")
    known = [entry for entry in load_codelist("object_kinds").entries if not entry.flag("is_historic")]
    for entry in known:
        if entry.code == code:
            return entry
    names = ", ".join(entry.code for entry in known)
    raise InvalidInput(f"object_kind is one of {names}.", code="unknown-object-kind")


def _require_fitting(kind: Entry, objects: FirstObjects) -> None:
    """Require the objects that a property of this kind is made of, and no others."""
    has_unit = objects.unit is not None
    if has_unit != kind.flag("is_unit") or (has_unit and (objects.parcels or objects.buildings)):
        raise _misfit(kind, "a unit of a building alone" if kind.flag("is_unit") else "no unit of a building")
    if objects.unit is not None and objects.unit.kind not in (None, kind.code):
        raise _misfit(kind, "a unit of that kind")
    if kind.flag("has_building") and not objects.buildings:
        raise _misfit(kind, "a building")
    if kind.flag("is_land") and objects.buildings:
        raise _misfit(kind, "land without a building")
    if not has_unit and not kind.flag("has_building") and not (objects.parcels or objects.buildings):
        raise _misfit(kind, "land")
    named = {parcel.parcel_id for parcel in objects.parcels}
    for building in objects.buildings:
        if named and building.parcel_id is not None and building.parcel_id not in named:
            raise InvalidInput(
                f"The building {building.number} does not stand on a parcel of the application.",
                code="building-elsewhere",
            )


def _misfit(kind: Entry, needed: str) -> InvalidInput:
    return InvalidInput(
        f"A property of the kind {kind.code} is {needed}; name its objects so.", code="objects-misfit"
    )


def _require_free(objects: FirstObjects, future: bool) -> None:
    """Refuse what has a section: it passes by transfer, whoever asks."""
    taken = [f"parcel {parcel.number}" for parcel in objects.parcels if parcel.property_id is not None]
    taken += [
        f"building {building.number}"
        for building in objects.buildings
        if building.property_id is not None or building.is_shared
    ]
    if objects.unit is not None and objects.unit.property_id is not None:
        taken.append(f"unit {objects.unit.key}")
    if objects.site is not None and objects.site.property_id is not None and not future:
        taken.append(f"building {objects.site.number} as a whole")
    if taken:
        raise _broken(
            "object-registered",
            f"There is a section already: {', '.join(taken)}. What is registered passes by transfer.",
        )


def _require_unfinished(objects: FirstObjects) -> None:
    """Require that a claim is to a unit of a building under construction."""
    site = objects.site
    if site is None:
        raise InvalidInput("A claim is to a unit of a building.", code="objects-misfit")
    if site.stage is None and (site.is_shared or site.property_id is not None):
        raise _broken(
            "building-stage", f"The building {site.number} is finished; its units are owned, not claimed."
        )


def _require_finished(objects: FirstObjects) -> None:
    site = objects.site
    if site is not None and site.stage in UNFINISHED:
        raise _broken(
            "building-stage",
            f"The building {site.number} is unfinished; file for a unit in an unfinished building.",
        )


def _require_ground(objects: FirstObjects, holders: set[Any], joins: int | None) -> None:
    """A plot and the building on it are one property when one holds both."""
    named = {parcel.parcel_id for parcel in objects.parcels}
    sections = set()
    for building in objects.buildings:
        if building.parcel_id is None or building.parcel_id in named:
            continue
        land = objects.lands.get(building.parcel_id)
        if land is None:
            raise InvalidInput(
                f"The plot of building {building.number} has no section; name the plot too, or first.",
                code="plot-missing",
            )
        sections.add(land.property_id)
        if land.owners == holders and joins is None:
            raise _broken(
                "plot-registered",
                f"The holders own the plot of building {building.number}; name its section, for plot and "
                "building are one property.",
            )
        if joins is not None and land.owners != holders:
            raise _broken(
                "plot-of-others",
                f"The plot of building {building.number} is owned by others than the holders.",
            )
    if joins is not None and sections != {joins}:
        raise InvalidInput(
            "A building joins the section of the plot that it stands on.", code="building-elsewhere"
        )


def _holders(filed: FiledTerms) -> tuple[Acquisition, ...]:
    named = filed.application.parties_as(CasePartyRole.HOLDER)
    if len(named) == 1 and named[0].share is None and not named[0].joint:
        return (Acquisition(named[0].party_id, WHOLE),)
    return tuple(Acquisition(party.party_id, party.share, party.joint) for party in named)


def _title(filed: FiledTerms) -> tuple[str, date]:
    """Give kind and day of the title: those of the basis document, unless the terms name another kind."""
    basis = next((part for part in filed.application.documents if part.role == "basis"), None)
    if basis is None or basis.dated is None:
        raise InvalidInput("The title has a day; write it beside the basis document.", code="title-not-dated")
    uploaded = None if filed.found is None else filed.found.basis_kind
    kind = "notarised_contract" if uploaded in _CONTRACTS else uploaded
    named = filed.get("title_kind")
    known = {entry.code for entry in load_codelist("title_kinds").entries}
    if named is not None and named in known and kind in known and named != kind:
        raise InvalidInput(
            f"The title is said to be {named}, but the basis document is {kind}.", code="title-misfit"
        )
    return str(named or kind), basis.dated


def _begun(site: FoundBuilding | None) -> int | None:
    return site.building_id if site is not None and site.stage is None else None


def _stage_of_claim(site: FoundBuilding | None) -> str | None:
    return None if site is None else site.stage or "under_construction"


def _new_unit(filed: FiledTerms, kind: str, objects: FirstObjects, future: bool) -> NewUnit | None:
    """Give the unit as its design describes it, when the register does not know it."""
    unit, site = objects.unit, objects.site
    if unit is None or site is None or unit.unit_id is not None:
        return None
    if not future:
        raise InvalidInput(
            f"There is no unit {unit.key}; it is measured before it is registered.", code="unit-not-found"
        )
    return _designed(filed.need("unit"), kind, unit, site)


def _designed(stated: Mapping[str, Any], kind: str, unit: FoundUnit, site: FoundBuilding) -> NewUnit:
    total, living = (
        None if stated.get(key) is None else str(parse_area(str(stated[key])))
        for key in ("total_area_m2", "living_area_m2")
    )
    return NewUnit(
        site.building_id,
        unit.key.unit_number,
        kind,
        entrance_number=_whole(stated, "entrance", 1, 100),
        floor=_whole(stated, "floor", -10, 200),
        room_count=_whole(stated, "rooms", 0, 1000),
        total_area_m2=total,
        living_area_m2=living,
    )


def _whole(stated: Mapping[str, Any], key: str, least: int, most: int) -> int | None:
    value = stated.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidInput(
            f"{key} is a whole number from {least} to {most}.", code="term-malformed", term=key
        )
    return value


def _broken(rule: str, sentence: str) -> RuleBroken:
    return RuleBroken(sentence, code=rule, rule=rule)


__all__ = ["FUTURE_UNIT", "read_completions", "read_dissolution", "read_first", "read_opening"]
