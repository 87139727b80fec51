"""Finds the records of the parties that an application names, or enters them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.prepared import fetch, prepared
from cadastre.domain.filing import CasePartyRole, NamedParty
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.errors import RuleBroken
from cadastre.store.judged_facts import NO_CASE, Gathered, Part, facts_beside, read_gathered
from cadastre.store.ledger import LEAF, THIS_LEAF
from cadastre.store.likely_holders import find_likely_holder

_INSERT_PARTY = prepared("""
    INSERT INTO party.party (kind, name, fin, voen, born_on, recorded_leaf)
    VALUES (:kind, :name, :fin, :voen, :born_on, :leaf) ON CONFLICT DO NOTHING RETURNING party_id
""")
_NUMBERED_PARTIES = prepared("""
    SELECT party_id, kind, name, fin, voen, born_on FROM party.party WHERE fin = :fin OR voen = :voen
""")
_PARTS: Final = (Part.PARTIES, Part.OTHER_CASES, Part.CONFIRM_BY)
_FACTS: Final = facts_beside(
    _PARTS,
    """SELECT q.party_id FROM unnest(CAST(:fins AS text[]), CAST(:voens AS text[])) AS m (fin, voen)
         JOIN party.party q ON q.fin = m.fin OR q.voen = m.voen""",
)
_RECEIVED: Final = f"""
    {LEAF};
    SELECT ({THIS_LEAF}) AS leaf_id,
           (SELECT json_agg(json_build_array(n.place, p.party_id, p.kind, p.name, p.fin, p.voen, p.born_on))
              FROM unnest(CAST(:fins AS text[]), CAST(:voens AS text[])) WITH ORDINALITY
                   AS n (fin, voen, place)
              JOIN party.party p ON p.fin = n.fin OR p.voen = n.voen) AS known"""
_RECEIVE = prepared(_RECEIVED)
_RECEIVE_WITH_FACTS = prepared(f"{_RECEIVED}, {_FACTS}")
_NAMED_HOLDER = prepared("""
    SELECT p.party_id, p.kind, p.name, p.fin, p.voen, p.born_on FROM party.party p
     WHERE p.name = :name AND p.kind = :kind
       AND p.party_id IN (SELECT r.party_id FROM cadastre.property_right r
                           WHERE r.property_id = ANY (CAST(:properties AS bigint[]))
                             AND r.superseded_leaf IS NULL)
     LIMIT 1
""")


class Known(NamedTuple):
    """A record of a party."""

    party_id: UUID
    kind: str
    name: str
    fin: str | None
    voen: str | None
    born_on: date | None


@dataclass(frozen=True, slots=True)
class Received:
    """The leaf of an application, and for each of its parties the records of its numbers."""

    leaf: int
    known: Sequence[Sequence[Known]]
    gathered: Gathered | None = None


def receive(
    connection: Connection,
    leaf: Mapping[str, object],
    parties: Sequence[NamedParty],
    states: Mapping[int, PropertyState] | None,
) -> Received:
    """Write down that an application comes in, and look up whom it names by FIN or VOEN.

    Parameters
    ----------
    leaf
        Values of :func:`cadastre.store.ledger.leaf_values`.
    states
        The sections of its properties, when the application will be judged: what rules ask comes along.
    """
    numbers = {"fins": [party.fin for party in parties], "voens": [party.voen for party in parties]}
    statement, bound = _RECEIVE, {**leaf, **numbers}
    if states is not None:
        people = {str(party) for state in states.values() for party in state.people}
        statement = _RECEIVE_WITH_FACTS
        bound |= {"case": str(NO_CASE), "parties": list(people), "properties": list(states)}
    (row,) = fetch(connection, statement, bound)
    known: list[list[Known]] = [[] for _ in parties]
    for place, key, kind, name, fin, voen, born_on in row.known or ():
        day = None if born_on is None else date.fromisoformat(born_on)
        known[place - 1].append(Known(UUID(key), kind, name, fin, voen, day))
    return Received(int(row.leaf_id), known, None if states is None else read_gathered(row, _PARTS))


def find_or_enter_party(
    connection: Connection,
    named: NamedParty,
    property_ids: Sequence[int],
    leaf: int,
    known: Sequence[Known] = (),
) -> tuple[UUID, tuple[str, ...]]:
    """Give the record of a party, and what differs from how it is named now.

    It is known by its FIN or VOEN, else by its very name among the holders of the properties. Nothing is
    added to a record and no name is changed. A number that somebody enters at this moment is waited for
    and reused: no party is there twice.

    Parameters
    ----------
    known
        Records of its numbers, when they were looked up already.

    Raises
    ------
    RuleBroken
        FIN and VOEN belong to two different parties.
    """
    if named.role is CasePartyRole.DEBTOR and not named.is_numbered:
        return _debtor(connection, named, property_ids, leaf)
    found = known or _find_parties(connection, named, property_ids)
    if not found:
        values = {
            "kind": named.kind.value,
            "name": named.name,
            "fin": named.fin,
            "voen": named.voen,
            "born_on": named.born_on,
        }
        entered = connection.execute(_INSERT_PARTY, {**values, "leaf": leaf}).scalar_one_or_none()
        if entered is not None:
            return UUID(str(entered)), ()
        found = _find_parties(connection, named, property_ids)
    if len(found) != 1:
        raise RuleBroken(
            "FIN and VOEN of a party belong to two different parties of the register; check them.",
            code="party-numbers-conflict",
            rule="party-numbers-conflict",
        )
    return found[0].party_id, tuple(_differences(found[0], named))


def _debtor(
    connection: Connection, named: NamedParty, property_ids: Sequence[int], leaf: int
) -> tuple[UUID, tuple[str, ...]]:
    """Give the holder whom a court or bailiff means without a number; it is always told as a doubt."""
    likely = find_likely_holder(connection, named, property_ids)
    if likely is not None:
        return likely.party_id, ("party-matched-by-name", *_differences(likely, named))
    values = {"kind": named.kind.value, "name": named.name, "fin": None, "voen": None}
    entered = connection.execute(_INSERT_PARTY, {**values, "born_on": named.born_on, "leaf": leaf})
    return UUID(str(entered.scalar_one())), ("debtor-not-identified",)


def _find_parties(
    connection: Connection, named: NamedParty, property_ids: Sequence[int]
) -> Sequence[Row[Any] | Known]:
    if named.fin is None and named.voen is None:
        asked = {"name": named.name, "kind": named.kind.value, "properties": list(property_ids)}
        return fetch(connection, _NAMED_HOLDER, asked)
    return fetch(connection, _NUMBERED_PARTIES, {"fin": named.fin, "voen": named.voen})


def _differences(known: Row[Any] | Known, named: NamedParty) -> Iterator[str]:
    if known.kind != named.kind.value:
        yield "party-number-other-kind"
    elif known.name != named.name:
        yield "party-name-differs"
    numbers = ((named.fin, known.fin), (named.voen, known.voen))
    if any(given is not None and kept is None for given, kept in numbers):
        yield "party-number-not-added"
    if None not in (named.born_on, known.born_on) and named.born_on != known.born_on:
        yield "party-birth-day-differs"


__all__ = ["Known", "Received", "find_or_enter_party", "receive"]
