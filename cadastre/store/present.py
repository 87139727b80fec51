"""What a read of a section begins with: its identity, its version, whether all of it is numbered."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from cadastre.db.prepared import fetch, prepared

# Of the land only what is an object of the section: a read without the ground shows nothing else of it.
# Every id by an index: a key of the large tables is sought in the current and in the past half apart.
SECTION = """
    WITH asked AS MATERIALIZED (
        SELECT property_id FROM cadastre.property WHERE register_number = :number),
    own AS MATERIALIZED (
        SELECT o.parcel_id, o.building_id, o.unit_id, o.recorded_leaf, o.superseded_leaf
          FROM cadastre.property_object o WHERE o.property_id = (SELECT property_id FROM asked)),
    entry AS (
        SELECT recorded_leaf, superseded_leaf FROM cadastre.property
         WHERE property_id = (SELECT property_id FROM asked)
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM own
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.property_right
         WHERE property_id = (SELECT property_id FROM asked)
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.restriction
         WHERE property_id = (SELECT property_id FROM asked)
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.restriction
         WHERE benefits_property_id = (SELECT property_id FROM asked)
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.property_closure
         WHERE property_id = (SELECT property_id FROM asked)
         UNION ALL
        SELECT recorded_leaf, NULL FROM cadastre.property_lineage
         WHERE from_property_id = (SELECT property_id FROM asked)
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM registry.paper_extract
         WHERE property_id = (SELECT property_id FROM asked)
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM registry.investigation
         WHERE property_id = (SELECT property_id FROM asked)
            OR parcel_id = ANY (ARRAY(SELECT parcel_id FROM own))
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.parcel_version
         WHERE parcel_id = ANY (ARRAY(SELECT parcel_id FROM own))
           AND (superseded_leaf IS NULL AND valid_to IS NULL
                OR superseded_leaf IS NOT NULL OR valid_to IS NOT NULL)
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.building
         WHERE building_id = ANY (ARRAY(
               SELECT building_id FROM own UNION ALL
               SELECT u.building_id FROM cadastre.building_unit u
                WHERE u.unit_id = ANY (ARRAY(SELECT unit_id FROM own))))
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.building_unit
         WHERE unit_id = ANY (ARRAY(SELECT unit_id FROM own)))
"""
"""Queries of a read: identity of a section (``asked``, by ``:number``), every leaf it shows (``entry``)."""
UNNUMBERED = """
    ledger.count_unnumbered(ARRAY(
        SELECT recorded_leaf FROM entry UNION ALL SELECT superseded_leaf FROM entry))
"""
_FIND = prepared(f"""{SECTION}
    SELECT property_id, ledger.head() AS head,
           CASE WHEN property_id IS NOT NULL THEN registry.property_version(property_id) END AS version,
           {UNNUMBERED} AS unnumbered
      FROM (SELECT (SELECT property_id FROM asked) AS property_id) AS here
""")


@dataclass(frozen=True, slots=True)
class Present:
    """The newest state of the register as a snapshot sees it, and of one section in it.

    ``property_id`` and ``version`` are None when no section ever had the number; ``unnumbered`` counts the
    leaves of what a read of it shows that have no place in the ledger yet.
    """

    property_id: int | None
    head: int
    version: int | None
    unnumbered: int


def find_present(connection: Connection, register_number: str) -> Present:
    """Begin a read of the section with this register number, whatever its state."""
    (row,) = fetch(connection, _FIND, {"number": register_number})
    return Present(row.property_id, row.head, row.version, row.unnumbered)


__all__ = ["SECTION", "UNNUMBERED", "Present", "find_present"]
