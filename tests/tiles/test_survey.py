"""District surveys: figures that add up, drawings that leave nothing out."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from sqlalchemy import Connection

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.kernel.errors import NotFound
from tests.tiles.parcels import write_boundary, write_parcels
from tiles import SurveyWords, draw_survey, list_units, read_survey
from tiles import survey as survey_module

WORDS = SurveyWords(
    cadastral_number="No <b>",
    land_category="Category",
    area_m2="Area",
    parcels="Parcels",
    categories={str(code): f"Category {code}" for code in range(1, 8)} | {"": "none"},
)


@pytest.fixture
def uow(admin_connection: Connection) -> UnitOfWork:
    """Register with 30 parcels in Xəzər, seen as the role of the tiles sees it."""
    admin_connection.exec_driver_sql("SET LOCAL ROLE cadastre_owner")
    write_boundary(admin_connection)
    write_parcels(admin_connection, 30)
    return UnitOfWork(admin_connection)


def test_figures_add_up(uow: UnitOfWork) -> None:
    survey = read_survey(uow, "BAK-XEZ")
    figures = survey.statistics
    assert figures.parcels == 30
    assert figures.surveyed_area_m2 == Decimal("27000.00")
    assert figures.with_right == 0
    assert [row.land_category for row in figures.categories] == list(range(1, 8))
    bands = figures.deviations
    assert bands.compared == 30
    # documentary = 900 m² · (1 + k/50), k = 0..9, three times each
    assert (bands.to_1_percent, bands.to_5_percent, bands.to_10_percent, bands.over_10_percent) == (
        3,
        6,
        9,
        12,
    )
    assert bands.median_share == pytest.approx((4 / 54 + 5 / 55) / 2)


def test_every_parcel_is_drawn_and_words_are_escaped(uow: UnitOfWork) -> None:
    survey = read_survey(uow, "BAK-XEZ")
    assert not survey.is_generalised
    drawing = draw_survey(survey, WORDS)
    collections = re.findall(r'_add\((\{"features".*?\})\);', drawing.script)
    assert len(collections) == 7
    assert sum(len(json.loads(found)["features"]) for found in collections) == 30
    assert "http" not in drawing.script
    assert "<b>" not in drawing.script
    assert drawing.element.strip().startswith('<div class="folium-map"')


def test_a_large_district_is_generalised_without_losing_a_parcel(
    uow: UnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey_module, "MAX_DRAWN_PARCELS", 20)
    survey = read_survey(uow, "BAK-XEZ")
    assert survey.is_generalised
    assert 1 < len(survey.shapes) <= 30
    assert survey.shapes["parcels"].sum() == 30
    assert survey.shapes["area_m2"].sum() == pytest.approx(27_000.0)
    assert survey.shapes.crs.to_epsg() == 4326
    assert "features" in draw_survey(survey, WORDS).script


def test_a_district_without_parcels_has_an_empty_survey(uow: UnitOfWork) -> None:
    survey = read_survey(uow, "GA")
    assert survey.statistics.parcels == 0
    assert survey.statistics.surveyed_area_m2 == 0
    assert len(survey.shapes) == 0
    assert draw_survey(survey, WORDS).element


def test_an_unknown_district_is_not_found(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        read_survey(uow, "NOWHERE")


def test_units_say_where_they_are_and_what_they_hold(uow: UnitOfWork) -> None:
    units = {unit.code: unit for unit in list_units(uow)}
    held = units["BAK-XEZ"]
    assert (held.parcels, held.has_boundary) == (30, True)
    assert held.box is not None
    west, south, east, north = held.box
    assert 50.0 < west < east < 50.3
    assert 40.3 < south < north < 40.6
    assert units["GA"].box is None
    names = [unit.name_az for unit in list_units(uow)]
    assert names.index("Cəbrayıl rayonu") < names.index("Daşkəsən rayonu") < names.index("Xəzər rayonu")
    assert names.index("Xəzər rayonu") < names.index("İmişli rayonu") < names.index("Kəlbəcər rayonu")
