"""District surveys: what the register holds of a district, as figures and as a folium map."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from cadastre.db.unit_of_work import UnitOfWork
from tiles.layers import read_query
from tiles.styles import category_colours
from tiles.units import Unit, get_unit

if TYPE_CHECKING:  # both take two seconds to import; only a survey needs them
    import folium
    import geopandas

MAX_DRAWN_PARCELS: Final = 3_000
_CELLS_ACROSS: Final = 40
STATEMENT_TIMEOUT_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """Figures of one land category; None stands for parcels without a stated category."""

    land_category: int | None
    parcels: int
    surveyed_area_m2: Decimal
    documentary_area_m2: Decimal
    with_right: int


@dataclass(frozen=True, slots=True)
class Deviations:
    """Parcels by the departure of the surveyed from the documentary area, as a share of the latter."""

    compared: int
    to_1_percent: int
    to_5_percent: int
    to_10_percent: int
    over_10_percent: int
    median_share: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of one district."""

    categories: tuple[CategoryRow, ...]
    deviations: Deviations

    @property
    def parcels(self) -> int:
        """Number of registered parcels."""
        return sum(row.parcels for row in self.categories)

    @property
    def with_right(self) -> int:
        """Number of parcels that carry a registered right."""
        return sum(row.with_right for row in self.categories)

    @property
    def surveyed_area_m2(self) -> Decimal:
        """Sum of surveyed areas, m2."""
        return sum((row.surveyed_area_m2 for row in self.categories), Decimal(0))


@dataclass(frozen=True, slots=True)
class DistrictSurvey:
    """A district, its figures, and the shapes to draw (EPSG:4326, lon/lat).

    ``shapes`` holds every parcel, or, when there are more than
    ``MAX_DRAWN_PARCELS``, squares that together count every parcel
    (``is_generalised``); nothing is left out of either.
    """

    unit: Unit
    statistics: Statistics
    shapes: geopandas.GeoDataFrame
    is_generalised: bool


@dataclass(frozen=True, slots=True)
class SurveyWords:
    """Words on the map, in the reader's language."""

    cadastral_number: str
    land_category: str
    area_m2: str
    parcels: str
    categories: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SurveyMap:
    """A folium map taken apart, so that the page can put its nonce on the script."""

    element: str
    script: str


def read_survey(uow: UnitOfWork, district_code: str) -> DistrictSurvey:
    """Read the survey of one district from schema ``publish``.

    Raises
    ------
    NotFound
        There is no such district.
    """
    uow.connection.exec_driver_sql(
        f"SET LOCAL jit = off; SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}"
    )
    unit = get_unit(uow, district_code)
    statistics = read_statistics(uow, district_code)
    is_generalised = statistics.parcels > MAX_DRAWN_PARCELS
    shapes = _read_cells(uow, unit) if is_generalised else _read_parcels(uow, district_code)
    return DistrictSurvey(unit, statistics, shapes, is_generalised)


def read_statistics(uow: UnitOfWork, district_code: str) -> Statistics:
    """Count and sum the registered parcels of a district."""
    values = {"code": district_code}
    rows = uow.connection.execute(text(read_query("survey_categories")), values).mappings()
    found = uow.connection.execute(text(read_query("survey_deviations")), values).mappings().one()
    return Statistics(tuple(CategoryRow(**row) for row in rows), Deviations(**found))


def _read_parcels(uow: UnitOfWork, district_code: str) -> geopandas.GeoDataFrame:
    return _read_shapes(uow, "survey_parcels", {"code": district_code})


def _read_cells(uow: UnitOfWork, unit: Unit) -> geopandas.GeoDataFrame:
    step = 0.01 if unit.box is None else max(unit.box[2] - unit.box[0], unit.box[3] - unit.box[1])
    return _read_shapes(
        uow, "survey_cells", {"code": unit.code, "step_deg": round_step(step / _CELLS_ACROSS)}
    )


def _read_shapes(uow: UnitOfWork, query: str, values: Mapping[str, Any]) -> geopandas.GeoDataFrame:
    import geopandas

    frame: geopandas.GeoDataFrame = geopandas.read_postgis(  # type: ignore[call-overload]  # the stub knows plain strings only
        text(read_query(query)),
        uow.connection,
        geom_col="geom",
        crs="EPSG:4326",
        params=dict(values),
    )
    return frame


def round_step(step: float) -> float:
    """Round a width up to 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> round_step(0.0013), round_step(0.0051)
    (0.002, 0.01)
    """
    power = 10.0 ** math.floor(math.log10(max(step, 1e-6)))
    return float(next(round(n * power, 9) for n in (1, 2, 5, 10) if n * power >= step))


def draw_survey(survey: DistrictSurvey, words: SurveyWords) -> SurveyMap:
    """Draw the shapes of a survey on an empty background: no tile, script or style of anybody else."""
    import folium

    drawing = folium.Map(tiles=None, control_scale=True, prefer_canvas=True, attribution_control=False)
    fields, aliases = _tooltip(survey, words)
    for code, part in _by_category(survey.shapes):
        _add_category(drawing, code, part, fields, aliases, words)
    if len(survey.shapes) > 0:
        west, south, east, north = survey.shapes.total_bounds.tolist()
        drawing.fit_bounds([[south, west], [north, east]])
        folium.LayerControl(collapsed=True).add_to(drawing)
    figure: Any = drawing.get_root()
    figure.render()
    return SurveyMap(element=figure.html.render(), script=figure.script.render())


def _tooltip(survey: DistrictSurvey, words: SurveyWords) -> tuple[list[str], list[str]]:
    first = ("parcels", words.parcels) if survey.is_generalised else ("number", words.cadastral_number)
    named = [first, ("category", words.land_category), ("area", words.area_m2)]
    return [field for field, _ in named], [escape(alias) for _, alias in named]


def _by_category(shapes: geopandas.GeoDataFrame) -> list[tuple[str, geopandas.GeoDataFrame]]:
    codes = shapes["land_category"].astype("Int64").astype("string").fillna("")
    return [(str(code), shapes[codes == code]) for code in sorted(codes.unique())]


def _add_category(
    drawing: folium.Map,
    code: str,
    part: geopandas.GeoDataFrame,
    fields: list[str],
    aliases: list[str],
    words: SurveyWords,
) -> None:
    import folium
    import geopandas

    colour = category_colours()[code]
    title = escape(words.categories[code])
    # tooltips are inserted as markup: everything from the register is escaped here
    facts = {"category": [title] * len(part), "area": [f"{area:,.2f}" for area in part["area_m2"]]}
    if "cadastral_number" in part:
        facts["number"] = [escape(number) for number in part["cadastral_number"]]
    else:
        facts["parcels"] = [f"{count:,}" for count in part["parcels"]]
    frame = geopandas.GeoDataFrame(facts, geometry=part.geometry.values, crs=part.crs)
    folium.GeoJson(
        frame.to_json(drop_id=True),
        name=title,
        style_function=lambda _: {
            "fillColor": colour,
            "fillOpacity": 0.8,
            "color": "#4d5b66",
            "weight": 0.7,
        },
        tooltip=folium.GeoJsonTooltip(fields=fields, aliases=aliases, labels=True),
    ).add_to(drawing)


__all__ = [
    "MAX_DRAWN_PARCELS",
    "CategoryRow",
    "Deviations",
    "DistrictSurvey",
    "Statistics",
    "SurveyMap",
    "SurveyWords",
    "draw_survey",
    "read_statistics",
    "read_survey",
    "round_step",
]
