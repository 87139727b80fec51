"""Families of sections for the proof of concurrent extracts: whatever belongs to one bears its mark, and no other's.

Land, people and papers of a family stay in it whatever is done, so that a word of another family in an
extract is a leak, whoever says it and why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from shapely import Polygon, box

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.kernel.person_numbers import compute_voen_check_digit
from tests.register import KHAZAR_EAST, KHAZAR_NORTH, Register

PEOPLE: Final = 4
WIDTH_M: Final = 64.0
MARK: Final = re.compile(r"NS-[0-9]{4}")
NUMBER: Final = re.compile(r'"([0-9]{12})"')


@dataclass(frozen=True, slots=True)
class Family:
    """One section, what becomes of it, and the people among whom it passes; the last of them is a bank."""

    mark: str
    property_id: int
    register_number: str
    cadastral_number: str
    people: tuple[str, ...]
    fins: tuple[str, ...]
    voen: str


def mark_of(number: int) -> str:
    """Word that all of a family bear."""
    return f"NS-{number:04d}"


def land_of(number: int) -> Polygon:
    """Land of a family, apart from all others', EPSG:32639."""
    west, south = KHAZAR_EAST + 200 * (number // 40), KHAZAR_NORTH + 100 * (number % 40)
    return box(west, south, west + WIDTH_M, south + 40)


def lay_families(url: str, numbers: range) -> list[Family]:
    """Enter synthetic families, each with a section on land of its own and a mortgage of its bank."""
    database = Database(url, pool_size=1)

    def write(uow: UnitOfWork) -> list[Family]:
        register = Register(uow.connection)
        register.leaf()
        return [_enter(register, number) for number in numbers]

    try:
        return database.run(write, isolation=Isolation.READ_COMMITTED)
    finally:
        database.close()


def _enter(register: Register, number: int) -> Family:
    mark, register_number, cadastral = mark_of(number), f"2030{number + 1:08d}", f"{mark_of(number)}-01"
    fins = tuple(f"{PEOPLE * number + each:07X}" for each in range(PEOPLE))
    voen = _voen(number)
    people = [register.party(f"Sahib {mark}/{each}", fin=fin) for each, fin in enumerate(fins)]
    bank = register.party(f"Bank {mark}", kind="legal", voen=voen)
    property_id = register.property(register_number, register.parcel(cadastral, land_of(number)))
    register.right(property_id, people[0])
    register.restriction(property_id, "mortgage", bank, amount=1_000 + number, currency="AZN", rank=1)
    named = tuple(str(each) for each in (*people, bank))
    return Family(mark, property_id, register_number, cadastral, named, fins, voen)


def _voen(number: int) -> str:
    """A taxpayer's number that passes its check, another for each family."""
    for serial in range(10):
        digits = f"1{number:06d}{serial}"
        check = compute_voen_check_digit(digits)
        if check < 10:
            return f"{digits}{check}1"
    raise AssertionError(number)


def people_of(family: Family) -> Sequence[UUID]:
    """Records of a family's people, without its bank."""
    return [UUID(each) for each in family.people[:-1]]


__all__ = ["MARK", "NUMBER", "Family", "land_of", "lay_families", "mark_of", "people_of"]
