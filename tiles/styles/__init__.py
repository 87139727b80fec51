"""How maps look: one set of category colours for every map, one MapLibre style."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from cadastre.domain.codelist import Language
from tiles.layers import LAYERS

TILE_PATH = "/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"
_ANYWHERE = [44.7, 38.3, 51.0, 42.0]  # lon/lat box around the country


@cache
def category_colours() -> Mapping[str, str]:
    """Colour of each land category by its code; the empty code stands for a category not stated.

    Examples
    --------
    >>> category_colours()["6"]
    '#86b6e4'
    """
    document = tomllib.loads(_read("categories.toml"))
    return MappingProxyType({**document["colours"], "": document["unknown"]})


def map_style(language: Language) -> dict[str, Any]:
    """MapLibre style over our own tiles; no glyphs, sprites or tiles of anybody else.

    Parameters
    ----------
    language
        Language of the names on the map; streets have their Azerbaijani name only.

    Returns
    -------
    dict
        Style whose tiles are addressed by path: who draws the map puts his own
        scheme and host before it (MapLibre asks for whole addresses).
    """
    style: dict[str, Any] = json.loads(_read("map.json"), object_hook=lambda node: _filled(node, language))
    style["sources"] = {
        layer.name: {
            "type": "vector",
            "tiles": [TILE_PATH.format(layer=layer.name)],
            "minzoom": layer.min_zoom,
            "maxzoom": layer.max_zoom,
            "bounds": _ANYWHERE,
        }
        for layer in LAYERS.values()
    }
    return style


def _filled(node: dict[str, Any], language: Language) -> dict[str, Any]:
    """Put colours and names where the style file names them."""
    if node.get("fill-color") == "@categories":
        node["fill-color"] = _category_expression()
    if node.get("text-field") == ["get", "@name"]:
        node["text-field"] = ["get", f"name_{language}"]
    return node


def _category_expression() -> list[Any]:
    colours = dict(category_colours())
    otherwise = colours.pop("")
    pairs = [part for code, colour in colours.items() for part in (int(code), colour)]
    return ["match", ["coalesce", ["get", "land_category"], 0], *pairs, otherwise]


def _read(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


__all__ = ["category_colours", "map_style"]
