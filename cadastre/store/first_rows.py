"""Enters units of unfinished buildings, stages of buildings, and what became of paper extracts."""

from __future__ import annotations

from sqlalchemy import Connection, text

from cadastre.domain.commands import NewUnit
from cadastre.domain.plan import ReachStage, TakeInPaper
from cadastre.store.entry_rows import Decision

_OPEN_UNIT = text("""
    INSERT INTO cadastre.building_unit (building_id, kind, unit_number, entrance_number, floor, room_count,
                                        total_area_m2, living_area_m2, recorded_leaf)
    VALUES (:building, :kind, :number, :entrance, :floor, :rooms, CAST(:total AS numeric),
            CAST(:living AS numeric), :leaf) RETURNING unit_id
""")
_LEAVE_STAGE = text("""
    UPDATE registry.building_stage SET superseded_leaf = :leaf
     WHERE building_id = :building AND superseded_leaf IS NULL AND stage <> :stage
""")
_REACH_STAGE = text("""
    INSERT INTO registry.building_stage (building_id, stage, valid_from, source_id, case_id, recorded_leaf)
    SELECT :building, :stage, :today, :source, :case, :leaf
     WHERE NOT EXISTS (SELECT FROM registry.building_stage
                        WHERE building_id = :building AND superseded_leaf IS NULL AND stage = :stage)
""")
_LEAVE_PAPER = text("""
    UPDATE registry.paper_extract SET superseded_leaf = :leaf
     WHERE series = :series AND number = :number AND state = 'in_use' AND superseded_leaf IS NULL
    RETURNING issued_on
""")
_TAKE_IN_PAPER = text("""
    INSERT INTO registry.paper_extract (series, number, property_id, issued_on, state, document_id, case_id,
                                        recorded_leaf)
    SELECT :series, :number, :property, :issued_on, 'converted', s.document_id, :case, :leaf
      FROM (SELECT) AS one LEFT JOIN cadastre.administrative_source s ON s.source_id = :source
""")


def open_unit(connection: Connection, decision: Decision, unit: NewUnit) -> int:
    """Enter a unit as its design describes it; gives ``unit_id``."""
    values = decision.bound(
        building=unit.building_id,
        kind=unit.kind,
        number=unit.number,
        entrance=unit.entrance_number,
        floor=unit.floor,
        rooms=unit.room_count,
        total=unit.total_area_m2,
        living=unit.living_area_m2,
    )
    return int(connection.execute(_OPEN_UNIT, values).scalar_one())


def reach_stage(connection: Connection, decision: Decision, act: ReachStage) -> None:
    """Enter the stage of a building, unless it has reached it already."""
    values = decision.bound(building=act.building_id, stage=act.stage)
    connection.execute(_LEAVE_STAGE, values)
    connection.execute(_REACH_STAGE, values)


def take_in_paper(connection: Connection, decision: Decision, act: TakeInPaper, property_id: int) -> None:
    """Record that a paper extract is converted; its day is the one stated, or that on record."""
    values = decision.bound(series=act.series, number=act.number, property=property_id)
    known = connection.execute(_LEAVE_PAPER, values).scalar_one_or_none()
    connection.execute(_TAKE_IN_PAPER, {**values, "issued_on": act.issued_on or known})


__all__ = ["open_unit", "reach_stage", "take_in_paper"]
