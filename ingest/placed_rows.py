"""From the columns of a staged row back to the entry, its place in the register and its parties."""

from __future__ import annotations

from cadastre.domain.party import KnownNumbers, PartyKind, PartyMention, resolve_identity
from cadastre.domain.register_row import Basis, RegisterRow, RestrictionEntry, RightEntry
from cadastre.domain.share import Share
from cadastre.domain.unit import UnitKey
from cadastre.rules.rights import PlacedRow
from ingest.store.rights import PlacedValues


def place_row(row: PlacedValues) -> PlacedRow:
    """Make the row that the rules judge."""
    unit = _read_unit(row)
    subject = row.register_number or (str(unit) if unit else row.cadastral_number)
    if not row.readable:
        return PlacedRow(row.row_number, subject, None)
    entry = _read_entry(row)
    right, restriction = entry.right, entry.restriction
    holder, faults = _resolve(right.holder if right else None, row.group_key, _known_of_holder(row))
    beneficiary, more = _resolve(
        restriction.beneficiary if restriction else None, row.group_key, _known_of_beneficiary(row)
    )
    return PlacedRow(
        row.row_number,
        subject,
        entry,
        object_known=row.object_known,
        object_of=row.object_of,
        number_taken=row.number_taken,
        claimed_by=None if row.claimed_by == row.group_key else row.claimed_by,
        holder=holder,
        beneficiary=beneficiary,
        faults=(*_check_unit(row), *faults, *more),
    )


def _resolve(
    mention: PartyMention | None, group_key: str, known: KnownNumbers
) -> tuple[str | None, tuple[str, ...]]:
    return (None, ()) if mention is None else resolve_identity(mention, group_key, known)


def _known_of_holder(row: PlacedValues) -> KnownNumbers:
    return KnownNumbers(
        row.hf_party,
        row.hv_party,
        row.hf_other,
        row.hv_other,
        row.hf_kind or row.hv_kind,
        row.hf_name or row.hv_name,
    )


def _known_of_beneficiary(row: PlacedValues) -> KnownNumbers:
    return KnownNumbers(
        row.bf_party,
        row.bv_party,
        row.bf_other,
        row.bv_other,
        row.bf_kind or row.bv_kind,
        row.bf_name or row.bv_name,
    )


def _read_entry(row: PlacedValues) -> RegisterRow:
    unit = _read_unit(row)
    if (row.cadastral_number is None and unit is None) or row.registration_date is None:
        raise ValueError("a readable row has an object and a date")
    return RegisterRow(
        row.row_number,
        row.register_number,
        row.cadastral_number or "",
        row.object_kind or "",
        row.registration_number or "",
        row.registration_date,
        _read_right(row),
        _read_restriction(row),
        None
        if row.basis_kind is None
        else Basis(row.basis_kind, row.basis_number, row.basis_date, row.basis_issuer),
        row.book_number,
        row.sheet_number,
        unit,
    )


def _read_unit(row: PlacedValues) -> UnitKey | None:
    if row.building_number is None or row.unit_number is None:
        return None
    return UnitKey(row.building_number, row.unit_number)


def _check_unit(row: PlacedValues) -> list[str]:
    """Compare a unit of the register with what the row says of it; give the rules that it breaks."""
    if row.unit_number is None or not row.object_known:
        return []
    broken = []
    if row.unit_kind != row.object_kind:
        broken.append("unit-kind-differs")
    if row.district_code is None:
        broken.append("unit-without-district")
    if row.cadastral_number is not None and row.stands_on is None:
        broken.append("unit-parcel-unproven")
    elif row.cadastral_number is not None and row.cadastral_number != row.stands_on:
        broken.append("unit-other-parcel")
    return broken


def _read_right(row: PlacedValues) -> RightEntry | None:
    if row.right_kind is None or row.holder_kind is None:
        return None
    holder = PartyMention(PartyKind(row.holder_kind), row.holder_name or "", row.holder_fin, row.holder_voen)
    share = None
    if row.share_numerator is not None and row.share_denominator is not None:
        share = Share(row.share_numerator, row.share_denominator)
    until = row.until if row.restriction_kind is None else None
    return RightEntry(row.right_kind, holder, share, bool(row.joint), until, row.right_scope)


def _read_restriction(row: PlacedValues) -> RestrictionEntry | None:
    if row.restriction_kind is None:
        return None
    beneficiary = None
    if row.beneficiary_name is not None and row.beneficiary_kind is not None:
        kind = PartyKind(row.beneficiary_kind)
        beneficiary = PartyMention(kind, row.beneficiary_name, row.beneficiary_fin, row.beneficiary_voen)
    return RestrictionEntry(
        row.restriction_kind,
        beneficiary,
        row.until,
        row.rank,
        row.amount,
        row.currency,
        row.restriction_scope,
    )


__all__ = ["place_row"]
