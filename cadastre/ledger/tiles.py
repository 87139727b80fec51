"""Tiles (C2SP tlog-tiles): the tree cut into pieces of 256 hashes, each a file that never changes once full.

A tile at level ``l`` holds the roots of subtrees of ``256**l`` leaves. What
lies between two levels is hashed anew from the tile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256 as _sha256

from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.merkle import HASH_BYTES, Node

HEIGHT = 8
WIDTH = 1 << HEIGHT
MAX_LEVEL = 7
"""256**8 entries are more than an index can count."""
_PATH = re.compile(
    r"(0|[1-9][0-9]?|entries)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


class BadTilePath(InvalidInput):
    """The address names no tile."""

    default_code = "tile-path-malformed"


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Place of a tile: its level (None for a bundle of entries), its index there, how many it holds."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def is_full(self) -> bool:
        """Whether it will never change."""
        return self.width == WIDTH

    @property
    def path(self) -> str:
        """Where it lies under the prefix of the log.

        Examples
        --------
        >>> Tile(0, 1234067).path, Tile(None, 7, 3).path
        ('tile/0/x001/x234/067', 'tile/entries/007.p/3')
        """
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.is_full else f".p/{self.width}"
        return f"tile/{level}/{_encode_index(self.index)}{partial}"

    @property
    def needed_size(self) -> int:
        """Leaves that a tree has, at least, when it has this tile with this width."""
        return (self.index * WIDTH + self.width) << (HEIGHT * (self.level or 0))


def parse_tile_path(path: str) -> Tile:
    """Read a place from what follows ``tile/``; only the one right spelling of it is read.

    Raises
    ------
    BadTilePath
        It names no tile.

    Examples
    --------
    >>> parse_tile_path("0/x001/234"), parse_tile_path("entries/007.p/3")
    (Tile(level=0, index=1234, width=256), Tile(level=None, index=7, width=3))
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise _malformed()
    level = None if match[1] == "entries" else int(match[1])
    width = int(match[3] or WIDTH)
    tile = Tile(level, int(match[2].replace("x", "").replace("/", "")), width)
    spelled_so = tile.path == f"tile/{path}"
    if not spelled_so or width > WIDTH or (level or 0) > MAX_LEVEL or tile.needed_size > 2**63:
        raise _malformed()
    return tile


def tiles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """Give every tile of hashes of a tree, partial ones at the right edge too, lowest level first.

    Parameters
    ----------
    since
        Leave out the full tiles that a tree of this size had already.

    Examples
    --------
    >>> [tile.path for tile in tiles_of(257)]
    ['tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1']
    """
    count, before, level = size, since, 0
    while count:
        for index in range(before // WIDTH, count // WIDTH):
            yield Tile(level, index)
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)
        count, before, level = count // WIDTH, before // WIDTH, level + 1


def bundles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """Give every bundle of entries of a tree."""
    for tile in tiles_of(size, since=since):
        if tile.level != 0:
            return
        yield Tile(None, tile.index, tile.width)


def tiles_on_way(index: int, size: int) -> list[Tile]:
    """Give the tiles that the path of a leaf leads through, and those at the right edge of the tree.

    Examples
    --------
    >>> [tile.path for tile in tiles_on_way(0, 600)]
    ['tile/0/000', 'tile/0/002.p/88', 'tile/1/000.p/2']
    """
    tiles = []
    count, place = size, index
    level = 0
    while count:
        place //= WIDTH
        edge, left = divmod(count, WIDTH)
        if place < edge:
            tiles.append(Tile(level, place))
        if left:
            tiles.append(Tile(level, edge, left))
        count, level = edge, level + 1
    return tiles


def nodes_in_tiles(hashes_of: Callable[[int, int], Sequence[bytes]]) -> Node:
    """Give the nodes of a tree from the hashes of its tiles, by level and index; each is computed once."""
    known: dict[tuple[int, int], list[Sequence[bytes]]] = {}

    def node(height: int, position: int) -> bytes:
        level, inside = divmod(height, HEIGHT)
        index, place = divmod(position, WIDTH >> inside)
        rows = known.get((level, index))
        if rows is None:
            rows = known[level, index] = [hashes_of(level, index)]
        while len(rows) <= inside:
            below = rows[-1]
            pairs = zip(below[::2], below[1::2], strict=False)
            rows.append([_sha256(b"\x01" + left + right).digest() for left, right in pairs])
        if place >= len(rows[inside]):
            raise ValueError(f"tile {level}/{index} has no node at {place}, {inside} above its hashes")
        return rows[inside][place]

    return node


def split_hashes(content: bytes) -> list[bytes]:
    """Take the bytes of a tile apart."""
    return [content[start : start + HASH_BYTES] for start in range(0, len(content), HASH_BYTES)]


def write_bundle(entries: Sequence[bytes]) -> bytes:
    r"""Write entries as a bundle: each after its length in two bytes.

    Examples
    --------
    >>> write_bundle([b"ab", b""])
    b'\x00\x02ab\x00\x00'
    """
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(content: bytes) -> list[bytes]:
    """Take a bundle of entries apart.

    Raises
    ------
    InvalidInput
        It is cut off.
    """
    entries, place = [], 0
    while place < len(content):
        end = place + 2 + int.from_bytes(content[place : place + 2], "big")
        if end > len(content) or place + 2 > len(content):
            raise InvalidInput("The bundle of entries is cut off.", code="bundle-malformed")
        entries.append(content[place + 2 : end])
        place = end
    return entries


def _encode_index(index: int) -> str:
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    return "/".join(reversed(parts))


def _malformed() -> BadTilePath:
    return BadTilePath(
        "A tile is tile/LEVEL/INDEX or tile/entries/INDEX, as in tile/0/x001/234 or tile/0/005.p/17."
    )


__all__ = [
    "HEIGHT",
    "MAX_LEVEL",
    "WIDTH",
    "BadTilePath",
    "Tile",
    "bundles_of",
    "nodes_in_tiles",
    "parse_bundle",
    "parse_tile_path",
    "split_hashes",
    "tiles_of",
    "tiles_on_way",
    "write_bundle",
]
