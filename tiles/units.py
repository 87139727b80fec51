"""The administrative units that maps and surveys are chosen by."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from cadastre.db.unit_of_work import Database, Role, UnitOfWork
from cadastre.domain.codelist import Language
from cadastre.kernel.errors import NotFound
from tiles.layers import read_query
from tiles.mvt import read_state


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit and what the register holds of it; ``box`` is west, south, east, north in degrees."""

    code: str
    name_az: str
    name_en: str
    name_ru: str
    kind: str
    parent_code: str | None
    parcels: int
    has_boundary: bool
    box: tuple[float, float, float, float] | None

    def name(self, language: Language) -> str:
        """Give the name in a language."""
        return {"az": self.name_az, "en": self.name_en, "ru": self.name_ru}[language]


def list_units(uow: UnitOfWork) -> list[Unit]:
    """All units in force, in Azerbaijani alphabetical order, with and without data."""
    units = []
    for row in uow.connection.execute(text(read_query("units"))).mappings():
        values = dict(row)
        corners = [values.pop(side) for side in ("west", "south", "east", "north")]
        box = None if corners[0] is None else (corners[0], corners[1], corners[2], corners[3])
        units.append(Unit(**values, box=box))
    return units


def get_unit(uow: UnitOfWork, code: str) -> Unit:
    """Give one unit by its code."""
    for unit in list_units(uow):
        if unit.code == code:
            return unit
    raise NotFound(
        "There is no district with this code; the districts are listed on the map page.",
        code="district-not-found",
    )


class UnitDirectory:
    """The list of units, read again only when the register has changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[str, tuple[Unit, ...]] = ("", ())

    def list_units(self) -> tuple[Unit, ...]:
        """All units in force, in Azerbaijani alphabetical order."""
        return self._database.read(self._list, role=Role.TILES)

    def _list(self, uow: UnitOfWork) -> tuple[Unit, ...]:
        state = read_state(uow)
        if self._known[0] != state:
            self._known = (state, tuple(list_units(uow)))
        return self._known[1]


__all__ = ["Unit", "UnitDirectory", "get_unit", "list_units"]
