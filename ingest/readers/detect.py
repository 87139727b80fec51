"""What a file is, judged by its first bytes and never by its name."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from cadastre.kernel.errors import UnreadableInput

READABLE = "GeoPackage, Shapefile (.shp, .zip, .shz), GeoJSON, FlatGeobuf or GeoParquet"
_HEAD_BYTES = 4096
_SHAPE_MAGIC = b"\x00\x00\x27\x0a" + bytes(20)
_XML = re.compile(rb"<\s*([A-Za-z_][\w:.-]*)")
_XML_NAMES = {
    b"OGRVRTDataSource": "a GDAL virtual file (VRT)",
    b"VRTDataset": "a GDAL virtual file (VRT)",
    b"kml": "KML",
    b"html": "a web page",
}
_OTHER_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"Version", "MapInfo MIF"),
    (b"!table", "MapInfo TAB"),
)
_JSON_NEEDLE = re.compile(rb'"type"\s*:\s*"(\w+)"')
_GEOJSON_TYPES = frozenset(
    {
        b"FeatureCollection",
        b"Feature",
        b"Point",
        b"MultiPoint",
        b"LineString",
        b"MultiLineString",
        b"Polygon",
        b"MultiPolygon",
        b"GeometryCollection",
        b"name",
    }
)


class FileKind(StrEnum):
    """The container formats that may be loaded."""

    GEOPACKAGE = "GPKG"
    SHAPEFILE = "ESRI Shapefile"
    GEOJSON = "GeoJSON"
    FLATGEOBUF = "FlatGeobuf"
    GEOPARQUET = "Parquet"
    ZIP = "zip"


def detect_kind(path: Path) -> FileKind:
    """Return the kind of file, or raise :class:`UnreadableInput` with one sentence."""
    if path.is_dir():
        raise _refuse(path, "is a folder; give one file")
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError:
        raise _refuse(path, "does not exist") from None
    except OSError as error:
        raise _refuse(path, f"cannot be opened ({error.strerror})") from None
    if not head:
        raise _refuse(path, "is empty")
    binary = _detect_binary(path, head)
    return binary if binary is not None else _detect_text(path, head)


def _detect_binary(path: Path, head: bytes) -> FileKind | None:
    if head.startswith(b"SQLite format 3\x00"):
        if head[68:72] in (b"GPKG", b"GP10", b"GP11"):
            return FileKind.GEOPACKAGE
        raise _refuse(path, "is an SQLite database but not a GeoPackage")
    if head.startswith(b"fgb\x03fgb"):
        return FileKind.FLATGEOBUF
    if head.startswith(b"PAR1"):
        return FileKind.GEOPARQUET
    if head.startswith(b"PK\x03\x04"):
        return FileKind.ZIP
    if path.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix"):
        raise _refuse(path, "is one part of a Shapefile; give its .shp")
    if head.startswith(_SHAPE_MAGIC) and len(head) >= 100:
        return FileKind.SHAPEFILE
    for magic, what in _OTHER_MAGIC:
        if head.startswith(magic):
            raise _refuse(path, f"is {what}; this program reads {READABLE}")
    if path.suffix.lower() == ".shp":
        raise _refuse(path, "is not a Shapefile, although it is named so, or it is cut short")
    return None


def _detect_text(path: Path, head: bytes) -> FileKind:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return _detect_json(path, text)
    if text.startswith(b"<"):
        names = _XML.findall(text)
        name = names[0] if names else b""
        what = _XML_NAMES.get(name, "an XML file")
        raise _refuse(path, f"is {what}, which is not accepted; this program reads {READABLE}")
    raise _refuse(path, f"is not a geodata file that this program knows; it reads {READABLE}")


def _detect_json(path: Path, text: bytes) -> FileKind:
    types = _JSON_NEEDLE.findall(text)
    if any(kind in (b"Topology", b"gdal_streamed_alg") for kind in types[:1]):
        raise _refuse(path, "is JSON but not GeoJSON")
    if any(kind in _GEOJSON_TYPES for kind in types) or _has_geojson_keys(path):
        return FileKind.GEOJSON
    raise _refuse(path, "is JSON but not GeoJSON")


def _has_geojson_keys(path: Path) -> bool:
    """Look at the tail too: a writer may put ``type`` after a long member."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _HEAD_BYTES))
        tail = file.read()
    return any(kind in _GEOJSON_TYPES for kind in _JSON_NEEDLE.findall(tail))


def _refuse(path: Path, what: str) -> UnreadableInput:
    return UnreadableInput(f"{path.name} {what}.", file=path.name)


__all__ = ["READABLE", "FileKind", "detect_kind"]
