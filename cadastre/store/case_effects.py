"""Reads what registered cases did, and which later cases rest on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
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
from cadastre.store.case_rows import CaseRows, read_case_rows, split
from cadastre.store.states import read_restriction, read_right
from cadastre.store.undone_facts import list_facts

_LINEAGE = text("""
    SELECT from_version_id, to_version_id FROM cadastre.parcel_lineage
     WHERE from_version_id = ANY (CAST(:versions AS bigint[]))
       AND recorded_leaf = ANY (CAST(:leaves AS bigint[]))
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
_OWNING: Final = ("ownership", "future_ownership")
_CANCELLATION: Final = "cancellation"


def read_effects(connection: Connection, case_ids: Sequence[UUID]) -> CaseEffects:
    """Read what cases did together, as one: what one of them entered and another closed is left out.

    The heads of the sections that they are about are held. ``dependants`` name the whole chain of later
    cases that rest on theirs; a chain that courts have cancelled already is in nobody's way.

    Raises
    ------
    RuleBroken
        One of them is not registered, or entries that came of no case rest on theirs.
    """
    rows = read_case_rows(connection, case_ids)
    direct = _list_dependants(connection, rows)
    chain = _follow(connection, case_ids, direct)
    undone = _find_undone(connection, case_ids, chain) if chain else None
    if undone is not None:
        return _effects(connection, read_case_rows(connection, [*case_ids, *undone]))
    ordered = sorted(chain.values(), key=lambda each: each.journal_number)
    return replace(_effects(connection, rows), dependants=tuple(ordered))


def _follow(
    connection: Connection, case_ids: Sequence[UUID], direct: Sequence[Dependant]
) -> dict[UUID, Dependant]:
    """Find everything that rests on what rests on the cases, at any distance."""
    found: dict[UUID, Dependant] = {}
    while direct:
        found |= {each.case_id: each for each in direct}
        further = _list_dependants(connection, read_case_rows(connection, [*case_ids, *found]))
        direct = [each for each in further if each.case_id not in found]
    return found


def _find_undone(
    connection: Connection, case_ids: Sequence[UUID], chain: Mapping[UUID, Dependant]
) -> list[UUID] | None:
    """Give the chain with all that its cancellations had cancelled, if together they come to nothing."""
    found = {case_id: each.service for case_id, each in chain.items()}
    fresh = dict(found)
    while fresh:
        undoing = [case_id for case_id, service in fresh.items() if service == _CANCELLATION]
        leaves = read_case_rows(connection, undoing).earlier if undoing else set()
        rows = connection.execute(_CASES, {"leaves": sorted(leaves)}).all()
        fresh = {row.case_id: row.service for row in rows if row.case_id not in found}
        if fresh.keys() & set(case_ids):
            return None  # what is to be cancelled was cancelled itself
        found |= fresh
    return list(found) if read_case_rows(connection, list(found)).changes_nothing else None


def _effects(connection: Connection, rows: CaseRows) -> CaseEffects:
    rights, restrictions, memberships, versions = map(
        split, (rows.rights, rows.restrictions, rows.memberships, rows.versions)
    )
    standing, former = ([row.id for row in part] for part in versions)
    facts, former_facts = list_facts(connection, rows)
    return CaseEffects(
        rights=tuple(map(_placed_right, rights[0])),
        former_rights=tuple(map(_placed_right, rights[1])),
        restrictions=tuple(map(_placed_restriction, restrictions[0])),
        former_restrictions=tuple(map(_placed_restriction, restrictions[1])),
        memberships=tuple(row.id for row in memberships[0]),
        former_memberships=tuple(row.id for row in memberships[1]),
        versions=tuple(standing),
        former_versions=_former_versions(connection, former, standing, rows.leaves),
        opened=rows.opened,
        closed=rows.closed,
        facts=facts,
        former_facts=former_facts,
    )


def _placed_right(row: Row[Any]) -> PlacedRight:
    return PlacedRight(row.property_id, read_right(row._asdict()), row.valid_to is not None)


def _placed_restriction(row: Row[Any]) -> PlacedRestriction:
    return PlacedRestriction(row.property_id, read_restriction(row._asdict()), row.valid_to is not None)


def _resting(connection: Connection, rows: CaseRows) -> dict[int, list[str]]:
    """Give the numbers of entries that stand on what the cases entered, by the leaf that entered them."""
    owners = [row for row in rows.rights if row.is_theirs and row.kind in _OWNING and row.valid_to is None]
    values = {
        **rows.asked,
        "first": min(rows.leaves),
        "opened": list(rows.opened),
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


def _list_dependants(connection: Connection, rows: CaseRows) -> list[Dependant]:
    """Name the cases whose entries rest on theirs; what came of no case stands in the way for good."""
    resting = _resting(connection, rows)
    leaves = sorted(rows.later | set(resting))
    found = connection.execute(_CASES, {"leaves": leaves}).all()
    if others := set(leaves) - {row.recorded_leaf for row in found}:
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
        for row in found
    ]


__all__ = ["read_effects"]
