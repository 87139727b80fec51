"""What was known at a ledger index and in force on a day, as conditions on any table of the register."""

from __future__ import annotations

from sqlalchemy import ColumnElement, ScalarSelect, Table, and_, case, exists, func, or_, select

from cadastre.domain.moment import Moment
from cadastre.store.subject_tables import building_site
from cadastre.store.tables import building


def known(table: Table, at: Moment) -> ColumnElement[bool]:
    """Entered by the moment's ledger index, and not closed by it."""
    return func.ledger.is_known(table.c.recorded_leaf, table.c.superseded_leaf, at.known_at)


def standing(table: Table, at: Moment) -> ColumnElement[bool]:
    """Known at the moment's ledger index and in force on its day."""
    in_force = func.ledger.is_in_force(table.c.valid_from, table.c.valid_to, at.as_of)
    return known(table, at) & in_force


def ever(table: Table) -> ColumnElement[bool]:
    """Say nothing, in the form that lets a key be sought in both halves of a table.

    What is current and what is past of the largest tables is indexed apart, so that a load keeps
    nothing in order; without naming both halves the whole table would be read.
    """
    ended = or_(table.c.superseded_leaf.is_not(None), table.c.valid_to.is_not(None))
    return or_(and_(table.c.superseded_leaf.is_(None), table.c.valid_to.is_(None)), ended)


def parcel_of_building(at: Moment) -> ColumnElement[int]:
    """Parcel on which a row of ``building`` stands at a moment: since its land changed, that of its site."""
    here = (building_site.c.building_id == building.c.building_id) & standing(building_site, at)
    moved = exists().where(here).correlate(building)
    site: ScalarSelect[int] = (
        select(building_site.c.parcel_id).where(here).correlate(building).scalar_subquery()
    )
    return case((moved, site), else_=building.c.parcel_id)


__all__ = ["ever", "known", "parcel_of_building", "standing"]
