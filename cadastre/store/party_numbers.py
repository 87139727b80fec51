"""The number of a party, also of one that stands under a later name, whose record has none."""

from __future__ import annotations

from sqlalchemy import BigInteger, ColumnElement, FromClause, Text, bindparam, func, literal_column

_KNOWN_AT = bindparam("known_at", type_=BigInteger)


def number_of(record: FromClause, number: str) -> ColumnElement[str | None]:
    """Give the ``fin`` or ``voen`` of a record, or that of the party whose later name it was.

    The ledger index of the moment is bound as ``known_at``.
    """
    wanted = literal_column(f"'{number}'", Text)
    later = func.registry.later_number(record.c.party_id, wanted, _KNOWN_AT, type_=Text)
    return func.coalesce(record.c[number], later)


__all__ = ["number_of"]
