"""Plans of real parcels (moved to Baku): shapes that nobody would invent."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from cadastre.extract import Issuer, PdfRenderer, Trust, rings_of, verify_pdf
from cadastre.extract.layout_2.frame import SCALES
from cadastre.extract.layout_2.plan import draw_plan
from tests.cadastre.extract.builders import parcel, record


def read(shared_data: Callable[[str], Path]) -> list[shapely.Polygon]:
    frame = gpd.read_file(shared_data("us_williamsburg_parcels") / "parcels_in_baku.gpkg").explode()
    order = shapely.get_num_coordinates(frame.geometry.to_numpy()).argsort(kind="stable")
    chosen = [*order[:: len(order) // 60], *order[-3:]]
    return [shapely.force_2d(frame.geometry.iloc[i]) for i in chosen]


@pytest.mark.data
def test_every_plan_is_true_to_a_stated_scale(shared_data: Callable[[str], Path], issuer: Issuer):
    for polygon in read(shared_data):
        statement = issuer.build(record(parcels=(parcel(rings=rings_of(polygon), buildings=()),)))
        (drawn,) = statement["parcels"]
        plan = draw_plan(drawn, [])
        assert plan is not None
        assert plan["scale"] in SCALES
        (sheet,) = plan["sheets"]
        outer = shapely.Polygon(sheet["fill"][0], sheet["fill"][1:])
        on_paper = outer.area * (plan["scale"] / 1000) ** 2
        assert on_paper == pytest.approx(polygon.area, rel=0.01, abs=0.05)
        assert shapely.box(0, 0, sheet["width"], sheet["height"]).contains(outer)
        assert plan["all_numbered"] or len(drawn["rings"][0]["points"]) > 8


@pytest.mark.data
def test_the_most_intricate_real_parcel_is_issued_and_verified(
    shared_data: Callable[[str], Path], issuer: Issuer, trust: Trust, renderer: PdfRenderer
):
    polygon = read(shared_data)[-1]
    assert shapely.get_num_coordinates(polygon) > 500
    signed = issuer.sign_statement(record(parcels=(parcel(rings=rings_of(polygon), buildings=()),)))
    assert verify_pdf(issuer.render_pdf(signed), trust, renderer=renderer).verdict == "AUTHENTIC"
