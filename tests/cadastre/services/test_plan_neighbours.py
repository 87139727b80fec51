"""A plan names the registered parcels around the land, as they stood at the moment that it shows."""

from __future__ import annotations

from datetime import date

from shapely import Polygon
from sqlalchemy import text

from tests.cadastre.services.conftest import Office
from tests.cadastre.services.test_extract_fields import NUMBER, issue, write
from tests.register import DAY, Register, square

LATER = date(2025, 3, 1)


def settle(register: Register) -> None:
    """Land with neighbours to the east and north, one that meets it at a corner, one across a lane."""
    own = register.parcel("KX-1", square(0, 0))
    register.parcel("KX-2", square(20, 0))
    enter_former(register, "KX-3", square(-10, 20))
    register.parcel("KX-4", square(20, 20))
    register.parcel("KX-5", square(0, -25))
    register.right(register.property(NUMBER, own), register.party("Sınaq Sahib", fin="ZZ00001"))


def enter_former(register: Register, number: str, shape: Polygon) -> None:
    """A parcel that was there until LATER."""
    values = {"number": number, "day": DAY, "later": LATER, "leaf": register.leaf(), "wkb": shape.wkb}
    register.connection.execute(
        text("""WITH named AS (
                    INSERT INTO cadastre.parcel (cadastral_number, district_code)
                    VALUES (:number, 'BAK-XEZ') RETURNING parcel_id)
                INSERT INTO cadastre.parcel_version (parcel_id, valid_from, valid_to, recorded_leaf, geom,
                                                     surveyed_area_m2)
                SELECT parcel_id, :day, :later, :leaf, ST_GeomFromWKB(:wkb, 32639), :area FROM named"""),
        values | {"area": round(shape.area, 2)},
    )


def test_neighbours_stand_as_they_stood(office: Office) -> None:
    write(office, settle)
    statement, printed = issue(office, kind="plan")
    (parcel,) = statement["parcels"]
    assert parcel["neighbours"] == [{"cadastral_number": "KX-2", "first": 2, "last": 3}]
    assert "2–3 KX-2" in printed
    past, _ = issue(office, kind="plan", as_of=date(2024, 12, 31))
    assert [one["cadastral_number"] for one in past["parcels"][0]["neighbours"]] == ["KX-3", "KX-2"]
    other, _ = issue(office)
    assert other["parcels"][0]["neighbours"] is None
