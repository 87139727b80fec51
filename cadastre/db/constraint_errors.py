"""What each named database constraint means to the person who met it: one table, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from cadastre.kernel.errors import CadastreError, Conflict, Denied, RuleBroken, StaleVersion


@dataclass(frozen=True, slots=True)
class Meaning:
    """Error class, stable code and sentence for a constraint; ``detail`` names the number told beside it."""

    error: type[CadastreError]
    code: str
    sentence: str
    detail: str | None = None


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
    "ck_property_right_future_alone": Meaning(
        RuleBroken,
        "claim-beside-ownership",
        "A claim to a unit of an unfinished building does not stand beside ownership.",
    ),
    "ck_entry_blocked": Meaning(
        RuleBroken,
        "property-blocked",
        "An arrest or prohibition stands on the property; nothing but an act of authority is entered.",
    ),
    "ck_restriction_release": Meaning(
        RuleBroken,
        "block-not-lifted",
        "An arrest or prohibition is lifted only by a case that may lift it.",
    ),
    "ck_entry_decided_case": Meaning(
        RuleBroken,
        "entry-without-decision",
        "An entry rests on a case about this very property that is registered in the same transaction.",
    ),
    "ck_entry_has_case": Meaning(
        RuleBroken,
        "entry-without-decision",
        "Nothing of a section is entered or ended but by a case about it that is registered with it.",
    ),
    "ck_entry_has_source": Meaning(
        RuleBroken,
        "entry-without-basis",
        "An entry rests on a document that was handed in with its case.",
    ),
    "uq_signing_key_current": Meaning(Conflict, "signing-key-known", "This key is registered already."),
    "ck_signing_key_once": Meaning(
        RuleBroken, "signing-key-known", "A key is registered once, and a revoked one stays revoked."
    ),
    "ck_signed_payload_signer": Meaning(
        RuleBroken,
        "signing-key-revoked",
        "An application is signed with a key of its applicant that is not revoked.",
    ),
    "ck_property_open": Meaning(
        RuleBroken,
        "section-closed",
        "The section of this property is closed; nothing more is entered in it.",
    ),
    "ck_property_closure_empty": Meaning(
        RuleBroken,
        "section-not-empty",
        "Rights, restrictions or objects still stand in the section; end or carry them over first.",
    ),
    "uq_property_closure_current": Meaning(
        Conflict,
        "section-closed",
        "The section of this property is closed already.",
    ),
    "ck_case_out_of_turn": Meaning(
        RuleBroken,
        "out-of-turn",
        "An earlier case about this property is not decided yet; decide that one first.",
        detail="journal_number",
    ),
    "ck_case_priority_taken": Meaning(
        RuleBroken,
        "priority-taken",
        "Somebody else holds the priority before this property; wait until it is used or ends.",
        detail="journal_number",
    ),
    "ck_case_property_version": Meaning(
        StaleVersion,
        "stale-version",
        "The property has changed since it was read; read it again and decide anew.",
        detail="current_version",
    ),
    "ck_case_property_at_filing": Meaning(
        RuleBroken,
        "property-after-filing",
        "A case names its properties when it is filed; file another case for this one.",
    ),
    "ck_case_property_notice": Meaning(
        RuleBroken,
        "notice-not-in-force",
        "The priority notice is not in force for this property and this applicant.",
    ),
    "uq_case_property_notice": Meaning(
        Conflict,
        "notice-used",
        "A case rests on this priority notice already.",
    ),
    "ck_journal_now": Meaning(
        RuleBroken,
        "journal-number-not-own",
        "A case or notice enters with the journal number of its own transaction.",
    ),
    "uq_case_file_journal_number": Meaning(
        Conflict,
        "journal-number-not-own",
        "This journal number belongs to another case.",
    ),
    "uq_priority_notice_journal": Meaning(
        Conflict,
        "journal-number-not-own",
        "This journal number belongs to another priority notice.",
    ),
    "ck_priority_notice_in_force": Meaning(
        RuleBroken,
        "notice-not-in-force",
        "The priority notice has ended, or belongs to somebody else.",
    ),
    "ck_priority_notice_begins_held": Meaning(
        RuleBroken,
        "notice-not-in-force",
        "A priority notice begins by being held.",
    ),
    "uq_priority_notice_current": Meaning(
        Conflict,
        "notice-moved-meanwhile",
        "The priority notice was changed meanwhile; read it again.",
    ),
    "pk_case_step": Meaning(
        Conflict,
        "case-moved-meanwhile",
        "Somebody else took a step of this case meanwhile; read it again.",
    ),
    "ck_case_step_follows": Meaning(
        Conflict,
        "case-moved-meanwhile",
        "The case has moved on meanwhile; read it again.",
    ),
    "ck_case_step_transition": Meaning(
        RuleBroken,
        "case-step-impossible",
        "A case in this state cannot take this step.",
    ),
    "ck_case_step_prepared": Meaning(
        RuleBroken,
        "case-step-impossible",
        "Nobody has prepared this case; it is prepared before it is decided.",
    ),
    "ck_case_step_four_eyes": Meaning(
        Denied,
        "four-eyes",
        "Whoever prepared a case does not decide it; another officer must.",
    ),
    "ck_case_step_ground": Meaning(
        RuleBroken,
        "ground-missing",
        "A refusal, suspension or return names its legal ground.",
    ),
    "ck_case_step_suspension": Meaning(
        RuleBroken,
        "suspension-term-missing",
        "A suspension says until when, and by when the applicant is told.",
    ),
    "ck_case_step_assignee": Meaning(
        RuleBroken,
        "assignee-missing",
        "An assignment names the officer, no other step does.",
    ),
    "ck_parcel_lineage_area_balance": Meaning(
        RuleBroken,
        "area-not-balanced",
        "The areas before and after differ by more than the tolerance.",
    ),
    "ck_parcel_lineage_now": Meaning(
        RuleBroken,
        "lineage-not-own",
        "Lineage is written by the transaction that closes the old and opens the new version of a parcel.",
    ),
    "ck_building_site_decided": Meaning(
        RuleBroken,
        "lineage-not-own",
        "Where a building stands is written by the transaction that decides the case of its land.",
    ),
    "ck_property_lineage_now": Meaning(
        RuleBroken,
        "lineage-not-own",
        "Lineage is written by the transaction that decides the case and opens the new section.",
    ),
    "ck_party_link_no_cycle": Meaning(
        RuleBroken,
        "party-link-cycle",
        "The party already stands for this one; a link back would make a circle.",
    ),
    "ck_party_link_four_eyes": Meaning(
        Denied,
        "four-eyes",
        "Whoever proposes that two records are one party does not decide it.",
    ),
    "uq_party_link_current": Meaning(
        Conflict,
        "party-linked-already",
        "This party record already stands for another one.",
    ),
    "uq_investigation_current": Meaning(
        Conflict,
        "under-investigation-already",
        "This attribute is already marked as under investigation.",
    ),
    "uq_competence_current": Meaning(
        Conflict,
        "competence-recorded-already",
        "This account already has this territory from this day on.",
    ),
    "uq_property_object_building": Meaning(
        Conflict, "building-in-other-property", "The building already belongs to a registered property."
    ),
    "ck_case_object_at_filing": Meaning(
        RuleBroken,
        "object-after-filing",
        "A case names its objects when it is filed; file another case for this one.",
    ),
    "ck_property_object_named": Meaning(
        RuleBroken,
        "object-not-named",
        "A first registration is of what its case named when it was filed, and of nothing else.",
    ),
    "ck_building_stage_forward": Meaning(
        RuleBroken,
        "building-stage-passed",
        "The building has reached this stage already; it does not go back.",
    ),
    "uq_building_stage_current": Meaning(
        Conflict,
        "building-stage-moved",
        "The stage of the building was changed meanwhile; read it again.",
    ),
    "ck_claim_unfinished": Meaning(
        RuleBroken,
        "building-not-unfinished",
        "A claim is to a unit of a building under construction; this one is not, or not any more.",
    ),
    "ck_paper_extract_once": Meaning(
        RuleBroken,
        "paper-converted-already",
        "The paper extract was converted or voided before; it counts no more.",
    ),
    "ck_paper_extract_property": Meaning(
        RuleBroken,
        "paper-of-other-section",
        "The paper extract is of another section of the register.",
    ),
    "uq_paper_extract_current": Meaning(
        Conflict,
        "paper-extract-known",
        "A paper extract of this series and number is already recorded.",
    ),
}


def meaning_of(constraint: str | None) -> Meaning | None:
    """Meaning of a constraint's name, or None when nobody gave it one."""
    return MEANINGS.get(constraint or "")


__all__ = ["MEANINGS", "Meaning", "meaning_of"]
