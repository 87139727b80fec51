"""What each named database constraint means to the person who met it: one table, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from cadastre.kernel.errors import CadastreError, Conflict, RuleBroken


@dataclass(frozen=True, slots=True)
class Meaning:
    """Error class, stable code and sentence for a constraint."""

    error: type[CadastreError]
    code: str
    sentence: str


MEANINGS: dict[str, Meaning] = {
    "uq_parcel_cadastral_number": Meaning(
        Conflict, "cadastral-number-taken", "This cadastral number already belongs to a registered parcel."
    ),
    "uq_parcel_version_current": Meaning(
        Conflict,
        "parcel-has-current-version",
        "The parcel has a current version; close that one first.",
    ),
    "ex_parcel_version_overlap": Meaning(
        RuleBroken, "parcel-overlaps", "The parcel overlaps a registered parcel by more than the tolerance."
    ),
    "uq_cadastral_zone_current": Meaning(
        Conflict, "zone-code-taken", "The district already has a cadastral zone of this code."
    ),
    "ex_cadastral_zone_overlap": Meaning(
        RuleBroken,
        "zone-overlaps",
        "The zone overlaps another zone of its district by more than the tolerance.",
    ),
    "ck_parcel_version_district_zone": Meaning(
        RuleBroken, "wrong-legal-zone", "The geometry is not in the legal UTM zone of its district."
    ),
    "ck_parcel_version_geom_valid": Meaning(
        RuleBroken, "invalid-geometry", "The parcel's polygon is not valid."
    ),
    "ck_parcel_version_surveyed_area": Meaning(
        RuleBroken, "area-below-minimum", "A registrable parcel measures at least 1 m²."
    ),
    "uq_property_register_number": Meaning(
        Conflict, "register-number-taken", "This register number already belongs to a property."
    ),
    "uq_property_object_parcel": Meaning(
        Conflict, "parcel-in-other-property", "The parcel already belongs to a registered property."
    ),
    "uq_property_object_unit": Meaning(
        Conflict, "unit-in-other-property", "The flat or premises already belongs to a registered property."
    ),
    "uq_building_unit_current": Meaning(
        Conflict, "unit-number-taken", "The building already has a flat or premises of this number."
    ),
    "ck_building_unit_areas": Meaning(
        RuleBroken,
        "unit-areas",
        "The total area is greater than nothing, and the living area is no greater than the total.",
    ),
    "uq_property_right_holder": Meaning(
        Conflict, "holder-has-right", "This party already holds a current right of this kind on the property."
    ),
    "ck_property_right_shares_sum_to_one": Meaning(
        RuleBroken,
        "shares-do-not-sum-to-one",
        "The ownership shares of the property do not sum to exactly 1.",
    ),
    "ck_property_right_joint_alone": Meaning(
        RuleBroken,
        "joint-ownership-mixed",
        "Joint ownership has at least two holders and no shares beside it.",
    ),
    "uq_restriction_mortgage_rank": Meaning(
        Conflict, "mortgage-rank-taken", "A current mortgage of this rank already stands on the property."
    ),
    "ck_append_only": Meaning(RuleBroken, "never-deleted", "Entries of the register are never deleted."),
    "ck_close_only": Meaning(
        RuleBroken, "never-changed", "An entry of the register is never changed once written."
    ),
    "ck_no_future_end": Meaning(
        RuleBroken, "end-in-future", "The end of validity of this entry may not lie in the future."
    ),
    "ck_recorded_now": Meaning(
        RuleBroken,
        "backdated",
        "An entry is dated by the ledger at the moment it is written, never otherwise.",
    ),
    "ck_superseded_now": Meaning(
        RuleBroken, "backdated", "An entry is closed by the ledger at the moment it happens, never otherwise."
    ),
}


def meaning_of(constraint: str | None) -> Meaning | None:
    """Meaning of a constraint's name, or None when nobody gave it one."""
    return MEANINGS.get(constraint or "")


__all__ = ["MEANINGS", "Meaning", "meaning_of"]
