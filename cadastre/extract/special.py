"""The blocks that only some products have: entries that have ended, whether somebody owns anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cadastre.domain.codelist import load_codelist
from cadastre.extract.kinds import ExistenceRecord, HoldingRecord, TerminatedRecord
from cadastre.extract.labels import Coder, optional
from cadastre.extract.record import IdentifierPolicy
from cadastre.extract.rights import write_identifier, write_restriction, write_right


def write_terminated(
    ended: Iterable[TerminatedRecord], policy: IdentifierPolicy, coded: Coder
) -> list[dict[str, Any]]:
    """Write entries that have ended, each with the day from which it was in force no more."""
    return [
        {
            "ended_on": one.ended_on.isoformat(),
            "right": optional(one.right, lambda right: write_right(right, policy, coded, origin="right")),
            "restriction": optional(one.restriction, lambda entry: write_restriction(entry, policy, coded)),
        }
        for one in ended
    ]


def write_existence(found: ExistenceRecord, policy: IdentifierPolicy, coded: Coder) -> dict[str, Any]:
    """Write whether a person stands in the register; the sections are null for who may not know them."""
    return {
        "identifier": write_identifier(found.person, policy),
        "exists": found.exists,
        "holdings": optional(found.holdings, lambda held: [_holding(one, coded) for one in held]),
    }


def _holding(held: HoldingRecord, coded: Coder) -> dict[str, Any]:
    return {
        "register_number": held.register_number,
        "object_kind": coded("object_kind", held.object_kind),
        "kinds": [coded(_list_of(kind), kind) for kind in held.kinds],
    }


def _list_of(kind: str) -> str:
    known = {entry.code for entry in load_codelist("right_kinds")}
    return "right_kind" if kind in known else "restriction_kind"


__all__ = ["write_existence", "write_terminated"]
