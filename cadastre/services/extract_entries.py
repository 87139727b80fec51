"""Turns the rights and restrictions of a property into the records that a statement is written from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from shapely import get_srid
from sqlalchemy import Row

from cadastre.extract.boundary import rings_of
from cadastre.extract.kinds import TerminatedRecord
from cadastre.extract.record import (
    BasisRecord,
    HolderRecord,
    PartRecord,
    PartyRecord,
    RentRecord,
    RestrictionRecord,
    RightRecord,
    Share,
)
from cadastre.extract.servitude import ServitudeRecord
from cadastre.kernel.measures import compute_geodesic_area_m2
from cadastre.services.property_view import agreed_end
from cadastre.store.properties import PropertyRows
from cadastre.store.property_land import read_polygon


def right_records(rows: PropertyRows) -> tuple[RightRecord, ...]:
    """Rights, holders of one ownership gathered in one block, each with his own registration."""
    blocks: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows.rights:
        own_block = "" if row.kind in ("ownership", "future_ownership") else str(row.right_id)
        blocks.setdefault((row.kind, own_block), []).append(row)
    return tuple(_right(kind, members) for (kind, _), members in blocks.items())


def restriction_records(rows: PropertyRows) -> tuple[RestrictionRecord, ...]:
    """Restrictions in the order of their registration."""
    return tuple(_restriction(row) for row in rows.restrictions)


def servitude_records(rows: PropertyRows) -> tuple[ServitudeRecord, ...]:
    """What other sections bear for this one, in the order of their registration."""
    return tuple(
        ServitudeRecord(
            borne["kind"],
            borne["register_number"],
            borne["registration_number"],
            date.fromisoformat(borne["registration_date"]),
            None if borne["until"] is None else date.fromisoformat(borne["until"]),
        )
        for borne in rows.property.servitudes
    )


def terminated_records(rights: Sequence[Any], restrictions: Sequence[Any]) -> tuple[TerminatedRecord, ...]:
    """Entries that have ended, in the order of their ends: each right by itself, as it ended."""
    ended = [
        *(TerminatedRecord(row.valid_to, right=_right(row.kind, [row])) for row in rights),
        *(TerminatedRecord(row.valid_to, restriction=_restriction(row)) for row in restrictions),
    ]
    return tuple(sorted(ended, key=lambda one: one.ended_on))


def _right(kind: str, rows: list[Row[Any]]) -> RightRecord:
    bases = dict.fromkeys(basis for row in rows for basis in _bases(row))
    first = rows[0]
    return RightRecord(
        kind=kind,
        holders=tuple(_holder(row) for row in rows),
        registration_number=first.registration_number,
        registration_date=first.registration_date,
        bases=tuple(bases),
        until=agreed_end(first),
        scope=first.scope,
        rent=None if first.rent is None else RentRecord(first.rent, first.rent_currency, first.rent_period),
        part=_part(first),
    )


def _holder(row: Row[Any]) -> HolderRecord:
    return HolderRecord(
        party=_party(row),
        share=None if row.share_numerator is None else Share(row.share_numerator, row.share_denominator),
        joint=row.joint,
        registration_number=row.registration_number,
        registration_date=row.registration_date,
        journal_number=row.journal_number,
        dispose_by=row.dispose_by,
    )


def _restriction(row: Row[Any]) -> RestrictionRecord:
    burdened = None
    if row.burdened_name is not None:
        burdened = PartyRecord(row.burdened_name, row.burdened_kind, row.burdened_fin, row.burdened_voen)
    return RestrictionRecord(
        kind=row.kind,
        registration_number=row.registration_number,
        registration_date=row.registration_date,
        beneficiaries=(_party(row),) if row.party_name else (),
        bases=_bases(row),
        until=row.until,
        scope=row.scope,
        amount=row.amount,
        currency=row.currency or "AZN",
        rank=row.rank,
        journal_number=row.journal_number,
        burdened=burdened,
        benefits=row.benefits_register_number,
        interest_rate=row.interest_rate,
        note_number=row.note_number,
        note_dated=row.note_dated,
        authority=row.authority,
        confirm_by=row.confirm_by,
        part=_part(row),
    )


def _bases(row: Row[Any]) -> tuple[BasisRecord, ...]:
    if row.basis_kind is None:
        return ()
    return (
        BasisRecord(row.basis_kind, row.basis_number, row.basis_date, row.basis_issuer, row.basis_series),
    )


def _party(row: Row[Any]) -> PartyRecord:
    return PartyRecord(name=row.party_name, kind=row.party_kind, fin=row.fin, voen=row.voen)


def _part(row: Row[Any]) -> PartRecord | None:
    shape = read_polygon(row.part_geom)
    if shape is None:
        return None
    area = Decimal(f"{compute_geodesic_area_m2(np.array([shape], dtype=object))[0]:.2f}")
    return PartRecord(rings_of(shape), int(get_srid(shape)), area)


__all__ = ["restriction_records", "right_records", "servitude_records", "terminated_records"]
