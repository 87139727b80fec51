"""The rights and restrictions blocks of a statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from cadastre.domain.codelist import load_codelist
from cadastre.extract.boundary import number_rings
from cadastre.extract.labels import Coder, optional
from cadastre.extract.record import (
    BasisRecord,
    HolderRecord,
    IdentifierPolicy,
    PartRecord,
    PartyRecord,
    RentRecord,
    RestrictionRecord,
    RightRecord,
)
from cadastre.extract.servitude import ServitudeRecord
from cadastre.extract.text import fixed, from_mm, instant, nfc
from cadastre.kernel.errors import InvalidInput


def write_rights(
    rights: Iterable[RightRecord],
    restrictions: Iterable[RestrictionRecord],
    policy: IdentifierPolicy,
    coded: Coder,
) -> list[dict[str, Any]]:
    """Write the rights with their holders and exact shares, and the restrictions that are rights too."""
    own = list(rights)
    known = {(right.kind, right.registration_number) for right in own}
    return [
        *(write_right(right, policy, coded, origin="right") for right in own),
        *(
            write_right(_as_right(restriction), policy, coded, origin="restriction")
            for restriction in restrictions
            if restriction.kind in encumbering_rights()
            and (restriction.kind, restriction.registration_number) not in known
        ),
    ]


def write_restrictions(
    rights: Iterable[RightRecord],
    restrictions: Iterable[RestrictionRecord],
    policy: IdentifierPolicy,
    coded: Coder,
) -> list[dict[str, Any]]:
    """Write the restrictions, after the rights that burden the property for somebody else."""
    own = list(restrictions)
    known = {(restriction.kind, restriction.registration_number) for restriction in own}
    return [
        *(
            _from_right(right, policy, coded)
            for right in rights
            if encumbers(right) and (right.kind, right.registration_number) not in known
        ),
        *(write_restriction(restriction, policy, coded) for restriction in own),
    ]


def write_servitudes(servitudes: Iterable[ServitudeRecord], coded: Coder) -> list[dict[str, Any]]:
    """Write what other sections bear for this one: it goes with the land, whoever holds it."""
    return [
        {
            "kind": coded("restriction_kind", borne.kind),
            "register_number": nfc(borne.register_number),
            "registration_number": borne.registration_number,
            "registration_date": borne.registration_date.isoformat(),
            "until": optional(borne.until, date.isoformat),
        }
        for borne in servitudes
    ]


def encumbers(right: RightRecord) -> bool:
    """Tell whether a right is shown among the restrictions too; a clean arayış never omits a lease."""
    return right.encumbers or right.kind in encumbering_rights()


@cache
def encumbering_rights() -> frozenset[str]:
    """Kinds of rights that the law counts among restrictions (713-IIQ, 1.0.3), past kinds included."""
    return frozenset(entry.code for entry in load_codelist("right_kinds") if entry.flag("also_encumbrance"))


def write_right(right: RightRecord, policy: IdentifierPolicy, coded: Coder, *, origin: str) -> dict[str, Any]:
    """Write one right."""
    return {
        "origin": origin,
        "kind": coded("right_kind", right.kind),
        "registration_number": right.registration_number,
        "registration_date": right.registration_date.isoformat(),
        "until": optional(right.until, date.isoformat),
        "scope": optional(right.scope, nfc),
        "part": optional(right.part, _part),
        "rent": optional(right.rent, lambda rent: _rent(rent, coded)),
        "encumbers": encumbers(right),
        "holders": [_holder(holder, right, policy, coded) for holder in right.holders],
        "bases": [_basis(basis, coded) for basis in right.bases],
    }


def _as_right(restriction: RestrictionRecord) -> RightRecord:
    number = restriction.journal_number
    return RightRecord(
        kind=restriction.kind,
        holders=tuple(HolderRecord(party, journal_number=number) for party in restriction.beneficiaries),
        registration_number=restriction.registration_number,
        registration_date=restriction.registration_date,
        bases=restriction.bases,
        until=restriction.until,
        scope=restriction.scope,
        encumbers=True,
        part=restriction.part,
    )


def _from_right(right: RightRecord, policy: IdentifierPolicy, coded: Coder) -> dict[str, Any]:
    number = next((holder.journal_number for holder in right.holders), None)
    return _nothing_owed() | {
        "origin": "right",
        "kind": coded("right_kind", right.kind),
        "registration_number": right.registration_number,
        "registration_date": right.registration_date.isoformat(),
        "journal_number": number,
        "until": optional(right.until, date.isoformat),
        "scope": optional(right.scope, nfc),
        "part": optional(right.part, _part),
        "rent": optional(right.rent, lambda rent: _rent(rent, coded)),
        "beneficiaries": [_party(holder.party, policy, coded) for holder in right.holders],
        "bases": [_basis(basis, coded) for basis in right.bases],
    }


def write_restriction(
    restriction: RestrictionRecord, policy: IdentifierPolicy, coded: Coder
) -> dict[str, Any]:
    """Write one restriction."""
    amount, rate = restriction.amount, restriction.interest_rate
    return _nothing_owed() | {
        "origin": "restriction",
        "kind": coded("restriction_kind", restriction.kind),
        "registration_number": restriction.registration_number,
        "registration_date": restriction.registration_date.isoformat(),
        "journal_number": restriction.journal_number,
        "until": optional(restriction.until, date.isoformat),
        "scope": optional(restriction.scope, nfc),
        "part": optional(restriction.part, _part),
        "amount": None if amount is None else {"value": fixed(amount, 2), "currency": restriction.currency},
        "interest_rate": optional(rate, lambda percent: fixed(percent, 4)),
        "rank": restriction.rank,
        "note": _note(restriction),
        "authority": optional(restriction.authority, nfc),
        "confirm_by": optional(restriction.confirm_by, instant),
        "burdened": optional(restriction.burdened, lambda party: _party(party, policy, coded)),
        "benefits": restriction.benefits,
        "beneficiaries": [_party(party, policy, coded) for party in restriction.beneficiaries],
        "bases": [_basis(basis, coded) for basis in restriction.bases],
    }


def _nothing_owed() -> dict[str, Any]:
    """Give the keys of an entry that not every kind fills: they are there all the same."""
    return dict.fromkeys(
        ("rent", "amount", "interest_rate", "rank", "note", "authority", "confirm_by", "burdened", "benefits")
    )


def _note(restriction: RestrictionRecord) -> dict[str, Any] | None:
    if restriction.note_number is None:
        return None
    return {"number": nfc(restriction.note_number), "date": optional(restriction.note_dated, date.isoformat)}


def _rent(rent: RentRecord, coded: Coder) -> dict[str, Any]:
    return {
        "value": fixed(rent.amount, 2),
        "currency": rent.currency,
        "period": coded("rent_period", rent.period),
    }


def _part(part: PartRecord) -> dict[str, Any]:
    """Write the corners of a part as those of a building: northing, easting."""
    return {
        "area_m2": fixed(part.area_m2, 2),
        "srid": part.srid,
        "rings": [
            [[from_mm(p.northing_mm), from_mm(p.easting_mm)] for p in ring.points]
            for ring in number_rings(part.rings, srid=part.srid)
        ],
    }


def _holder(
    holder: HolderRecord, right: RightRecord, policy: IdentifierPolicy, coded: Coder
) -> dict[str, Any]:
    if holder.joint and holder.share is not None:
        raise InvalidInput("A joint holder has no share.", code="incoherent-record")
    share = holder.share
    return {
        "party": _party(holder.party, policy, coded),
        "joint": holder.joint,
        "share": None if share is None else {"numerator": share.numerator, "denominator": share.denominator},
        "registration_number": holder.registration_number or right.registration_number,
        "registration_date": (holder.registration_date or right.registration_date).isoformat(),
        "journal_number": holder.journal_number,
        "dispose_by": optional(holder.dispose_by, date.isoformat),
    }


def _party(party: PartyRecord, policy: IdentifierPolicy, coded: Coder) -> dict[str, Any]:
    return {
        "name": nfc(party.name),
        "kind": coded("party_kind", party.kind),
        "identifier": write_identifier(party, policy),
    }


def write_identifier(party: PartyRecord, policy: IdentifierPolicy) -> dict[str, Any] | None:
    """Write the number of a party: FİN masked by policy; VÖEN is public (the tax register prints it)."""
    if policy is IdentifierPolicy.NONE:
        return None
    if party.fin is not None:
        masked = policy is IdentifierPolicy.MASKED
        value = party.fin[:2] + "*" * (len(party.fin) - 2) if masked else party.fin
        return {"scheme": "FIN", "value": value, "masked": masked}
    if party.voen is not None:
        return {"scheme": "VOEN", "value": party.voen, "masked": False}
    return None


def _basis(basis: BasisRecord, coded: Coder) -> dict[str, Any]:
    return {
        "kind": coded("basis_kind", basis.kind),
        "series": optional(basis.series, nfc),
        "number": optional(basis.number, nfc),
        "date": optional(basis.date, date.isoformat),
        "issuer": optional(basis.issuer, nfc),
    }
