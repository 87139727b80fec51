"""Which ledger leaves, and which land and buildings, a property's extract rests on, over all time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from cadastre.db.prepared import fetch, prepared

# Every id by an index: a key of the large tables is sought in the current and in the past half apart.
_OBJECTS = prepared("""
    WITH own AS (
        SELECT parcel_id, building_id, unit_id FROM cadastre.property_object WHERE property_id = :property),
    homes AS (
        SELECT building_id FROM cadastre.building_unit WHERE unit_id IN (SELECT unit_id FROM own)),
    houses AS (
        SELECT building_id FROM own WHERE building_id IS NOT NULL
         UNION SELECT building_id FROM homes
         UNION SELECT b.building_id FROM own JOIN cadastre.building b USING (parcel_id)
         UNION SELECT s.building_id FROM own JOIN cadastre.building_site s USING (parcel_id))
    SELECT 'parcel' AS kind, parcel_id AS id FROM own WHERE parcel_id IS NOT NULL
     UNION SELECT 'parcel', b.parcel_id FROM homes JOIN cadastre.building b USING (building_id)
            WHERE b.parcel_id IS NOT NULL
     UNION SELECT 'parcel', s.parcel_id FROM homes JOIN cadastre.building_site s USING (building_id)
            WHERE s.parcel_id IS NOT NULL
     UNION SELECT 'building', building_id FROM houses
     UNION SELECT 'unit', unit_id FROM own WHERE unit_id IS NOT NULL
     ORDER BY kind, id
""")
_LEAVES = prepared("""
    WITH land AS (
        SELECT geom_wgs84, recorded_leaf, superseded_leaf FROM cadastre.parcel_version
         WHERE parcel_id = ANY (CAST(:parcels AS bigint[])) AND superseded_leaf IS NULL AND valid_to IS NULL
         UNION ALL
        SELECT geom_wgs84, recorded_leaf, superseded_leaf FROM cadastre.parcel_version
         WHERE parcel_id = ANY (CAST(:parcels AS bigint[]))
           AND (superseded_leaf IS NOT NULL OR valid_to IS NOT NULL)),
    entry AS (
        SELECT recorded_leaf, superseded_leaf FROM cadastre.property WHERE property_id = :property
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.property_object WHERE property_id = :property
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.property_right WHERE property_id = :property
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.restriction WHERE property_id = :property
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.restriction WHERE benefits_property_id = :property
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.property_closure WHERE property_id = :property
         UNION ALL
        SELECT recorded_leaf, NULL FROM cadastre.property_lineage WHERE from_property_id = :property
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM registry.paper_extract WHERE property_id = :property
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM registry.investigation WHERE property_id = :property
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM registry.investigation
         WHERE parcel_id = ANY (CAST(:parcels AS bigint[]))
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM land
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.building
         WHERE building_id = ANY (CAST(:buildings AS bigint[]))
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.building_site
         WHERE building_id = ANY (CAST(:buildings AS bigint[]))
         UNION ALL
        SELECT recorded_leaf, superseded_leaf FROM cadastre.building_unit
         WHERE unit_id = ANY (CAST(:units AS bigint[]))
         UNION ALL
        SELECT z.recorded_leaf, z.superseded_leaf FROM land
          JOIN cadastre.cadastral_zone z
            ON public.ST_Covers(z.geom_wgs84, public.ST_PointOnSurface(land.geom_wgs84)))
    SELECT leaf
      FROM (SELECT recorded_leaf AS leaf FROM entry UNION SELECT superseded_leaf FROM entry) AS leaves
     WHERE leaf IS NOT NULL ORDER BY leaf
""")


@dataclass(frozen=True, slots=True)
class Objects:
    """Everything that ever was, carried or surrounded an object of one property."""

    parcel_ids: tuple[int, ...]  # its own land, and the land under the buildings of its units
    building_ids: tuple[int, ...]  # its own, those on its own land, and those of its units
    unit_ids: tuple[int, ...]


def list_objects_of_property(connection: Connection, property_id: int) -> Objects:
    """Objects of a property whatever their state."""
    found = fetch(connection, _OBJECTS, {"property": property_id})
    parcels, buildings, units = (
        tuple(row.id for row in found if row.kind == kind) for kind in ("parcel", "building", "unit")
    )
    return Objects(parcels, buildings, units)


def list_leaves_of_property(connection: Connection, property_id: int, objects: Objects) -> list[int]:
    """Leaves that entered or closed any row this property's extract is made of."""
    values = {
        "property": property_id,
        "parcels": list(objects.parcel_ids),
        "buildings": list(objects.building_ids),
        "units": list(objects.unit_ids),
    }
    return [row.leaf for row in fetch(connection, _LEAVES, values)]


__all__ = ["Objects", "list_leaves_of_property", "list_objects_of_property"]
