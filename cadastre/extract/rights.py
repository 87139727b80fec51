"""The rights and restrictions blocks of a statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from cadastre.domain.codelist import load_codelist
from cadastre.extract.labels import Coder, optional
from cadastre.extract.record import (
    BasisRecord,
    HolderRecord,
    IdentifierPolicy,
    PartyRecord,
    RestrictionRecord,
    RightRecord,
)
from cadastre.extract.text import fixed, nfc
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
        *(_right(right, policy, coded, origin="right") for right in own),
        *(
            _right(_as_right(restriction), policy, coded, origin="restriction")
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
        *(_restriction(restriction, policy, coded) for restriction in own),
    ]


def encumbers(right: RightRecord) -> bool:
    """Tell whether a right is shown among the restrictions too; a clean arayış never omits a lease."""
    return right.encumbers or right.kind in encumbering_rights()


@cache
def encumbering_rights() -> frozenset[str]:
    """Kinds of rights that the law counts among restrictions (713-IIQ, 1.0.3), past kinds included."""
    return frozenset(entry.code for entry in load_codelist("right_kinds") if entry.flag("also_encumbrance"))


def _right(right: RightRecord, policy: IdentifierPolicy, coded: Coder, *, origin: str) -> dict[str, Any]:
    return {
        "origin": origin,
        "kind": coded("right_kind", right.kind),
        "registration_number": right.registration_number,
        "registration_date": right.registration_date.isoformat(),
        "until": optional(right.until, date.isoformat),
        "scope": optional(right.scope, nfc),
        "encumbers": encumbers(right),
        "holders": [_holder(holder, right, policy, coded) for holder in right.holders],
        "bases": [_basis(basis, coded) for basis in right.bases],
    }


def _as_right(restriction: RestrictionRecord) -> RightRecord:
    return RightRecord(
        kind=restriction.kind,
        holders=tuple(HolderRecord(party) for party in restriction.beneficiaries),
        registration_number=restriction.registration_number,
        registration_date=restriction.registration_date,
        bases=restriction.bases,
        until=restriction.until,
        scope=restriction.scope,
        encumbers=True,
    )


def _from_right(right: RightRecord, policy: IdentifierPolicy, coded: Coder) -> dict[str, Any]:
    return {
        "origin": "right",
        "kind": coded("right_kind", right.kind),
        "registration_number": right.registration_number,
        "registration_date": right.registration_date.isoformat(),
        "until": optional(right.until, date.isoformat),
        "scope": optional(right.scope, nfc),
        "amount": None,
        "rank": None,
        "beneficiaries": [_party(holder.party, policy, coded) for holder in right.holders],
        "bases": [_basis(basis, coded) for basis in right.bases],
    }


def _restriction(restriction: RestrictionRecord, policy: IdentifierPolicy, coded: Coder) -> dict[str, Any]:
    amount = restriction.amount
    return {
        "origin": "restriction",
        "kind": coded("restriction_kind", restriction.kind),
        "registration_number": restriction.registration_number,
        "registration_date": restriction.registration_date.isoformat(),
        "until": optional(restriction.until, date.isoformat),
        "scope": optional(restriction.scope, nfc),
        "amount": None if amount is None else {"value": fixed(amount, 2), "currency": restriction.currency},
        "rank": restriction.rank,
        "beneficiaries": [_party(party, policy, coded) for party in restriction.beneficiaries],
        "bases": [_basis(basis, coded) for basis in restriction.bases],
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
    }


def _party(party: PartyRecord, policy: IdentifierPolicy, coded: Coder) -> dict[str, Any]:
    return {
        "name": nfc(party.name),
        "kind": coded("party_kind", party.kind),
        "identifier": _identifier(party, policy),
    }


def _identifier(party: PartyRecord, policy: IdentifierPolicy) -> dict[str, Any] | None:
    """FİN of a person is masked by policy; VÖEN is public (the tax register prints it)."""
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
        "number": optional(basis.number, nfc),
        "date": optional(basis.date, date.isoformat),
        "issuer": optional(basis.issuer, nfc),
    }
