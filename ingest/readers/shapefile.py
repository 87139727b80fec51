"""A Shapefile is several files that must agree: checked here, for GDAL reads what is left and is silent."""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from pathlib import Path

from cadastre.kernel.errors import UnreadableInput

_SHP_HEADER = 100
_BLOCK = 1 << 22
# dBASE language bytes that name a code page (the others say nothing reliable).
_LANGUAGE_CODES = {
    0x01: "CP437",
    0x02: "CP850",
    0x03: "CP1252",
    0x26: "CP866",
    0x57: "",
    0x58: "CP1252",
    0x64: "CP852",
    0x65: "CP866",
    0x88: "CP857",
    0xC8: "CP1250",
    0xC9: "CP1251",
    0xCA: "CP1254",
}
PLAUSIBLE_ENCODINGS = ("UTF-8", "CP1251", "CP1254", "ISO-8859-9")


@dataclass(frozen=True, slots=True)
class ShapefileFacts:
    """What the parts of one Shapefile say of themselves."""

    records: int
    encoding: str | None
    has_prj: bool


def check_shapefile(path: Path, encoding: str | None) -> ShapefileFacts:
    """Check that .shp, .shx and .dbf are there, whole and of one length; return their facts."""
    records = _check_index(path)
    dbf = _find_part(path, ".dbf")
    if dbf is None:
        raise _refuse(path, "has no .dbf beside it (the attributes); send all parts of the Shapefile")
    _check_attributes(path, dbf, records)
    _check_length(path)
    return ShapefileFacts(records, _find_encoding(path, dbf, encoding), _find_part(path, ".prj") is not None)


def _check_index(path: Path) -> int:
    shx = _find_part(path, ".shx")
    if shx is None:
        raise _refuse(path, "has no .shx beside it (the index); send all parts of the Shapefile")
    size = shx.stat().st_size
    with shx.open("rb") as file:
        header = file.read(_SHP_HEADER)
    if len(header) < _SHP_HEADER or header[:4] != b"\x00\x00\x27\x0a":
        raise _refuse(path, "has a damaged .shx (the index)")
    declared = int(struct.unpack(">i", header[24:28])[0]) * 2
    if size < declared:
        raise _refuse(path, f"is cut short: its .shx declares {declared:,} bytes and holds {size:,}")
    return (declared - _SHP_HEADER) // 8


def _check_length(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(_SHP_HEADER)
    declared = int(struct.unpack(">I", header[24:28])[0]) * 2
    if size < declared:
        raise _refuse(path, f"is cut short: it declares {declared:,} bytes and holds {size:,}")


def _check_attributes(path: Path, dbf: Path, records: int) -> None:
    size = dbf.stat().st_size
    with dbf.open("rb") as file:
        header = file.read(32)
    if len(header) < 32:
        raise _refuse(path, "has a damaged .dbf (the attributes)")
    rows, header_length, row_length = struct.unpack("<IHH", header[4:12])
    if rows != records:
        raise _refuse(path, f"has {records:,} shapes in its .shx but {rows:,} rows in its .dbf")
    # The end-of-file mark is one byte that some writers leave out.
    if size < header_length + rows * row_length:
        raise _refuse(path, "is cut short: its .dbf holds fewer rows than it declares")


def _find_encoding(path: Path, dbf: Path, given: str | None) -> str | None:
    if given is not None:
        return _require_codec(path, given)
    cpg = _find_part(path, ".cpg")
    if cpg is not None:
        declared = _require_codec(path, cpg.read_text("ascii", "replace").strip() or "UTF-8")
        if codecs.lookup(declared).name != "utf-8" and _is_utf8_body(dbf):
            raise _refuse(path, f"declares {declared} but its text is UTF-8; give --encoding UTF-8")
        return declared
    with dbf.open("rb") as file:
        language = file.read(30)[29:30]
    known = _LANGUAGE_CODES.get(language[0] if language else 0, "")
    if known:
        return known
    if _is_ascii_body(dbf):
        return None
    choices = ", ".join(PLAUSIBLE_ENCODINGS)
    raise _refuse(
        path,
        f"has letters beyond ASCII and does not say in which encoding (no .cpg); give --encoding ({choices})",
    )


def _require_codec(path: Path, name: str) -> str:
    text = name.removeprefix("LDID/").strip()
    if text.isdigit():
        text = {"65001": "UTF-8"}.get(text, f"CP{text}" if len(text) != 5 else f"ISO-8859-{text[-1]}")
    text = text.replace("ANSI ", "CP")
    try:
        codecs.lookup(text)
    except LookupError:
        raise _refuse(path, f"names an unknown text encoding ({name[:40]!r}); give --encoding") from None
    return text


def _is_ascii_body(dbf: Path) -> bool:
    with dbf.open("rb") as file:
        header_length = struct.unpack("<H", file.read(12)[8:10])[0]
        file.seek(header_length)
        while block := file.read(_BLOCK):
            if not block.isascii():
                return False
    return True


def _is_utf8_body(dbf: Path) -> bool:
    """Whether the rows hold letters beyond ASCII and all of them read as UTF-8."""
    with dbf.open("rb") as file:
        file.seek(struct.unpack("<H", file.read(12)[8:10])[0])
        block = file.read(_BLOCK)
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(block)
    except UnicodeDecodeError:
        return False
    return not text.isascii()


def _find_part(path: Path, suffix: str) -> Path | None:
    for candidate in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if candidate.is_file():
            return candidate
    return None


def _refuse(path: Path, what: str) -> UnreadableInput:
    return UnreadableInput(f"{path.name} {what}.", file=path.name)


__all__ = ["PLAUSIBLE_ENCODINGS", "ShapefileFacts", "check_shapefile"]
