"""From a specification to files: each district planned whole, then written piece by piece."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from pyproj import Transformer
from shapely import MultiPolygon, box, segmentize, to_geojson
from shapely import transform as transform_geometry

from cadastre.kernel.errors import Unavailable
from ingest.sample.district import District, plan_district
from ingest.sample.flats import flat_table
from ingest.sample.overlaps import plant_overlaps
from ingest.sample.people import PERSON_LIMIT
from ingest.sample.properties import parcel_properties
from ingest.sample.readme import README
from ingest.sample.rights import rights_table
from ingest.sample.serials import Serials
from ingest.sample.spec import ANCHORS, Anchor, DistrictFiles, SamplePaths, SampleSpec, district_files
from ingest.sample.tables import (
    building_table,
    cadastral_numbers,
    draw_floors,
    entrance_table,
    ownership_of,
    parcel_table,
    street_table,
    wkb,
    zone_table,
)
from ingest.sample.writing import LABEL, LayerFile, TableFile

Progress = Callable[[int], None]
_MARGIN_M = 250.0
_FLOOR_SPACE = 0.82  # of a storey, the rest being walls


def generate(spec: SampleSpec, progress: Progress | None = None) -> SamplePaths:
    """Write a synthetic sample.

    Parameters
    ----------
    spec
        What to make.
    progress
        Called with the number of parcels written since the last call.

    Raises
    ------
    Unavailable
        The folder cannot be written to.
    """
    try:
        spec.out.mkdir(parents=True, exist_ok=True)
        return _generate(spec, progress or (lambda _: None))
    except OSError as error:
        raise Unavailable(
            f"The sample cannot be written to {spec.out}: {error.strerror or error}."
        ) from error
    except (DataSourceError, DataLayerError, FeatureError) as error:
        reason = str(error).rstrip(".")
        raise Unavailable(f"The sample cannot be written to {spec.out}: {reason}.") from error


def _generate(spec: SampleSpec, progress: Progress) -> SamplePaths:
    features, planted, files = [], [], []
    for place, code in enumerate(spec.districts):
        anchor = ANCHORS[code]
        srid = spec.srid or anchor.srid
        folder = spec.out if len(spec.districts) == 1 else spec.out / code
        folder.mkdir(exist_ok=True)
        paths = district_files(folder, code, srid)
        district = plan_district(anchor, spec.share_of(place, spec.parcels), srid, spec.seed)
        serials = Serials(anchor, person_base=PERSON_LIMIT // len(spec.districts) * place)
        overlaps = spec.share_of(place, spec.planted_overlaps)
        planted += _write_district(district, paths, serials, (spec.seed, overlaps), progress)
        features.append(_outline(district))
        files.append(paths)
    outlines = spec.out / "districts.geojson"
    _write_json(
        outlines,
        {"type": "FeatureCollection", "name": "districts", "description": LABEL, "features": features},
    )
    readme = spec.out / "README-SYNTHETIC.txt"
    readme.write_text(README, encoding="utf-8")
    list_of_planted = spec.out / "planted.json"
    list_of_planted.unlink(missing_ok=True)
    if spec.planted_overlaps:
        _write_json(list_of_planted, {"description": LABEL, "pairs": planted})
    return SamplePaths(
        root=spec.out,
        districts_geojson=outlines,
        readme=readme,
        planted=list_of_planted if spec.planted_overlaps else None,
        districts=tuple(files),
        parcel_count=spec.parcels,
        planted_count=len(planted),
    )


def _write_district(
    district: District, paths: DistrictFiles, serials: Serials, order: tuple[int, int], progress: Progress
) -> list[dict[str, str]]:
    seed, overlaps = order
    n, srid = len(district.lots), district.srid
    parcels = LayerFile(paths.parcels, "Polygon", srid, n)
    buildings = LayerFile(paths.buildings, "Polygon", srid, n)
    entrances = LayerFile(paths.entrances, "Point", srid, n)
    LayerFile(paths.zones, "MultiPolygon", srid, n).append(zone_table(district))
    LayerFile(paths.streets, "LineString", srid, n).append(street_table(district))
    with ExitStack() as stack:
        rights, flats, flat_rights = (
            stack.enter_context(TableFile(path)) for path in (paths.rights, paths.flats, paths.flat_rights)
        )
        for chunk in district.chunks():
            rng = np.random.default_rng([seed, district.anchor.ordinal, 100, chunk.start])
            use, stands = district.lots.use[chunk], district.houses.stands[chunk]
            cadastral = cadastral_numbers(district, chunk)
            ownership, floors = ownership_of(use, rng), draw_floors(use, rng)
            parcels.append(parcel_table(district, chunk, district.parcel_polygons(chunk), ownership, rng))
            houses = building_table(district, chunk, cadastral, floors)
            buildings.append(houses)
            built = np.zeros(len(use))
            built[stands] = houses.column("footprint_m2").to_numpy() * floors[stands] * _FLOOR_SPACE
            entrances.append(entrance_table(district, chunk, cadastral))
            opened = parcel_properties(cadastral, use, built, ownership, serials, rng)
            rights.append(rights_table(opened, serials, rng))
            table, homes = flat_table(district, chunk, cadastral, floors, serials, rng)
            flats.append(table)
            flat_rights.append(rights_table(homes, serials, rng))
            progress(len(use))
    return _write_planted(district, parcels, (seed, overlaps))


def _write_planted(district: District, parcels: LayerFile, order: tuple[int, int]) -> list[dict[str, str]]:
    """Append the planted parcels: rows without a right, behind all others."""
    rng = np.random.default_rng([order[0], district.anchor.ordinal, 200])
    made = plant_overlaps(district, order[1], rng)
    if not made:
        return []
    pairs = []
    for i, item in enumerate(made, start=1):
        number = f"{district.anchor.code}-SX-{i:06d}"
        host = cadastral_numbers(district, slice(item.host, item.host + 1))[0].as_py()
        pairs.append({"kind": item.kind, "cadastral_number": number, "overlaps": host})
    polygons = np.array([item.polygon for item in made], dtype=object)
    hosts = np.array([item.host for item in made])
    like = [
        parcel_table(district, slice(h, h + 1), polygons[i : i + 1], np.array([2]), rng)
        for i, h in enumerate(hosts)
    ]
    table = pa.concat_tables(like)
    table = table.set_column(0, table.column_names[0], wkb(polygons))
    table = table.set_column(1, "cadastral_number", pa.array([pair["cadastral_number"] for pair in pairs]))
    parcels.append(table)
    return pairs


def _outline(district: District) -> dict[str, Any]:
    """Give a sample extent around the district: a rectangle of its UTM zone in EPSG:4326."""
    anchor = district.anchor
    west, south = district.pool_bounds[:2] - _MARGIN_M
    east, north = district.pool_bounds[2:] + _MARGIN_M
    to_degrees = Transformer.from_crs(district.srid, 4326, always_xy=True)
    ring = segmentize(box(west, south, east, north), 2000.0)
    degrees = transform_geometry(
        ring, lambda xy: np.round(np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1])), 7)
    )
    return {
        "type": "Feature",
        "properties": _outline_properties(anchor),
        "geometry": json.loads(to_geojson(MultiPolygon([degrees]))),
    }


def _outline_properties(anchor: Anchor) -> dict[str, Any]:
    return {
        "code": anchor.code,
        "name": anchor.name_az,
        "name_az": anchor.name_az,
        "synthetic": True,
        "note": "Extent of a synthetic sample, not the boundary of the district",
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
