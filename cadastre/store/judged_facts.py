"""Reads what the rules ask about a case beside its sections, in one statement and no more than is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, TextClause

from cadastre.db.prepared import fetch, prepared
from cadastre.domain.party import PartyKind
from cadastre.domain.property_state import PartyState
from cadastre.store.competence import COMPETENCE

NO_CASE = UUID(int=0)
Record = Mapping[str, Any]


class Part(StrEnum):
    """Facts that are asked for together or not at all; each is one column of the statement."""

    PARTIES = "parties"
    MANDATES = "mandates"
    CONSENTS = "consents"
    OTHER_CASES = "other_cases"
    NOTICES = "notices"
    PLACES = "places"
    CONFIRM_BY = "confirm_by"
    BUILDINGS = "buildings"
    HOLDINGS = "holdings"
    COMPETENCE = "competence"


_QUERIES: Final[Mapping[Part, str]] = MappingProxyType(
    {
        Part.PARTIES: """
            SELECT party_id, kind, born_on,
                   fin IS NOT NULL OR voen IS NOT NULL OR foreign_number IS NOT NULL AS numbered,
                   registry.resolve_party(party_id) AS stands_for
              FROM party.party WHERE party_id = ANY (CAST(:parties AS uuid[]))""",
        Part.MANDATES: """
            SELECT kind, principal_party_id, agent_party_id, valid_from, valid_to, end_reason, operations,
                   property_id, permission_source_id IS NOT NULL AS has_permission
              FROM registry.representation
             WHERE superseded_leaf IS NULL AND principal_party_id = ANY (CAST(:parties AS uuid[]))""",
        Part.CONSENTS: """
            SELECT kind, party_id, given_on, until FROM registry.consent
             WHERE case_id = CAST(:case AS uuid) AND superseded_leaf IS NULL""",
        Part.OTHER_CASES: """
            SELECT f.journal_number, p.property_id, p.place, s.operation
              FROM registry.case_property p
              JOIN registry.case_file f ON f.case_id = p.case_id AND f.closed_leaf IS NULL
              JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
             WHERE p.property_id = ANY (CAST(:properties AS bigint[]))
               AND p.case_id <> CAST(:case AS uuid)""",
        Part.NOTICES: """
            SELECT property_id, journal_number, notice_id FROM registry.priority_notice
             WHERE property_id = ANY (CAST(:properties AS bigint[])) AND superseded_leaf IS NULL
               AND state = 'held' AND expires_at > CAST(:now AS timestamptz)
             ORDER BY property_id, queue_number""",
        Part.PLACES: """
            SELECT property_id, place, notice_id FROM registry.case_property
             WHERE case_id = CAST(:case AS uuid)""",
        Part.CONFIRM_BY: """
            SELECT restriction_id, confirm_by FROM cadastre.restriction
             WHERE property_id = ANY (CAST(:properties AS bigint[])) AND confirm_by IS NOT NULL
               AND superseded_leaf IS NULL AND valid_to IS NULL""",
        Part.BUILDINGS: """
            SELECT b.building_id, t.parcel_id, b.floors, coalesce(s.stage, 'completed') AS stage
              FROM cadastre.building b
              LEFT JOIN cadastre.building_stands t USING (building_id)
              LEFT JOIN registry.building_stage s ON s.building_id = b.building_id
                                                 AND s.superseded_leaf IS NULL
             WHERE (b.building_id = ANY (CAST(:buildings AS bigint[])) OR b.building_id IN (
                       SELECT u.building_id FROM cadastre.building_unit u
                        WHERE u.unit_id = ANY (CAST(:units AS bigint[])) AND u.superseded_leaf IS NULL))
               AND b.superseded_leaf IS NULL AND b.valid_to IS NULL""",
        Part.HOLDINGS: """
            SELECT b.parcel_id, r.kind, r.party_id, registry.resolve_party(r.party_id) AS stands_for
              FROM cadastre.building_stands b
              JOIN cadastre.property_object o ON o.parcel_id = b.parcel_id AND o.superseded_leaf IS NULL
                                             AND o.valid_to IS NULL
              JOIN cadastre.property_right r ON r.property_id = o.property_id AND r.superseded_leaf IS NULL
                                            AND r.valid_to IS NULL
             WHERE b.building_id = ANY (CAST(:buildings AS bigint[]))
             ORDER BY r.right_id""",
        Part.COMPETENCE: COMPETENCE,
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What facts are about; ``case_id`` is None while the case is being filed, as it has no rows yet.

    ``buildings`` and ``units`` are those whose stage, height or ground a rule of the operation asks for;
    ``acting`` is whoever has a territory (as ``notary`` or ``registrar``), his account, and the day;
    ``is_noticed`` tells whether living notices are asked for.
    """

    case_id: UUID | None
    properties: Sequence[int]
    parties: Sequence[UUID]
    is_anybody_represented: bool
    is_anything_restricted: bool
    buildings: Sequence[int] = ()
    units: Sequence[int] = ()
    acting: tuple[str, str, date] | None = None
    is_noticed: bool = True

    @property
    def parts(self) -> tuple[Part, ...]:
        """What can be there: nobody's mandates, and no consents of a case being filed, are asked for."""
        wanted = {
            Part.PARTIES: bool(self.parties),
            Part.MANDATES: self.is_anybody_represented,
            Part.CONSENTS: self.case_id is not None,
            Part.OTHER_CASES: bool(self.properties),
            Part.NOTICES: self.is_noticed and bool(self.properties),
            Part.PLACES: self.case_id is not None,
            Part.CONFIRM_BY: self.is_anything_restricted,
            Part.BUILDINGS: bool(self.buildings or self.units),
            Part.HOLDINGS: bool(self.buildings),
            Part.COMPETENCE: self.acting is not None,
        }
        return tuple(part for part, is_wanted in wanted.items() if is_wanted)


@dataclass(frozen=True, slots=True)
class JudgedFacts:
    """Records that rules are asked with; what was not asked for is empty."""

    parties: Mapping[UUID, PartyState] = field(default_factory=dict)
    mandates: Sequence[Record] = ()
    consents: Sequence[Record] = ()
    other_cases: Sequence[Record] = ()
    notices: Sequence[Record] = ()
    places: Mapping[int, int] = field(default_factory=dict)
    own_notices: frozenset[UUID] = frozenset()
    confirm_by: Mapping[int, datetime] = field(default_factory=dict)
    buildings: Sequence[Record] = ()
    holdings: Sequence[Record] = ()
    districts: frozenset[str] | None = None


_DAYS: Final = frozenset({"born_on", "valid_from", "valid_to", "given_on", "until"})
_KEYS: Final = frozenset({"party_id", "stands_for", "principal_party_id", "agent_party_id", "notice_id"})


Gathered = Mapping[Part, Sequence[Record]]
"""Facts that came along with another statement, by their parts."""
_PARTIES: Final = "CAST(:parties AS uuid[])"


def facts_beside(parts: Sequence[Part], more_parties: str) -> str:
    """Give columns that let a statement which opens a case bring its facts along; it binds what they are of.

    Parameters
    ----------
    more_parties
        Query of the parties who are asked about beside those that are bound.
    """
    return _columns(parts).replace(_PARTIES, f"ARRAY({more_parties} UNION SELECT unnest({_PARTIES}))")


def read_gathered(row: Any, parts: Sequence[Part]) -> Gathered:
    """Read the columns of :func:`facts_beside`."""
    return {part: [_typed(record) for record in getattr(row, part.value)] for part in parts}


def gather_facts(
    connection: Connection, asked: Asked, now: datetime, gathered: Gathered | None = None
) -> JudgedFacts:
    """Read them in a transaction that holds the heads and has written down that it looks.

    What this transaction has gathered already is not read again. A minor acts through somebody else even
    when the application names nobody: only then are his mandates asked for by a second statement.
    """
    found = {part: (gathered or {})[part] for part in _covered(asked, gathered or {})}
    found |= _ask(connection, asked, [part for part in asked.parts if part not in found], now)
    people = frozenset(asked.parties)
    known = (record for record in found.get(Part.PARTIES, ()) if record["party_id"] in people)
    parties = {record["party_id"]: _party(record) for record in known}
    mandates = found.get(Part.MANDATES)
    if mandates is None and any(party.born_on is not None for party in parties.values()):
        mandates = _ask(connection, asked, (Part.MANDATES,), now)[Part.MANDATES]
    places = found.get(Part.PLACES, ())
    return JudgedFacts(
        parties=parties,
        mandates=mandates or (),
        consents=found.get(Part.CONSENTS, ()),
        other_cases=found.get(Part.OTHER_CASES, ()),
        notices=found.get(Part.NOTICES, ()),
        places={record["property_id"]: record["place"] for record in places},
        own_notices=frozenset(record["notice_id"] for record in places if record["notice_id"] is not None),
        confirm_by={
            record["restriction_id"]: datetime.fromisoformat(record["confirm_by"])
            for record in found.get(Part.CONFIRM_BY, ())
        },
        buildings=found.get(Part.BUILDINGS, ()),
        holdings=found.get(Part.HOLDINGS, ()),
        districts=_districts(found.get(Part.COMPETENCE, ())),
    )


def _covered(asked: Asked, gathered: Gathered) -> Iterator[Part]:
    """Give the parts asked for that were gathered: of parties, when none is missing."""
    for part in asked.parts:
        if part in gathered and (
            part is not Part.PARTIES
            or {record["party_id"] for record in gathered[part]} >= set(asked.parties)
        ):
            yield part


def _ask(
    connection: Connection, asked: Asked, parts: Sequence[Part], now: datetime
) -> dict[Part, Sequence[Record]]:
    if not parts:
        return {}
    bound = {
        "parties": [str(key) for key in asked.parties],
        "properties": list(asked.properties),
        "case": str(asked.case_id or NO_CASE),
        "now": now,
        "buildings": list(asked.buildings),
        "units": list(asked.units),
        **dict(zip(("kind", "subject", "on"), asked.acting or (None, None, None), strict=True)),
    }
    (row,) = fetch(connection, _statement(tuple(parts)), bound)
    return dict(read_gathered(row, parts))


@cache
def _statement(parts: tuple[Part, ...]) -> TextClause:
    """Join the parts into one statement, each an array of records; there are few combinations."""
    return prepared(f"SELECT {_columns(parts)}")


def _columns(parts: Sequence[Part]) -> str:
    return ", ".join(
        f"(SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') FROM ({_QUERIES[part]}) AS r) AS {part.value}"
        for part in parts
    )


def _typed(record: Record) -> Record:
    """Give days and identifiers the types that JSON does not have."""
    typed = dict(record)
    for name in _DAYS & typed.keys():
        typed[name] = None if typed[name] is None else date.fromisoformat(typed[name])
    for name in _KEYS & typed.keys():
        typed[name] = None if typed[name] is None else UUID(typed[name])
    return typed


def _districts(records: Sequence[Record]) -> frozenset[str] | None:
    """Give where somebody may act; None when nothing was ever recorded."""
    return next((frozenset(record["districts"]) for record in records if record["is_recorded"]), None)


def _party(record: Record) -> PartyState:
    kind = PartyKind(record["kind"])
    return PartyState(record["party_id"], kind, record["stands_for"], record["numbered"], record["born_on"])


__all__ = [
    "NO_CASE",
    "Asked",
    "Gathered",
    "JudgedFacts",
    "Part",
    "Record",
    "facts_beside",
    "gather_facts",
    "read_gathered",
]
