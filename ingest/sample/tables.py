"""Attribute tables of a district's layers, as Arrow tables with WKB geometry."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from ingest.sample.district import District
from ingest.sample.numbering import KIND_TEXT, number_text
from ingest.sample.streets import Ints
from ingest.sample.town import Use

GEOMETRY: Final = "geom"
_PURPOSE: Final = (
    "Fərdi yaşayış evi",
    "Fərdi yaşayış evi",
    "Çoxmənzilli yaşayış binası",
    "Ticarət və xidmət obyekti",
    "Park və istirahət zonası",
    "Təhsil müəssisəsi",
    "İstehsalat və anbar sahəsi",
    "Bağ sahəsi",
    "Əkin sahəsi",
    "Transformator yarımstansiyası",
)
_BUILDING_KIND: Final = (
    "individual_house",
    "individual_house",
    "building",
    "building",
    "structure",
    "building",
    "building",
    "garden_house",
    "structure",
    "structure",
)
_CATEGORY: Final = np.array([2, 2, 2, 2, 2, 2, 3, 2, 1, 3])
OWNERSHIP_FORMS: Final = ("dovlet", "belediyye", "xususi")
# part of the parcels that the state and the municipality hold, per use
_STATE: Final = np.array([0.01, 0.02, 0.25, 0.05, 0.3, 1.0, 0.2, 0.01, 0.15, 1.0])
_MUNICIPAL: Final = np.array([0.03, 0.02, 0.6, 0.1, 0.7, 0.0, 0.1, 0.05, 0.5, 0.0])


def ownership_of(use: Ints, rng: np.random.Generator) -> Ints:
    """Draw the form of ownership of each parcel, as a place in :data:`OWNERSHIP_FORMS`."""
    draw = rng.random(len(use))
    return np.where(draw < _STATE[use], 0, np.where(draw < (_STATE + _MUNICIPAL)[use], 1, 2))


def pick(texts: tuple[str, ...], index: Ints) -> pa.Array:
    """Give ``texts[i]`` for each i."""
    return pa.array(texts, pa.string()).take(pa.array(index))


def join(*parts: pa.Array | str, n: int) -> pa.Array:
    """Join columns and constant texts row by row; a null part makes the row null."""
    columns = [pa.repeat(pa.scalar(part), n) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*columns, "")


def padded(number: Ints, width: int) -> pa.Array:
    """Write numbers with leading zeros."""
    return pc.utf8_lpad(pa.array(number).cast(pa.string()), width, "0")


def cadastral_numbers(district: District, index: slice) -> pa.Array:
    """Give the numbers of the parcels in ``index``: district, S for synthetic and block, lot."""
    block, lot = district.block_rank[index], district.lot_rank[index]
    return join(f"{district.anchor.code}-S", padded(block, 5), "-", padded(lot, 3), n=len(block))


def wkb(geometries: NDArray[np.object_]) -> pa.Array:
    """Write geometries as a column of WKB."""
    return pa.array(shapely.to_wkb(geometries), pa.binary())


def _label(n: int) -> pa.Array:
    return pa.repeat(pa.scalar(True), n)


def parcel_table(
    district: District, index: slice, polygons: NDArray[np.object_], ownership: Ints, rng: np.random.Generator
) -> pa.Table:
    """Describe the parcels in ``index`` with the columns of a parcel file."""
    use = district.lots.use[index]
    n = len(use)
    vary = np.where(rng.random(n) < 0.7, 0.0, rng.normal(0, 0.006, n))
    area = np.maximum(1.0, np.round(shapely.area(polygons) * (1 + vary)))
    farm = np.isin(use, (Use.FIELDS, Use.GARDENS))
    dated = np.datetime64("1999-01-01") + rng.integers(0, 9900, n).astype("timedelta64[D]")
    category = np.where((use == Use.HOUSES) & (rng.random(n) < 0.004), 7, _CATEGORY[use])
    return pa.table(
        {
            GEOMETRY: wkb(polygons),
            "cadastral_number": cadastral_numbers(district, index),
            "land_category": pa.array(category.astype(np.int32)),
            "purpose": pick(_PURPOSE, use),
            "ownership_form": pick(OWNERSHIP_FORMS, ownership),
            "documentary_area_m2": pa.array(area),
            "quality_group": pa.array(rng.integers(1, 6, n).astype(np.int32), mask=~farm),
            "address_text": address_texts(district, index),
            "source_number": join("SINTETIK-", padded(rng.integers(1, 999_999, n), 6), n=n),
            "source_date": pa.array(dated),
            "accuracy_m": pa.array(np.where(farm, 0.2, 0.1)),
            "synthetic": _label(n),
        }
    )


def address_texts(district: District, index: slice) -> pa.Array:
    """Write the address of each parcel in ``index``: its street, and its first entrance if any."""
    start, _, _ = index.indices(len(district.lots))
    first = district.addresses.first[index]
    has = district.addresses.first[start + 1 : start + 1 + len(first)] > first
    at = first[has]
    number = np.full(len(first), "", dtype=object)
    number[has] = [f" {t}" for t in number_text(district.addresses.number[at], district.addresses.letter[at])]
    anchor = district.anchor
    place = f"{'Bakı şəhəri, ' if anchor.code.startswith('BAK-') else ''}{anchor.name_az} {anchor.kind_az}, "
    known, where = np.unique(district.street[index], return_inverse=True)
    names = tuple(place + district.names.full(int(s)) for s in known)
    return join(pick(names, where), pa.array(number, pa.string()), n=len(first))


def building_table(district: District, index: slice, cadastral: pa.Array, floors: Ints) -> pa.Table:
    """Describe the buildings on the parcels in ``index``."""
    stands = np.flatnonzero(district.houses.stands[index])
    use = district.lots.use[index][stands]
    outlines = district.houses.polygons(index)[stands]
    number = cadastral.take(pa.array(stands))
    return pa.table(
        {
            GEOMETRY: wkb(outlines),
            "building_number": join(number, "-B1", n=len(stands)),
            "cadastral_number": number,
            "kind": pick(_BUILDING_KIND, use),
            "floors": pa.array(floors[stands].astype(np.int32)),
            "entrances": pa.array(district.houses.entrances[index][stands].astype(np.int32)),
            "footprint_m2": pa.array(np.round(shapely.area(outlines), 1)),
            "synthetic": _label(len(stands)),
        }
    )


def draw_floors(use: Ints, rng: np.random.Generator) -> Ints:
    """Draw the number of floors of the building on each parcel."""
    draw = rng.random(len(use))
    low = np.where(draw < 0.62, 1, np.where(draw < 0.94, 2, 3))
    floors = np.where(use == Use.FLATS, rng.choice([4, 5, 5, 9, 9, 12], len(use)), low)
    return np.where(np.isin(use, (Use.PARK, Use.FIELDS, Use.SUBSTATION, Use.GARDENS)), 1, floors)


def entrance_table(district: District, index: slice, cadastral: pa.Array) -> pa.Table:
    """Describe the entrances of the parcels in ``index``."""
    a = district.addresses
    start, stop, _ = index.indices(len(district.lots))
    rows = slice(int(a.first[start]), int(a.first[stop]))
    n = rows.stop - rows.start
    known, where = np.unique(a.street[rows], return_inverse=True)
    kinds = [district.names.kind[int(s)] for s in known]
    number = cadastral.take(pa.array(a.parcel[rows] - start))
    return pa.table(
        {
            GEOMETRY: wkb(np.asarray(shapely.points(a.point[rows]))),
            "street": pick(tuple(district.names.full(int(s)) for s in known), where),
            "street_name": pick(tuple(district.names.name[int(s)] for s in known), where),
            "street_kind": pick(tuple(kinds), where),
            "number": pa.array(number_text(a.number[rows], a.letter[rows]), pa.string()),
            "side": pick(("right", "left"), a.left[rows].astype(np.int64)),
            "position": pa.array(a.position_m[rows]),
            "building_entrance": pa.array((a.nth[rows] + 1).astype(np.int32)),
            "building_number": join(number, "-B1", n=n),
            "cadastral_number": number,
            "synthetic": _label(n),
        }
    )


def street_table(district: District) -> pa.Table:
    """Describe the streets: directed centre lines with name and kind."""
    streets = list(district.street_lines)
    lines = np.array([district.street_lines[s] for s in streets], dtype=object)
    kinds = [district.names.kind[s] for s in streets]
    return pa.table(
        {
            GEOMETRY: wkb(lines),
            "name": [district.names.name[s] for s in streets],
            "kind": kinds,
            "kind_text": [KIND_TEXT[kind] for kind in kinds],
            "full_name": [district.names.full(s) for s in streets],
            "length_m": np.round(shapely.length(lines), 1),
            "district_code": [district.anchor.code] * len(streets),
            "synthetic": _label(len(streets)),
        }
    )


def zone_table(district: District) -> pa.Table:
    """Describe the cadastral zones, numbered from the middle of the town."""
    n = len(district.zones)
    parts, owners = shapely.get_parts(district.zones, return_index=True)
    number = np.arange(1, n + 1)
    code = padded(number, 3)
    return pa.table(
        {
            GEOMETRY: wkb(np.asarray(shapely.multipolygons(parts, indices=owners))),
            "zone_code": code,
            "name": join("Zona ", code, n=n),
            "district_code": [district.anchor.code] * n,
            "synthetic": _label(n),
        }
    )
