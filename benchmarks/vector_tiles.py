"""Vector tiles: ours (index, labels, cache, gzip, ETag) beside bare ST_AsMVT of the same parcels, 4 clients.

    python benchmarks/vector_tiles.py [--parcels 200000] [--tiles 500]

A jittered fabric of parcels is written to a database of its own in the
embedded cluster and dropped at the end. Parcels are drawn one by one from zoom 13 on, so
the tiles are of zoom 13 to 17, all distinct; the bare query has no labels, no
state, no compression and no limit.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.routers.tiles import tile_response
from cadastre.db.local_cluster import ensure_running, prepare_database
from cadastre.db.migrate import upgrade
from cadastre.db.settings import read_settings
from cadastre.db.unit_of_work import Database, Role
from tiles import TileServer

Address = tuple[int, int, int]
NAME = "bench_tiles"
CLIENTS = 4
WEST, SOUTH = 400_000.0, 4_470_000.0
WIDE_M, HIGH_M = 25.0, 30.0

FABRIC = """
WITH run AS (
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    SELECT 'load.parcels', 'benchmark', '{}', s, sha256('\\x00'::bytea || s || convert_to('{}', 'UTF8'))
      FROM public.gen_random_bytes(16) AS s RETURNING leaf_id
), load AS (
    INSERT INTO staging.load_run (kind, file_name, file_sha256, rows_read, rows_accepted, rows_rejected,
                                  started_at, actor, leaf_id)
    SELECT 'parcels', 'benchmark', sha256(''), :n, :n, 0, now(), 'benchmark', leaf_id FROM run
    RETURNING load_id, leaf_id
), corner AS (
    SELECT i, j, ST_MakePoint(:w + :dx * i + hashint4(i * 7919 + j) % 6,
                              :s + :dy * j + hashint4(j * 104729 + i) % 7) AS p
      FROM generate_series(0, :across) AS i, generate_series(0, :across) AS j
), lot AS (
    SELECT 'BENCH-' || row_number() OVER () AS number, 1 + (a.i + a.j) % 7 AS category,
           ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY[a.p, b.p, c.p, d.p, a.p])), 32639) AS geom
      FROM corner a JOIN corner b ON b.i = a.i + 1 AND b.j = a.j
      JOIN corner c ON c.i = a.i + 1 AND c.j = a.j + 1 JOIN corner d ON d.i = a.i AND d.j = a.j + 1
), named AS (
    INSERT INTO cadastre.parcel (cadastral_number, district_code)
    SELECT number, 'BAK-XEZ' FROM lot RETURNING parcel_id, cadastral_number
)
INSERT INTO cadastre.parcel_version
    (parcel_id, valid_from, recorded_leaf, load_id, geom, surveyed_area_m2, land_category)
SELECT parcel_id, '2024-01-01', leaf_id, load_id, geom, round(ST_Area(geom)::numeric, 2), category
  FROM lot JOIN named ON cadastral_number = number CROSS JOIN load
"""
BARE = text("""
SELECT ST_AsMVT(t, 'parcels', 4096, 'geom') FROM (
    SELECT cadastral_number, land_category, surveyed_area_m2::float8 AS area_m2,
           ST_AsMVTGeom(ST_Transform(geom_wgs84, 3857), ST_TileEnvelope(:z, :x, :y), 4096, 64) AS geom
      FROM publish.parcel WHERE geom_wgs84 && ST_Transform(ST_TileEnvelope(:z, :x, :y), 4326)) AS t
""")


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--parcels", type=int, default=200_000)
    options.add_argument("--tiles", type=int, default=500)
    chosen = options.parse_args()
    settings = read_settings()
    cluster = ensure_running(settings)
    superuser = cluster.superuser_url
    _administer(superuser, f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')
    prepare_database(settings, NAME)
    urls = cluster.of_database(NAME)
    database = Database(urls.app_url)
    try:
        upgrade(urls.admin_url)
        count = write_fabric(urls.admin_url, chosen.parcels)
        compare(database, choose_tiles(database, chosen.tiles), count)
    finally:
        database.close()
        _administer(superuser, f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')


def write_fabric(admin_url: str, parcels: int) -> int:
    """Write a square fabric of about so many parcels that share their corners."""
    across = round(math.sqrt(parcels))
    values = {"n": across**2, "across": across, "w": WEST, "s": SOUTH, "dx": WIDE_M, "dy": HIGH_M}
    engine = create_engine(admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_owner")
        connection.execute(text(FABRIC), values)
        connection.exec_driver_sql("ANALYZE cadastre.parcel; ANALYZE cadastre.parcel_version")
    engine.dispose()
    return across**2


def choose_tiles(database: Database, count: int) -> list[Address]:
    """Choose distinct tiles of zoom 13 to 17 over the fabric, every zoom as often as it has tiles."""
    west, south, east, north = database.read(
        lambda uow: uow.connection.execute(
            text(
                "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)"
                " FROM (SELECT ST_Extent(geom_wgs84) AS e FROM publish.parcel) AS extent"
            )
        ).one()
    )
    dice = random.Random(1)
    chosen: list[Address] = []
    for z in range(13, 18):
        first, last = _tile(z, west, north), _tile(z, east, south)
        here = [(z, x, y) for x in range(first[0], last[0] + 1) for y in range(first[1], last[1] + 1)]
        room = (count - len(chosen)) // (18 - z)
        chosen += dice.sample(here, min(room, len(here)))
    dice.shuffle(chosen)
    return chosen


def compare(database: Database, addresses: Sequence[Address], parcels: int) -> None:
    """Time every way over the same tiles and print a table."""
    print(f"{parcels:,} parcels, {len(addresses)} distinct tiles of zoom 13-17, {CLIENTS} clients")
    print(f"{'':44} {'tiles/s':>9} {'p50 ms':>8} {'p95 ms':>8} {'MB':>7}")
    measure("bare ST_AsMVT, EPSG:4326 on the fly", addresses, lambda a: bare(database, a))
    server = TileServer(database)
    measure(
        "ours, every tile new (labels, gzip, ETag)",
        addresses,
        lambda a: len(server.get_tile("parcels", *a).gzipped),
    )
    measure(
        "ours, again (cached, state checked)",
        addresses,
        lambda a: len(server.get_tile("parcels", *a).gzipped),
    )
    with httpx.Client(base_url=serve(TileServer(database)), timeout=60) as client:
        measure("ours over HTTP, every tile new", addresses, lambda a: fetch(client, a))
        measure("ours over HTTP, again", addresses, lambda a: fetch(client, a))


def measure(title: str, addresses: Sequence[Address], work: Callable[[Address], int]) -> None:
    """Run the work for every tile and print its rate, its latencies and how many bytes it gave."""

    def timed(address: Address) -> tuple[float, int]:
        started = time.perf_counter()
        size = work(address)
        return time.perf_counter() - started, size

    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        results = list(pool.map(timed, addresses))
    seconds = time.perf_counter() - started
    times = sorted(1000 * taken for taken, _ in results)
    p95 = times[int(0.95 * len(times))]
    megabytes = sum(size for _, size in results) / 1e6
    print(
        f"{title:44} {len(times) / seconds:9.1f} {statistics.median(times):8.1f} {p95:8.1f} {megabytes:7.2f}"
    )


def bare(database: Database, address: Address) -> int:
    """Encode a tile with the shortest query that can."""
    values = dict(zip("zxy", address, strict=True))

    def ask(uow: object) -> int:
        connection = uow.connection  # type: ignore[attr-defined]
        connection.exec_driver_sql("SET LOCAL jit = off")
        return len(connection.execute(BARE, values).scalar_one())

    return database.read(ask, role=Role.TILES)


def serve(server: TileServer) -> str:
    """Serve the tiles on loopback in a thread of this process; give the address."""
    app = FastAPI()

    @app.get("/{z}/{x}/{y}")
    def tile(z: int, x: int, y: int, request: Request) -> Response:
        return tile_response(request, server.get_tile("parcels", z, x, y))

    ready = threading.Event()
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    started = running.startup

    async def startup(sockets: object = None) -> None:
        await started()
        ready.set()

    running.startup = startup  # type: ignore[method-assign]
    threading.Thread(target=running.run, daemon=True).start()
    ready.wait(30)
    return f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"


def fetch(client: httpx.Client, address: Address) -> int:
    """Fetch a tile as a browser does."""
    answer = client.get("/{}/{}/{}".format(*address), headers={"Accept-Encoding": "gzip"})
    answer.raise_for_status()
    return int(answer.headers.get("content-length", 0))


def _tile(z: int, lon: float, lat: float) -> tuple[int, int]:
    n = 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * n), int(y * n)


def _administer(url: str, statement: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


if __name__ == "__main__":
    main()
