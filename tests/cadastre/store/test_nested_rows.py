"""Rows that come nested in one statement are those that the driver would have given."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    DateTime,
    Numeric,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, REAL

from cadastre.db.prepared import PreparedQuery, fetch, written
from cadastre.store.nested_rows import NestedRows, decode, nested, nested_text

_KEY = UUID(int=7)
_WKT = "SRID=32639;POLYGON((400000.125 4480000,400010 4480000,400010 4480010.001,400000.125 4480000))"


def _typed(number: str, **other: Any) -> Select[Any]:
    return select(
        cast(literal(number), Numeric(14, 2)).label("money"),
        cast(literal("0.05"), REAL).label("accuracy_m"),
        cast(literal("2026-11-23"), Date).label("day"),
        cast(literal("2026-11-23 10:15:30.25+04"), DateTime(timezone=True)).label("instant"),
        cast(literal(str(_KEY)), Uuid).label("key"),
        func.concat(func.chr(0x259), '"\\ %\n').label("said"),
        cast(literal('[{"kind": "lease"}]'), JSONB).label("papers"),
        cast(literal("true"), Boolean).label("joint"),
        cast(null(), Numeric(14, 2)).label("nothing"),
        func.ST_GeomFromEWKT(_WKT, type_=Geometry("POLYGON", srid=32639)).label("geom"),
    )


def _asked(connection: Connection, *questions: NestedRows, **values: object) -> list[list[Any]]:
    sql = f"SELECT CAST(json_build_array({', '.join(one.as_json for one in questions)}) AS text) AS answers"
    (row,) = fetch(connection, PreparedQuery(sql), values)
    answers = decode(row.answers)
    return [question.read(answer) for question, answer in zip(questions, answers, strict=True)]


def test_every_kind_of_value_is_what_the_driver_gives(connection: Connection) -> None:
    both = union_all(_typed("85000"), _typed("0.10")).subquery()
    query = select(both).order_by(both.c.money.desc())
    rows = fetch(connection, written(query), {})
    (found,) = _asked(connection, nested("found", query))
    plain = [{**row._asdict(), "geom": bytes(row.geom)} for row in rows]
    assert [row._asdict() for row in found] == plain
    assert [type(value) for value in found[0]] == [type(value) for value in plain[0].values()]
    assert (str(found[0].money), str(found[1].money)) == ("85000.00", "0.10")
    assert found[0].instant == datetime(2026, 11, 23, 6, 15, 30, 250_000, tzinfo=UTC)
    assert (found[0].accuracy_m, found[0].key, found[0].nothing) == (0.05, _KEY, None)


def test_questions_are_answered_apart_and_none_is_an_answer(connection: Connection) -> None:
    days = nested_text(
        "days",
        "SELECT CAST(:day AS date) + n AS day, n FROM generate_series(1, CAST(:days AS integer)) AS n ORDER BY n DESC",
        {"day": date.fromisoformat, "n": None},
    )
    money = nested("money", select(cast(bindparam("amount", type_=Text), Numeric(14, 2)).label("amount")))
    found, priced = _asked(connection, days, money, day=date(2026, 2, 27), days=2, amount="7")
    assert [tuple(row) for row in found] == [(date(2026, 3, 1), 2), (date(2026, 2, 28), 1)]
    assert [row.amount for row in priced] == [Decimal("7.00")]
    assert _asked(connection, days, day=date(2026, 2, 27), days=0) == [[]]
