import json
import re
from dataclasses import replace
from decimal import Decimal
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from cadastre.extract import (
    IdentifierPolicy,
    RestrictionRecord,
    StatementKind,
    TurningPoint,
    UnitArea,
    build_statement,
    canonical_bytes,
    rings_of,
)
from cadastre.extract.boundary import number_rings
from cadastre.extract.statement import Statement
from cadastre.extract.strict_json import read_object
from cadastre.kernel.errors import InvalidInput
from tests.cadastre.extract.builders import (
    ARREST,
    BANK,
    CASES,
    E0,
    HOLE,
    JOINT,
    LABELS,
    LEASE,
    MORTGAGE,
    N0,
    PLOT,
    SERVED,
    SOLE,
    THREE,
    absent,
    parcel,
    property_,
    record,
    ring,
)

SCHEMA = json.loads(
    resources.files("cadastre.extract").joinpath("schema/statement-5.json").read_text("utf-8")
)
GOLDEN = Path(__file__).parent / "golden"


def build(rec: object) -> Statement:
    return build_statement(rec, LABELS, rendering="extract/test typst/test fonts/test")


def walk(value: object):
    yield value
    if isinstance(value, dict):
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


@pytest.mark.parametrize("name", CASES)
def test_every_statement_fits_the_schema(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(build(CASES[name]), SCHEMA)


@pytest.mark.parametrize("name", CASES)
def test_no_float_and_canonical_round_trip(name):
    statement = build(CASES[name])
    assert not [v for v in walk(statement) if isinstance(v, float)]
    canonical = canonical_bytes(statement)
    assert read_object(canonical) == statement
    assert canonical_bytes(read_object(canonical)) == canonical


@pytest.mark.parametrize(
    "name", ["plain", "hole", "burdened", "flat", "absent", "past", "terms", "closed", "plan"]
)
def test_golden_statement(name):
    """Bless again with: python -m tests.cadastre.extract.bless."""
    golden = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    assert build(CASES[name]) == golden


def test_two_builds_are_the_same_bytes():
    assert canonical_bytes(build(record())) == canonical_bytes(build(record()))


def test_strings_are_nfc():
    decomposed = "Go\u0308yc\u0327ay"
    statement = build(record(parcels=(parcel(purpose=decomposed),)))
    assert statement["parcels"][0]["purpose"] == "Göyçay"


def test_lease_is_in_both_views():
    statement = build(record(rights=(SOLE, LEASE)))
    assert [r["kind"]["code"] for r in statement["rights"]] == ["ownership", "lease"]
    (shown,) = statement["restrictions"]
    assert (shown["origin"], shown["kind"]["code"], shown["until"]) == ("right", "lease", "2034-05-01")


def test_lease_encumbers_even_when_the_record_forgets_to_say_so():
    assert not LEASE.encumbers
    assert build(record(rights=(SOLE, LEASE)))["rights"][1]["encumbers"] is True


def test_a_lease_recorded_as_a_restriction_is_in_both_views_once():
    lease = RestrictionRecord("lease", "0124001188", LEASE.registration_date, beneficiaries=(BANK,))
    only_restriction = build(record(rights=(SOLE,), restrictions=(lease,)))
    assert [(r["kind"]["code"], r["origin"]) for r in only_restriction["rights"]] == [
        ("ownership", "right"),
        ("lease", "restriction"),
    ]
    both = build(record(rights=(SOLE, LEASE), restrictions=(lease, ARREST)))
    assert [r["kind"]["code"] for r in both["rights"]] == ["ownership", "lease"]
    assert [r["kind"]["code"] for r in both["restrictions"]] == ["lease", "arrest"]
    jsonschema.validate(only_restriction, SCHEMA)


def test_what_is_not_recorded_is_null_not_invented():
    statement = build(record(parcels=(parcel(land_category=None, ownership_form=None),)))
    assert statement["parcels"][0]["land_category"] is None
    jsonschema.validate(statement, SCHEMA)


def test_a_property_without_rights_is_never_an_empty_certificate():
    with pytest.raises(InvalidInput, match="not-in-register"):
        build(record(rights=(), kind=StatementKind.CERTIFICATE))
    with pytest.raises(InvalidInput, match="carries no property"):
        build(replace(absent(), property=property_()))


def test_shares_are_exact_and_joint_has_none():
    owners = build(record(rights=(THREE,)))["rights"][0]["holders"]
    assert [h["share"] for h in owners] == [
        {"numerator": 1, "denominator": 2},
        {"numerator": 1, "denominator": 3},
        {"numerator": 1, "denominator": 6},
    ]
    assert owners[1]["registration_number"] == "0121000099"
    joint = build(record(rights=(JOINT,)))["rights"][0]["holders"]
    assert {(h["joint"], h["share"]) for h in joint} == {(True, None)}


@pytest.mark.parametrize(
    ("policy", "value"),
    [
        (IdentifierPolicy.MASKED, {"scheme": "FIN", "value": "5Z*****", "masked": True}),
        (IdentifierPolicy.FULL, {"scheme": "FIN", "value": "5ZZ0A1B", "masked": False}),
        (IdentifierPolicy.NONE, None),
    ],
)
def test_identifier_policy(policy, value):
    statement = build(record(identifiers=policy))
    assert statement["rights"][0]["holders"][0]["party"]["identifier"] == value


def test_money_and_areas_have_fixed_decimals():
    statement = build(record(restrictions=(MORTGAGE, ARREST)))
    assert statement["restrictions"][0]["amount"] == {"value": "125000.00", "currency": "AZN"}
    assert statement["parcels"][0]["surveyed_area"] == {"m2": "652.31", "ha": "0.0652"}
    assert build(record(property=property_(unit_areas=(UnitArea("total", Decimal("0.005")),))))["property"][
        "unit_areas"
    ] == [{"kind": "total", "documentary_m2": "0.00", "factual_m2": None}]


def test_a_lease_of_a_part_says_the_same_in_both_views():
    statement = build(CASES["terms"])
    right = statement["rights"][1]
    (burden,) = [each for each in statement["restrictions"] if each["origin"] == "right"]
    assert right["rent"] == burden["rent"]
    assert right["rent"]["period"]["label"]["ru"] == "в месяц"
    assert (right["part"], right["part"]["area_m2"]) == (burden["part"], "30.01")
    assert len(right["part"]["rings"][0]) == 4
    assert burden["journal_number"] == right["holders"][0]["journal_number"] == 4_120


def test_terms_of_restrictions_are_told_whole():
    mortgage, servitude, arrest = build(CASES["terms"])["restrictions"][1:]
    assert (mortgage["interest_rate"], mortgage["note"]["number"]) == ("8.5000", "İK-000017")
    assert (servitude["benefits"], servitude["part"]["area_m2"]) == ("108000123999", "47.51")
    assert arrest["confirm_by"] == "2025-02-04T13:30:00.000000+04:00"
    assert arrest["burdened"]["name"] == "Johann Mustermann"
    holders = build(CASES["terms"])["rights"][0]["holders"]
    assert [holder["dispose_by"] for holder in holders] == [None, "2027-03-04"]


def test_a_plot_says_which_servitudes_serve_it():
    first, second = build(CASES["terms"])["servitudes"]
    assert (first["register_number"], first["until"]) == ("108000123999", None)
    assert (second["kind"]["code"], second["until"]) == ("servitude", "2030-06-01")
    assert build(CASES["plain"])["servitudes"] == build(CASES["absent"])["servitudes"] == []
    with pytest.raises(InvalidInput, match="carries no property"):
        build(replace(absent(), servitudes=SERVED))


def test_unknown_code_and_wrong_zone_are_refused():
    with pytest.raises(InvalidInput, match="no code 'castle'"):
        build(record(property=property_(object_kind="castle")))
    with pytest.raises(InvalidInput, match="not a legal zone"):
        build(record(parcels=(parcel(srid=3857),)))
    with pytest.raises(InvalidInput, match="fewer than three"):
        build(record(parcels=(parcel(rings=(ring((0, 0), (0, 0.0004), (5, 5)),)),)))


def test_a_naive_instant_is_refused():
    with pytest.raises(InvalidInput):
        build(record(issued_at=record().issued_at.replace(tzinfo=None)))


@given(st.integers(0, 20), st.booleans(), st.booleans())
def test_the_same_ground_gives_the_same_statement(start, reverse, closed):
    """Start corner, direction and closing point of the stored ring do not matter."""
    corners = list(PLOT)
    corners = corners[start % 5 :] + corners[: start % 5]
    corners = corners[::-1] if reverse else corners
    corners += corners[:1] if closed else []
    assert number_rings((tuple(corners), HOLE), srid=32639) == number_rings((PLOT, HOLE), srid=32639)


def test_numbers_run_on_through_holes_and_point_back():
    outer, hole = number_rings((PLOT, HOLE), srid=32639)
    assert [p.number for p in (*outer.points, *hole.points)] == list(range(1, 10))
    assert [outer.points[-1].next_number, hole.points[-1].next_number] == [1, 6]
    assert (outer.role, hole.role) == ("outer", "hole")


def test_side_lengths_are_ellipsoidal():
    to_lon_lat = Transformer.from_crs(32639, 4326, always_xy=True)
    (drawn,) = number_rings((PLOT,), srid=32639)
    for a, b in zip(drawn.points, drawn.points[1:], strict=False):
        lon, lat = to_lon_lat.transform(
            [a.easting_mm / 1000, b.easting_mm / 1000], [a.northing_mm / 1000, b.northing_mm / 1000]
        )
        length = Geod(ellps="WGS84").inv(lon[0], lat[0], lon[1], lat[1])[2]
        assert abs(length * 1000 - a.side_mm) <= 0.5 + 1e-6
    far = ring((0, 0), (1000, 0), (1000, 1000), (0, 1000))
    (big,) = number_rings((far,), srid=32639)
    assert {p.side_mm for p in big.points} <= set(range(1_000_200, 1_000_400))


def test_clockwise_from_the_north_west():
    (drawn,) = number_rings((PLOT,), srid=32639)
    assert (drawn.points[0].northing_mm, drawn.points[0].easting_mm) == (
        round((N0 + 28.1) * 1000),
        round((E0 - 1.9) * 1000),
    )
    polygon = shapely.Polygon([(p.easting_mm, p.northing_mm) for p in drawn.points])
    assert not polygon.exterior.is_ccw


def test_rings_of_a_polygon_with_a_hole():
    polygon = shapely.Polygon(
        [(p.easting, p.northing) for p in PLOT], [[(p.easting, p.northing) for p in HOLE]]
    )
    rings = rings_of(polygon)
    assert number_rings(rings, srid=32639) == number_rings((PLOT, HOLE), srid=32639)
    assert isinstance(rings[0][0], TurningPoint)


def test_schema_refuses_a_float_and_an_extra_key():
    statement = build(record())
    for change in (
        {"surplus": 1},
        {"state": {"valid_time": statement["state"]["valid_time"], "ledger_index": 1.5}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**statement, **change}, SCHEMA)


def test_the_fin_is_not_in_the_repr():
    assert "5ZZ0A1B" not in repr(record())
    assert not re.search(r"5ZZ0A1[BCDE]", canonical_bytes(build(CASES["burdened"])).decode())
