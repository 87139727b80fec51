"""How an application names objects that have no section."""

from __future__ import annotations

from typing import Any

import pytest

from cadastre.domain.first_objects import (
    FirstObjects,
    FoundBuilding,
    FoundParcel,
    ObjectNames,
    read_object_names,
)
from cadastre.domain.unit import UnitKey
from cadastre.kernel.errors import InvalidInput


def test_plot_and_house_are_named_together() -> None:
    names = read_object_names({"parcels": [" p-1 "], "buildings": ["B-1"], "object_kind": "building"})
    assert names == ObjectNames(("P-1",), ("B-1",))
    assert names.contended == (("parcel:P-1", "building:B-1"),)


def test_whoever_decides_about_a_unit_takes_its_building_too() -> None:
    names = read_object_names({"unit": {"building": "B-1", "number": " 45a "}})
    assert names.unit == UnitKey("B-1", "45A")
    assert names.contended == (("unit:B-1 / 45A",), ("building:B-1",))


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({}, "object-missing"),
        ({"parcels": []}, "object-missing"),
        ({"parcels": "P-1"}, "term-malformed"),
        ({"parcels": [""]}, "term-malformed"),
        ({"buildings": [None]}, "term-malformed"),
        ({"buildings": ["B-1", "B-1"]}, "object-repeated"),
        ({"parcels": [f"P-{n}" for n in range(51)]}, "term-malformed"),
        ({"unit": "12"}, "term-malformed"),
        ({"unit": {"building": "B-1"}}, "term-malformed"),
        ({"unit": {"building": "B-1", "number": 12}}, "term-malformed"),
        ({"unit": {"building": "B-1", "number": "№ 4"}}, "unit-number-malformed"),
    ],
)
def test_what_names_nothing_is_refused(terms: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput, check=lambda error: error.code == code):
        read_object_names(terms)


def test_objects_lie_in_one_district() -> None:
    here = FoundParcel(1, "P-1", "BAK-XEZ")
    assert FirstObjects((here,), (FoundBuilding(2, "B-1", "BAK-XEZ", 1),)).district_code == "BAK-XEZ"
    for other in ("BAK-SEB", None):
        objects = FirstObjects((here,), (FoundBuilding(2, "B-1", other),))
        with pytest.raises(InvalidInput, check=lambda error: error.code == "objects-of-several-districts"):
            _ = objects.district_code
