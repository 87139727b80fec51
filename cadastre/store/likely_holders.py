"""Finds whom an act of authority means by a name alone: a holder of the property, spelled otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from cadastre.db.prepared import fetch, prepared
from cadastre.domain.filing import NamedParty
from cadastre.kernel.folding import fold

_HOLDERS = prepared("""
    SELECT DISTINCT p.party_id, p.kind, p.name, p.fin, p.voen, p.born_on
      FROM cadastre.property_right r JOIN party.party p USING (party_id)
     WHERE r.property_id = ANY (CAST(:properties AS bigint[])) AND r.superseded_leaf IS NULL
       AND r.valid_to IS NULL AND p.kind = :kind
     ORDER BY p.party_id
""")


def find_likely_holder(
    connection: Connection, named: NamedParty, property_ids: Sequence[int]
) -> Row[Any] | None:
    """Give the one holder whose folded name is that of a debtor without a number; None for none or several.

    A birth day that contradicts excludes, one that agrees decides between namesakes.
    """
    asked = {"properties": list(property_ids), "kind": named.kind.value}
    key = fold(named.name)
    alike = [row for row in fetch(connection, _HOLDERS, asked) if fold(row.name) == key]
    if named.born_on is not None:
        alike = [row for row in alike if row.born_on in (None, named.born_on)]
        same_day = [row for row in alike if row.born_on == named.born_on]
        alike = same_day or alike
    return alike[0] if len(alike) == 1 else None


__all__ = ["find_likely_holder"]
