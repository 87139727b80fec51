"""A GeoPackage is an SQLite database: its schema is read, read-only, before GDAL may open it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from cadastre.kernel.errors import UnreadableInput

# Names that GDAL and QGIS write themselves; the text of each is checked as well.
_TRIGGER = re.compile(
    r"^(rtree_.+_(insert|update\d?|delete)"
    r"|trigger_(insert|delete)_feature_count_.+"
    r"|gpkg_(tile_matrix|metadata|metadata_reference|data_columns)_.+"
    r"|.+_(insert|update|zoom_insert|zoom_update))$",
    re.IGNORECASE,
)
_RTREE = re.compile(r"^\s*CREATE\s+VIRTUAL\s+TABLE\s+.+\s+USING\s+rtree\s*\(", re.IGNORECASE | re.DOTALL)
_DANGEROUS = re.compile(r"load_extension|readfile|writefile|virtualtext|virtualshape", re.IGNORECASE)
_CURVE_NAMES = frozenset(
    {"CURVE", "CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE", "SURFACE"}
)


def check_schema(path: Path) -> None:
    """Refuse a GeoPackage that brings code: foreign virtual tables, views or triggers."""
    with _open(path) as database:
        rows = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    for kind, name, sql in rows:
        text = sql or ""
        if kind == "view":
            raise _refuse(path, f"holds a view ({name}), which is not accepted")
        if kind == "trigger" and (not _TRIGGER.match(name) or _DANGEROUS.search(text)):
            raise _refuse(path, f"holds a trigger of its own ({name}), which is not accepted")
        if kind == "table" and "VIRTUAL" in text.upper().split()[1:2] and not _RTREE.match(text):
            raise _refuse(path, f"holds a virtual table ({name}), which is not accepted")


def count_rows(path: Path, layer: str) -> int:
    """Count the rows of a layer as the database sees them (a damaged page raises here)."""
    quoted = layer.replace('"', '""')
    with _open(path) as database:
        return int(database.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])


def find_curve_type(path: Path, layer: str) -> str | None:
    """Return the declared geometry type of a layer when it is a curved one."""
    with _open(path) as database:
        row = database.execute(
            "SELECT geometry_type_name FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
        ).fetchone()
    name = str(row[0]).upper() if row else ""
    return name if name in _CURVE_NAMES else None


def has_undefined_crs(path: Path, layer: str) -> bool:
    """Whether the layer says that its reference system is undefined (srs_id 0 or -1)."""
    with _open(path) as database:
        row = database.execute(
            "SELECT srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
        ).fetchone()
    return row is not None and row[0] in (0, -1)


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    uri = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            yield database
    except sqlite3.Error as error:
        raise _refuse(path, f"is a damaged GeoPackage ({error})") from None


def _refuse(path: Path, what: str) -> UnreadableInput:
    return UnreadableInput(f"{path.name} {what}.", file=path.name)


__all__ = ["check_schema", "count_rows", "find_curve_type", "has_undefined_crs"]
