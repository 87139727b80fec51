"""Reads a section of today's register and writes down that somebody looked, in one round trip."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from cadastre.db.prepared import PreparedQuery
from cadastre.domain.caller import Caller
from cadastre.ledger import SALT_BYTES, canonical_payload, compute_leaf_hash
from cadastre.store.nested_rows import NestedRows
from cadastre.store.present import SECTION, UNNUMBERED
from cadastre.store.properties import PropertyRows, read_answers, section_questions

# The parties of the section are seen by a transaction that has written down its look, by nobody else, and
# only from the next statement on: so there are two. Nothing is written while an entry awaits its number.
_LOOK: Final = f"""{SECTION}
    SELECT CASE WHEN {UNNUMBERED} = 0 THEN evidence.append_look(
               'access.property', :actor, :payload, :salt, :leaf_hash, (SELECT property_id FROM asked),
               CAST(:as_of AS date), ledger.head(), :actor_role, :actor_name, :purpose,
               CAST(:disclosed_from AS date)) END;
"""
_READ: Final = """
    WITH here AS MATERIALIZED (
        SELECT (SELECT property_id FROM cadastre.property WHERE register_number = :number) AS property_id,
               ledger.head() AS head, party.access_is_logged() AS is_logged)
    SELECT property_id, head, version, is_logged, CAST(answers AS text)
      FROM (SELECT here.*,
                   CASE WHEN property_id IS NOT NULL
                        THEN registry.property_version(property_id) END AS version,
                   CASE WHEN is_logged AND property_id IS NOT NULL THEN ({answers}) END AS answers
              FROM here) AS all_of_it
"""


@dataclass(frozen=True, slots=True)
class LookedSection:
    """What a look at a number found; ``rows`` are None when no such section was registered on the day.

    Unless ``is_logged``, nothing was shown and nothing written: an entry has no place in the ledger yet.
    """

    head: int
    version: int | None
    is_logged: bool
    rows: PropertyRows | None


@dataclass(frozen=True, slots=True)
class _SectionLook:
    questions: tuple[NestedRows, ...]
    sql: PreparedQuery


@cache
def _section_look() -> _SectionLook:
    questions, asked = section_questions(ground=False)
    here = asked.replace("%(property)s", "here.property_id").replace("%(known_at)s", "here.head")
    return _SectionLook(
        questions, PreparedQuery(PreparedQuery.of(_LOOK + _READ).sql.replace("{answers}", here))
    )


def section_look() -> PreparedQuery:
    """Give the statement of a look at a section, which is a transaction of its own; see ``look_values``."""
    return _section_look().sql


def look_values(
    caller: Caller,
    number: str,
    payload: Mapping[str, Any],
    *,
    as_of: date,
    purpose: str,
    disclosed_from: date | None,
) -> dict[str, object]:
    """Give what the statement binds; ``payload`` is the JSON object of its leaf, without personal data."""
    said = dict(payload)
    if disclosed_from is not None:
        said["disclosed_from"] = disclosed_from.isoformat()
    body, salt = canonical_payload(said), secrets.token_bytes(SALT_BYTES)
    return {
        "number": number,
        "as_of": as_of,
        "actor": caller.subject,
        "payload": body,
        "salt": salt,
        "leaf_hash": compute_leaf_hash(body, salt),
        "actor_role": caller.role.value,
        "actor_name": caller.name or caller.subject,
        "purpose": purpose,
        "disclosed_from": disclosed_from,
    }


def read_look(answer: tuple[Any, ...]) -> LookedSection:
    """Read the one row of the statement."""
    _, head, version, is_logged, answers = answer
    rows = None if answers is None else read_answers(_section_look().questions, answers)
    return LookedSection(head, version, is_logged, rows)


__all__ = ["LookedSection", "look_values", "read_look", "section_look"]
