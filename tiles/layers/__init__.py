"""The map's layers: one SQL file each, and the zooms at which it is drawn.

Every file gives one ``bytea``: the encoded layer of tile ``:z/:x/:y``. Rows are
ordered, so that the same state always gives the same bytes, and never limited:
where a layer would be too heavy, its ``min_zoom`` says so, or a coarser query
gives squares that count everything in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from cadastre.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Layer:
    """One vector layer; below ``min_zoom`` it has no tiles, above ``max_zoom`` clients overzoom.

    Below ``fine_zoom`` a ``coarse_query`` draws something that stands for all of it.
    """

    name: str
    min_zoom: int
    max_zoom: int
    coarse_query: str | None = None
    fine_zoom: int = 0

    def query_at(self, zoom: int) -> str:
        """Text of the query that draws this layer at a zoom."""
        return read_query(self.coarse_query if self.coarse_query and zoom < self.fine_zoom else self.name)


LAYERS: Final[Mapping[str, Layer]] = MappingProxyType(
    {
        layer.name: layer
        for layer in (
            Layer("districts", 0, 14),
            Layer("streets", 12, 16),
            Layer("parcels", 10, 18, coarse_query="parcel_cells", fine_zoom=13),
            Layer("buildings", 14, 18),
            Layer("entrances", 16, 18),
        )
    }
)
"""All layers, in the order in which they are drawn."""


def layer_named(name: str) -> Layer:
    """Give a layer by its name.

    Examples
    --------
    >>> layer_named("parcels").fine_zoom
    13
    """
    try:
        return LAYERS[name]
    except KeyError:
        raise NotFound(
            f"There is no such layer; the layers are {', '.join(LAYERS)}.",
            code="unknown-layer",
            layers=list(LAYERS),
        ) from None


@cache
def read_query(name: str) -> str:
    """Text of the packaged query ``name`` (a layer, or what a survey asks)."""
    return resources.files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


__all__ = ["LAYERS", "Layer", "layer_named", "read_query"]
