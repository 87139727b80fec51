"""Tells on which parcel each building stands once a decision has changed the land under it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, text

from cadastre.store.entry_rows import Decision

# What the decision made of the land stands in the lineage of its case. A building goes with the piece that
# holds most of it; without an outline with the land of its section; else with the only piece there is; else
# nobody knows.
_MOVED = text("""
    WITH step AS (
        SELECT l.manner, o.parcel_id AS from_parcel, n.parcel_id AS to_parcel, n.geom
          FROM cadastre.parcel_lineage l
          JOIN cadastre.parcel_version o ON o.version_id = l.from_version_id
          JOIN cadastre.parcel_version n ON n.version_id = l.to_version_id
         WHERE l.case_id = :case AND l.recorded_leaf = :leaf),
    site AS (
        SELECT site_id, building_id, parcel_id, valid_from FROM cadastre.building_site
         WHERE superseded_leaf IS NULL AND valid_to IS NULL),
    near AS (
        SELECT building_id FROM cadastre.building WHERE parcel_id IN (SELECT from_parcel FROM step)
         UNION SELECT building_id FROM site WHERE parcel_id IN (SELECT from_parcel FROM step)),
    house AS (
        SELECT b.building_id, b.geom, b.parcel_id AS surveyed_on, s.site_id, s.valid_from,
               CASE WHEN s.site_id IS NULL THEN b.parcel_id ELSE s.parcel_id END AS parcel_id
          FROM near JOIN cadastre.building b USING (building_id) LEFT JOIN site s USING (building_id)
         WHERE b.superseded_leaf IS NULL AND b.valid_to IS NULL),
    moved AS (
        SELECT h.*,
               EXISTS (SELECT FROM step
                        WHERE step.from_parcel = h.parcel_id AND step.manner = 'correction') AS is_undone,
               coalesce(
                   (SELECT step.to_parcel FROM step
                     WHERE step.from_parcel = h.parcel_id
                       AND public.ST_SRID(step.geom) = public.ST_SRID(h.geom)
                       AND public.ST_Intersects(step.geom, h.geom)
                     ORDER BY public.ST_Area(public.ST_Intersection(step.geom, h.geom)) DESC, step.to_parcel
                     LIMIT 1),
                   (SELECT min(land.parcel_id)
                      FROM cadastre.property_object o JOIN cadastre.property_object land USING (property_id)
                     WHERE o.building_id = h.building_id
                       AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
                       AND land.superseded_leaf IS NULL AND land.valid_to IS NULL
                       AND land.parcel_id IN (SELECT to_parcel FROM step)
                    HAVING count(*) = 1),
                   (SELECT min(step.to_parcel) FROM step HAVING count(DISTINCT step.to_parcel) = 1)
               ) AS to_parcel
          FROM house h WHERE h.parcel_id IN (SELECT from_parcel FROM step))
    SELECT building_id, site_id, surveyed_on, valid_from, is_undone, to_parcel
      FROM moved WHERE to_parcel IS DISTINCT FROM parcel_id ORDER BY building_id
""")
_CLOSE = text("""
    UPDATE cadastre.building_site SET superseded_leaf = :leaf
     WHERE site_id = ANY (CAST(:sites AS bigint[])) AND superseded_leaf IS NULL
""")
_RESTATE = text("""
    INSERT INTO cadastre.building_site
           (building_id, parcel_id, case_id, valid_from, valid_to, recorded_leaf)
    SELECT building_id, parcel_id, :case, valid_from, :today, :leaf
      FROM cadastre.building_site WHERE site_id = ANY (CAST(:sites AS bigint[]))
""")
_OPEN = text("""
    INSERT INTO cadastre.building_site (building_id, parcel_id, case_id, valid_from, recorded_leaf)
    VALUES (:building, :parcel, :case, :since, :leaf)
""")


def settle_buildings(connection: Connection, decision: Decision) -> None:
    """Write where the buildings stand whose land the decision has changed, once it has changed it.

    A decision that undoes another (its lineage is a correction) undoes what that one said of the
    buildings, from its first day.
    """
    moved = connection.execute(_MOVED, decision.bound()).all()
    known = [row.site_id for row in moved if row.site_id is not None]
    if known:
        connection.execute(_CLOSE, decision.bound(sites=known))
    ended = [row.site_id for row in moved if row.site_id is not None and not row.is_undone]
    if ended:
        connection.execute(_RESTATE, decision.bound(sites=ended))
    for row in moved:
        if not (row.is_undone and row.to_parcel == row.surveyed_on):
            connection.execute(_OPEN, decision.bound(**_site(row, decision)))


def _site(row: Row[Any], decision: Decision) -> dict[str, object]:
    since = (row.valid_from if row.is_undone else None) or decision.today
    return {"building": row.building_id, "parcel": row.to_parcel, "since": since}


__all__ = ["settle_buildings"]
