"""Every column of every table that names a leaf is bound to it; the program's own composition gives the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.ledger.commitment import UNBOUND, BoundLeaf, commit_row
from cadastre.store.ledger import append_leaf
from tests.cadastre.db.planted_rows import (
    LEAF_COLUMNS,
    Column,
    lift_checks,
    list_bound,
    list_columns,
    plant,
)
from tests.database import Database, TestCluster

_TABLES = text("""
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('cadastre', 'party', 'address', 'registry', 'evidence', 'staging')
""")
_LIST = text(
    "SELECT body, own, commitments FROM ledger.list_commitments(ARRAY[:leaf]::bigint[]) ORDER BY part"
)
_LATE = ("jws", "pdf", "signed_at")
_FREE = {("evidence.extract", name) for name in _LATE}
_PLAIN = {
    *("bigint", "integer", "smallint", "boolean", "date", "uuid", "numeric", "real", "double precision"),
    *("timestamp with time zone", "interval", "xid8"),
}
_SESSION = """
    SET datestyle = 'German, DMY'; SET timezone = 'Asia/Tokyo'; SET extra_float_digits = -3;
    SET intervalstyle = 'sql_standard'; SET bytea_output = 'escape'
"""
_PLAIN_SESSION = """
    SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET extra_float_digits = 1; SET intervalstyle = 'postgres'
"""


@pytest.fixture(scope="module")
def planted(test_cluster: TestCluster) -> Iterator[Database]:
    database = test_cluster.create_copy()
    yield database
    test_cluster.drop_copy(database)


@pytest.fixture
def superuser(planted: Database) -> Iterator[Connection]:
    """A superuser with the triggers off and no checks; what he does is undone."""
    engine = create_engine(planted.superuser_url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin() as transaction:
        lift_checks(connection)
        yield connection
        transaction.rollback()
    engine.dispose()


def a_leaf(connection: Connection) -> int:
    leaf = append_leaf(connection, kind="register.test", actor="test", payload={})
    connection.execute(
        text("UPDATE ledger.leaf SET closing_number = 77 WHERE leaf_id = :leaf"), {"leaf": leaf}
    )
    return leaf


def published(connection: Connection, leaf: int) -> BoundLeaf:
    parts = connection.execute(_LIST, {"leaf": leaf}).all()
    joined = b"".join(bytes(part.commitments) for part in parts)
    rows = tuple(joined[at : at + 32] for at in range(0, len(joined), 32))
    return BoundLeaf(bytes(parts[0].body), bytes(parts[0].own), rows)


def test_every_table_is_bound_or_says_why_not(admin_connection: Connection) -> None:
    tables = set(admin_connection.execute(_TABLES).scalars())
    bound = {relation for relation, *_ in list_bound(admin_connection)}
    assert not bound & set(UNBOUND)
    assert tables - bound == set(UNBOUND)


def test_what_is_filled_later_is_filled_by_a_leaf(superuser: Connection) -> None:
    leaf, closing = a_leaf(superuser), a_leaf(superuser)
    late = []
    query = text(
        "SELECT relation::text, closed_by, ledger.closable_columns(relation) FROM ledger.list_bound_tables()"
    )
    for relation, closed_by, columns in superuser.execute(query).all():
        for column in list_columns(superuser, relation):
            if column.name not in columns or column.name == closed_by:
                continue
            plant(superuser, relation.replace('"', ""), leaf, closing)
            before = published(superuser, closing)
            superuser.exec_driver_sql(f'UPDATE {relation} SET "{column.name}" = {column.other}')
            assert published(superuser, closing) != before, (relation, column.name)
            superuser.exec_driver_sql(f"DELETE FROM {relation}")
            late.append(column.name)
    assert late == ["jws", "pdf", "signed_at"]


def test_every_column_of_every_table_is_bound(superuser: Connection) -> None:
    leaf, other = a_leaf(superuser), a_leaf(superuser)
    unseen = []
    for relation, opened_by, closed_by in list_bound(superuser):
        schema, _, table = relation.partition(".")
        target = f'{schema}."{table}"'
        free = superuser.execute(
            text("SELECT ledger.closable_columns(to_regclass(:relation))"), {"relation": target}
        ).scalar_one()
        plant(superuser, target.replace('"', ""), leaf, None)
        before = published(superuser, leaf)
        assert len(before.rows) == 1, relation
        for column in list_columns(superuser, target):
            if column.name in (*free, *LEAF_COLUMNS):
                continue
            with superuser.begin_nested() as edit:
                superuser.exec_driver_sql(f'UPDATE {target} SET "{column.name}" = {changed(column)}')
                if published(superuser, leaf) == before:
                    unseen.append(f"{relation}.{column.name}")
                edit.rollback()
        for moved, to in ((opened_by, other), (closed_by, other)):
            if moved is not None:
                with superuser.begin_nested() as edit:
                    superuser.exec_driver_sql(f'UPDATE {target} SET "{moved}" = {to}')
                    assert len(published(superuser, other).rows) == 1, f"{relation}.{moved}"
                    edit.rollback()
        superuser.exec_driver_sql(f"DELETE FROM {target}")
        assert published(superuser, leaf).rows == ()
    assert unseen == []


def changed(column: Column) -> str:
    return "7" if column.name == "load_id" and not column.is_key else column.other


def test_the_program_composes_the_same_commitments(superuser: Connection) -> None:
    leaf, closing = a_leaf(superuser), a_leaf(superuser)
    salts = {
        row.leaf_id: row.salt for row in superuser.execute(text("SELECT leaf_id, salt FROM ledger.leaf"))
    }
    bound = list_bound(superuser)
    for relation, *_ in bound:
        plant(superuser, relation, leaf, closing)
    superuser.exec_driver_sql("UPDATE cadastre.parcel_version SET valid_to = NULL")
    superuser.exec_driver_sql(
        "INSERT INTO cadastre.parcel (parcel_id, cadastral_number, district_code) VALUES (7, 'ə-1', 'GA')"
    )
    superuser.exec_driver_sql(
        "INSERT INTO party.document_content (sha256, media_type, content)"
        " VALUES (decode(repeat('07', 32), 'hex'), 'application/pdf', 'abc')"
    )
    superuser.exec_driver_sql(_PLAIN_SESSION)
    opened, closed = set(), set()
    for relation, _, closed_by in bound:
        key, columns, names = composed(superuser, relation, closed_by)
        opened.add(commit_row(bytes(salts[leaf]), "opened", relation, key, columns))
        if closed_by is not None:
            keys = {name: value for name, value in columns.items() if name.partition(":")[0] in names}
            keys |= {} if relation != "evidence.extract" else late_columns(superuser)
            closed.add(commit_row(bytes(salts[closing]), "closed", relation, key, keys))
    superuser.exec_driver_sql(_SESSION)
    assert set(published(superuser, leaf).rows) == opened
    assert set(published(superuser, closing).rows) == closed


def composed(
    connection: Connection, relation: str, closed_by: str | None
) -> tuple[str, dict[str, str | None], list[str]]:
    """Read a planted row as text, column by column."""
    schema, _, table = relation.partition(".")
    columns: dict[str, str | None] = {}
    keys: list[str] = []
    for column in list_columns(connection, f'{schema}."{table}"'):
        value, as_text = connection.exec_driver_sql(
            f'SELECT "{column.name}", "{column.name}"::text FROM {schema}."{table}"'
        ).one()
        if column.is_key:
            keys.append(column.name)
        if column.name != closed_by and (relation, column.name) not in _FREE:
            columns.update([line(column.name, column.type, value, as_text)])
    if relation == "cadastre.parcel_version":
        columns |= {"parcel.cadastral_number:3": "ə-1", "parcel.district_code:2": "GA"}
    if relation in ("registry.document", "registry.case_file"):
        digest = hashlib.sha256(b"abc").hexdigest()
        columns |= {"content.content": digest, "content.media_type:15": "application/pdf"}
    key = connection.execute(
        text("""SELECT string_agg(a.attname, ' ' ORDER BY k.place) FROM pg_index i,
                       unnest(i.indkey) WITH ORDINALITY AS k (attnum, place), pg_attribute a
                 WHERE i.indrelid = to_regclass(:relation) AND i.indisprimary AND a.attrelid = i.indrelid
                   AND a.attnum = k.attnum"""),
        {"relation": f'{schema}."{table}"'},
    ).scalar_one()
    in_order = [value_of(columns, name) for name in key.split(" ")]
    return " ".join(in_order), columns, keys


def late_columns(connection: Connection) -> dict[str, str | None]:
    """Read what the signature of an extract filled."""
    columns = {column.name: column for column in list_columns(connection, "evidence.extract")}
    query = "SELECT {0}, {0}::text FROM evidence.extract"
    read = {name: connection.exec_driver_sql(query.format(name)).one() for name in _LATE}
    return dict(line(name, columns[name].type, *read[name]) for name in _LATE)


def value_of(columns: dict[str, str | None], name: str) -> str:
    return next(value or "" for key, value in columns.items() if key.partition(":")[0] == name)


def line(name: str, kind: str, value: Any, as_text: str | None) -> tuple[str, str | None]:
    if as_text is None:
        return name, None
    if kind == "bytea":
        return name, hashlib.sha256(bytes(value)).hexdigest()
    if kind.endswith("geometry"):
        return name, str(value).lower()
    return (name, as_text) if kind in _PLAIN else (f"{name}:{len(as_text)}", as_text)


def test_who_acted_and_when_is_bound(superuser: Connection) -> None:
    leaf = a_leaf(superuser)
    before = published(superuser, leaf)
    for column in list_columns(superuser, "ledger.leaf"):
        if column.name in ("leaf_id", "ledger_index", "leaf_hash"):
            continue
        with superuser.begin_nested() as edit:
            other = "'{\"x\":1}'" if column.name == "payload" else column.other
            superuser.execute(
                text(
                    f'UPDATE ledger.leaf SET "{column.name}" = {other.replace(":", chr(92) + ":")} WHERE leaf_id = :l'
                ),
                {"l": leaf},
            )
            after = published(superuser, leaf)
            assert (after.own, after.body) != (before.own, before.body), column.name
            edit.rollback()


def test_the_entry_is_what_the_program_computes(superuser: Connection) -> None:
    leaf = a_leaf(superuser)
    plant(superuser, "cadastre.restriction", leaf, None)
    plant(superuser, "party.party", leaf, None)
    query = text("SELECT rows FROM ledger.rows_commitments(ARRAY[:leaf]::bigint[])")
    rows = bytes(superuser.execute(query, {"leaf": leaf}).scalar_one())
    bound = published(superuser, leaf)
    assert rows == bound.commitment
    assert len(bound.rows) == 2


def test_rows_without_a_leaf_are_counted(superuser: Connection) -> None:
    count = text("SELECT relation, strays FROM ledger.count_strays()")
    assert superuser.execute(count).all() == []
    plant(superuser, "cadastre.property_right", 4_000_000, None)
    superuser.exec_driver_sql(
        "INSERT INTO cadastre.parcel (cadastral_number, district_code) VALUES ('lone', 'GA')"
    )
    assert {row.relation: row.strays for row in superuser.execute(count)} == {
        "cadastre.property_right": 1,
        "cadastre.parcel": 1,
    }


def test_personal_data_stays_shut(admin_connection: Connection, connection: Connection) -> None:
    for session in (admin_connection, connection):
        assert session.execute(text("SELECT count(*) FROM party.party")).scalar_one() == 0
    connection.execute(text("SELECT set_config('cadastre.binds_rows', 'on', true)"))
    policy = text("SELECT roles::text FROM pg_policies WHERE policyname = 'pl_party_bind'")
    assert admin_connection.execute(policy).scalar_one() == "{cadastre_owner}"
    assert (
        connection.execute(
            text("SELECT pg_has_role('cadastre_write', 'cadastre_owner', 'USAGE')")
        ).scalar_one()
        is False
    )
