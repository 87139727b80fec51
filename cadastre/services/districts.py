"""Public questions about administrative units."""

from __future__ import annotations

from datetime import date

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.district import DistrictFacts
from cadastre.store import districts as store


def list_districts(uow: UnitOfWork, *, day: date) -> list[DistrictFacts]:
    """Units in force on a day, in Azerbaijani order of their names."""
    return store.list_districts(uow.connection, day=day)


__all__ = ["list_districts"]
