"""Copies the dated codelists that the database itself needs: districts and tolerances."""

from __future__ import annotations

from sqlalchemy import Connection, text

from cadastre.domain.codelist import Entry, load_codelist

_DISTRICT = text("""
    INSERT INTO cadastre.district (code, name_az, name_en, name_ru, kind, parent_code, iso_code,
                                   legal_srid, office_code, valid_from, valid_to)
    VALUES (:code, :az, :en, :ru, :kind, :parent, :iso, :legal_srid, :office_code, :valid_from, :valid_to)
    ON CONFLICT (code) DO UPDATE SET
        name_az = excluded.name_az, name_en = excluded.name_en, name_ru = excluded.name_ru,
        kind = excluded.kind, parent_code = excluded.parent_code, iso_code = excluded.iso_code,
        office_code = excluded.office_code, valid_from = excluded.valid_from, valid_to = excluded.valid_to
""")
_TOLERANCE = text("""
    INSERT INTO cadastre.tolerance (name, valid_from, valid_to, value, unit, source)
    VALUES (:code, :valid_from, :valid_to, :value, :unit, :source)
    ON CONFLICT (name, valid_from) DO UPDATE SET
        valid_to = excluded.valid_to, value = excluded.value, unit = excluded.unit, source = excluded.source
""")


def sync_codelists(connection: Connection) -> None:
    """Bring ``cadastre.district`` and ``cadastre.tolerance`` in line with the packaged lists.

    A district's legal zone is never changed here: its parcels are stored in it.
    """
    connection.execute(_DISTRICT, [_district_row(entry) for entry in load_codelist("districts")])
    connection.execute(_TOLERANCE, [_tolerance_row(entry) for entry in load_codelist("tolerances")])


def _district_row(entry: Entry) -> dict[str, object]:
    return {
        "code": entry.code,
        "az": entry.az,
        "en": entry.en,
        "ru": entry.ru,
        "kind": entry.text("kind"),
        "parent": entry.find_text("parent"),
        "iso": entry.find_text("iso"),
        "legal_srid": entry.integer("legal_srid"),
        "office_code": entry.text("office_code"),
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
    }


def _tolerance_row(entry: Entry) -> dict[str, object]:
    return {
        "code": entry.code,
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
        "value": entry.number(),
        "unit": entry.text("unit"),
        "source": entry.source,
    }


__all__ = ["sync_codelists"]
