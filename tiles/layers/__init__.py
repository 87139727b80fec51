"""The map's layers: one SQL file each, and the zooms at which it is drawn.

Every file gives one ``bytea``: the encoded layer of tile ``:z/:x/:y``. Rows are
ordered, so that the same state always gives the same bytes, and never limited:
where a layer would be too heavy, its ``min_zoom`` says so and a coarser layer
is shown instead.
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
    """One vector layer; below ``min_zoom`` it has no tiles, above ``max_zoom`` clients overzoom."""

    name: str
    min_zoom: int
    max_zoom: int


LAYERS: Final[Mapping[str, Layer]] = MappingProxyType(
    {
        layer.name: layer
        for layer in (
            Layer("districts", 0, 14),
            Layer("streets", 12, 16),
            Layer("parcels", 13, 18),
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
    >>> layer_named("parcels").min_zoom
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
