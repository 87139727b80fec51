"""Writes down who looked at whose data, with the leaf that says so, and tells the person."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from cadastre.db.prepared import carry_out, fetch, prepared
from cadastre.domain.caller import Caller
from cadastre.domain.look import Subject
from cadastre.ledger import SALT_BYTES, canonical_payload, compute_leaf_hash

_SUBJECTS = """
    INSERT INTO evidence.look (leaf_id, property_id, as_of, known_at, party_id, fin, voen,
                               actor_role, actor_name, purpose, case_id, disclosed_from)
    SELECT {leaf}, s.property_id,
           CASE WHEN s.property_id IS NOT NULL THEN coalesce(s.as_of, ledger.today()) END,
           CASE WHEN s.property_id IS NOT NULL
                THEN coalesce(s.known_at, (SELECT tree_size - 1 FROM ledger.sequencer)) END,
           s.party_id, s.fin, s.voen, :actor_role, :actor_name, CAST(:purpose AS text),
           CAST(:case_id AS uuid), CAST(:disclosed_from AS date)
      FROM {source} unnest(CAST(:properties AS bigint[]), CAST(:days AS date[]), CAST(:indexes AS bigint[]),
                           CAST(:parties AS uuid[]), CAST(:fins AS text[]), CAST(:voens AS text[]))
           AS s (property_id, as_of, known_at, party_id, fin, voen)
"""
_APPEND = prepared(f"""
    WITH written AS (
        INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
        VALUES (:kind, :actor, :payload, :salt, :leaf_hash) RETURNING leaf_id),
    looked AS ({_SUBJECTS.format(leaf="w.leaf_id", source="written w CROSS JOIN")})
    SELECT leaf_id FROM written
""")
_ADD = prepared(_SUBJECTS.format(leaf="CAST(:leaf AS bigint)", source=""))

# A section shows its holders, and those for whom or against whom it is burdened, as they stood at the moment
# of the look; of a closed one, at its end.
_SHOWN = """
    EXISTS (SELECT FROM {table} r
             WHERE r.property_id = k.property_id AND ({persons})
               AND ledger.is_known(r.recorded_leaf, r.superseded_leaf, k.known_at)
               AND (ledger.is_in_force(r.valid_from, r.valid_to, k.as_of)
                    OR EXISTS (SELECT FROM cadastre.property_closure c
                                WHERE c.property_id = k.property_id AND c.closed_on <= k.as_of
                                  AND r.valid_to = c.closed_on)))
"""
_HELD = "r.party_id = ANY (CAST(:parties AS uuid[]))"
_BURDEN = """r.beneficiary_party_id = ANY (CAST(:parties AS uuid[]))
                    OR r.burdened_party_id = ANY (CAST(:parties AS uuid[]))"""
_LIST = prepared(f"""
    WITH section AS (
        SELECT r.property_id FROM cadastre.property_right r WHERE {_HELD}
        UNION
        SELECT r.property_id FROM cadastre.restriction r WHERE {_BURDEN}),
    look AS (
        SELECT k.leaf_id, CAST(NULL AS text) AS done, k.property_id, k.actor_role, k.actor_name, k.purpose,
               k.case_id, CAST(NULL AS integer) AS step
          FROM evidence.look k JOIN section USING (property_id)
         WHERE {_SHOWN.format(table="cadastre.property_right", persons=_HELD)}
            OR {_SHOWN.format(table="cadastre.restriction", persons=_BURDEN)}
        UNION ALL
        SELECT k.leaf_id, NULL, NULL, k.actor_role, k.actor_name, k.purpose, k.case_id, NULL
          FROM evidence.look k
         WHERE k.party_id = ANY (CAST(:parties AS uuid[])) OR k.fin = :fin OR k.voen = :voen
        UNION ALL
        SELECT t.recorded_leaf, 'case', p.property_id, t.actor_role, t.actor, NULL, t.case_id, t.step_number
          FROM section JOIN registry.case_property p USING (property_id)
          JOIN registry.case_step t ON t.case_id = p.case_id
         WHERE EXISTS (SELECT FROM cadastre.property_right r
                        WHERE r.property_id = p.property_id AND {_HELD} AND r.recorded_leaf <= t.recorded_leaf
                          AND (r.superseded_leaf IS NULL OR r.superseded_leaf >= t.recorded_leaf))
            OR EXISTS (SELECT FROM cadastre.restriction r
                        WHERE r.property_id = p.property_id AND ({_BURDEN})
                          AND r.recorded_leaf <= t.recorded_leaf
                          AND (r.superseded_leaf IS NULL OR r.superseded_leaf >= t.recorded_leaf)))
    SELECT DISTINCT ON (l.leaf_id) l.leaf_id, l.recorded_time, coalesce(look.done, l.kind) AS kind,
           look.actor_role, look.actor_name, look.purpose, look.case_id, q.register_number, l.ledger_index
      FROM look JOIN ledger.leaf l USING (leaf_id)
      LEFT JOIN cadastre.property q ON q.property_id = look.property_id
     WHERE l.leaf_id < :before
       AND (CAST(:property AS bigint) IS NULL OR look.property_id = CAST(:property AS bigint))
     -- of the steps of one leaf the first: whoever acted, not what the register did upon it
     ORDER BY l.leaf_id DESC, q.register_number, look.purpose, look.step LIMIT :limit
""")
_EVER_STOOD = prepared("""
    SELECT EXISTS (SELECT FROM cadastre.property_right r
                    WHERE r.property_id = :property AND r.party_id = ANY (CAST(:parties AS uuid[])))
        OR EXISTS (SELECT FROM cadastre.restriction r
                    WHERE r.property_id = :property
                      AND (r.beneficiary_party_id = ANY (CAST(:parties AS uuid[]))
                           OR r.burdened_party_id = ANY (CAST(:parties AS uuid[]))))
""")


@dataclass(frozen=True, slots=True)
class LookPage:
    """Which looks are asked for: before a leaf, about one section or all."""

    before: int
    limit: int
    property_id: int | None = None


def append_look(
    connection: Connection,
    *,
    kind: str,
    caller: Caller,
    payload: Mapping[str, Any],
    subjects: Sequence[Subject] = (),
    purpose: str | None = None,
    case_id: UUID | None = None,
    disclosed_from: date | None = None,
) -> int:
    """Write the leaf of a look and whose data it shows, in one statement; give its ``leaf_id``.

    Parameters
    ----------
    kind
        Leaf kind: ``access.property``, ``access.case`` ...
    payload
        JSON object without personal data. A look that is told later says in it from which day on.
    subjects
        Whose data are shown; may be added to by :func:`add_subjects` once they are known.
    disclosed_from
        See :func:`cadastre.domain.look.find_disclosure_day`.
    """
    said = dict(payload)
    if disclosed_from is not None:
        said["disclosed_from"] = disclosed_from.isoformat()
    body, salt = canonical_payload(said), secrets.token_bytes(SALT_BYTES)
    row = {"kind": kind, "actor": caller.subject, "payload": body, "salt": salt}
    row["leaf_hash"] = compute_leaf_hash(body, salt)
    row |= _columns(caller, subjects, purpose, case_id, disclosed_from)
    return int(fetch(connection, _APPEND, row)[0][0])


def add_subjects(
    connection: Connection,
    leaf: int,
    caller: Caller,
    subjects: Sequence[Subject],
    *,
    purpose: str | None = None,
    case_id: UUID | None = None,
    disclosed_from: date | None = None,
) -> None:
    """Write whose data a look showed that this transaction has written the leaf of."""
    if subjects:
        row = _columns(caller, subjects, purpose, case_id, disclosed_from)
        carry_out(connection, _ADD, {"leaf": leaf, **row})


def _columns(
    caller: Caller,
    subjects: Sequence[Subject],
    purpose: str | None,
    case_id: UUID | None,
    disclosed_from: date | None,
) -> dict[str, Any]:
    moments = [subject.moment for subject in subjects]
    return {
        "actor_role": caller.role.value,
        "actor_name": caller.name or caller.subject,
        "purpose": purpose,
        "case_id": None if case_id is None else str(case_id),
        "disclosed_from": disclosed_from,
        "properties": [subject.property_id for subject in subjects],
        "days": [None if at is None else at.as_of for at in moments],
        "indexes": [None if at is None else at.known_at for at in moments],
        "parties": [None if s.party_id is None else str(s.party_id) for s in subjects],
        "fins": [subject.fin for subject in subjects],
        "voens": [subject.voen for subject in subjects],
    }


def list_looks(
    connection: Connection, parties: Sequence[UUID], *, fin: str | None, voen: str | None, page: LookPage
) -> list[Any]:
    """Give the looks at a person by all records that are his, newest first; what is deferred is hidden."""
    asked = {
        "parties": [str(party) for party in parties],
        "fin": fin,
        "voen": voen,
        "before": page.before,
        "limit": page.limit,
        "property": page.property_id,
    }
    return fetch(connection, _LIST, asked)


def has_stood_in(connection: Connection, property_id: int, parties: Sequence[UUID]) -> bool:
    """Tell whether any of these records is, or ever was, named in a section."""
    asked = {"property": property_id, "parties": [str(party) for party in parties]}
    return bool(fetch(connection, _EVER_STOOD, asked)[0][0])


__all__ = ["LookPage", "add_subjects", "append_look", "has_stood_in", "list_looks"]
