"""The rows of the register that registered cases entered or closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, text

from cadastre.domain.property_state import RightState
from cadastre.kernel.errors import RuleBroken
from cadastre.store.states import read_right

_REGISTERED = text("""
    SELECT case_id, recorded_leaf FROM registry.case_step
     WHERE case_id = ANY (CAST(:cases AS uuid[])) AND kind = 'register'
""")
_PAST = text("""
    SELECT r.*, encode(public.ST_AsBinary(r.part_geom), 'hex') AS part
      FROM cadastre.property_right wrong
      JOIN cadastre.property_right r ON r.property_id = wrong.property_id
       AND (r.registration_number, r.kind, r.party_id)
           = (wrong.registration_number, wrong.kind, wrong.party_id)
     WHERE wrong.right_id = :right AND wrong.property_id = :property
       AND r.superseded_leaf IS NULL AND r.valid_to IS NOT NULL
     ORDER BY r.right_id
""")
_PROPERTIES = text("""
    SELECT DISTINCT property_id FROM registry.case_property WHERE case_id = ANY (CAST(:cases AS uuid[]))
""")
_CONTENDED = text("""
    SELECT 'building:' || b.building_number
      FROM registry.case_property c
      JOIN cadastre.property_object o USING (property_id)
      LEFT JOIN cadastre.building_unit u USING (unit_id)
      JOIN registry.building_stage s ON s.building_id = coalesce(o.building_id, u.building_id)
      JOIN cadastre.building b ON b.building_id = s.building_id
     WHERE c.case_id = ANY (CAST(:cases AS uuid[]))
     UNION
    SELECT 'paper:' || p.series || p.number
      FROM registry.case_property c JOIN registry.paper_extract p USING (property_id)
     WHERE c.case_id = ANY (CAST(:cases AS uuid[]))
""")
_RIGHTS = text("""
    SELECT r.*, public.ST_AsBinary(r.part_geom) AS part,
           coalesce(r.recorded_leaf = ANY (CAST(:leaves AS bigint[])), false) AS is_theirs
      FROM cadastre.property_right r
     WHERE r.property_id = ANY (CAST(:properties AS bigint[]))
       AND (r.recorded_leaf = ANY (CAST(:leaves AS bigint[]))
            OR r.superseded_leaf = ANY (CAST(:leaves AS bigint[])))
     ORDER BY r.right_id
""")
_RESTRICTIONS = text("""
    SELECT r.*, public.ST_AsBinary(r.part_geom) AS part,
           coalesce(r.recorded_leaf = ANY (CAST(:leaves AS bigint[])), false) AS is_theirs
      FROM cadastre.restriction r
     WHERE r.property_id = ANY (CAST(:properties AS bigint[]))
       AND (r.recorded_leaf = ANY (CAST(:leaves AS bigint[]))
            OR r.superseded_leaf = ANY (CAST(:leaves AS bigint[])))
     ORDER BY r.restriction_id
""")
_MEMBERSHIPS = text("""
    SELECT o.property_object_id AS id, o.property_id, o.recorded_leaf, o.superseded_leaf,
           (to_jsonb(o) - ARRAY['property_object_id', 'recorded_leaf', 'superseded_leaf', 'load_id'])::text
               AS contents,
           coalesce(o.recorded_leaf = ANY (CAST(:leaves AS bigint[])), false) AS is_theirs
      FROM cadastre.property_object o
     WHERE o.property_id = ANY (CAST(:properties AS bigint[]))
       AND (o.recorded_leaf = ANY (CAST(:leaves AS bigint[]))
            OR o.superseded_leaf = ANY (CAST(:leaves AS bigint[])))
     ORDER BY o.property_object_id
""")
# Both halves of the versions, each by its own partial index.
_VERSIONS = text("""
    WITH land AS (
        SELECT DISTINCT parcel_id FROM cadastre.property_object
         WHERE property_id = ANY (CAST(:properties AS bigint[])) AND parcel_id IS NOT NULL),
    version AS (
        SELECT v.* FROM land JOIN cadastre.parcel_version v USING (parcel_id)
         WHERE v.superseded_leaf IS NULL AND v.valid_to IS NULL
         UNION ALL
        SELECT v.* FROM land JOIN cadastre.parcel_version v USING (parcel_id)
         WHERE v.superseded_leaf IS NOT NULL OR v.valid_to IS NOT NULL)
    SELECT v.version_id AS id, v.recorded_leaf, v.superseded_leaf,
           (to_jsonb(v) - ARRAY['version_id', 'recorded_leaf', 'superseded_leaf', 'load_id'])::text
               AS contents,
           coalesce(v.recorded_leaf = ANY (CAST(:leaves AS bigint[])), false) AS is_theirs
      FROM version v
     WHERE v.recorded_leaf = ANY (CAST(:leaves AS bigint[]))
        OR v.superseded_leaf = ANY (CAST(:leaves AS bigint[]))
     ORDER BY 1
""")
_PAPERS = text("""
    SELECT p.paper_id AS id, p.property_id, p.series || p.number AS paper, p.recorded_leaf, p.superseded_leaf,
           (to_jsonb(p) - ARRAY['paper_id', 'case_id', 'recorded_leaf', 'superseded_leaf'])::text AS contents,
           coalesce(p.recorded_leaf = ANY (CAST(:leaves AS bigint[])), false) AS is_theirs
      FROM registry.paper_extract p
     WHERE p.property_id = ANY (CAST(:properties AS bigint[]))
       AND (p.recorded_leaf = ANY (CAST(:leaves AS bigint[]))
            OR p.superseded_leaf = ANY (CAST(:leaves AS bigint[])))
     ORDER BY p.paper_id
""")
_SECTIONS = text("""
    SELECT p.property_id,
           p.recorded_leaf = ANY (CAST(:leaves AS bigint[])) AS is_theirs,
           c.recorded_leaf AS closed_by
      FROM cadastre.property p
      LEFT JOIN cadastre.property_closure c ON c.property_id = p.property_id AND c.superseded_leaf IS NULL
     WHERE p.property_id = ANY (CAST(:properties AS bigint[]))
     ORDER BY p.property_id
""")


_OWN: Final = frozenset(
    {
        "right_id",
        "restriction_id",
        "continues_right_id",
        "continues_restriction_id",
        "recorded_leaf",
        "superseded_leaf",
        "case_id",
        "load_id",
        "is_theirs",
    }
)
"""What two rows that say the same may differ in."""


@dataclass(frozen=True, slots=True)
class CaseRows:
    """Rows that cases entered (``is_theirs``) or closed, and the sections that they are about.

    ``leaves`` are those of their registrations.
    """

    leaves: tuple[int, ...]
    properties: tuple[int, ...]
    rights: Sequence[Row[Any]]
    restrictions: Sequence[Row[Any]]
    memberships: Sequence[Row[Any]]
    versions: Sequence[Row[Any]]
    sections: Sequence[Row[Any]]
    papers: Sequence[Row[Any]] = ()

    @property
    def asked(self) -> Mapping[str, list[int]]:
        """Sections and leaves as statements bind them."""
        return {"properties": list(self.properties), "leaves": list(self.leaves)}

    @property
    def opened(self) -> tuple[int, ...]:
        """Sections that the cases opened and that are open."""
        return tuple(row.property_id for row in self.sections if row.is_theirs and row.closed_by is None)

    @property
    def later(self) -> set[int]:
        """Leaves of others that closed what the cases entered or opened."""
        closed_by = {row.superseded_leaf for row in self._all() if row.is_theirs}
        closed_by |= {row.closed_by for row in self.sections if row.is_theirs}
        return closed_by - {None, *self.leaves}

    @property
    def earlier(self) -> set[int]:
        """Leaves of others that had entered what the cases closed."""
        return {row.recorded_leaf for row in self._all() if not row.is_theirs}

    @property
    def closed(self) -> tuple[int, ...]:
        """Sections of others that the cases closed and that are closed."""
        return tuple(
            row.property_id for row in self.sections if row.closed_by in self.leaves and not row.is_theirs
        )

    @property
    def changes_nothing(self) -> bool:
        """Whether all that they did comes to nothing: what they closed stands again, word for word."""
        is_idle = all(not to_void and not to_restore for to_void, to_restore in map(split, self._kinds()))
        return is_idle and not self.opened and not self.closed

    def _all(self) -> Iterator[Row[Any]]:
        for rows in self._kinds():
            yield from rows

    def _kinds(self) -> tuple[Sequence[Row[Any]], ...]:
        return self.rights, self.restrictions, self.memberships, self.versions, self.papers


def split(rows: Sequence[Row[Any]]) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """Give the rows that undoing the cases voids, and those that it restores.

    A row that stands and says what one of those to be restored says is left alone, and so is that one.
    """
    to_void = [row for row in rows if stands(row)]
    to_restore = [row for row in rows if not row.is_theirs]
    alike = Counter(map(_contents, to_void)) & Counter(map(_contents, to_restore))
    return _leave_out(to_void, alike), _leave_out(to_restore, alike)


def _leave_out(rows: list[Row[Any]], alike: Counter[str]) -> list[Row[Any]]:
    left, kept = Counter(alike), []
    for row in rows:
        said = _contents(row)
        if left[said] > 0:
            left[said] -= 1
        else:
            kept.append(row)
    return kept


def _contents(row: Row[Any]) -> str:
    """Give what a row says, whichever row says it."""
    record = row._asdict()
    return str(record.get("contents") or {name: record[name] for name in record if name not in _OWN})


def stands(row: Row[Any]) -> bool:
    """Tell whether a row was entered by the cases and closed by nobody."""
    return bool(row.is_theirs) and row.superseded_leaf is None


def list_properties_of_cases(connection: Connection, case_ids: Sequence[UUID]) -> list[int]:
    """Give every section that cases are about, those that they opened included."""
    return list(connection.execute(_PROPERTIES, {"cases": list(case_ids)}).scalars())


def list_contended(connection: Connection, case_ids: Sequence[UUID]) -> list[str]:
    """Give the turnstiles of buildings and papers that cases told something of."""
    return sorted(connection.execute(_CONTENDED, {"cases": list(case_ids)}).scalars())


def list_past_of_right(connection: Connection, property_id: int, right_id: int) -> list[RightState]:
    """Give the rows of a right's entry that have ended and name the same holder."""
    rows = connection.execute(_PAST, {"property": property_id, "right": right_id})
    return [read_right(row._asdict()) for row in rows]


def read_case_rows(connection: Connection, case_ids: Sequence[UUID]) -> CaseRows:
    """Read what cases entered and closed, as if they were one.

    Raises
    ------
    RuleBroken
        One of them is not registered.
    """
    leaves = _leaves(connection, case_ids)
    properties = list_properties_of_cases(connection, case_ids)
    asked = {"properties": properties, "leaves": leaves}
    return CaseRows(
        tuple(leaves),
        tuple(properties),
        rights=connection.execute(_RIGHTS, asked).all(),
        restrictions=connection.execute(_RESTRICTIONS, asked).all(),
        memberships=connection.execute(_MEMBERSHIPS, asked).all(),
        versions=connection.execute(_VERSIONS, asked).all(),
        sections=connection.execute(_SECTIONS, asked).all(),
        papers=connection.execute(_PAPERS, asked).all(),
    )


def _leaves(connection: Connection, case_ids: Sequence[UUID]) -> list[int]:
    found = {
        row.case_id: row.recorded_leaf for row in connection.execute(_REGISTERED, {"cases": list(case_ids)})
    }
    if missing := [str(case_id) for case_id in case_ids if case_id not in found]:
        raise RuleBroken(
            f"The case {missing[0]} is not registered; nothing of it can be cancelled.",
            code="case-not-registered",
            rule="cancel-needs-entry",
            cases=missing,
        )
    return sorted(found.values())


__all__ = [
    "CaseRows",
    "list_contended",
    "list_past_of_right",
    "list_properties_of_cases",
    "read_case_rows",
    "split",
]
