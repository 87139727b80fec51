"""First registrations, claims, completions and papers as they are read from applications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from cadastre.domain.commands import CompleteUnit, ConvertPaper, FirstRegistration
from cadastre.domain.filed_command import read_commands
from cadastre.domain.filing import CasePartyRole, FiledApplication, FiledDocument, FiledParty
from cadastre.domain.first_objects import (
    FirstObjects,
    Found,
    FoundBuilding,
    FoundParcel,
    FoundUnit,
    KnownPaper,
    LandSection,
    UnfinishedBuilding,
)
from cadastre.domain.share import WHOLE
from cadastre.domain.unit import UnitKey
from cadastre.kernel.errors import CadastreError

HOLDER, OTHER = UUID(int=1), UUID(int=2)
PLOT = FoundParcel(11, "P-1", "BAK-XEZ")
HOUSE = FoundBuilding(21, "B-1", "BAK-XEZ", 11)
FLAT = FoundUnit(UnitKey("B-1", "12"), 31, "flat")
DESIGNED = FoundUnit(UnitKey("B-1", "12"))
STATED = {"building": "B-1", "number": "12", "floor": 3, "total_area_m2": "64.1"}


def filed(
    service: str = "first_registration", *, properties: tuple[int, ...] = (), **terms: Any
) -> FiledApplication:
    return FiledApplication(
        service,
        properties,
        (FiledParty(HOLDER, CasePartyRole.HOLDER),),
        terms,
        (FiledDocument(UUID(int=9), "basis", date(1998, 6, 1)),),
    )


def read(application: FiledApplication, objects: FirstObjects, basis: str = "state_act") -> FirstRegistration:
    found = Found(objects, basis_kind=basis)
    (command,) = read_commands(application, "first_registration", {}, found)
    assert isinstance(command, FirstRegistration)
    return command


def test_a_lone_holder_holds_the_whole_on_the_title_that_was_brought() -> None:
    command = read(filed(object_kind="individual_house"), FirstObjects((PLOT,), (HOUSE,)))
    assert (command.parcel_ids, command.building_ids, command.unit_id) == ((11,), (21,), None)
    assert [(holder.party_id, holder.share) for holder in command.holders] == [(HOLDER, WHOLE)]
    assert (command.title_kind, command.title_dated) == ("state_act", date(1998, 6, 1))
    contract = read(filed(object_kind="land_parcel"), FirstObjects((PLOT,)), "gift_contract")
    assert contract.title_kind == "notarised_contract"


def test_a_claim_to_a_designed_flat() -> None:
    application = filed("future_unit", object_kind="flat", unit=STATED)
    command = read(application, FirstObjects(site=HOUSE, unit=DESIGNED), "sale_contract")
    assert command.future
    assert command.new_unit is not None
    assert (command.new_unit.floor, command.new_unit.total_area_m2) == (3, "64.1")
    assert (command.begins_building_id, command.stage) == (21, "under_construction")
    begun = replace(HOUSE, stage="under_construction")
    later = read(application, FirstObjects(site=begun, unit=FLAT), "sale_contract")
    assert (later.new_unit, later.unit_id, later.begins_building_id) == (None, 31, None)


def with_land(owners: frozenset[UUID]) -> FirstObjects:
    return FirstObjects(buildings=(HOUSE,), lands={11: LandSection(5, owners)}, persons={HOLDER: HOLDER})


def test_a_house_joins_the_plot_of_its_owner_and_stands_alone_on_that_of_others() -> None:
    own, foreign = with_land(frozenset({HOLDER})), with_land(frozenset({OTHER}))
    assert read(filed(properties=(5,), object_kind="individual_house"), own).joins_property_id == 5
    assert read(filed(object_kind="individual_house"), foreign).joins_property_id is None


def test_a_record_that_was_merged_is_the_same_owner() -> None:
    legacy = UUID(int=7)
    objects = replace(with_land(frozenset({legacy})), persons={HOLDER: legacy})
    assert read(filed(properties=(5,), object_kind="individual_house"), objects).joins_property_id == 5


@pytest.mark.parametrize(
    ("application", "objects", "code"),
    [
        (filed(), FirstObjects((PLOT,)), "term-missing"),
        (filed(object_kind="castle"), FirstObjects((PLOT,)), "unknown-object-kind"),
        (filed(object_kind="water_body"), FirstObjects((PLOT,)), "unknown-object-kind"),
        (filed(object_kind="flat"), FirstObjects((PLOT,)), "objects-misfit"),
        (filed(object_kind="land_parcel"), FirstObjects(site=HOUSE, unit=FLAT), "objects-misfit"),
        (filed(object_kind="garage"), FirstObjects(site=HOUSE, unit=FLAT), "objects-misfit"),
        (filed(object_kind="land_parcel"), FirstObjects((PLOT,), (HOUSE,)), "objects-misfit"),
        (filed(object_kind="structure"), FirstObjects((PLOT,)), "objects-misfit"),
        (
            filed(object_kind="building"),
            FirstObjects((PLOT,), (replace(HOUSE, parcel_id=12),)),
            "building-elsewhere",
        ),
        (
            filed(object_kind="land_parcel"),
            FirstObjects((replace(PLOT, property_id=5),)),
            "object-registered",
        ),
        (
            filed(object_kind="building"),
            FirstObjects((PLOT,), (replace(HOUSE, is_shared=True),)),
            "object-registered",
        ),
        (
            filed(object_kind="flat", unit=STATED),
            FirstObjects(site=replace(HOUSE, property_id=5), unit=FLAT),
            "object-registered",
        ),
        (filed(object_kind="flat", unit=STATED), FirstObjects(site=HOUSE, unit=DESIGNED), "unit-not-found"),
        (
            filed(object_kind="flat", unit=STATED),
            FirstObjects(site=replace(HOUSE, stage="planned"), unit=FLAT),
            "building-stage",
        ),
        (
            filed("future_unit", object_kind="flat", unit=STATED),
            FirstObjects(site=replace(HOUSE, is_shared=True), unit=DESIGNED),
            "building-stage",
        ),
        (filed("future_unit", object_kind="land_parcel"), FirstObjects((PLOT,)), "objects-misfit"),
        (filed(object_kind="individual_house"), FirstObjects(buildings=(HOUSE,)), "plot-missing"),
        (filed(object_kind="individual_house"), with_land(frozenset({HOLDER})), "plot-registered"),
        (
            filed(properties=(5,), object_kind="individual_house"),
            with_land(frozenset({OTHER})),
            "plot-of-others",
        ),
        (
            filed(properties=(6,), object_kind="individual_house"),
            with_land(frozenset({HOLDER})),
            "building-elsewhere",
        ),
        (
            filed(object_kind="land_parcel", title_kind="court_decision"),
            FirstObjects((PLOT,)),
            "title-misfit",
        ),
        (
            replace(filed(object_kind="land_parcel"), documents=(FiledDocument(UUID(int=9), "basis"),)),
            FirstObjects((PLOT,)),
            "title-not-dated",
        ),
    ],
)
def test_what_makes_no_property_is_named(
    application: FiledApplication, objects: FirstObjects, code: str
) -> None:
    with pytest.raises(CadastreError, check=lambda error: error.code == code):
        read(application, objects)


@pytest.mark.parametrize(
    ("stages", "stage"),
    [
        (["under_construction"], "completed"),
        ([None], "completed"),
        (["completed"], "completed"),
        (["under_construction", "planned"], "planned"),
        (["demolished", "completed"], "demolished"),
        ([], None),
    ],
)
def test_a_building_is_completed_by_its_acceptance_unless_it_cannot_be(
    stages: list[str | None], stage: str | None
) -> None:
    buildings = tuple(UnfinishedBuilding(n, f"B-{n}", each) for n, each in enumerate(stages))
    commands = read_commands(
        filed("completion", properties=(5, 6)), "completion", {}, Found(buildings={5: buildings})
    )
    ids = tuple(building.building_id for building in buildings)
    assert commands == (CompleteUnit(5, ids, stage), CompleteUnit(6, (), None))


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (None, None),
        (KnownPaper(5, "in_use"), None),
        (KnownPaper(6, "in_use"), "paper-of-other-section"),
        (KnownPaper(5, "converted"), "paper-converted-already"),
        (KnownPaper(5, "void"), "paper-converted-already"),
    ],
)
def test_a_paper_is_of_its_section_and_counts_once(known: KnownPaper | None, code: str | None) -> None:
    terms: Mapping[str, Any] = {"paper": "rx № 0123456", "issued_on": "2009-03-03"}
    application = filed("paper_conversion", properties=(5,), **terms)

    def commands() -> tuple[object, ...]:
        return read_commands(application, "paper_conversion", {}, Found(paper=known))

    if code is None:
        assert commands() == (ConvertPaper(5, "RX", "0123456", date(2009, 3, 3)),)
    else:
        with pytest.raises(CadastreError, check=lambda error: error.code == code):
            commands()
