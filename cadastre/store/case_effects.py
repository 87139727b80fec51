"""Reads what registered cases entered and closed, and which later cases rest on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from cadastre.domain.case_effects import (
    CaseEffects,
    Dependant,
    FormerVersion,
    PlacedRestriction,
    PlacedRight,
)
from cadastre.kernel.errors import RuleBroken
from cadastre.store.states import read_restriction, read_right

_REGISTERED = text("""
    SELECT case_id, recorded_leaf FROM registry.case_step
     WHERE case_id = ANY (CAST(:cases AS uuid[])) AND kind = 'register'
""")
_PROPERTIES = text("""
    SELECT DISTINCT property_id FROM registry.case_property WHERE case_id = ANY (CAST(:cases AS uuid[]))
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
    SELECT o.property_object_id AS id, o.property_id, o.superseded_leaf,
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
        SELECT v.version_id, v.recorded_leaf, v.superseded_leaf
          FROM land JOIN cadastre.parcel_version v USING (parcel_id)
         WHERE v.superseded_leaf IS NULL AND v.valid_to IS NULL
         UNION ALL
        SELECT v.version_id, v.recorded_leaf, v.superseded_leaf
          FROM land JOIN cadastre.parcel_version v USING (parcel_id)
         WHERE v.superseded_leaf IS NOT NULL OR v.valid_to IS NOT NULL)
    SELECT v.version_id AS id, v.superseded_leaf,
           coalesce(v.recorded_leaf = ANY (CAST(:leaves AS bigint[])), false) AS is_theirs
      FROM version v
     WHERE v.recorded_leaf = ANY (CAST(:leaves AS bigint[]))
        OR v.superseded_leaf = ANY (CAST(:leaves AS bigint[]))
     ORDER BY 1
""")
_LINEAGE = text("""
    SELECT from_version_id, to_version_id FROM cadastre.parcel_lineage
     WHERE from_version_id = ANY (CAST(:versions AS bigint[]))
       AND recorded_leaf = ANY (CAST(:leaves AS bigint[]))
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
# What was given by the holders that the cases entered, or stands in a section that they opened: entered
# since, under a number that was not there before. What an authority imposed on the whole stays on it.
_RESTING = text("""
    SELECT e.recorded_leaf, e.registration_number
      FROM (SELECT property_id, kind, recorded_leaf, registration_number, NULL::uuid AS burdened,
                   false AS imposed
              FROM cadastre.property_right
             WHERE property_id = ANY (CAST(:properties AS bigint[])) AND superseded_leaf IS NULL
               AND valid_to IS NULL
            UNION ALL
            SELECT r.property_id, r.kind, r.recorded_leaf, r.registration_number, r.burdened_party_id,
                   EXISTS (SELECT FROM registry.restriction_kind k WHERE k.code = r.kind AND k.by_authority)
              FROM cadastre.restriction r
             WHERE r.property_id = ANY (CAST(:properties AS bigint[])) AND r.superseded_leaf IS NULL
               AND r.valid_to IS NULL) AS e
     WHERE NOT e.recorded_leaf = ANY (CAST(:leaves AS bigint[])) AND e.recorded_leaf > :first
       AND e.kind NOT IN ('ownership', 'future_ownership')
       AND (e.property_id = ANY (CAST(:opened AS bigint[]))
            OR e.property_id = ANY (CAST(:owned AS bigint[]))
               AND CASE WHEN e.burdened IS NULL THEN NOT e.imposed
                        ELSE e.burdened = ANY (CAST(:holders AS uuid[])) END)
       AND NOT EXISTS (SELECT FROM cadastre.property_right o
                        WHERE o.property_id = ANY (CAST(:properties AS bigint[]))
                          AND o.registration_number = e.registration_number AND o.recorded_leaf < :first)
       AND NOT EXISTS (SELECT FROM cadastre.restriction o
                        WHERE o.property_id = ANY (CAST(:properties AS bigint[]))
                          AND o.registration_number = e.registration_number AND o.recorded_leaf < :first)
""")
_CASES = text("""
    SELECT f.case_id, f.journal_number, f.service, t.recorded_leaf
      FROM registry.case_step t JOIN registry.case_file f USING (case_id)
     WHERE t.kind = 'register' AND t.recorded_leaf = ANY (CAST(:leaves AS bigint[]))
     ORDER BY f.journal_number
""")
_OWNING = ("ownership", "future_ownership")


def list_properties_of_cases(connection: Connection, case_ids: Sequence[UUID]) -> list[int]:
    """Give every section that cases are about, those that they opened included."""
    return list(connection.execute(_PROPERTIES, {"cases": list(case_ids)}).scalars())


def read_effects(connection: Connection, case_ids: Sequence[UUID]) -> CaseEffects:
    """Read what cases did together, as one: what one of them entered and another closed is left out.

    The heads of the sections that they are about are held. ``dependants`` name the whole chain of later
    cases that rest on theirs.

    Raises
    ------
    RuleBroken
        One of them is registered in no section.
    """
    effects, direct = _read(connection, list(case_ids))
    found: dict[UUID, Dependant] = {}
    while direct:
        found |= {each.case_id: each for each in direct if each.case_id not in found}
        _, further = _read(connection, [*case_ids, *found])
        direct = [each for each in further if each.case_id not in found]
    chain = sorted(found.values(), key=lambda each: each.journal_number)
    return replace(effects, dependants=tuple(chain))


def _read(connection: Connection, case_ids: list[UUID]) -> tuple[CaseEffects, list[Dependant]]:
    leaves = _leaves(connection, case_ids)
    asked = {"properties": list_properties_of_cases(connection, case_ids), "leaves": leaves}
    rights = connection.execute(_RIGHTS, asked).all()
    restrictions = connection.execute(_RESTRICTIONS, asked).all()
    memberships = connection.execute(_MEMBERSHIPS, asked).all()
    versions = connection.execute(_VERSIONS, asked).all()
    sections = connection.execute(_SECTIONS, asked).all()
    opened = tuple(row.property_id for row in sections if row.is_theirs and row.closed_by is None)
    theirs = [row for row in (*rights, *restrictions, *memberships, *versions) if row.is_theirs]
    later = {row.superseded_leaf for row in theirs} - {None, *leaves}
    later |= {row.closed_by for row in sections if row.is_theirs} - {None, *leaves}
    resting = _resting(connection, asked, opened, rights)
    standing = [row.id for row in versions if row.is_theirs and row.superseded_leaf is None]
    former = [row.id for row in versions if not row.is_theirs]
    effects = CaseEffects(
        rights=tuple(_placed_right(row) for row in rights if _stands(row)),
        former_rights=tuple(_placed_right(row) for row in rights if not row.is_theirs),
        restrictions=tuple(_placed_restriction(row) for row in restrictions if _stands(row)),
        former_restrictions=tuple(_placed_restriction(row) for row in restrictions if not row.is_theirs),
        memberships=tuple(row.id for row in memberships if _stands(row)),
        former_memberships=tuple(row.id for row in memberships if not row.is_theirs),
        versions=tuple(standing),
        former_versions=_former_versions(connection, former, standing, leaves),
        opened=opened,
        closed=tuple(row.property_id for row in sections if row.closed_by in leaves and not row.is_theirs),
    )
    return effects, _dependants(connection, later, resting)


def _leaves(connection: Connection, case_ids: list[UUID]) -> list[int]:
    found = {row.case_id: row.recorded_leaf for row in connection.execute(_REGISTERED, {"cases": case_ids})}
    if missing := [str(case_id) for case_id in case_ids if case_id not in found]:
        raise RuleBroken(
            f"The case {missing[0]} is not registered; nothing of it can be cancelled.",
            code="case-not-registered",
            rule="cancel-needs-entry",
            cases=missing,
        )
    return sorted(found.values())


def _stands(row: Row[Any]) -> bool:
    return bool(row.is_theirs) and row.superseded_leaf is None


def _placed_right(row: Row[Any]) -> PlacedRight:
    return PlacedRight(row.property_id, read_right(row._asdict()), row.valid_to is not None)


def _placed_restriction(row: Row[Any]) -> PlacedRestriction:
    return PlacedRestriction(row.property_id, read_restriction(row._asdict()), row.valid_to is not None)


def _resting(
    connection: Connection,
    asked: dict[str, list[int]],
    opened: Sequence[int],
    rights: Iterable[Row[Any]],
) -> dict[int, list[str]]:
    """Give the numbers of entries that stand on what the cases entered, by the leaf that entered them."""
    owners = [row for row in rights if row.is_theirs and row.kind in _OWNING and row.valid_to is None]
    values = {
        **asked,
        "first": min(asked["leaves"]),
        "opened": list(opened),
        "owned": sorted({row.property_id for row in owners}),
        "holders": [str(row.party_id) for row in owners],
    }
    numbers: defaultdict[int, list[str]] = defaultdict(list)
    for row in connection.execute(_RESTING, values):
        numbers[row.recorded_leaf].append(row.registration_number)
    return numbers


def _former_versions(
    connection: Connection, former: Sequence[int], standing: Sequence[int], leaves: Sequence[int]
) -> tuple[FormerVersion, ...]:
    """Say for each version that stands again which of those that are voided came of it, at any distance."""
    steps: defaultdict[int, list[int]] = defaultdict(list)
    fresh = list(former)
    while fresh:
        rows = connection.execute(_LINEAGE, {"versions": fresh, "leaves": list(leaves)}).all()
        for row in rows:
            steps[row.from_version_id].append(row.to_version_id)
        fresh = [row.to_version_id for row in rows if row.to_version_id not in steps]
    kept = set(standing)
    return tuple(FormerVersion(key, tuple(sorted(_reach(steps, key) & kept))) for key in former)


def _reach(steps: defaultdict[int, list[int]], start: int) -> set[int]:
    found, fresh = set[int](), list(steps.get(start, ()))
    while fresh:
        item = fresh.pop()
        if item not in found:
            found.add(item)
            fresh += steps.get(item, ())
    return found


def _dependants(connection: Connection, later: set[int], resting: dict[int, list[str]]) -> list[Dependant]:
    """Name the cases of the leaves; what came of no case stands in the way for good."""
    leaves = sorted(later | set(resting))
    rows = connection.execute(_CASES, {"leaves": leaves}).all()
    if others := set(leaves) - {row.recorded_leaf for row in rows}:
        raise RuleBroken(
            "Later entries that came of no case rest on what is to be cancelled.",
            code="later-entries-rest-on-it",
            rule="cancellation-chain",
            registration_numbers=sorted(number for leaf in others for number in resting.get(leaf, ())),
        )
    return [
        Dependant(
            row.case_id, row.journal_number, row.service, tuple(sorted(resting.get(row.recorded_leaf, ())))
        )
        for row in rows
    ]


__all__ = ["list_properties_of_cases", "read_effects"]
