"""Copies the dated codelists that the database itself reads: districts, tolerances, services and the like."""

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
_SERVICE = text("""
    INSERT INTO registry.service (code, valid_from, valid_to, operation, by_authority, overrides_block,
                                  four_eyes, source)
    VALUES (:code, :valid_from, :valid_to, :operation, :by_authority, :overrides_block, :four_eyes, :source)
    ON CONFLICT (code, valid_from) DO UPDATE SET
        valid_to = excluded.valid_to, operation = excluded.operation, by_authority = excluded.by_authority,
        overrides_block = excluded.overrides_block, four_eyes = excluded.four_eyes, source = excluded.source
""")
_RESTRICTION_KIND = text("""
    INSERT INTO registry.restriction_kind (code, valid_from, valid_to, blocks_disposal, by_authority)
    VALUES (:code, :valid_from, :valid_to, :blocks_disposal, :by_authority)
    ON CONFLICT (code, valid_from) DO UPDATE SET
        valid_to = excluded.valid_to, blocks_disposal = excluded.blocks_disposal,
        by_authority = excluded.by_authority
""")


def sync_codelists(connection: Connection) -> None:
    """Bring the copies that triggers and views read in line with the packaged lists.

    A district's legal zone is never changed here: its parcels are stored in it.
    """
    connection.execute(_DISTRICT, [_district_row(entry) for entry in load_codelist("districts")])
    connection.execute(_TOLERANCE, [_tolerance_row(entry) for entry in load_codelist("tolerances")])
    connection.execute(_SERVICE, [_service_row(entry) for entry in load_codelist("services")])
    connection.execute(_RESTRICTION_KIND, [_kind_row(entry) for entry in load_codelist("restriction_kinds")])


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


def _service_row(entry: Entry) -> dict[str, object]:
    return {
        "code": entry.code,
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
        "operation": entry.text("operation"),
        "by_authority": entry.flag("by_authority"),
        "overrides_block": entry.flag("overrides_block"),
        "four_eyes": not entry.flag("one_officer"),
        "source": entry.source,
    }


def _kind_row(entry: Entry) -> dict[str, object]:
    return {
        "code": entry.code,
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
        "blocks_disposal": entry.flag("blocks_disposal"),
        "by_authority": entry.flag("by_authority"),
    }


__all__ = ["sync_codelists"]
