"""Which district a number points to: the parcel's own, else the one whose office mints such numbers."""

from __future__ import annotations

from sqlalchemy import Connection, select

from cadastre.store.tables import district, parcel


def find_district_of_number(connection: Connection, number: str) -> str | None:
    """Give the code of the district, or None when the number tells none."""
    of_parcel = select(parcel.c.district_code).where(parcel.c.cadastral_number == number)
    found = connection.execute(of_parcel).scalar_one_or_none()
    if found is not None or not number[:2].isdecimal():
        return found
    minting = select(district.c.code).where(district.c.office_code == number[:2]).order_by(district.c.code)
    return connection.execute(minting).scalars().first()


__all__ = ["find_district_of_number"]
