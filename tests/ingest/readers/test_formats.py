"""The same parcels read alike from every container."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
import shapely

from ingest.readers import GEOMETRY, open_layer
from tests.ingest.files import row_of_boxes, write_ogr, write_parquet

NUMBERS = ["A-1", "A-2", "Ə-3"]


def read(path: Path, **options: str) -> tuple[list[str], list[bytes], str | None]:
    with open_layer(path, **options) as layer:
        batches = [batch.rows for batch in layer.read(2)]
    numbers = [value for rows in batches for value in rows.column("cadastral_number").to_pylist()]
    shapes = [value for rows in batches for value in rows.column(GEOMETRY).to_pylist()]
    return numbers, shapes, layer.info.crs


def zip_parts(source: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in source.parent.glob(f"{source.stem}.*"):
            archive.write(part, f"inner/{part.name}")
    return target


@pytest.mark.parametrize("kind", ["gpkg", "shp", "zip", "shz", "fgb", "geojson", "parquet"])
def test_every_container_gives_the_same_rows(tmp_path: Path, kind: str) -> None:
    shapes = row_of_boxes(3)
    columns = {"cadastral_number": NUMBERS}
    if kind == "parquet":
        path = write_parquet(tmp_path / "a.parquet", shapes, NUMBERS)
    elif kind in ("shp", "zip", "shz"):
        path = write_ogr(tmp_path / "a.shp", shapes, {"number": NUMBERS}, driver="ESRI Shapefile")
        path = path if kind == "shp" else zip_parts(path, tmp_path / f"zipped.{kind}")
    else:
        driver = {"gpkg": "GPKG", "fgb": "FlatGeobuf", "geojson": "GeoJSON"}[kind]
        options = {"SPATIAL_INDEX": "NO"} if kind == "fgb" else {}
        path = write_ogr(tmp_path / f"a.{kind}", shapes, columns, driver=driver, **options)
    with open_layer(path) as layer:
        rows = [batch.rows for batch in layer.read(2)]
    numbers = [value for batch in rows for value in batch.column(0).to_pylist()]
    found = [shapely.from_wkb(value) for batch in rows for value in batch.column(GEOMETRY).to_pylist()]
    assert numbers == NUMBERS
    assert shapely.equals(found, shapes).all()
    assert "32639" in (layer.info.crs or "")


def test_the_name_does_not_matter(tmp_path: Path) -> None:
    path = write_ogr(tmp_path / "a.gpkg", row_of_boxes(3), {"cadastral_number": NUMBERS}, driver="GPKG")
    renamed = tmp_path / "holiday.jpg"
    shutil.copyfile(path, renamed)
    assert read(renamed)[0] == NUMBERS


def test_layers_are_listed_when_one_must_be_chosen(tmp_path: Path) -> None:
    from cadastre.kernel.errors import InvalidInput

    path = tmp_path / "two.gpkg"
    for layer in ("north", "south"):
        options = {"append": True} if path.exists() else {}
        write_ogr(path, row_of_boxes(3), {"cadastral_number": NUMBERS}, driver="GPKG", layer=layer, **options)
    with pytest.raises(InvalidInput, match="choose one with --layer: north, south"), open_layer(path):
        pass
    with (
        pytest.raises(InvalidInput, match="no layer 'west'; it has north, south"),
        open_layer(path, layer="west"),
    ):
        pass
    assert read(path, layer="south")[0] == NUMBERS
