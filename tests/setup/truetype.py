"""Read which characters a TrueType font draws (cmap formats 4 and 12)."""

from __future__ import annotations

import struct
from pathlib import Path


def drawn_characters(path: Path) -> set[str]:
    """Characters that the font maps to a glyph."""
    data = path.read_bytes()
    table_count = struct.unpack_from(">H", data, 4)[0]
    tables = {}
    for index in range(table_count):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * index)
        tables[tag] = offset
    cmap = tables[b"cmap"]
    characters: set[str] = set()
    for index in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        platform, _, offset = struct.unpack_from(">HHL", data, cmap + 4 + 8 * index)
        if platform in {0, 3}:
            characters |= _subtable(data, cmap + offset)
    return characters


def _subtable(data: bytes, start: int) -> set[str]:
    kind = struct.unpack_from(">H", data, start)[0]
    if kind == 12:
        groups = struct.unpack_from(">L", data, start + 12)[0]
        found: set[str] = set()
        for index in range(groups):
            first, last, _ = struct.unpack_from(">LLL", data, start + 16 + 12 * index)
            found |= {chr(code) for code in range(first, last + 1)}
        return found
    if kind == 4:
        count = struct.unpack_from(">H", data, start + 6)[0] // 2
        ends = struct.unpack_from(f">{count}H", data, start + 14)
        starts = struct.unpack_from(f">{count}H", data, start + 16 + 2 * count)
        spans = zip(starts, ends, strict=True)
        return {chr(code) for first, last in spans for code in range(first, last + 1)}
    return set()
