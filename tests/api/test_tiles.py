"""Tiles over HTTP: caching, compression, and what is refused."""

from __future__ import annotations

import gzip

import httpx
import mapbox_vector_tile
import pytest

from tests.api.planting import BARE_PARCEL, CANARIES, OWNED_PARCEL
from tests.api.server import require_problem
from tests.tiles.parcels import tile_at

LAYERS = ("parcels", "buildings", "streets", "entrances", "districts")


@pytest.fixture(scope="module")
def planted_tile(base_url: str) -> str:
    """Address of the tile in which the planted parcels lie."""
    facts = httpx.get(f"{base_url}/v1/parcels/{BARE_PARCEL}").json()
    lon, lat = facts["geometry"]["coordinates"][0][0]
    return "/tiles/parcels/{}/{}/{}.mvt".format(*tile_at(14, lon, lat))


def test_a_tile_is_compressed_and_names_its_bytes(public: httpx.Client, planted_tile: str) -> None:
    answer = public.get(planted_tile)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "public, max-age=60, must-revalidate"
    assert not answer.headers["etag"].startswith("W/")
    features = mapbox_vector_tile.decode(answer.content)["parcels"]["features"]
    assert {f["properties"]["cadastral_number"] for f in features} == {OWNED_PARCEL, BARE_PARCEL}


def test_plain_and_compressed_are_the_same_tile_with_tags_of_their_own(
    public: httpx.Client, planted_tile: str
) -> None:
    plain = public.get(planted_tile, headers={"Accept-Encoding": "identity"})
    compressed = public.get(planted_tile, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert plain.content == compressed.content
    assert plain.headers["etag"] != compressed.headers["etag"]
    assert plain.headers["vary"] == compressed.headers["vary"] == "Accept-Encoding"


def test_who_has_the_tile_gets_304(public: httpx.Client, planted_tile: str) -> None:
    tag = public.get(planted_tile).headers["etag"]
    again = public.get(planted_tile, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert public.get(planted_tile, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("layer", LAYERS)
def test_an_empty_place_is_204(public: httpx.Client, layer: str) -> None:
    z, x, y = tile_at(16, 44.9, 41.9)
    answer = public.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt")
    assert (answer.status_code, answer.content) == (204, b"")


def test_below_their_zoom_parcels_are_204_not_a_part_of_themselves(
    public: httpx.Client, planted_tile: str
) -> None:
    z, x, y = map(int, planted_tile.removeprefix("/tiles/parcels/").removesuffix(".mvt").split("/"))
    assert public.get(f"/tiles/parcels/{z - 1}/{x // 2}/{y // 2}.mvt").status_code == 200
    squares = mapbox_vector_tile.decode(public.get(f"/tiles/parcels/{z - 2}/{x // 4}/{y // 4}.mvt").content)
    assert list(squares) == ["parcel_cells"]
    assert public.get(f"/tiles/parcels/{z - 5}/{x // 32}/{y // 32}.mvt").status_code == 204


@pytest.mark.parametrize(
    "path", ["parcels/23/0/0", "parcels/2/4/0", "parcels/2/0/4", "parcels/0/0/1", "parties/0/0/0"]
)
def test_what_does_not_exist_is_a_404_problem(public: httpx.Client, path: str) -> None:
    require_problem(public.get(f"/tiles/{path}.mvt"), 404)


@pytest.mark.parametrize("path", ["parcels/a/0/0", "parcels/1/x/0", "parcels/1.5/0/0"])
def test_addresses_that_are_no_numbers_are_problems_too(public: httpx.Client, path: str) -> None:
    require_problem(public.get(f"/tiles/{path}.mvt"), 422)


def test_no_tile_names_a_person(public: httpx.Client, planted_tile: str) -> None:
    for layer in LAYERS:
        for z in range(19):
            lon, lat = 50.06, 40.42
            for address in (planted_tile, "/tiles/{}/{}/{}/{}.mvt".format(layer, *tile_at(z, lon, lat))):
                content = public.get(address).content
                assert not any(canary.encode() in content for canary in CANARIES)


def test_bytes_are_gzip_of_the_plain_tile(public: httpx.Client, planted_tile: str) -> None:
    with public.stream("GET", planted_tile) as answer:
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw) == public.get(planted_tile).content
