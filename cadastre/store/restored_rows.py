"""Voids what was entered without ground and enters again what it had closed, as it stood."""

from __future__ import annotations

import json

from sqlalchemy import Connection, TextClause, text

from cadastre.domain.plan import CorrectParcel, RestoreParcel, VoidObjects
from cadastre.kernel.errors import Conflict
from cadastre.store.entry_rows import Decision

# A restored row repeats the closed one, its first day and its end included, and continues it.
_RESTORE_RIGHT = text("""
    INSERT INTO cadastre.property_right
           (property_id, kind, party_id, share_numerator, share_denominator, joint, scope,
            registration_number, registration_date, source_id, until, rent, rent_currency, rent_period,
            dispose_by, part_geom, valid_from, valid_to, recorded_leaf, case_id, continues_right_id)
    SELECT property_id, kind, party_id, share_numerator, share_denominator, joint, scope,
           registration_number, registration_date, source_id, until, rent, rent_currency, rent_period,
           dispose_by, part_geom, valid_from, valid_to, :leaf, :case, right_id
      FROM cadastre.property_right WHERE right_id = :id AND superseded_leaf IS NOT NULL
""")
_RESTORE_RESTRICTION = text("""
    INSERT INTO cadastre.restriction
           (property_id, kind, beneficiary_party_id, burdened_party_id, benefits_property_id,
            registration_number, registration_date, source_id, amount, currency, interest_rate, rank,
            note_number, note_dated, until, scope, authority, confirm_by, confirms_restriction_id, part_geom,
            valid_from, valid_to, recorded_leaf, case_id, continues_restriction_id)
    SELECT property_id, kind, beneficiary_party_id, burdened_party_id, benefits_property_id,
           registration_number, registration_date, source_id, amount, currency, interest_rate, rank,
           note_number, note_dated, until, scope, authority, confirm_by, confirms_restriction_id, part_geom,
           valid_from, valid_to, :leaf, :case, restriction_id
      FROM cadastre.restriction WHERE restriction_id = :id AND superseded_leaf IS NOT NULL
""")
_VOID_MEMBERSHIPS = text("""
    UPDATE cadastre.property_object SET superseded_leaf = :leaf
     WHERE property_object_id = ANY (CAST(:ids AS bigint[])) AND superseded_leaf IS NULL
""")
_VOID_VERSIONS = text("""
    UPDATE cadastre.parcel_version SET superseded_leaf = :leaf
     WHERE version_id = ANY (CAST(:ids AS bigint[])) AND superseded_leaf IS NULL
""")
_RESTORE_MEMBERSHIP = text("""
    INSERT INTO cadastre.property_object
           (property_id, parcel_id, building_id, unit_id, valid_from, valid_to, recorded_leaf)
    SELECT property_id, parcel_id, building_id, unit_id, valid_from, valid_to, :leaf
      FROM cadastre.property_object WHERE property_object_id = :id AND superseded_leaf IS NOT NULL
""")
_RESTORE_VERSION = text("""
    INSERT INTO cadastre.parcel_version
           (parcel_id, valid_from, valid_to, recorded_leaf, geom, surveyed_area_m2, documentary_area_m2,
            land_category, ownership_form, purpose, quality_group, address_text, source_number, source_date,
            accuracy_m, source_srid, operation_code, operation_accuracy_m)
    SELECT parcel_id, valid_from, valid_to, :leaf, geom, surveyed_area_m2, documentary_area_m2,
           land_category, ownership_form, purpose, quality_group, address_text, source_number, source_date,
           accuracy_m, source_srid, operation_code, operation_accuracy_m
      FROM cadastre.parcel_version WHERE version_id = :id AND superseded_leaf IS NOT NULL
    RETURNING version_id
""")
_CORRECT_VERSION = text("""
    INSERT INTO cadastre.parcel_version
           (parcel_id, valid_from, valid_to, recorded_leaf, geom, surveyed_area_m2, documentary_area_m2,
            land_category, ownership_form, purpose, quality_group, address_text, source_number, source_date,
            accuracy_m, source_srid, operation_code, operation_accuracy_m)
    SELECT v.parcel_id, v.valid_from, v.valid_to, :leaf, v.geom, v.surveyed_area_m2, r.documentary_area_m2,
           r.land_category, r.ownership_form, r.purpose, r.quality_group, r.address_text, v.source_number,
           v.source_date, v.accuracy_m, v.source_srid, v.operation_code, v.operation_accuracy_m
      FROM cadastre.parcel_version v
     CROSS JOIN LATERAL jsonb_to_record(jsonb_build_object(
               'documentary_area_m2', v.documentary_area_m2, 'land_category', v.land_category,
               'ownership_form', v.ownership_form, 'purpose', v.purpose, 'quality_group', v.quality_group,
               'address_text', v.address_text) || CAST(:right AS jsonb))
           AS r (documentary_area_m2 numeric, land_category smallint, ownership_form text, purpose text,
                 quality_group smallint, address_text text)
     WHERE v.version_id = :id AND v.superseded_leaf = :leaf
    RETURNING version_id
""")
_LINEAGE = text("""
    INSERT INTO cadastre.parcel_lineage (from_version_id, to_version_id, manner, case_id, recorded_leaf)
    SELECT former, :version, 'correction', :case, :leaf FROM unnest(CAST(:former AS bigint[])) AS former
""")
_REOPEN = text("""
    UPDATE cadastre.property_closure SET superseded_leaf = :leaf
     WHERE property_id = :id AND superseded_leaf IS NULL
""")
_JOIN_CASE = text("""
    INSERT INTO registry.case_property (case_id, property_id, recorded_leaf)
    VALUES (:case, :id, :leaf) ON CONFLICT DO NOTHING
""")


def restore_right(connection: Connection, decision: Decision, right_id: int) -> None:
    """Enter a closed right again."""
    _require(connection, _RESTORE_RIGHT, decision, right_id)


def restore_restriction(connection: Connection, decision: Decision, restriction_id: int) -> None:
    """Enter a closed restriction again."""
    _require(connection, _RESTORE_RESTRICTION, decision, restriction_id)


def void_objects(connection: Connection, decision: Decision, act: VoidObjects) -> None:
    """Close memberships and parcel versions as never rightly entered."""
    for statement, ids in (
        (_VOID_MEMBERSHIPS, act.property_object_ids),
        (_VOID_VERSIONS, act.version_ids),
    ):
        if ids and connection.execute(statement, decision.bound(ids=list(ids))).rowcount != len(ids):
            raise _moved()


def restore_membership(connection: Connection, decision: Decision, property_object_id: int) -> None:
    """Enter a closed membership of an object in a section again."""
    _require(connection, _RESTORE_MEMBERSHIP, decision, property_object_id)


def restore_parcel(connection: Connection, decision: Decision, act: RestoreParcel) -> None:
    """Enter a closed version of a parcel again, as what the voided versions are corrected to."""
    version = connection.execute(_RESTORE_VERSION, decision.bound(id=act.version_id)).scalar_one_or_none()
    if version is None:
        raise _moved()
    former = list(act.from_version_ids)
    connection.execute(_LINEAGE, decision.bound(version=version, former=former))


def correct_parcel(connection: Connection, decision: Decision, act: CorrectParcel) -> None:
    """Void a version of a parcel and enter it with the right attributes, from its own first day."""
    void_objects(connection, decision, VoidObjects((), (act.version_id,)))
    right = json.dumps(dict(act.attributes))
    version = connection.execute(
        _CORRECT_VERSION, decision.bound(id=act.version_id, right=right)
    ).scalar_one()
    connection.execute(_LINEAGE, decision.bound(version=version, former=[act.version_id]))


def reopen_property(connection: Connection, decision: Decision, property_id: int) -> None:
    """Void the closing of a section; the deciding case is about it from here on."""
    _require(connection, _REOPEN, decision, property_id)
    connection.execute(_JOIN_CASE, decision.bound(id=property_id))


def _require(connection: Connection, statement: TextClause, decision: Decision, row_id: int) -> None:
    if connection.execute(statement, decision.bound(id=row_id)).rowcount != 1:
        raise _moved()


def _moved() -> Conflict:
    return Conflict("An entry that this decision undoes was changed meanwhile.", code="entry-moved-meanwhile")


__all__ = [
    "correct_parcel",
    "reopen_property",
    "restore_membership",
    "restore_parcel",
    "restore_restriction",
    "restore_right",
    "void_objects",
]
