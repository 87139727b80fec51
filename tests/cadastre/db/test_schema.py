"""The migrated schema is the blessed one, has no unnamed invariant, and is what SQLAlchemy believes."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, create_engine, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeEngine

import cadastre.store.registry_tables
import cadastre.store.subject_tables  # noqa: F401 - these add their tables to the metadata
from cadastre.db.constraint_errors import MEANINGS
from cadastre.db.migrate import upgrade
from cadastre.store.tables import metadata
from tests.cadastre.db.catalog import GOLDEN, dump
from tests.database import Database


def test_the_schema_is_the_blessed_one(admin_connection: Connection) -> None:
    """Bless again with: python -m tests.cadastre.db.catalog; review the diff."""
    assert dump(admin_connection) == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_migrations_are_one_chain_with_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(files("cadastre.db") / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert scripts.get_heads() == [max(revisions)]
    assert revisions == sorted(revisions, reverse=True)


def test_every_constraint_is_named_by_its_kind(admin_connection: Connection) -> None:
    names = [
        line.split()[2]
        for line in dump(admin_connection)
        if line.startswith("constraint ") and "staging" not in line
    ]
    assert names
    assert [name for name in names if not re.fullmatch(r"(pk|fk|uq|ck|ex)_[a-z0-9_]+", name)] == []


def test_every_meaning_belongs_to_a_constraint_that_exists(admin_connection: Connection) -> None:
    schema = "\n".join(dump(admin_connection))
    raised = "\n".join(
        admin_connection.execute(
            text(
                "SELECT prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname IN ('cadastre', 'ledger', 'registry')"
            )
        ).scalars()
    )
    unknown = [name for name in MEANINGS if name not in schema and name not in raised]
    assert unknown == []


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")  # read by SQL only
def test_sqlalchemy_believes_what_is_there(admin_connection: Connection) -> None:
    inspector = inspect(admin_connection)
    for table in metadata.tables.values():
        columns = {c["name"]: c for c in inspector.get_columns(table.name, schema=table.schema)}
        assert set(table.c.keys()) <= set(columns), table.fullname
        for column in table.c:
            there = columns[column.name]
            assert _family(column.type) == _family(there["type"]), f"{table.fullname}.{column.name}"
            if table.schema != "publish":
                assert column.nullable == there["nullable"] or column.name == "geom_wgs84", (
                    f"{table.fullname}.{column.name}"
                )


def _family(kind: TypeEngine[Any]) -> str:
    name = kind.compile(dialect=postgresql.dialect()).lower()
    return (
        re.sub(r"\(.*?\)", "", name).replace("double precision", "float").replace("double_precision", "float")
    )


def test_columns_of_register_tables_are_all_declared(admin_connection: Connection) -> None:
    reflected = MetaData()
    for table in metadata.tables.values():
        if table.schema in {"cadastre", "party", "evidence", "registry"}:
            there = Table(
                table.name, reflected, schema=table.schema, autoload_with=admin_connection, resolve_fks=False
            )
            assert set(there.c.keys()) == set(table.c.keys()), table.fullname


def test_migrating_again_changes_nothing(fresh_database: Database) -> None:
    engine = create_engine(fresh_database.admin_url, poolclass=NullPool)
    with engine.connect() as connection:
        before = dump(connection)
    assert upgrade(fresh_database.admin_url) == upgrade(fresh_database.admin_url)
    with engine.connect() as connection:
        assert dump(connection) == before
