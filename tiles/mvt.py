"""Vector tiles out of schema ``publish``, encoded by PostGIS."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from typing import Final

from psycopg2 import errorcodes
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cadastre.db.unit_of_work import Database, Role, UnitOfWork
from cadastre.kernel.errors import NotFound, Unavailable
from tiles.cache import LruCache
from tiles.layers import Layer, layer_named

MAX_ZOOM: Final = 22
STATEMENT_TIMEOUT_MS: Final = 8_000
CACHE_BYTES: Final = 64 * 2**20
_GZIP_LEVEL: Final = 5
_EMPTY_WEIGHT: Final = 200  # bookkeeping of one entry, bytes


@dataclass(frozen=True, slots=True)
class Tile:
    """An encoded tile; ``gzipped`` is empty when nothing lies in it."""

    gzipped: bytes
    digest: str

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing lies in the tile."""
        return not self.gzipped

    def body(self) -> bytes:
        """Give the tile uncompressed."""
        return gzip.decompress(self.gzipped) if self.gzipped else b""


EMPTY: Final = Tile(b"", "")


def require_address(z: int, x: int, y: int) -> None:
    """Refuse a tile address outside the pyramid (zoom 0 to 22, 0 <= x, y < 2**z).

    Raises
    ------
    NotFound
        There is no such tile.

    Examples
    --------
    >>> require_address(1, 1, 1)
    >>> require_address(1, 2, 0)
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.NotFound: Tile 1/2/0 does not exist: at zoom 1, x and y lie in 0..1.
    """
    if not 0 <= z <= MAX_ZOOM:
        raise NotFound(f"Zoom {z} does not exist; zooms go from 0 to {MAX_ZOOM}.", code="no-such-tile")
    last = 2**z - 1
    if not (0 <= x <= last and 0 <= y <= last):
        raise NotFound(
            f"Tile {z}/{x}/{y} does not exist: at zoom {z}, x and y lie in 0..{last}.", code="no-such-tile"
        )


class TileServer:
    """Gives tiles of the register's present state, each encoded once per state.

    Parameters
    ----------
    database
        Where schema ``publish`` is; read under the role that sees nothing else.
    cache_bytes
        Memory for finished tiles.
    """

    def __init__(self, database: Database, *, cache_bytes: int = CACHE_BYTES) -> None:
        self._database = database
        self._cache: LruCache[tuple[str, str, int, int, int], Tile] = LruCache(cache_bytes)

    def get_tile(self, layer_name: str, z: int, x: int, y: int) -> Tile:
        """Give one tile; ``EMPTY`` when nothing lies there or the zoom is below the layer's first.

        Raises
        ------
        NotFound
            No such layer or no such tile.
        Unavailable
            Encoding took longer than ``STATEMENT_TIMEOUT_MS``.
        """
        layer = layer_named(layer_name)
        require_address(z, x, y)
        if z < layer.min_zoom:
            return EMPTY
        return self._database.read(lambda uow: self._tile(uow, layer, z, x, y), role=Role.TILES)

    def _tile(self, uow: UnitOfWork, layer: Layer, z: int, x: int, y: int) -> Tile:
        key = (read_state(uow), layer.name, z, x, y)
        known = self._cache.get(key)
        if known is not None:
            return known
        tile = _finish(encode_tile(uow, layer, z, x, y))
        self._cache.put(key, tile, weight=len(tile.gzipped) + _EMPTY_WEIGHT)
        return tile


def read_state(uow: UnitOfWork) -> str:
    """Name of the state of the public data in this snapshot: the same name means the same data."""
    return str(uow.connection.execute(text("SELECT state FROM publish.data_state")).scalar_one())


def encode_tile(uow: UnitOfWork, layer: Layer, z: int, x: int, y: int) -> bytes:
    """Encode one tile in the database, uncompressed; empty bytes when nothing lies in it."""
    connection = uow.connection
    # JIT compiles for longer than a tile takes
    connection.exec_driver_sql(f"SET LOCAL jit = off; SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}")
    try:
        body = connection.execute(text(layer.query_at(z)), {"z": z, "x": x, "y": y}).scalar()
    except DBAPIError as error:
        if getattr(error.orig, "pgcode", None) == errorcodes.QUERY_CANCELED:
            raise Unavailable(
                "This tile takes too long to draw; zoom in and try again.", code="tile-too-heavy"
            ) from error
        raise
    return bytes(body or b"")


def _finish(body: bytes) -> Tile:
    if not body:
        return EMPTY
    return Tile(gzip.compress(body, _GZIP_LEVEL, mtime=0), hashlib.sha256(body).hexdigest()[:32])


__all__ = [
    "CACHE_BYTES",
    "EMPTY",
    "MAX_ZOOM",
    "STATEMENT_TIMEOUT_MS",
    "Tile",
    "TileServer",
    "encode_tile",
    "read_state",
    "require_address",
]
