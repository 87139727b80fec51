"""What an administrator of the database can do who switches every guard off, drawn at random."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from tests.cadastre.db.planted_rows import CLOSING_COLUMNS, Column, lift_checks, list_bound, list_columns

_OTHER = {
    "text": "coalesce({0}, '') || 'x'",
    "bigint": "coalesce({0}, 0) + 1",
    "integer": "coalesce({0}, 0) + 1",
    "smallint": "coalesce({0}, 0) + 1",
    "numeric": "coalesce({0}, 0) + 0.01",
    "real": "coalesce({0}, 0) + 0.5",
    "double precision": "coalesce({0}, 0) + 0.5",
    "boolean": "NOT coalesce({0}, false)",
    "date": "coalesce({0}, date '2020-01-01') + 1",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 microsecond'",
    "interval": "coalesce({0}, interval '0') + interval '1 second'",
    "uuid": "gen_random_uuid()",
    "bytea": "coalesce({0}, ''::bytea) || '\\x00'::bytea",
    "jsonb": "jsonb_build_object('was', {0})",
    "text[]": "array_append(coalesce({0}, '{{}}'::text[]), 'x')",
    "xid8": "'9'::xid8",
}
_PARENTS = ("cadastre.parcel", "party.document_content")
_LEAF_COLUMNS = ("kind", "actor", "payload", "salt", "recorded_time", "closing_number", "xid")


@dataclass(frozen=True, slots=True)
class BoundTable:
    """A table, its columns that are bound, and how its rows name their leaves."""

    name: str
    columns: tuple[Column, ...]
    stored: tuple[str, ...]
    opened_by: str | None
    closed_by: str | None

    @property
    def target(self) -> str:
        """Its name for a statement."""
        schema, _, table = self.name.partition(".")
        return f'{schema}."{table}"'


@dataclass
class Rewriter:
    """Draws edits and makes them in the open transaction; each says what it did."""

    connection: Connection
    drawn: random.Random
    tables: list[BoundTable] = field(default_factory=list)

    def prepare(self) -> None:
        """Switch the guards off for good and learn the tables that have rows."""
        lift_checks(self.connection)
        self._allow_copies()
        bound = [*list_bound(self.connection), *((name, None, None) for name in _PARENTS)]
        for name, opened_by, closed_by in bound:
            schema, _, table = name.partition(".")
            target = f'{schema}."{table}"'
            columns = list_columns(self.connection, target)
            free = set(self._ask("SELECT unnest(ledger.closable_columns(to_regclass(:t)))", t=target))
            seen = tuple(column for column in columns if column.name not in free)
            stored = tuple(column.name for column in columns)
            self.tables.append(BoundTable(name, seen, stored, opened_by, closed_by))

    def draw(self) -> Callable[[], str]:
        """Draw one kind of edit."""
        kinds: list[Callable[[], str]] = [
            self.edit_column,
            self.delete_row,
            self.insert_row,
            self.change_closing,
            self.edit_leaf,
            self.edit_log,
        ]
        return self.drawn.choices(kinds, weights=[70, 8, 8, 6, 6, 2])[0]

    def edit_column(self) -> str:
        """Change one column of one row."""
        table, row = self._row(self.tables)
        column = self.drawn.choice(table.columns)
        self._do(
            f'UPDATE {table.target} SET "{column.name}" = {_other(column, table.target)} WHERE ctid = CAST(:row AS tid)',
            row,
        )
        return f"edited {table.name}.{column.name}"

    def delete_row(self) -> str:
        """Delete one row."""
        table, row = self._row(self.tables)
        self._do(f"DELETE FROM {table.target} WHERE ctid = CAST(:row AS tid)", row)
        return f"deleted a row of {table.name}"

    def insert_row(self) -> str:
        """Enter a copy of a row under another key, as if its leaf had opened both."""
        table, row = self._row([table for table in self.tables if table.opened_by is not None])
        keys = {column.name: _other(column, table.target) for column in table.columns if column.is_key}
        values = [keys.get(name, f't."{name}"') for name in table.stored]
        names = ", ".join(f'"{name}"' for name in table.stored)
        self._do(
            f"INSERT INTO {table.target} ({names}) OVERRIDING SYSTEM VALUE "
            f"SELECT {', '.join(values)} FROM {table.target} t WHERE ctid = CAST(:row AS tid)",
            row,
        )
        return f"entered a row into {table.name}"

    def change_closing(self) -> str:
        """Open a closed row again, or close one by a leaf that never did."""
        table, row = self._row([table for table in self.tables if table.closed_by in CLOSING_COLUMNS])
        leaf = "(SELECT max(leaf_id) FROM ledger.leaf WHERE ledger_index IS NOT NULL)"
        self._do(
            f'UPDATE {table.target} SET "{table.closed_by}" = CASE WHEN "{table.closed_by}" IS NULL'
            f" THEN {leaf} END WHERE ctid = CAST(:row AS tid)",
            row,
        )
        return f"changed the closing of a row of {table.name}"

    def edit_leaf(self) -> str:
        """Change or delete a leaf: what happened, who acted, when."""
        row = self._ctid("ledger.leaf", "ledger_index IS NOT NULL")
        name = self.drawn.choice((*_LEAF_COLUMNS, "ledger_index", "delete"))
        if name == "delete":
            self._do("DELETE FROM ledger.leaf WHERE ctid = CAST(:row AS tid)", row)
            return "deleted a leaf"
        value = {
            "ledger_index": "1000000",
            "payload": '\'{"event":"another"}\'',
            "salt": "gen_random_bytes(16)",
            "recorded_time": "recorded_time - interval '1 hour'",
            "closing_number": "closing_number + 1",
            "xid": "'9'::xid8",
        }.get(name, f"{name} || 'x'")
        self._do(f"UPDATE ledger.leaf SET {name} = {value} WHERE ctid = CAST(:row AS tid)", row)
        return f"edited leaf.{name}"

    def edit_log(self) -> str:
        """Change the public log itself."""
        has_tiles = self.connection.exec_driver_sql("SELECT EXISTS (SELECT FROM ledger.tile)").scalar_one()
        names = (
            "entry.body",
            "entry.rows",
            "entry",
            *(("tile.hashes", "tile.root", "tile") if has_tiles else ()),
        )
        name = self.drawn.choice(names)
        table, _, column = name.partition(".")
        row = self._ctid(f"ledger.{table}", "true")
        if column:
            flipped = f"set_byte({column}, 5, get_byte({column}, 5) # 1)"
            self._do(f"UPDATE ledger.{table} SET {column} = {flipped} WHERE ctid = CAST(:row AS tid)", row)
        else:
            self._do(f"DELETE FROM ledger.{table} WHERE ctid = CAST(:row AS tid)", row)
        return f"changed ledger.{name}"

    def cut(self, size: int) -> None:
        """Turn the register back to its first ``size`` leaves, with what they had opened since."""
        self.connection.exec_driver_sql(f"DELETE FROM ledger.leaf WHERE ledger_index >= {size}")
        self.connection.exec_driver_sql(f"UPDATE ledger.sequencer SET tree_size = {size}")

    def regrow(self) -> int:
        """Compute the whole public log anew from what stands now; give its size."""
        for table in ("cosignature", "checkpoint", "tile", "entry"):
            self.connection.exec_driver_sql(f"DELETE FROM ledger.{table}")
        return int(self.connection.exec_driver_sql("SELECT ledger.grow_tree(10000000)").scalar_one())

    def _allow_copies(self) -> None:
        """Drop what refuses a second row, and what a generated identity refuses."""
        unique = """SELECT i.indexrelid::regclass::text, c.conname, i.indrelid::regclass::text
                      FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
                     WHERE i.indisunique AND NOT i.indisprimary
                       AND i.indrelid IN (SELECT relation FROM ledger.list_bound_tables())"""
        for index, constraint, table in self.connection.execute(text(unique)).all():
            dropped = (
                f"ALTER TABLE {table} DROP CONSTRAINT {constraint}" if constraint else f"DROP INDEX {index}"
            )
            self.connection.exec_driver_sql(dropped)
        self.connection.exec_driver_sql(
            "ALTER TABLE ledger.leaf ALTER COLUMN leaf_id SET GENERATED BY DEFAULT"
        )

    def _row(self, tables: list[BoundTable]) -> tuple[BoundTable, str]:
        while True:
            table = self.drawn.choice(tables)
            count = int(self.connection.exec_driver_sql(f"SELECT count(*) FROM {table.target}").scalar_one())
            if count:
                return table, self._ctid(table.target, "true", count)

    def _ctid(self, target: str, condition: str, count: int | None = None) -> str:
        if count is None:
            asked = f"SELECT count(*) FROM {target} WHERE {condition}"
            count = int(self.connection.exec_driver_sql(asked).scalar_one())
        place = self.drawn.randrange(count)
        query = f"SELECT ctid::text FROM {target} WHERE {condition} ORDER BY ctid LIMIT 1 OFFSET {place}"
        return str(self.connection.exec_driver_sql(query).scalar_one())

    def _do(self, statement: str, row: str) -> None:
        done = self.connection.execute(
            text(statement.replace('\'{"event":"', '\'{"event"\\:"')), {"row": row}
        )
        assert done.rowcount == 1, statement

    def _ask(self, query: str, **values: object) -> list[str]:
        return list(self.connection.execute(text(query), values).scalars())


def _other(column: Column, target: str) -> str:
    if column.is_key and column.type in {"bigint", "integer", "smallint"}:
        return f'(SELECT max("{column.name}") + 1 FROM {target})'
    if column.type.endswith("geometry"):
        moved = f'ST_Translate("{column.name}", 0.001, 0)'
        return f"coalesce({moved}, {column.value})"
    return _OTHER[column.type].format(f'"{column.name}"')


__all__ = ["BoundTable", "Rewriter"]
