"""Files that are not what they claim: each one plain sentence, never a traceback, never fewer rows in silence."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from cadastre.kernel.errors import UnreadableInput
from ingest.readers import open_layer
from ingest.readers.archive import ArchiveLimits
from tests.ingest.files import row_of_boxes, write_gpkg, write_ogr, write_parquet

NUMBERS = [f"N-{at}" for at in range(200)]


def read_all(path: Path, encoding: str | None = None) -> int:
    with open_layer(path, encoding=encoding) as layer:
        return sum(batch.rows.num_rows for batch in layer.read())


@pytest.fixture
def shapefile(tmp_path: Path) -> Path:
    return write_ogr(tmp_path / "p.shp", row_of_boxes(200), {"number": NUMBERS}, driver="ESRI Shapefile")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.gpkg", b"", "is empty"),
        ("noise.geojson", bytes(range(1, 200)), "not a geodata file"),
        ("page.shp", b"<html><body>404</body></html>", "is not a Shapefile"),
        ("doc.pdf", b"%PDF-1.7 ...", "is a PDF"),
        ("virtual.geojson", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "virtual file"),
        ("pipe.json", b'{"type": "gdal_streamed_alg", "command_line": "gdal vector ..."}', "not GeoJSON"),
        ("data.json", b'{"hello": "world"}', "JSON but not GeoJSON"),
        (
            "cut.geojson",
            b'{"type": "FeatureCollection", "features": [{"type": "Feature", "geo',
            "cannot be read",
        ),
        ("plain.db", b"SQLite format 3\x00" + bytes(200), "not a GeoPackage"),
        ("cut.parquet", b"PAR1" + bytes(40), "damaged Parquet"),
    ],
)
def test_it_says_what_the_file_is(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableInput, match=sentence):
        read_all(path)


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="is a folder"):
        read_all(tmp_path)
    with pytest.raises(UnreadableInput, match="does not exist"):
        read_all(tmp_path / "nothing.gpkg")


@pytest.mark.parametrize(("suffix", "sentence"), [(".shx", "has no .shx"), (".dbf", "has no .dbf")])
def test_a_missing_part_is_named(shapefile: Path, suffix: str, sentence: str) -> None:
    shapefile.with_suffix(suffix).unlink()
    with pytest.raises(UnreadableInput, match=sentence):
        read_all(shapefile)


@pytest.mark.parametrize(("suffix", "kept"), [(".shp", 0.5), (".shx", 0.5), (".dbf", 0.5), (".dbf", 0.001)])
def test_a_truncated_shapefile_is_refused(shapefile: Path, suffix: str, kept: float) -> None:
    part = shapefile.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[: max(10, int(part.stat().st_size * kept))])
    with pytest.raises(UnreadableInput, match=r"cut short|damaged|in its \.dbf"):
        read_all(shapefile)


def test_part_of_a_shapefile_is_not_the_shapefile(shapefile: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"give its \.shp"):
        read_all(shapefile.with_suffix(".dbf"))


@pytest.mark.parametrize(("driver", "suffix"), [("GPKG", "gpkg"), ("FlatGeobuf", "fgb")])
def test_a_truncated_file_never_gives_fewer_rows(tmp_path: Path, driver: str, suffix: str) -> None:
    path = write_ogr(tmp_path / f"p.{suffix}", row_of_boxes(200), {"number": NUMBERS}, driver=driver)
    whole = path.read_bytes()
    for part in (0.9, 0.6, 0.3):
        path.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(UnreadableInput):
            read_all(path)


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "p.parquet", row_of_boxes(200), NUMBERS)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UnreadableInput, match="damaged Parquet"):
        read_all(path)


def test_text_without_a_declared_encoding_is_not_guessed(tmp_path: Path) -> None:
    names = ["Çinar"] * 3
    path = write_ogr(
        tmp_path / "p.shp", row_of_boxes(3), {"name": names}, driver="ESRI Shapefile", encoding="CP1254"
    )
    path.with_suffix(".cpg").unlink()
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0
    path.with_suffix(".dbf").write_bytes(bytes(dbf))
    with pytest.raises(UnreadableInput, match="give --encoding"):
        read_all(path)
    assert read_all(path, encoding="CP1254") == 3


def test_a_wrongly_declared_encoding_is_found(tmp_path: Path) -> None:
    path = write_ogr(tmp_path / "p.shp", row_of_boxes(3), {"name": ["Şəki"] * 3}, driver="ESRI Shapefile")
    path.with_suffix(".cpg").write_text("CP1251")
    with pytest.raises(UnreadableInput, match="declares CP1251 but its text is UTF-8"):
        read_all(path)
    path.with_suffix(".cpg").write_text("KLINGON-8")
    with pytest.raises(UnreadableInput, match="unknown text encoding"):
        read_all(path)


def test_bytes_that_are_no_text_are_named_by_row(tmp_path: Path) -> None:
    path = write_ogr(
        tmp_path / "p.shp", row_of_boxes(3), {"name": ["abc", "dXe", "fgh"]}, driver="ESRI Shapefile"
    )
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace(b"dXe", b"d\xfce"))
    path.with_suffix(".cpg").write_text("UTF-8")
    with open_layer(path) as layer:
        (batch,) = layer.read()
    assert batch.undecodable == {1: "name"}
    assert batch.rows.column("name")[1].as_py() == "d\\xfce"


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("CREATE VIEW v AS SELECT 1 AS a", r"holds a view \(v\)"),
        ("CREATE VIRTUAL TABLE t USING fts4(a)", r"holds a virtual table \(t\)"),
        ("CREATE TRIGGER mine AFTER INSERT ON p BEGIN SELECT 1; END", "holds a trigger of its own"),
    ],
)
def test_a_geopackage_brings_no_code(tmp_path: Path, statement: str, sentence: str) -> None:
    path = write_gpkg(tmp_path / "p.gpkg", row_of_boxes(2))
    with closing(sqlite3.connect(path)) as database:
        database.execute(statement)
        database.commit()
    with pytest.raises(UnreadableInput, match=sentence):
        read_all(path)


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ([("../evil.shp", b"x")], "path traversal"),
        ([("/etc/evil.shp", b"x")], "path traversal"),
        ([("a.zip", b"x")], "another archive"),
        ([(f"{n}.txt", b"x") for n in range(60)], "60 members"),
        ([("a.txt", b"x")], "without a Shapefile"),
        ([("a/p.shp", b"x"), ("b/p.shp", b"x")], "two members named"),
    ],
)
def test_archives_are_judged_before_they_are_unpacked(
    tmp_path: Path, members: list[tuple[str, bytes]], sentence: str
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    with pytest.raises(UnreadableInput, match=sentence):
        read_all(path)


def test_a_zip_bomb_and_a_cut_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", bytes(80 << 20))
    with pytest.raises(UnreadableInput, match="compressed more than"):
        read_all(path)
    with (
        pytest.raises(UnreadableInput, match="at most 1,000 are allowed"),
        open_layer(path, limits=ArchiveLimits(ratio=10**9, unpacked_bytes=1000)),
    ):
        pass
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(UnreadableInput, match="damaged zip"):
        read_all(path)
