"""Asks what has been loaded into this register, for whoever sets one up."""

from __future__ import annotations

from sqlalchemy import Connection, text

_KINDS = text("""
    SELECT kind, sum(rows_accepted)::bigint AS accepted FROM staging.load_run
     WHERE rows_accepted > 0 GROUP BY kind ORDER BY kind
""")
_EXAMPLE = text("""
    SELECT p.register_number
      FROM cadastre.property p
      JOIN cadastre.property_object o USING (property_id)
     WHERE o.parcel_id IS NOT NULL AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
       AND EXISTS (SELECT FROM cadastre.property_right r
                    WHERE r.property_id = p.property_id AND r.superseded_leaf IS NULL AND r.valid_to IS NULL)
     ORDER BY EXISTS (SELECT FROM cadastre.restriction s
                       WHERE s.property_id = p.property_id AND s.superseded_leaf IS NULL
                         AND s.valid_to IS NULL AND s.kind = 'mortgage') DESC,
              p.register_number
     LIMIT 1
""")


_FILES = text("SELECT DISTINCT file_name FROM staging.load_run WHERE rows_accepted > 0 OR rows_read = 0")
_EXAMPLE_UNIT = text("""
    SELECT p.register_number
      FROM cadastre.property p
      JOIN cadastre.property_object o USING (property_id)
     WHERE o.unit_id IS NOT NULL AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
       AND EXISTS (SELECT FROM cadastre.property_right r
                    WHERE r.property_id = p.property_id AND r.superseded_leaf IS NULL AND r.valid_to IS NULL)
     ORDER BY p.register_number
     LIMIT 1
""")
_ANYTHING = text("""
    SELECT EXISTS (SELECT FROM cadastre.parcel) OR EXISTS (SELECT FROM cadastre.property)
        OR EXISTS (SELECT FROM staging.load_run)
""")


def holds_anything(connection: Connection) -> bool:
    """Whether anything was ever registered or loaded here."""
    return bool(connection.execute(_ANYTHING).scalar_one())


def count_loaded(connection: Connection) -> dict[str, int]:
    """Rows accepted so far, by kind of load."""
    return {row.kind: int(row.accepted) for row in connection.execute(_KINDS)}


def list_loaded_files(connection: Connection) -> frozenset[str]:
    """Names of the files that were loaded; one from which every row was rejected is not among them."""
    return frozenset(connection.execute(_FILES).scalars())


def find_example_unit(connection: Connection) -> str | None:
    """Register number of a flat or other unit with a right."""
    found = connection.execute(_EXAMPLE_UNIT).scalar_one_or_none()
    return None if found is None else str(found)


def find_example_property(connection: Connection) -> str | None:
    """Register number of a property with a parcel and a right, a mortgaged one first."""
    found = connection.execute(_EXAMPLE).scalar_one_or_none()
    return None if found is None else str(found)


__all__ = [
    "count_loaded",
    "find_example_property",
    "find_example_unit",
    "holds_anything",
    "list_loaded_files",
]
