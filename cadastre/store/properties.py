"""Reads one property with everything registered on it, at any point of both time axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from cadastre.db.prepared import PreparedQuery, fetch, prepared, written
from cadastre.domain.moment import Moment
from cadastre.store.investigations import FLAGS
from cadastre.store.nested_rows import NestedRows, decode, nested
from cadastre.store.paper_extracts import list_papers
from cadastre.store.property_entries import CLOSING, RESTRICTIONS, RIGHTS
from cadastre.store.property_land import OBJECTS, land_questions, polygon_of
from cadastre.store.servitudes import list_servitudes
from cadastre.store.standing import begun, bound, ever, known, standing
from cadastre.store.tables import parcel, property_, property_object

_ID = prepared("SELECT property_id FROM cadastre.property WHERE register_number = :number")
_SECTION = nested(
    "section",
    select(property_, list_papers().label("papers"), list_servitudes().label("servitudes")).where(
        property_.c.property_id == bindparam("property"), known(property_), begun(property_.c.opened_on)
    ),
)
_ENTRIES = (_SECTION, RIGHTS, RESTRICTIONS, FLAGS, CLOSING)
_OF_PARCEL = (
    select(property_object.c.property_id)
    .join(parcel, parcel.c.parcel_id == property_object.c.parcel_id)
    .where(parcel.c.cadastral_number == bindparam("number"), ever(property_object), standing(property_object))
    .order_by(property_object.c.property_object_id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class PropertyRows:
    """Rows of one property that are known and in force at a moment, in registration order."""

    property: Row[Any]
    parcels: Sequence[Row[Any]]
    buildings: Sequence[Row[Any]]
    units: Sequence[Row[Any]]
    rights: Sequence[Row[Any]]
    restrictions: Sequence[Row[Any]]
    own_building_ids: frozenset[int] = frozenset()  # of these, those entered as objects of this property
    other_building_ids: frozenset[int] = frozenset()  # standing on its land, but of another property
    flags: Sequence[Row[Any]] = ()  # what of it is under investigation
    closing: Row[Any] | None = None  # when and why it was closed, and what came of it


@dataclass(frozen=True, slots=True)
class _Statement:
    """All questions about a property as one statement: asking costs more than most of the answers."""

    questions: tuple[NestedRows, ...]
    sql: PreparedQuery


@cache
def _statement(*, ground: bool) -> _Statement:
    questions, asked = section_questions(ground=ground)
    # wrapped: what EXECUTE tells of its columns it copies, and so would copy all questions each time
    return _Statement(questions, PreparedQuery(f"SELECT CAST(answers AS text) FROM ({asked}) AS all_of_it"))


def section_questions(*, ground: bool) -> tuple[tuple[NestedRows, ...], str]:
    """Give all questions about a property, and the one query that answers them as a JSON array, ``answers``.

    It binds ``property``, ``as_of`` and ``known_at``.
    """
    questions = (*_ENTRIES, *land_questions(ground=ground))
    asked = ", ".join(one.as_json for one in questions)
    return (
        questions,
        f"WITH own AS MATERIALIZED ({written(OBJECTS).sql}) SELECT json_build_array({asked}) AS answers",
    )


def read_answers(questions: Sequence[NestedRows], answers: str) -> PropertyRows | None:
    """Read what the questions about a property were answered, None when it was not registered then."""
    found = {one.name: one.read(rows) for one, rows in zip(questions, decode(answers), strict=True)}
    if not found["section"]:
        return None
    return PropertyRows(
        property=found["section"][0],
        parcels=found["parcels"],
        buildings=found["buildings"],
        units=found["units"],
        rights=found["rights"],
        restrictions=found["restrictions"],
        own_building_ids=frozenset(b.building_id for b in found["buildings"] if b.is_own),
        other_building_ids=frozenset(b.building_id for b in found.get("of_others", ())),
        flags=found["flags"],
        closing=next(iter(found["closing"]), None),
    )


def find_property_id(connection: Connection, register_number: str) -> int | None:
    """Identity of the property with this register number, whatever its state."""
    found = fetch(connection, _ID, {"number": register_number})
    return found[0].property_id if found else None


def list_properties_of_parcel(connection: Connection, cadastral_number: str) -> list[int]:
    """Every property that the parcel with this number is or ever was an object of."""
    query = (
        select(property_object.c.property_id)
        .join(parcel, parcel.c.parcel_id == property_object.c.parcel_id)
        .where(parcel.c.cadastral_number == cadastral_number, ever(property_object))
        .distinct()
        .order_by(property_object.c.property_id)
    )
    return list(connection.execute(query).scalars())


def find_property_of_parcel(connection: Connection, cadastral_number: str, at: Moment) -> int | None:
    """Property that the parcel with this number was an object of at a moment, or None."""
    return connection.execute(_OF_PARCEL, bound(at, number=cadastral_number)).scalar_one_or_none()


def find_register_number(connection: Connection, property_id: int) -> str:
    """Register number of a property."""
    query = select(property_.c.register_number).where(property_.c.property_id == property_id)
    return str(connection.execute(query).scalar_one())


def is_parcel_number(connection: Connection, cadastral_number: str) -> bool:
    """Whether a parcel has this number, a right registered on it or not."""
    query = select(parcel.c.parcel_id).where(parcel.c.cadastral_number == cadastral_number)
    return connection.execute(query).first() is not None


def find_property(
    connection: Connection, property_id: int, at: Moment, *, ground: bool = True
) -> PropertyRows | None:
    """Everything registered on the property at a moment, or None when it was not registered then.

    Without ``ground`` its land, buildings and units come without outlines, zone and what they stand on, and
    what is not entered in it but stands on its land is left out.
    """
    statement = _statement(ground=ground)
    answers = fetch(connection, statement.sql, bound(at, property=property_id))[0].answers
    return read_answers(statement.questions, answers)


def find_last_state(connection: Connection, closed: PropertyRows) -> PropertyRows | None:
    """Give a closed section as it stood at its end, with what is known of its closing."""
    if closed.closing is None:
        return closed
    end = Moment(as_of=closed.closing.closed_on, known_at=closed.closing.closed_at - 1)
    stood = find_property(connection, closed.property.property_id, end)
    return None if stood is None else replace(stood, closing=closed.closing)


def has_holder(rows: PropertyRows, *, fin: str | None, voen: str | None) -> bool:
    """Whether a person or organisation holds a right in the property or benefits from a restriction."""
    parties = [*rows.rights, *rows.restrictions]
    return any((fin and row.fin == fin) or (voen and row.voen == voen) for row in parties)


__all__ = [
    "PropertyRows",
    "find_last_state",
    "find_property",
    "find_property_id",
    "find_property_of_parcel",
    "find_register_number",
    "has_holder",
    "is_parcel_number",
    "list_properties_of_parcel",
    "polygon_of",
    "read_answers",
    "section_questions",
]
