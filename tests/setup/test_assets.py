"""What set-up leaves for the pages: scripts without outside requests, fonts with every letter."""

from __future__ import annotations

import json
import re

import pytest

from cadastre.db.places import asset_dir, checkout_root, font_dir
from tests.setup.truetype import drawn_characters

AZERBAIJANI = "AaBbCcÇçDdEeƏəFfGgĞğHhXxIıİiJjKkQqLlMmNnOoÖöPpRrSsŞşTtUuÜüVvYyZz"
RUSSIAN = "АаБбВвГгДдЕеЁёЖжЗзИиЙйКкЛлМмНнОоПпРрСсТтУуФфХхЦцЧчШшЩщЪъЫыЬьЭэЮюЯя"
SIGNS = "₼№«»°²³′″–—"


@pytest.mark.parametrize("style", ["Regular", "Italic", "Bold", "BoldItalic"])
def test_font_draws_every_letter(style: str) -> None:
    drawn = drawn_characters(font_dir() / f"NotoSans-{style}.ttf")
    assert not set(AZERBAIJANI + RUSSIAN + SIGNS) - drawn


@pytest.mark.parametrize(
    "name",
    [
        "maplibre-gl/maplibre-gl-csp.js",
        "maplibre-gl/maplibre-gl-csp-worker.js",
        "maplibre-gl/maplibre-gl.css",
        "pmtiles/pmtiles.js",
        "leaflet/leaflet.js",
        "leaflet/leaflet.css",
        "leaflet/images/layers.png",
        "leaflet.awesome-markers/leaflet.awesome-markers.js",
        "jquery/jquery.min.js",
        "bootstrap/bootstrap.bundle.min.js",
        "bootstrap/bootstrap.min.css",
        "fontawesome/css/all.min.css",
        "fontawesome/webfonts/fa-solid-900.woff2",
    ],
)
def test_asset_is_there(name: str) -> None:
    assert (asset_dir() / name).stat().st_size > 500


@pytest.mark.parametrize(
    "name", ["leaflet/leaflet.css", "maplibre-gl/maplibre-gl.css", "fontawesome/css/all.min.css"]
)
def test_stylesheets_ask_nobody_else(name: str) -> None:
    text = (asset_dir() / name).read_text()
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", text)


def test_map_library_is_the_csp_build_of_the_pinned_line() -> None:
    lock = json.loads((checkout_root() / "package-lock.json").read_text())
    assert lock["packages"]["node_modules/maplibre-gl"]["version"].startswith("5.24.")


def test_locks_name_no_registry() -> None:
    root = checkout_root()
    packages = json.loads((root / "package-lock.json").read_text())["packages"]
    assert not [name for name, facts in packages.items() if "resolved" in facts]
    assert all("integrity" in facts for name, facts in packages.items() if name)
    for name in ("requirements.lock", "requirements-node.lock"):
        lines = (root / name).read_text().splitlines()
        assert not [line for line in lines if "://" in line or line.startswith("-")]
        pinned = [line for line in lines if "==" in line]
        assert pinned
        assert all(line.endswith("\\") for line in pinned), "every pin carries hashes"
