"""Closes and opens parcels, sections and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
from shapely import Polygon
from sqlalchemy import Connection, TextClause, text

from cadastre.domain.plan import CloseProperty, MoveObject, OpenParcel, OpenProperty
from cadastre.kernel.errors import Conflict
from cadastre.kernel.measures import compute_geodesic_area_m2
from cadastre.store.entry_rows import Decision

_END_PARCEL = text("""
    WITH closed AS (
        UPDATE cadastre.parcel_version SET superseded_leaf = :leaf
         WHERE version_id = :version AND superseded_leaf IS NULL RETURNING *)
    INSERT INTO cadastre.parcel_version
           (parcel_id, valid_from, valid_to, recorded_leaf, geom, surveyed_area_m2, documentary_area_m2,
            land_category, ownership_form, purpose, quality_group, address_text, source_number, source_date,
            accuracy_m, source_srid, operation_code, operation_accuracy_m)
    SELECT parcel_id, valid_from, :today, :leaf, geom, surveyed_area_m2, documentary_area_m2,
           land_category, ownership_form, purpose, quality_group, address_text, source_number, source_date,
           accuracy_m, source_srid, operation_code, operation_accuracy_m
      FROM closed
""")
_NEW_PARCEL = text("""
    INSERT INTO cadastre.parcel (cadastral_number, district_code)
    VALUES (cadastre.mint_cadastral_number(:district), :district) RETURNING parcel_id
""")
_OPEN_VERSION = text("""
    INSERT INTO cadastre.parcel_version
           (parcel_id, valid_from, recorded_leaf, geom, surveyed_area_m2, documentary_area_m2, land_category,
            ownership_form, purpose, quality_group, address_text, source_number, source_date, accuracy_m)
    VALUES (:parcel, :today, :leaf, public.ST_GeomFromWKB(:outline, :srid), :area,
            CAST(:documentary_area_m2 AS numeric), CAST(:land_category AS smallint), :ownership_form,
            :purpose, CAST(:quality_group AS smallint), :address_text, :source_number,
            CAST(:source_date AS date),
            CAST(:accuracy_m AS real)) RETURNING version_id
""")
_PARCEL_LINEAGE = text("""
    INSERT INTO cadastre.parcel_lineage (from_version_id, to_version_id, manner, case_id, recorded_leaf)
    SELECT former, :version, :manner, :case, :leaf FROM unnest(CAST(:former AS bigint[])) AS former
""")
_OPEN_PROPERTY = text("""
    INSERT INTO cadastre.property (register_number, object_kind, district_code, opened_on, book_number,
                                   sheet_number, recorded_leaf)
    SELECT cadastre.mint_register_number(d.office_code), :object_kind, d.code, :today, :book, :sheet, :leaf
      FROM cadastre.district d WHERE d.code = :district RETURNING property_id
""")
_JOIN_CASE = text("""
    INSERT INTO registry.case_property (case_id, property_id, recorded_leaf) VALUES (:case, :property, :leaf)
""")
_PROPERTY_LINEAGE = text("""
    INSERT INTO cadastre.property_lineage (from_property_id, to_property_id, manner, case_id, recorded_leaf)
    SELECT former, :property, :manner, :case, :leaf FROM unnest(CAST(:former AS bigint[])) AS former
""")
_END_MEMBERSHIP = text("""
    WITH closed AS (
        UPDATE cadastre.property_object SET superseded_leaf = :leaf
         WHERE superseded_leaf IS NULL AND valid_to IS NULL
           AND (property_object_id = :membership OR unit_id = :unit OR building_id = :building) RETURNING *)
    INSERT INTO cadastre.property_object
           (property_id, parcel_id, building_id, unit_id, valid_from, valid_to, recorded_leaf)
    SELECT property_id, parcel_id, building_id, unit_id, valid_from, :today, :leaf FROM closed
""")
_BEGIN_MEMBERSHIP = text("""
    INSERT INTO cadastre.property_object
           (property_id, parcel_id, building_id, unit_id, valid_from, recorded_leaf)
    VALUES (:property, :parcel, :building, :unit, :today, :leaf)
""")
_CLOSE_PROPERTY = text("""
    INSERT INTO cadastre.property_closure (property_id, closed_on, reason, case_id, recorded_leaf)
    VALUES (:property, :today, :reason, :case, :leaf)
""")
_ATTRIBUTES = (
    "documentary_area_m2",
    "land_category",
    "ownership_form",
    "purpose",
    "quality_group",
    "address_text",
    "source_number",
    "source_date",
    "accuracy_m",
)


def end_parcel(connection: Connection, decision: Decision, version_id: int) -> None:
    """Close a parcel version and restate it with its end."""
    _require_one(connection, _END_PARCEL, decision.bound(version=version_id))


def open_parcel(connection: Connection, decision: Decision, act: OpenParcel, parcel_id: int | None) -> int:
    """Enter the next version of a parcel, or the first of a new one (None); gives its id."""
    if parcel_id is None:
        parcel_id = int(connection.execute(_NEW_PARCEL, {"district": act.district_code}).scalar_one())
    given: Mapping[str, str | int | None] = act.attributes
    version_id = connection.execute(
        _OPEN_VERSION,
        decision.bound(
            parcel=parcel_id,
            outline=None if act.outline is None else act.outline.wkb,
            srid=act.srid,
            area=None if act.outline is None else _area_m2(act.outline),
            **{name: given.get(name) for name in _ATTRIBUTES},
        ),
    ).scalar_one()
    if act.from_version_ids:
        former = list(act.from_version_ids)
        lineage = decision.bound(version=version_id, former=former, manner=act.manner)
        connection.execute(_PARCEL_LINEAGE, lineage)
    return parcel_id


def open_property(connection: Connection, decision: Decision, act: OpenProperty) -> int:
    """Open a section in the case that decides it, with its lineage; gives ``property_id``."""
    values = decision.bound(
        object_kind=act.object_kind,
        district=act.district_code,
        book=act.book_number,
        sheet=act.sheet_number,
    )
    property_id = int(connection.execute(_OPEN_PROPERTY, values).scalar_one())
    connection.execute(_JOIN_CASE, decision.bound(property=property_id))
    if act.from_property_ids:
        former = list(act.from_property_ids)
        connection.execute(
            _PROPERTY_LINEAGE, decision.bound(property=property_id, former=former, manner=act.manner)
        )
    return property_id


def move_object(
    connection: Connection,
    decision: Decision,
    act: MoveObject,
    parcel_or_unit: tuple[int | None, int | None],
    property_id: int | None,
) -> None:
    """End an object's membership, if it has one, and begin that in ``property_id``, unless it is None.

    That of an object which is registered for the first time is not ended: it would be somebody's.
    """
    parcel_id, unit_id = parcel_or_unit
    object_ = decision.bound(unit=unit_id, building=act.building_id)
    if act.property_object_id is not None:
        _require_one(connection, _END_MEMBERSHIP, {**object_, "membership": act.property_object_id})
    elif parcel_id is None and not act.is_first:
        connection.execute(_END_MEMBERSHIP, {**object_, "membership": None})
    if property_id is not None:
        connection.execute(_BEGIN_MEMBERSHIP, {**object_, "property": property_id, "parcel": parcel_id})


def close_property(connection: Connection, decision: Decision, act: CloseProperty) -> None:
    """Close a section; at commit nothing may stand in it."""
    connection.execute(_CLOSE_PROPERTY, decision.bound(property=act.property_id, reason=act.reason))


def _require_one(connection: Connection, statement: TextClause, values: Mapping[str, object]) -> None:
    if connection.execute(statement, values).rowcount != 1:
        raise Conflict("An entry that this decision closes is closed already.", code="entry-moved-meanwhile")


def _area_m2(outline: Polygon) -> Decimal:
    """Ellipsoidal area of a polygon in its UTM zone (easting, northing in metres), m2 to the cm2."""
    return Decimal(f"{compute_geodesic_area_m2(np.array([outline], dtype=object))[0]:.2f}")


__all__ = ["close_property", "end_parcel", "move_object", "open_parcel", "open_property"]
