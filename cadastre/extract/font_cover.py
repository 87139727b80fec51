"""Which characters a TrueType font can print, read from its cmap (OpenType 1.9, formats 4 and 12)."""

from __future__ import annotations

import struct

from cadastre.kernel.errors import Unavailable


def covered_characters(font: bytes) -> frozenset[str]:
    """Give every character that a font maps to a glyph; others would print as a box.

    Raises
    ------
    Unavailable
        The bytes are not a TrueType font with a Unicode cmap.
    """
    try:
        cmap = _table(font, b"cmap")
        return frozenset(map(chr, _best_subtable(cmap)))
    except (struct.error, IndexError, ValueError):
        raise Unavailable(
            "The font for extracts cannot be read; run make setup.", code="font-broken"
        ) from None


def _table(font: bytes, tag: bytes) -> bytes:
    (count,) = struct.unpack_from(">H", font, 4)
    for i in range(count):
        name, _, offset, length = struct.unpack_from(">4sLLL", font, 12 + 16 * i)
        if name == tag:
            return font[offset : offset + length]
    raise ValueError(tag)


def _best_subtable(cmap: bytes) -> set[int]:
    (count,) = struct.unpack_from(">H", cmap, 2)
    offsets = [struct.unpack_from(">HHL", cmap, 4 + 8 * i)[2] for i in range(count)]
    codes: set[int] = set()
    for offset in offsets:
        (kind,) = struct.unpack_from(">H", cmap, offset)
        if kind == 12:
            codes |= _format_12(cmap[offset:])
        elif kind == 4:
            codes |= _format_4(cmap[offset:])
    if not codes:
        raise ValueError("no Unicode cmap")
    return codes


def _format_12(table: bytes) -> set[int]:
    (groups,) = struct.unpack_from(">L", table, 12)
    codes: set[int] = set()
    for i in range(groups):
        first, last, _ = struct.unpack_from(">LLL", table, 16 + 12 * i)
        codes.update(range(first, min(last, 0x10FFFF) + 1))
    return codes


def _format_4(table: bytes) -> set[int]:
    (double,) = struct.unpack_from(">H", table, 6)
    ends = struct.unpack_from(f">{double // 2}H", table, 14)
    starts = struct.unpack_from(f">{double // 2}H", table, 16 + double)
    codes: set[int] = set()
    for first, last in zip(starts, ends, strict=True):
        if last != 0xFFFF:
            codes.update(range(first, last + 1))
    return codes
