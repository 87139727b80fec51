"""Asks what parcels and properties came of, and what came of them, in one statement for any depth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, TextClause

from cadastre.db.prepared import prepared
from cadastre.domain.lineage import Direction, LineageStep

# The recursion joins steps, not things, so that UNION drops a step that is met again. known_at cuts
# at the end: time grows along every lineage. Each step is sought by itself (OFFSET keeps the planner from
# joining all lineage once a generation). The day is a scalar question, not a join: how many steps
# come is not foreseen, and a hash of all parcel versions would be built for them.
_STEPS = """
    WITH RECURSIVE reached AS (
        SELECT l.from_{key} AS from_id, l.to_{key} AS to_id, l.manner, l.recorded_leaf
          FROM cadastre.{table} l WHERE l.{near}_{key} = ANY (CAST(:starts AS bigint[]))
         UNION
        SELECT l.from_{key}, l.to_{key}, l.manner, l.recorded_leaf
          FROM reached r
         CROSS JOIN LATERAL (
               SELECT n.from_{key}, n.to_{key}, n.manner, n.recorded_leaf
                 FROM cadastre.{table} n WHERE n.{near}_{key} = r.{far}_id OFFSET 0) AS l
    ), few AS (SELECT * FROM reached LIMIT :most)
    SELECT few.from_id, few.to_id, few.manner, ({day} = few.to_id) AS on_day
      FROM few
     WHERE CAST(:known_at AS bigint) IS NULL
        OR (SELECT f.ledger_index FROM ledger.leaf f WHERE f.leaf_id = few.recorded_leaf) <= :known_at
"""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Where the lineage of a kind of thing is kept."""

    table: str
    key: str
    day: str

    def steps(self, direction: Direction) -> TextClause:
        """Give the statement for one direction; its names are those of this module."""
        near, far = ("to", "from") if direction is Direction.UP else ("from", "to")
        return prepared(_STEPS.format(table=self.table, key=self.key, near=near, far=far, day=self.day))


_PARCEL = _Kind(
    "parcel_lineage", "version_id", "SELECT v.valid_from FROM cadastre.parcel_version v WHERE v.version_id"
)
_PROPERTY = _Kind(
    "property_lineage", "property_id", "SELECT p.opened_on FROM cadastre.property p WHERE p.property_id"
)
_STATEMENTS = {
    (kind.table, direction): kind.steps(direction) for kind in (_PARCEL, _PROPERTY) for direction in Direction
}
# Two arms, each by its own partial index; scalar questions, for EXISTS ... OR EXISTS would read all lineage.
_VERSIONS_OF_PARCEL = prepared("""
    WITH named AS (SELECT parcel_id FROM cadastre.parcel WHERE cadastral_number = :number),
    version AS (
        SELECT v.version_id, v.recorded_leaf, v.valid_from, true AS is_current
          FROM cadastre.parcel_version v
         WHERE v.parcel_id = (SELECT parcel_id FROM named)
           AND v.superseded_leaf IS NULL AND v.valid_to IS NULL
         UNION ALL
        SELECT v.version_id, v.recorded_leaf, v.valid_from, false
          FROM cadastre.parcel_version v
         WHERE v.parcel_id = (SELECT parcel_id FROM named)
           AND (v.superseded_leaf IS NOT NULL OR v.valid_to IS NOT NULL))
    SELECT v.version_id
      FROM version v
     WHERE (v.is_current
            OR (SELECT true FROM cadastre.parcel_lineage l WHERE l.from_version_id = v.version_id LIMIT 1)
            OR (SELECT true FROM cadastre.parcel_lineage l WHERE l.to_version_id = v.version_id LIMIT 1))
       AND (CAST(:known_at AS bigint) IS NULL
            OR (SELECT f.ledger_index FROM ledger.leaf f WHERE f.leaf_id = v.recorded_leaf) <= :known_at)
       AND (CAST(:as_of AS date) IS NULL OR v.valid_from <= :as_of)
     ORDER BY v.version_id
""")
_VERSIONS = prepared("""
    SELECT v.version_id AS id, p.cadastral_number AS number, v.valid_from AS began_on,
           v.surveyed_area_m2 AS area_m2,
           CASE WHEN v.superseded_leaf IS NULL THEN v.valid_to
                WHEN CAST(:known_at AS bigint) IS NULL
                     OR (SELECT f.ledger_index FROM ledger.leaf f WHERE f.leaf_id = v.superseded_leaf)
                        <= :known_at
                THEN coalesce(
                    v.valid_to,
                    (SELECT min(c.valid_from)
                       FROM cadastre.parcel_lineage l
                       JOIN cadastre.parcel_version c ON c.version_id = l.to_version_id
                      WHERE l.from_version_id = v.version_id),
                    (SELECT min(c.valid_to) FROM cadastre.parcel_version c
                      WHERE c.parcel_id = v.parcel_id AND c.recorded_leaf = v.superseded_leaf
                        AND (c.superseded_leaf IS NOT NULL OR c.valid_to IS NOT NULL)))
            END AS ended_on
      FROM cadastre.parcel_version v JOIN cadastre.parcel p USING (parcel_id)
     WHERE v.version_id = ANY (CAST(:ids AS bigint[]))
""")
_PROPERTIES = prepared("""
    SELECT p.property_id AS id, p.register_number AS number, p.opened_on AS began_on,
           CAST(NULL AS numeric) AS area_m2, c.closed_on AS ended_on
      FROM cadastre.property p
      LEFT JOIN cadastre.property_closure c
        ON c.property_id = p.property_id
       AND CASE WHEN CAST(:known_at AS bigint) IS NULL THEN c.superseded_leaf IS NULL
                ELSE ledger.is_known(c.recorded_leaf, c.superseded_leaf, :known_at) END
     WHERE p.property_id = ANY (CAST(:ids AS bigint[]))
""")


def list_parcel_steps(
    connection: Connection,
    versions: Sequence[int],
    direction: Direction,
    *,
    most: int,
    known_at: int | None = None,
) -> list[LineageStep]:
    """List the steps that lead from parcel versions up or down, at most ``most`` of them."""
    return _list_steps(connection, _PARCEL, versions, direction, most, known_at)


def list_property_steps(
    connection: Connection,
    properties: Sequence[int],
    direction: Direction,
    *,
    most: int,
    known_at: int | None = None,
) -> list[LineageStep]:
    """List the steps that lead from sections up or down, at most ``most`` of them."""
    return _list_steps(connection, _PROPERTY, properties, direction, most, known_at)


def list_versions_of_parcel(
    connection: Connection, cadastral_number: str, known_at: int | None = None, as_of: date | None = None
) -> list[int]:
    """List the versions of a parcel that have a lineage, and the current one; oldest first.

    Those entered after ``known_at`` or begun after ``as_of`` are left out.
    """
    values = {"number": cadastral_number, "known_at": known_at, "as_of": as_of}
    return list(connection.execute(_VERSIONS_OF_PARCEL, values).scalars())


def describe_versions(
    connection: Connection, ids: Iterable[int], known_at: int | None = None
) -> dict[int, Row[Any]]:
    """Give number, days and area of parcel versions; public facts only."""
    return _describe(connection, _VERSIONS, ids, known_at)


def describe_properties(
    connection: Connection, ids: Iterable[int], known_at: int | None = None
) -> dict[int, Row[Any]]:
    """Give number and days of sections; nothing of their holders."""
    return _describe(connection, _PROPERTIES, ids, known_at)


def _describe(
    connection: Connection, statement: TextClause, ids: Iterable[int], known_at: int | None
) -> dict[int, Row[Any]]:
    found = connection.execute(statement, {"ids": list(ids), "known_at": known_at})
    return {row.id: row for row in found}


def _list_steps(
    connection: Connection,
    kind: _Kind,
    starts: Sequence[int],
    direction: Direction,
    most: int,
    known_at: int | None,
) -> list[LineageStep]:
    values = {"starts": list(starts), "most": most, "known_at": known_at}
    rows = connection.execute(_STATEMENTS[kind.table, direction], values)
    steps = [LineageStep(*row) for row in rows]
    return sorted(steps, key=lambda step: (step.to_id, step.from_id))


__all__ = [
    "describe_properties",
    "describe_versions",
    "list_parcel_steps",
    "list_property_steps",
    "list_versions_of_parcel",
]
