"""Vector tiles from a real register."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import mapbox_vector_tile
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from cadastre.db import unit_of_work
from cadastre.db.unit_of_work import Role
from cadastre.kernel.errors import NotFound, Unavailable
from tests.database import Database
from tests.tiles.parcels import furnish, tile_at, write_access_leaf, write_parcels
from tiles import LAYERS, TileServer
from tiles.layers import read_query
from tiles.mvt import EMPTY, Tile


def decoded(tile: Tile) -> dict[str, dict[str, object]]:
    return mapbox_vector_tile.decode(gzip.decompress(tile.gzipped))  # type: ignore[no-any-return]


def features_of(tile: Tile, layer: str) -> list[dict[str, Any]]:
    return mapbox_vector_tile.decode(tile.body())[layer]["features"]  # type: ignore[no-any-return]


@pytest.fixture
def register(fresh_database: Database) -> Iterator[unit_of_work.Database]:
    furnish(fresh_database)
    database = unit_of_work.Database(fresh_database.app_url)
    yield database
    database.close()


def centre_of(database: unit_of_work.Database) -> tuple[float, float]:
    return database.read(
        lambda uow: tuple(  # type: ignore[arg-type,return-value]
            uow.connection.execute(
                text(
                    "SELECT ST_X(c), ST_Y(c) FROM "
                    "(SELECT ST_Centroid(ST_Extent(geom_wgs84)) AS c FROM publish.parcel) AS extent"
                )
            ).one()
        )
    )


def test_parcel_tile_holds_every_parcel_once_with_public_marks_only(register: unit_of_work.Database) -> None:
    lon, lat = centre_of(register)
    layers = decoded(TileServer(register).get_tile("parcels", *tile_at(14, lon, lat)))

    assert list(layers) == ["parcels"]
    features = layers["parcels"]["features"]
    assert isinstance(features, list)
    numbers = [f["properties"]["cadastral_number"] for f in features]
    assert sorted(numbers) == [f"BAK-XEZ-{i:06d}" for i in range(30)]
    assert {frozenset(f["properties"]) for f in features} == {
        frozenset({"cadastral_number", "land_category", "area_m2"})
    }
    assert all(f["id"] > 0 and f["geometry"]["type"] == "Polygon" for f in features)
    assert {f["properties"]["land_category"] for f in features} == set(range(1, 8))


def test_high_zoom_adds_a_point_for_every_number(register: unit_of_work.Database) -> None:
    lon, lat = centre_of(register)
    layers = decoded(TileServer(register).get_tile("parcels", *tile_at(17, lon, lat)))
    labels = layers["parcel_labels"]["features"]
    assert isinstance(labels, list)
    assert labels
    assert {f["geometry"]["type"] for f in labels} == {"Point"}


def test_shapes_land_where_they_belong(register: unit_of_work.Database) -> None:
    """The corner of the first parcel, decoded back to metres, is within a tile unit of the register's."""
    lon, lat = centre_of(register)
    z, x, y = tile_at(16, lon, lat)
    size_m = 40_075_016.685578488 / 2**z
    tile = mapbox_vector_tile.decode(
        TileServer(register).get_tile("parcels", z, x, y).body(), default_options={"y_coord_down": True}
    )
    shape = tile["parcels"]["features"][0]
    ring = shape["geometry"]["coordinates"][0]
    edge_m, unit = 20_037_508.342789244, size_m / 4096
    drawn = [(x * size_m - edge_m + px * unit, edge_m - y * size_m - py * unit) for px, py in ring]
    true = register.read(
        lambda uow: uow.connection.execute(
            text(
                "SELECT ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g) "
                "FROM publish.parcel, ST_Transform(geom_wgs84, 3857) AS g WHERE cadastral_number = :n"
            ),
            {"n": shape["properties"]["cadastral_number"]},
        ).one()
    )
    assert min(p[0] for p in drawn) == pytest.approx(true[0], abs=unit)
    assert min(p[1] for p in drawn) == pytest.approx(true[1], abs=unit)
    assert max(p[0] for p in drawn) == pytest.approx(true[2], abs=unit)
    assert max(p[1] for p in drawn) == pytest.approx(true[3], abs=unit)


def test_below_first_zoom_and_over_the_sea_a_tile_is_empty(register: unit_of_work.Database) -> None:
    server = TileServer(register)
    lon, lat = centre_of(register)
    assert server.get_tile("parcels", *tile_at(9, lon, lat)) is EMPTY
    assert server.get_tile("parcels", *tile_at(14, 51.9, 39.0)) is EMPTY
    assert server.get_tile("parcels", *tile_at(22, lon, lat)).is_empty is False


@pytest.mark.parametrize("z", [10, 11, 12])
def test_at_middle_zooms_squares_count_every_parcel_once(register: unit_of_work.Database, z: int) -> None:
    lon, lat = centre_of(register)
    server, (_, x, y) = TileServer(register), tile_at(z, lon, lat)
    counted, categories = 0, set()
    for column in (x - 1, x, x + 1):
        for row in (y - 1, y, y + 1):
            tile = server.get_tile("parcels", z, column, row)
            for square in [] if tile.is_empty else features_of(tile, "parcel_cells"):
                counted += square["properties"]["parcels"]
                categories.add(square["properties"]["land_category"])
    assert counted == 30
    assert categories <= set(range(1, 8))


def test_districts_stand_in_below_the_zoom_of_parcels(register: unit_of_work.Database) -> None:
    lon, lat = centre_of(register)
    layers = decoded(TileServer(register).get_tile("districts", *tile_at(12, lon, lat)))
    features = layers["districts"]["features"]
    assert isinstance(features, list)
    assert features[0]["properties"]["name_az"] == "Xəzər rayonu"


@pytest.mark.parametrize("layer", list(LAYERS))
def test_every_layer_answers_at_every_zoom_of_its_own(register: unit_of_work.Database, layer: str) -> None:
    lon, lat = centre_of(register)
    server = TileServer(register)
    for z in range(LAYERS[layer].min_zoom, 19):
        server.get_tile(layer, *tile_at(z, lon, lat))


@pytest.mark.parametrize(
    ("layer", "marks"),
    [
        ("streets", {"kind": "prospekt", "name_az": "Nizami Gəncəvi"}),
        ("buildings", {"building_number": "B-1", "kind": "house", "floors": 2}),
        ("entrances", {"number": "1A", "street_name": "Nizami Gəncəvi", "street_kind": "prospekt"}),
    ],
)
def test_what_stands_beside_parcels_is_drawn(
    register: unit_of_work.Database, layer: str, marks: dict[str, object]
) -> None:
    lon, lat = register.read(
        lambda uow: uow.connection.execute(
            text("SELECT ST_X(geom_wgs84), ST_Y(geom_wgs84) FROM publish.entrance")
        ).one()
    )
    features = decoded(TileServer(register).get_tile(layer, *tile_at(16, lon, lat)))[layer]["features"]
    assert isinstance(features, list)
    assert marks.items() <= features[0]["properties"].items()


def test_same_state_same_bytes_and_a_change_shows_at_once(
    register: unit_of_work.Database, fresh_database: Database
) -> None:
    lon, lat = centre_of(register)
    server, other = TileServer(register), TileServer(register)
    before = server.get_tile("parcels", *tile_at(15, lon, lat))
    assert server.get_tile("parcels", *tile_at(15, lon, lat)) is before
    assert other.get_tile("parcels", *tile_at(15, lon, lat)) == before

    engine = create_engine(fresh_database.admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_owner")
        write_parcels(connection, 3, prefix="NEW-", north_offset_m=200)
    engine.dispose()
    after = server.get_tile("parcels", *tile_at(15, lon, lat))
    assert after.digest != before.digest


def test_extracts_do_not_empty_the_cache(register: unit_of_work.Database) -> None:
    lon, lat = centre_of(register)
    server = TileServer(register)
    before = server.get_tile("parcels", *tile_at(15, lon, lat))
    register.run(lambda uow: write_access_leaf(uow.connection))
    assert server.get_tile("parcels", *tile_at(15, lon, lat)) is before


@pytest.mark.parametrize(
    ("layer", "z", "x", "y"),
    [
        ("parcels", 23, 0, 0),
        ("parcels", -1, 0, 0),
        ("parcels", 3, 8, 0),
        ("parcels", 3, 0, -1),
        ("owners", 3, 0, 0),
    ],
)
def test_what_does_not_exist_is_not_found(
    register: unit_of_work.Database, layer: str, z: int, x: int, y: int
) -> None:
    with pytest.raises(NotFound):
        TileServer(register).get_tile(layer, z, x, y)


def test_a_tile_that_takes_too_long_says_so(
    register: unit_of_work.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiles.mvt.STATEMENT_TIMEOUT_MS", 50)
    monkeypatch.setattr(
        "tiles.layers.read_query", lambda _: "SELECT ''::bytea FROM pg_sleep(5), (SELECT :z, :x, :y) AS t"
    )
    with pytest.raises(Unavailable) as refused:
        TileServer(register).get_tile("parcels", *tile_at(15))
    assert refused.value.code == "tile-too-heavy"


@pytest.mark.parametrize("table", ["party.party", "cadastre.parcel", "ledger.leaf", "address.street"])
def test_the_role_of_tiles_sees_schema_publish_only(register: unit_of_work.Database, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        register.read(
            lambda uow: uow.connection.execute(text(f"SELECT count(*) FROM {table}")), role=Role.TILES
        )


def test_tile_query_uses_the_spatial_index(fresh_database: Database) -> None:
    furnish(fresh_database, 3_000)
    database = unit_of_work.Database(fresh_database.app_url)
    z, x, y = tile_at(18, *centre_of(database))

    def plan(uow: unit_of_work.UnitOfWork) -> str:
        rows = uow.connection.execute(text("EXPLAIN " + read_query("parcels")), {"z": z, "x": x, "y": y})
        return "\n".join(row[0] for row in rows)

    found = database.read(plan, role=Role.TILES)
    database.close()
    assert "ix_parcel_version_geom" in found
