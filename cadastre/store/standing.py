"""What was known at a ledger index and in force on a day, as conditions on any table of the register."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    ScalarSelect,
    Table,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from cadastre.domain.moment import Moment
from cadastre.store.subject_tables import building_site
from cadastre.store.tables import building

_KNOWN_AT = bindparam("known_at", type_=BigInteger)
_AS_OF = bindparam("as_of", type_=Date)


def bound(at: Moment, **values: object) -> dict[str, object]:
    """Give the values of a statement that asks of a moment."""
    return {"known_at": at.known_at, "as_of": at.as_of, **values}


def known(table: Table) -> ColumnElement[bool]:
    """Entered by the moment's ledger index (bound as ``known_at``), and not closed by it."""
    return func.ledger.is_known(table.c.recorded_leaf, table.c.superseded_leaf, _KNOWN_AT)


def standing(table: Table) -> ColumnElement[bool]:
    """Known at the moment's ledger index and in force on its day (bound as ``as_of``)."""
    return known(table) & func.ledger.is_in_force(table.c.valid_from, table.c.valid_to, _AS_OF)


def begun(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Begun by the moment's day."""
    return column <= _AS_OF


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """One of a list of identities, bound under a name; the statement is one for lists of any length."""
    return column == any_(bindparam(name, type_=ARRAY(BigInteger)))


def ever(table: Table) -> ColumnElement[bool]:
    """Say nothing, in the form that lets a key be sought in both halves of a table.

    What is current and what is past of the largest tables is indexed apart, so that a load keeps
    nothing in order; without naming both halves the whole table would be read.
    """
    ended = or_(table.c.superseded_leaf.is_not(None), table.c.valid_to.is_not(None))
    return or_(and_(table.c.superseded_leaf.is_(None), table.c.valid_to.is_(None)), ended)


def parcel_of_building() -> ColumnElement[int]:
    """Parcel on which a row of ``building`` stands at a moment: since its land changed, that of its site."""
    here = (building_site.c.building_id == building.c.building_id) & standing(building_site)
    moved = exists().where(here).correlate(building)
    site: ScalarSelect[int] = (
        select(building_site.c.parcel_id).where(here).correlate(building).scalar_subquery()
    )
    return case((moved, site), else_=building.c.parcel_id)


__all__ = ["among", "begun", "bound", "ever", "known", "parcel_of_building", "standing"]
