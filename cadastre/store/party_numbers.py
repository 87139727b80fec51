"""The number of a party, also of one that stands under a later name, whose record has none."""

from __future__ import annotations

from sqlalchemy import BigInteger, BindParameter, ColumnElement, FromClause, bindparam, func, select

from cadastre.domain.moment import Moment
from cadastre.store.subject_tables import party_link
from cadastre.store.tables import party

KNOWN_AT = bindparam("known_at", type_=BigInteger)


def number_of(
    record: FromClause, number: str, at: Moment | BindParameter[int] = KNOWN_AT
) -> ColumnElement[str | None]:
    """Give the ``fin`` or ``voen`` of a record, or that of the party whose later name it was at a moment.

    Without a moment its ledger index is bound as ``known_at``.
    """
    index = at.known_at if isinstance(at, Moment) else at
    person = party.alias()
    renamed = (
        select(person.c[number])
        .join(party_link, party_link.c.to_party_id == person.c.party_id)
        .where(
            party_link.c.from_party_id == record.c.party_id,
            party_link.c.manner == "renamed",
            func.ledger.is_known(party_link.c.recorded_leaf, party_link.c.superseded_leaf, index),
        )
        .scalar_subquery()
    )
    return func.coalesce(record.c[number], renamed)


__all__ = ["number_of"]
