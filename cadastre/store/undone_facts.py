"""Stages of buildings and records of papers that cases told: which of them undoing the cases takes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, TextClause, text

from cadastre.domain.case_effects import PlacedFact
from cadastre.domain.first_objects import UNFINISHED
from cadastre.domain.plan import RestoreFact, VoidFact
from cadastre.kernel.errors import Conflict
from cadastre.store.case_rows import CaseRows, split
from cadastre.store.entry_rows import Decision

_BUILDINGS = text("""
    SELECT DISTINCT coalesce(o.building_id, u.building_id) AS building_id
      FROM cadastre.property_object o LEFT JOIN cadastre.building_unit u USING (unit_id)
     WHERE o.property_id = ANY (CAST(:properties AS bigint[])) AND num_nonnulls(o.building_id, o.unit_id) > 0
     ORDER BY 1
""")
# A stage is told by a case as long as anything that the case entered is true: a court that undid the case
# before may have left the stage to units of others.
_STAGES = text("""
    WITH RECURSIVE unit AS (
        SELECT unit_id FROM cadastre.building_unit WHERE building_id = :building AND superseded_leaf IS NULL
         UNION
        SELECT unit_id FROM cadastre.building_unit
         WHERE building_id = :building AND superseded_leaf IS NOT NULL),
    section AS (
        SELECT property_id FROM unit JOIN cadastre.property_object o USING (unit_id)
         WHERE o.superseded_leaf IS NULL AND o.valid_to IS NULL
         UNION
        SELECT property_id FROM unit JOIN cadastre.property_object o USING (unit_id)
         WHERE o.superseded_leaf IS NOT NULL OR o.valid_to IS NOT NULL
         UNION
        SELECT property_id FROM cadastre.property_object
         WHERE building_id = :building AND superseded_leaf IS NULL AND valid_to IS NULL
         UNION
        SELECT property_id FROM cadastre.property_object
         WHERE building_id = :building AND (superseded_leaf IS NOT NULL OR valid_to IS NOT NULL)),
    entry AS (
        SELECT r.right_id, r.continues_right_id, r.recorded_leaf,
               r.superseded_leaf IS NULL AND NOT r.right_id = ANY (CAST(:voided AS bigint[]))
               OR r.right_id = ANY (CAST(:restored AS bigint[])) AS stands
          FROM section JOIN cadastre.property_right r USING (property_id)),
    living AS (
        SELECT right_id, continues_right_id, recorded_leaf FROM entry WHERE stands
         UNION
        SELECT e.right_id, e.continues_right_id, e.recorded_leaf
          FROM living JOIN entry e ON e.right_id = living.continues_right_id)
    SELECT s.stage_id, s.stage, s.recorded_leaf, s.superseded_leaf,
           s.recorded_leaf = ANY (CAST(:leaves AS bigint[]))
           OR EXISTS (SELECT FROM entry e WHERE e.recorded_leaf = s.recorded_leaf)
              AND NOT EXISTS (SELECT FROM living e WHERE e.recorded_leaf = s.recorded_leaf) AS is_untold
      FROM registry.building_stage s WHERE s.building_id = :building
     ORDER BY s.stage_id
""")
# A unit of others is claimed in a building that is not finished, and owned in one that is.
_OTHERS = text("""
    SELECT EXISTS (
        SELECT FROM registry.list_held_in_building(:building) AS h (kind, right_id)
         WHERE h.kind = :kind AND NOT h.right_id = ANY (CAST(:voided AS bigint[])))
""")
_VOID: Final = {
    "stage": text("""
        UPDATE registry.building_stage SET superseded_leaf = :leaf
         WHERE stage_id = :id AND superseded_leaf IS NULL
    """),
    "paper": text("""
        UPDATE registry.paper_extract SET superseded_leaf = :leaf
         WHERE paper_id = :id AND superseded_leaf IS NULL
    """),
}
_RESTORE: Final = {
    "stage": text("""
        INSERT INTO registry.building_stage
               (building_id, stage, valid_from, source_id, case_id, recorded_leaf)
        SELECT building_id, stage, valid_from, source_id, :case, :leaf
          FROM registry.building_stage WHERE stage_id = :id AND superseded_leaf IS NOT NULL
    """),
    "paper": text("""
        INSERT INTO registry.paper_extract (series, number, property_id, issued_on, state, document_id,
                                            case_id, recorded_leaf)
        SELECT series, number, property_id, issued_on, state, document_id, :case, :leaf
          FROM registry.paper_extract WHERE paper_id = :id AND superseded_leaf IS NOT NULL
    """),
}
_OWNED: Final = "ownership"
_CLAIMED: Final = "future_ownership"


def list_facts(
    connection: Connection, rows: CaseRows
) -> tuple[tuple[PlacedFact, ...], tuple[PlacedFact, ...]]:
    """Give the facts to be voided and those to be restored; a stage on which others rest is neither."""
    to_void, to_restore = split(rows.papers)
    voided = [PlacedFact("paper", row.id) for row in to_void]
    restored = [PlacedFact("paper", row.id) for row in to_restore]
    rights = [[row.right_id for row in part] for part in split(rows.rights)]
    for building_id in connection.execute(_BUILDINGS, rows.asked).scalars():
        asked = {"building": building_id, "voided": rights[0], "restored": rights[1]}
        stages = connection.execute(_STAGES, {**asked, "leaves": list(rows.leaves)}).all()
        now = next((row for row in stages if row.superseded_leaf is None), None)
        told = _find_told(stages, now)
        if now is None or told is now or _has_others(connection, asked, told):
            continue
        voided.append(PlacedFact("stage", now.stage_id))
        if told is not None:
            restored.append(PlacedFact("stage", told.stage_id))
    return tuple(voided), tuple(restored)


def _find_told(stages: Sequence[Row[Any]], now: Row[Any] | None) -> Row[Any] | None:
    """Give the stage that a building is at when what nobody tells any more is left out, going back."""
    found = now
    while found is not None and found.is_untold:
        left_by = found.recorded_leaf
        found = next((row for row in stages if row.superseded_leaf == left_by), None)
    return found


def _has_others(connection: Connection, asked: Mapping[str, Any], told: Row[Any] | None) -> bool:
    """Tell whether units of others could not stand in a building at the stage that it goes back to."""
    if told is not None and told.stage not in UNFINISHED:
        return False
    kind = _CLAIMED if told is None else _OWNED
    values = {"building": asked["building"], "kind": kind, "voided": asked["voided"]}
    return bool(connection.execute(_OTHERS, values).scalar_one())


def void_fact(connection: Connection, decision: Decision, act: VoidFact) -> None:
    """Close a stage or a record of a paper as never rightly entered."""
    _require_one(connection, _VOID[act.fact.kind], decision, act.fact)


def restore_fact(connection: Connection, decision: Decision, act: RestoreFact) -> None:
    """Enter a closed stage or record of a paper again, its day and its document included."""
    _require_one(connection, _RESTORE[act.fact.kind], decision, act.fact)


def _require_one(connection: Connection, statement: TextClause, decision: Decision, fact: PlacedFact) -> None:
    if connection.execute(statement, decision.bound(id=fact.row_id)).rowcount != 1:
        raise Conflict(
            "What this decision undoes was changed meanwhile; read it again.", code="entry-moved-meanwhile"
        )


__all__ = ["list_facts", "restore_fact", "void_fact"]
