"""Builds registers of a given size to measure on: synthetic, deterministic, written past the triggers.

    python benchmarks/register_fill.py [--keep DIRECTORY] [--properties 100000 --properties 1000000]
                                       [--remove]

DIRECTORY/home (by default below the home of the checkout) is a CADASTRE_HOME of its own with one database
for each size, ``register_<properties>``; one that is there already is kept and brought to today's schema.
Every odd property is a plot of 20 x 20 m with its geometry, every even one a flat in a house of forty. Seven
in ten have one owner, two in ten two halves, one in ten joint owners; a third was sold in 2022, its former
owner readable; a quarter is mortgaged, one in sixteen bears a servitude, one in a hundred an arrest, one in
twenty a lease. One ledger entry for ten properties. Beside them stands land of a thousand generations
(``benchmarks/lineage.py``). A million properties take about 2 GB and some minutes.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import psycopg2

sys.path.insert(0, str(Path(__file__).parent))

from cadastre.db.local_cluster import ClusterUrls, ensure_running, prepare_database, stop
from cadastre.db.migrate import upgrade
from cadastre.db.places import default_home
from cadastre.db.settings import read_settings

SIZES = (100_000, 1_000_000)
GENERATIONS = 1_000
CONTRACT = "00000000-0000-0000-0000-000000000001"
LEDGER = """
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash, closing_number, ledger_index,
                             recorded_time)
    SELECT 'load.rights', 'benchmark', '{}', salt, sha256('\\x00'::bytea || salt || '{}'::bytea), n, n,
           timestamptz '2019-01-01 12:00+04' + n * interval '1 minute'
      FROM generate_series(1, %(leaves)s) AS n, (SELECT decode(repeat('00', 16), 'hex') AS salt) AS s;
    UPDATE ledger.sequencer SET tree_size = %(leaves)s + 1;
    SELECT setval('ledger.closing_number', %(leaves)s + 1);
"""
PARTIES = """
    INSERT INTO party.party (party_id, kind, name, fin, recorded_leaf)
    SELECT pg_temp.party(n), 'natural', 'Sintetik ' || n, upper(lpad(to_hex(n), 7, '0')), 1
      FROM generate_series(1, %(properties)s + 1) AS n;
    INSERT INTO party.party (party_id, kind, name, voen, recorded_leaf)
    SELECT pg_temp.bank(n), 'legal', 'Sintetik Bank ' || n, (9900000002 + n * 10)::text, 1
      FROM generate_series(0, 19) AS n;
"""
DOCUMENTS = f"""
    INSERT INTO party.document_content (sha256, media_type, content)
    VALUES (sha256('%%PDF-synthetic'), 'application/pdf', '%%PDF-synthetic');
    INSERT INTO registry.document (document_id, sha256, kind, file_name, uploaded_by, recorded_leaf)
    VALUES ('{CONTRACT}', sha256('%%PDF-synthetic'), 'sale_contract', 'contract.pdf', 'notary-1', 1);
    INSERT INTO cadastre.administrative_source (source_id, kind, number, dated, recorded_leaf)
    SELECT n, 'sale_contract', n::text, '2015-01-10', pg_temp.leaf(n)
      FROM generate_series(1, %(properties)s) AS n;
"""
LAND = """
    INSERT INTO cadastre.parcel (parcel_id, cadastral_number, district_code)
    SELECT n, 'SYN-' || n, 'BAK-XEZ' FROM generate_series(1, %(properties)s) AS n
     WHERE n %% 2 = 1 OR n %% 80 = 0;
    INSERT INTO cadastre.parcel_version (parcel_id, valid_from, recorded_leaf, load_id, geom,
                                         surveyed_area_m2, documentary_area_m2, land_category,
                                         ownership_form, purpose)
    SELECT n, '2015-01-10', pg_temp.leaf(n), 1,
           public.ST_MakeEnvelope(x, y, x + 20, y + 20, 32639), 400, 400, 2, 'xususi', 'yaşayış'
      FROM (SELECT parcel_id AS n, 400000 + 25 * (parcel_id %% 1200) AS x,
                   4460000 + 25 * (parcel_id / 1200) AS y FROM cadastre.parcel) AS place;
    INSERT INTO cadastre.building (building_id, building_number, parcel_id, kind, floors, valid_from,
                                   recorded_leaf, geom, footprint_area_m2)
    SELECT n / 80, 'H-' || n / 80, n, 'building', 10, '2015-01-10', pg_temp.leaf(n),
           public.ST_MakeEnvelope(x + 4, y + 4, x + 16, y + 16, 32639), 144
      FROM (SELECT n, 400000 + 25 * (n %% 1200) AS x, 4460000 + 25 * (n / 1200) AS y
              FROM generate_series(80, %(properties)s, 80) AS n) AS place;
    INSERT INTO cadastre.building_unit (unit_id, building_id, kind, unit_number, entrance_number, floor,
                                        room_count, total_area_m2, living_area_m2, recorded_leaf)
    SELECT n, (n + 79) / 80, 'flat', (n %% 80 / 2 + 1)::text, 1, n %% 80 / 8 + 1, 3, 72.50, 48.10,
           pg_temp.leaf(n)
      FROM generate_series(2, %(properties)s, 2) AS n;
"""
SECTIONS = """
    INSERT INTO cadastre.property (property_id, register_number, object_kind, district_code, opened_on,
                                   recorded_leaf)
    SELECT n, '2030' || lpad(n::text, 8, '0'), CASE WHEN n %% 2 = 1 THEN 'land_parcel' ELSE 'flat' END,
           'BAK-XEZ', '2015-01-10', pg_temp.leaf(n)
      FROM generate_series(1, %(properties)s) AS n;
    INSERT INTO cadastre.property_object (property_id, parcel_id, unit_id, valid_from, recorded_leaf)
    SELECT n, CASE WHEN n %% 2 = 1 THEN n END, CASE WHEN n %% 2 = 0 THEN n END, '2015-01-10', pg_temp.leaf(n)
      FROM generate_series(1, %(properties)s) AS n;
"""
# A sale of 2022: the row of the former owner is closed, restated with its end, and followed by the new one.
RIGHTS = """
    INSERT INTO cadastre.property_right (right_id, property_id, kind, party_id, share_numerator,
           share_denominator, registration_number, registration_date, source_id, valid_from, recorded_leaf,
           superseded_leaf)
    SELECT n, n, 'ownership', pg_temp.party(n + 1), 1, 1, pg_temp.number(n), '2015-01-12', n, '2015-01-12',
           pg_temp.leaf(n), pg_temp.leaf(n) + %(older)s
      FROM generate_series(1, %(properties)s) AS n WHERE n %% 3 = 0;
    INSERT INTO cadastre.property_right (right_id, property_id, kind, party_id, share_numerator,
           share_denominator, registration_number, registration_date, source_id, valid_from, valid_to,
           recorded_leaf, continues_right_id)
    SELECT n + %(properties)s, n, 'ownership', pg_temp.party(n + 1), 1, 1, pg_temp.number(n), '2015-01-12', n,
           '2015-01-12', '2022-03-01', pg_temp.leaf(n) + %(older)s, n
      FROM generate_series(1, %(properties)s) AS n WHERE n %% 3 = 0;
    SELECT setval(pg_get_serial_sequence('cadastre.property_right', 'right_id'), 2 * %(properties)s);
    INSERT INTO cadastre.property_right (property_id, kind, party_id, share_numerator, share_denominator,
           joint, registration_number, registration_date, source_id, valid_from, recorded_leaf)
    SELECT n, 'ownership', pg_temp.party(n + holder), CASE WHEN n %% 10 < 9 THEN 1 END,
           CASE WHEN n %% 10 < 7 THEN 1 WHEN n %% 10 < 9 THEN 2 END, n %% 10 = 9, pg_temp.number(n),
           CASE WHEN n %% 3 = 0 THEN date '2022-03-01' ELSE date '2015-01-12' END, n,
           CASE WHEN n %% 3 = 0 THEN date '2022-03-01' ELSE date '2015-01-12' END,
           pg_temp.leaf(n) + CASE WHEN n %% 3 = 0 THEN %(older)s ELSE 0 END
      FROM generate_series(1, %(properties)s) AS n, generate_series(0, 1) AS holder
     WHERE holder = 0 OR n %% 10 >= 7;
    INSERT INTO cadastre.property_right (property_id, kind, party_id, registration_number, registration_date,
           source_id, until, rent, rent_currency, rent_period, valid_from, recorded_leaf)
    SELECT n, 'lease', pg_temp.bank(n), pg_temp.number(n), '2023-05-02', n, '2033-05-01', 350, 'AZN', 'month',
           '2023-05-02', pg_temp.leaf(n) + %(older)s
      FROM generate_series(3, %(properties)s, 20) AS n;
"""
RESTRICTIONS = """
    INSERT INTO cadastre.restriction (property_id, kind, beneficiary_party_id, registration_number,
           registration_date, source_id, amount, currency, interest_rate, rank, until, valid_from,
           recorded_leaf)
    SELECT n, 'mortgage', pg_temp.bank(n), pg_temp.number(n), '2022-03-02', n, 85000, 'AZN', 7.5, 1,
           '2042-03-01', '2022-03-02', pg_temp.leaf(n) + %(older)s
      FROM generate_series(1, %(properties)s, 4) AS n;
    INSERT INTO cadastre.restriction (property_id, kind, registration_number, registration_date, source_id,
           benefits_property_id, scope, authority, valid_from, recorded_leaf)
    SELECT n, kind, pg_temp.number(n), '2022-03-02', n, CASE WHEN kind = 'servitude' THEN n - 1 END,
           CASE WHEN kind = 'servitude' THEN 'keçid' END,
           CASE WHEN kind = 'arrest' THEN 'Sintetik məhkəmə' END,
           '2022-03-02', pg_temp.leaf(n) + %(older)s
      FROM generate_series(1, %(properties)s) AS n,
           (VALUES ('servitude', 16), ('arrest', 100)) AS k (kind, every)
     WHERE n %% every = every / 2;
"""
SEQUENCES = """
    SELECT setval(pg_get_serial_sequence('cadastre.administrative_source', 'source_id'), %(properties)s);
    SELECT setval(pg_get_serial_sequence('cadastre.parcel', 'parcel_id'), %(properties)s);
    SELECT setval(pg_get_serial_sequence('cadastre.building', 'building_id'), %(properties)s);
    SELECT setval(pg_get_serial_sequence('cadastre.building_unit', 'unit_id'), %(properties)s);
    SELECT setval(pg_get_serial_sequence('cadastre.property', 'property_id'), %(properties)s);
"""
HELPERS = """
    CREATE FUNCTION pg_temp.party(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid;
    CREATE FUNCTION pg_temp.bank(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN ('00000000-0000-4000-9000-' || lpad((n %% 20)::text, 12, '0'))::uuid;
    CREATE FUNCTION pg_temp.number(n bigint) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN '0115' || lpad((n %% 1000000)::text, 6, '0');
    CREATE FUNCTION pg_temp.leaf(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE RETURN 2 + n / 10;
    SET session_replication_role = replica;
    SET synchronous_commit = off;
    SET work_mem = '256MB';
"""
FILLED = (
    "ledger.leaf",
    "party.party",
    "cadastre.administrative_source",
    "cadastre.parcel",
    "cadastre.parcel_version",
    "cadastre.parcel_lineage",
    "cadastre.building",
    "cadastre.building_unit",
    "cadastre.property",
    "cadastre.property_object",
    "cadastre.property_right",
    "cadastre.restriction",
)
STEPS = (LEDGER, PARTIES, DOCUMENTS, LAND, SECTIONS, RIGHTS, RESTRICTIONS, SEQUENCES)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--keep", type=Path, default=default_home() / "bench")
    parser.add_argument("--properties", type=int, action="append")
    parser.add_argument("--remove", action="store_true", help="remove the databases of these sizes instead")
    options = parser.parse_args()
    live_in(options.keep)
    for properties in options.properties or SIZES:
        if options.remove:
            drop_database(properties)
        else:
            filled_register(properties)
    if options.remove:
        stop(read_settings())
    return 0


def live_in(keep: Path) -> None:
    """Let everything that follows use the cluster of this directory, not the one of the checkout."""
    home = keep.absolute() / "home"
    home.mkdir(parents=True, exist_ok=True)
    os.environ["CADASTRE_HOME"] = str(home)


def filled_register(properties: int) -> ClusterUrls:
    """Give the addresses of a register of this size, built at first."""
    name = f"register_{properties}"
    settings = read_settings()
    urls = ensure_running(settings).of_database(name)
    if _is_filled(name):
        upgrade(urls.admin_url)
    else:
        began = time.monotonic()
        drop_database(properties)
        prepare_database(settings, name)
        upgrade(urls.admin_url)
        _fill(urls, properties)
        print(f"{properties:,} properties built in {time.monotonic() - began:,.0f} s", flush=True)
    return urls


def dsn(urls: ClusterUrls) -> str:
    """Address of the superuser as the driver reads it."""
    return urls.superuser_url.replace("+psycopg2", "")


def drop_database(properties: int) -> None:
    """Remove the register of this size."""
    connection = psycopg2.connect(dsn(ensure_running(read_settings()).of_database("postgres")))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "register_{properties}" WITH (FORCE)')
    connection.close()


def _is_filled(name: str) -> bool:
    """Whether the last step of building it was reached: its comment says so."""
    connection = psycopg2.connect(dsn(ensure_running(read_settings()).of_database("postgres")))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (name,)
        )
        row = cursor.fetchone()
    connection.close()
    return row is not None and row[0] == "filled"


def _fill(urls: ClusterUrls, properties: int) -> None:
    from lineage import fill_shapes
    from load_parcels import FreshDatabase

    values = {"properties": properties, "leaves": properties // 5 + 10, "older": properties // 10 + 5}
    connection = psycopg2.connect(dsn(urls))
    with connection, connection.cursor() as cursor:
        cursor.execute(HELPERS, values)
        for step in STEPS:
            cursor.execute(step, values)
    fill_shapes(FreshDatabase(urls.admin_url, dsn(urls)), GENERATIONS)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("RESET session_replication_role")
        # what is empty stays unanalysed: planned for no rows, it would be read whole when it grows
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(FILLED)}")
        cursor.execute("CHECKPOINT")
        cursor.execute(f"COMMENT ON DATABASE register_{properties} IS 'filled'")
    connection.close()


if __name__ == "__main__":
    sys.exit(main())
