"""Asks for administrative units; every answer is public."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, RowMapping, text

from cadastre.domain.district import Box, DistrictFacts

_IN_FORCE = text("""
    SELECT d.code, d.name_az, d.name_en, d.name_ru, d.kind, d.parent_code, d.legal_srid, d.valid_from,
           ST_XMin(b.geom_wgs84) AS west, ST_YMin(b.geom_wgs84) AS south,
           ST_XMax(b.geom_wgs84) AS east, ST_YMax(b.geom_wgs84) AS north
      FROM cadastre.district d
      LEFT JOIN publish.district b USING (code)
     WHERE d.valid_from <= :day AND (d.valid_to IS NULL OR d.valid_to > :day)
     ORDER BY d.name_az COLLATE "az-x-icu", d.code
""")


def list_districts(connection: Connection, *, day: date) -> list[DistrictFacts]:
    """Units in force on a day, in Azerbaijani order of their names."""
    return [_facts(row._mapping) for row in connection.execute(_IN_FORCE, {"day": day})]


def _facts(row: RowMapping) -> DistrictFacts:
    values = dict(row)
    sides = [values.pop(side) for side in Box._fields]
    return DistrictFacts(**values, box=None if sides[0] is None else Box(*sides))


__all__ = ["list_districts"]
