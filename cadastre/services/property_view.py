"""Turns the rows of a property into the view that entitled callers read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
from shapely import get_srid
from sqlalchemy import Row

from cadastre.domain.codelist import load_codelist
from cadastre.domain.moment import Moment
from cadastre.domain.property import (
    BasisView,
    ClosingView,
    FlagView,
    HolderView,
    PaperView,
    PartView,
    PropertyView,
    RestrictionView,
    ServitudeView,
    UnitView,
)
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.kernel.measures import compute_geodesic_area_m2
from cadastre.store.properties import PropertyRows
from cadastre.store.property_land import read_polygon


def property_view(rows: PropertyRows, at: Moment, *, version: int | None) -> PropertyView:
    """Give everything that stands in a section; what is right and encumbrance at once, in both lists.

    Parameters
    ----------
    version
        Number of the present state, None for a past one.
    """
    section = rows.property
    return PropertyView(
        register_number=section.register_number,
        object_kind=section.object_kind,
        district_code=section.district_code,
        opened_on=section.opened_on,
        version=version,
        as_of=at.as_of,
        ledger_index=at.known_at,
        cadastral_numbers=tuple(p.cadastral_number for p in rows.parcels),
        building_numbers=tuple(
            b.building_number for b in rows.buildings if b.building_id in rows.own_building_ids
        ),
        units=tuple(_unit(row) for row in rows.units),
        rights=_rights(rows),
        restrictions=_restrictions(rows),
        under_investigation=tuple(_flag(row) for row in rows.flags),
        closing=None if rows.closing is None else _closing(rows.closing),
        papers=_papers(section),
        servitudes=tuple(_servitude(borne) for borne in section.servitudes),
    )


def _servitude(borne: Mapping[str, Any]) -> ServitudeView:
    """Give what another section bears for this one."""
    ends = borne["until"]
    return ServitudeView(
        borne["kind"],
        borne["register_number"],
        borne["registration_number"],
        date.fromisoformat(borne["registration_date"]),
        None if ends is None else date.fromisoformat(ends),
    )


def _papers(section: Row[Any]) -> tuple[PaperView, ...]:
    """Give the papers on record, and the one that the section names as its own."""
    papers = [
        PaperView(
            paper["series"],
            paper["number"],
            paper["state"],
            None if paper["issued_on"] is None else date.fromisoformat(paper["issued_on"]),
        )
        for paper in section.papers
    ]
    own = (section.paper_series, section.paper_number)
    if section.paper_series is not None and own not in {(paper.series, paper.number) for paper in papers}:
        papers.insert(0, PaperView(*own, "in_use"))
    return tuple(papers)


@cache
def encumbering_kinds() -> frozenset[str]:
    """Kinds that the law counts among rights and restrictions alike (713-IIQ, 1.0.3), past ones included."""
    return frozenset(entry.code for entry in load_codelist("right_kinds") if entry.flag("also_encumbrance"))


def agreed_end(row: Row[Any]) -> Any:
    """Last day that was agreed for a right; the day on which it was ended is none."""
    if row.until is None and row.continues_right_id is None:
        return row.valid_to
    return row.until


def _rights(rows: PropertyRows) -> tuple[HolderView, ...]:
    entered = {(row.kind, row.registration_number) for row in rows.rights}
    also = [
        row
        for row in rows.restrictions
        if row.kind in encumbering_kinds() and (row.kind, row.registration_number) not in entered
    ]
    return (*(_holder(row) for row in rows.rights), *(_as_holder(row) for row in also))


def _restrictions(rows: PropertyRows) -> tuple[RestrictionView, ...]:
    entered = {(row.kind, row.registration_number) for row in rows.restrictions}
    also = [
        row
        for row in rows.rights
        if row.kind in encumbering_kinds() and (row.kind, row.registration_number) not in entered
    ]
    return (*(_as_restriction(row) for row in also), *(_restriction(row) for row in rows.restrictions))


def _holder(row: Row[Any]) -> HolderView:
    return HolderView(
        origin="right",
        kind=row.kind,
        party_name=row.party_name,
        party_kind=row.party_kind,
        share=None if row.share_numerator is None else f"{row.share_numerator}/{row.share_denominator}",
        joint=row.joint,
        registration_number=row.registration_number,
        registration_date=row.registration_date,
        journal_number=row.journal_number,
        valid_from=row.valid_from,
        until=agreed_end(row),
        rent=_money(row.rent),
        rent_currency=row.rent_currency,
        rent_period=row.rent_period,
        dispose_by=row.dispose_by,
        scope=row.scope,
        part=_part(row),
        basis=_basis(row),
    )


def _as_holder(row: Row[Any]) -> HolderView:
    """Give an encumbrance as the right that it is for whom it benefits."""
    return HolderView(
        origin="restriction",
        kind=row.kind,
        party_name=row.party_name,
        party_kind=row.party_kind,
        share=None,
        joint=False,
        registration_number=row.registration_number,
        registration_date=row.registration_date,
        journal_number=row.journal_number,
        valid_from=row.valid_from,
        until=row.until,
        rent=None,
        rent_currency=None,
        rent_period=None,
        dispose_by=None,
        scope=row.scope,
        part=_part(row),
        basis=_basis(row),
    )


def _restriction(row: Row[Any]) -> RestrictionView:
    return RestrictionView(
        origin="restriction",
        kind=row.kind,
        beneficiary=row.party_name,
        beneficiary_kind=row.party_kind,
        burdened=row.burdened_name,
        benefits_register_number=row.benefits_register_number,
        registration_number=row.registration_number,
        registration_date=row.registration_date,
        journal_number=row.journal_number,
        valid_from=row.valid_from,
        until=row.until,
        amount=_money(row.amount),
        currency=row.currency,
        interest_rate=None if row.interest_rate is None else f"{row.interest_rate:.4f}",
        rank=row.rank,
        note_number=row.note_number,
        note_dated=row.note_dated,
        rent=None,
        rent_currency=None,
        rent_period=None,
        authority=row.authority,
        confirm_by=None if row.confirm_by is None else row.confirm_by.astimezone(OFFICIAL_ZONE),
        scope=row.scope,
        part=_part(row),
        basis=_basis(row),
    )


def _as_restriction(row: Row[Any]) -> RestrictionView:
    """Give a right as the encumbrance that it is for the owner."""
    return RestrictionView(
        origin="right",
        kind=row.kind,
        beneficiary=row.party_name,
        beneficiary_kind=row.party_kind,
        burdened=None,
        benefits_register_number=None,
        registration_number=row.registration_number,
        registration_date=row.registration_date,
        journal_number=row.journal_number,
        valid_from=row.valid_from,
        until=agreed_end(row),
        amount=None,
        currency=None,
        interest_rate=None,
        rank=None,
        note_number=None,
        note_dated=None,
        rent=_money(row.rent),
        rent_currency=row.rent_currency,
        rent_period=row.rent_period,
        authority=None,
        confirm_by=None,
        scope=row.scope,
        part=_part(row),
        basis=_basis(row),
    )


def _basis(row: Row[Any]) -> BasisView | None:
    if row.basis_kind is None:
        return None
    return BasisView(row.basis_kind, row.basis_series, row.basis_number, row.basis_date, row.basis_issuer)


def _part(row: Row[Any]) -> PartView | None:
    shape = read_polygon(row.part_geom)
    if shape is None:
        return None
    area = Decimal(f"{compute_geodesic_area_m2(np.array([shape], dtype=object))[0]:.2f}")
    return PartView(f"{area:.2f}", int(get_srid(shape)), shape.wkt, json.loads(row.part_wgs84))


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _unit(row: Row[Any]) -> UnitView:
    return UnitView(
        kind=row.kind,
        building_number=row.building_number,
        unit_number=row.unit_number,
        building_entrance=row.entrance_number,
        floor=row.floor,
        room_count=row.room_count,
        total_area_m2=_money(row.total_area_m2),
        living_area_m2=_money(row.living_area_m2),
    )


def _flag(row: Row[Any]) -> FlagView:
    return FlagView(
        row.subject,
        row.attribute,
        row.reason,
        row.registration_number,
        row.cadastral_number,
        row.valid_from,
    )


def _closing(row: Row[Any]) -> ClosingView:
    return ClosingView(
        closed_on=row.closed_on,
        reason=row.reason,
        successors=_texts(row.successors),
        stood_as_of=row.closed_on,
        stood_known_at=row.closed_at - 1,
    )


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


__all__ = ["agreed_end", "encumbering_kinds", "property_view"]
