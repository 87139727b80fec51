"""Closes and opens rights and restrictions, many at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from shapely import Polygon
from sqlalchemy import Connection, TextClause

from cadastre.db.prepared import carry_out, fetch, prepared
from cadastre.domain.operations.authority import find_confirmation_hours
from cadastre.domain.plan import OpenRestriction, OpenRight
from cadastre.domain.property_state import Encumbrance
from cadastre.kernel.errors import Conflict

OWNERSHIP = frozenset({"ownership", "future_ownership"})
MINT: Final = """
    INSERT INTO registry.registration (registration_number, case_id, registered_on, recorded_leaf)
    SELECT registry.mint_registration_number(:office), CAST(:case AS uuid), CAST(:today AS date),
           CAST(:leaf AS bigint)
      FROM generate_series(1, CAST(:count AS integer))
    RETURNING registration_number"""
"""Gives as many registration numbers as are asked for."""

_RIGHT: Final = """
    INSERT INTO cadastre.property_right
           (property_id, kind, party_id, share_numerator, share_denominator, joint, scope,
            registration_number, registration_date, source_id, until, rent, rent_currency, rent_period,
            dispose_by, part_geom, valid_from, valid_to, recorded_leaf, case_id, continues_right_id)"""
_CLOSE: Final = """
        UPDATE cadastre.property_right SET superseded_leaf = CAST(:leaf AS bigint)
         WHERE right_id = ANY (CAST(:ids AS bigint[])) AND superseded_leaf IS NULL RETURNING *"""
_ENDED: Final = """
    SELECT property_id, kind, party_id, share_numerator, share_denominator, joint, scope,
           registration_number, registration_date, source_id, until, rent, rent_currency, rent_period,
           dispose_by, part_geom, valid_from, CAST(:today AS date), CAST(:leaf AS bigint),
           CAST(:case AS uuid), right_id
      FROM closed ORDER BY right_id"""
_OPENED: Final = """
    SELECT n.property_id, n.kind, n.party_id, n.numerator, n.denominator,
           n.joint OR coalesce(old.joint, false) AND n.kind NOT IN ('ownership', 'future_ownership'),
           old.scope, coalesce(given.number, old.registration_number),
           CASE WHEN given.number IS NULL THEN old.registration_date
                ELSE coalesce(n.registered_on, CAST(:today AS date)) END,
           CASE WHEN given.number IS NULL THEN old.source_id ELSE CAST(:source AS bigint) END,
           n.until, n.rent, n.rent_currency, n.rent_period, n.dispose_by,
           public.ST_SetSRID(public.ST_GeomFromWKB(decode(n.part, 'hex')), d.legal_srid),
           coalesce(n.since, CAST(:today AS date)), old.valid_to, CAST(:leaf AS bigint),
           CAST(:case AS uuid), n.continues
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n (place integer, property_id bigint, kind text,
               party_id uuid, numerator bigint, denominator bigint, joint boolean, registration_number text,
               minted integer, registered_on date, since date, until date, rent numeric, rent_currency text,
               rent_period text, dispose_by date, part text, continues bigint)
      JOIN cadastre.property p ON p.property_id = n.property_id
      JOIN cadastre.district d ON d.code = p.district_code
      LEFT JOIN cadastre.property_right old ON old.right_id = n.continues
     CROSS JOIN LATERAL (<number>) AS given (number)
     ORDER BY n.place"""
_END_RIGHTS = prepared(f"WITH closed AS ({_CLOSE}) {_RIGHT} {_ENDED}")
_OPEN_RIGHTS = prepared(_RIGHT + _OPENED.replace("<number>", "VALUES (n.registration_number)"))
_MINTED: Final = """
    SELECT coalesce(n.registration_number, (
        SELECT m.registration_number FROM (SELECT registration_number, row_number() OVER () AS place
                                             FROM minted) AS m WHERE m.place = n.minted))"""
# What ends is ended before what begins is entered: the second half of the union comes after the first.
_PASS_RIGHTS = prepared(f"""
    WITH minted AS ({MINT}), closed AS ({_CLOSE}), entered AS (
        {_RIGHT} ({_ENDED}) UNION ALL ({_OPENED.replace("<number>", _MINTED)}))
    SELECT (SELECT count(*) FROM closed) AS closed,
           ARRAY(SELECT registration_number FROM minted) AS numbers
""")
_VOID_RIGHTS = prepared("""
    UPDATE cadastre.property_right SET superseded_leaf = :leaf
     WHERE right_id = ANY (CAST(:ids AS bigint[])) AND superseded_leaf IS NULL
""")
_END_RESTRICTIONS = prepared("""
    WITH closed AS (
        UPDATE cadastre.restriction SET superseded_leaf = :leaf
         WHERE restriction_id = ANY (CAST(:ids AS bigint[])) AND superseded_leaf IS NULL RETURNING *)
    INSERT INTO cadastre.restriction
           (property_id, kind, beneficiary_party_id, burdened_party_id, benefits_property_id,
            registration_number, registration_date, source_id, amount, currency, interest_rate, rank,
            note_number, note_dated, until, scope, authority, confirm_by, confirms_restriction_id, part_geom,
            valid_from, valid_to, recorded_leaf, case_id, continues_restriction_id)
    SELECT property_id, kind, beneficiary_party_id, burdened_party_id, benefits_property_id,
           registration_number, registration_date, source_id, amount, currency, interest_rate, rank,
           note_number, note_dated, until, scope, authority, confirm_by, confirms_restriction_id, part_geom,
           valid_from, :today, :leaf, :case, restriction_id
      FROM closed ORDER BY restriction_id
""")
_VOID_RESTRICTIONS = prepared("""
    UPDATE cadastre.restriction SET superseded_leaf = :leaf
     WHERE restriction_id = ANY (CAST(:ids AS bigint[])) AND superseded_leaf IS NULL
""")
_OPEN_RESTRICTIONS = prepared("""
    INSERT INTO cadastre.restriction
           (property_id, kind, beneficiary_party_id, burdened_party_id, benefits_property_id,
            registration_number, registration_date, source_id, amount, currency, interest_rate, rank,
            note_number, note_dated, until, scope, authority, confirm_by, confirms_restriction_id, part_geom,
            valid_from, valid_to, recorded_leaf, case_id, continues_restriction_id)
    SELECT n.property_id, n.kind, n.beneficiary, n.burdened, n.benefits, coalesce(n.registration_number,
           old.registration_number), coalesce(old.registration_date, :today),
           CASE WHEN n.is_changed THEN :source ELSE old.source_id END,
           n.amount, n.currency, n.interest_rate, n.rank, n.note_number, n.note_dated, n.until, old.scope,
           n.authority,
           coalesce(old.confirm_by, clock_timestamp() + make_interval(hours => n.confirm_hours)),
           coalesce(n.confirms, old.confirms_restriction_id),
           public.ST_SetSRID(public.ST_GeomFromWKB(decode(n.part, 'hex')), d.legal_srid),
           coalesce(n.since, :today), old.valid_to, :leaf, :case, n.continues
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n (place integer, property_id bigint, kind text,
               since date, beneficiary uuid, burdened uuid, benefits bigint, registration_number text,
               is_changed boolean,
               amount numeric, currency text, interest_rate numeric, rank smallint, note_number text,
               note_dated date, until date, authority text, confirm_hours integer, confirms bigint, part text,
               continues bigint)
      JOIN cadastre.property p ON p.property_id = n.property_id
      JOIN cadastre.district d ON d.code = p.district_code
      LEFT JOIN cadastre.restriction old ON old.restriction_id = n.continues
     ORDER BY n.place
""")


@dataclass(frozen=True, slots=True)
class Decision:
    """What every row of one decision carries: its case, leaf and day, and the document that it rests on."""

    case_id: UUID
    leaf: int
    today: date
    source_id: int | None = None

    def bound(self, **more: object) -> dict[str, object]:
        """Give the values as statements bind them."""
        return {
            "case": self.case_id,
            "leaf": self.leaf,
            "today": self.today,
            "source": self.source_id,
            **more,
        }


def end_rights(connection: Connection, decision: Decision, ids: Sequence[int]) -> None:
    """Close rights and restate each with its end, so that the past stays readable."""
    _change(connection, _END_RIGHTS, decision, ids)


def pass_rights(
    connection: Connection,
    decision: Decision,
    ids: Sequence[int],
    rows: Sequence[tuple[OpenRight, int, int | None]],
    office: str,
) -> tuple[str, ...]:
    """End rights and enter others in their place, in one statement; gives the numbers of what is new.

    Each new one comes with the property it is of and its place among what is registered anew, from 1 on
    (None: it keeps its former number). At least one is entered.
    """
    written = [_right_row(place, act, of, None, minted) for place, (act, of, minted) in enumerate(rows)]
    count = sum(minted is not None for _, _, minted in rows)
    bound = decision.bound(ids=list(ids), rows=json.dumps(written), office=office, count=count)
    (row,) = fetch(connection, _PASS_RIGHTS, bound)
    _require_all(row.closed, ids)
    return tuple(row.numbers)


def void_rights(connection: Connection, decision: Decision, ids: Sequence[int]) -> None:
    """Close rights as never rightly entered."""
    _change(connection, _VOID_RIGHTS, decision, ids)


def end_restrictions(connection: Connection, decision: Decision, ids: Sequence[int]) -> None:
    """Close restrictions and restate each with its end."""
    _change(connection, _END_RESTRICTIONS, decision, ids)


def void_restrictions(connection: Connection, decision: Decision, ids: Sequence[int]) -> None:
    """Close restrictions as never rightly entered."""
    _change(connection, _VOID_RESTRICTIONS, decision, ids)


def open_rights(
    connection: Connection, decision: Decision, rows: Iterable[tuple[OpenRight, int, str | None]]
) -> None:
    """Enter rights, each with the property it is of and its registration number (None: the former one)."""
    written = [_right_row(place, *row) for place, row in enumerate(rows)]
    carry_out(connection, _OPEN_RIGHTS, decision.bound(rows=json.dumps(written)))


def open_restrictions(
    connection: Connection, decision: Decision, rows: Iterable[tuple[OpenRestriction, int, str | None]]
) -> None:
    """Enter restrictions, each with the property it burdens and its number (None: the former one)."""
    hours = find_confirmation_hours(decision.today)
    written = [_restriction_row(place, *row, confirm_hours=hours) for place, row in enumerate(rows)]
    carry_out(connection, _OPEN_RESTRICTIONS, decision.bound(rows=json.dumps(written)))


def _change(connection: Connection, statement: TextClause, decision: Decision, ids: Sequence[int]) -> None:
    _require_all(carry_out(connection, statement, decision.bound(ids=list(ids))), ids)


def _require_all(closed: int, ids: Sequence[int]) -> None:
    if closed != len(ids):
        raise Conflict("An entry that this decision closes is closed already.", code="entry-moved-meanwhile")


def _right_row(
    place: int, act: OpenRight, property_id: int, number: str | None, minted: int | None = None
) -> Mapping[str, Any]:
    terms = act.terms
    return {
        "place": place,
        "property_id": property_id,
        "kind": act.kind,
        "party_id": str(act.party_id),
        "numerator": act.share and act.share.numerator,
        "denominator": act.share and act.share.denominator,
        "joint": act.share is None and act.kind in OWNERSHIP,
        "registration_number": number if act.printed is None else act.printed.number,
        "minted": minted,
        "registered_on": None if act.printed is None else _text(act.printed.registered_on),
        "since": _text(act.since),
        "until": _text(terms.until),
        "rent": _text(terms.rent),
        "rent_currency": terms.rent_currency,
        "rent_period": terms.rent_period,
        "dispose_by": _text(terms.dispose_by),
        "part": _hex(terms.part),
        "continues": act.continues and act.continues.right_id,
    }


def _restriction_row(
    place: int, act: OpenRestriction, property_id: int, number: str | None, *, confirm_hours: int
) -> Mapping[str, Any]:
    contents = act.contents
    return {
        "place": place,
        "property_id": property_id,
        "registration_number": number,
        "is_changed": act.continues is None
        or (not act.keeps_basis and _is_changed(act.continues.contents, contents)),
        "since": _text(act.since),
        "confirm_hours": confirm_hours if act.urgent else None,
        "confirms": act.confirms and act.confirms.restriction_id,
        "continues": act.continues and act.continues.restriction_id,
        "kind": contents.kind,
        "beneficiary": _text(contents.beneficiary),
        "burdened": _text(contents.burdened),
        "benefits": contents.benefits_property_id,
        "amount": _text(contents.amount),
        "currency": contents.currency,
        "interest_rate": _text(contents.interest_rate),
        "rank": contents.rank,
        "note_number": contents.note_number,
        "note_dated": _text(contents.note_dated),
        "until": _text(contents.until),
        "part": _hex(contents.part),
        "authority": contents.authority,
    }


def _is_changed(former: Encumbrance, now: Encumbrance) -> bool:
    """Whether more than the ground is new, so that the entry rests on the new document."""
    return replace(former, part=None) != replace(now, part=None)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _hex(part: Polygon | None) -> str | None:
    return None if part is None else str(part.wkb_hex)


__all__ = [
    "MINT",
    "Decision",
    "end_restrictions",
    "end_rights",
    "open_restrictions",
    "open_rights",
    "pass_rights",
    "void_restrictions",
    "void_rights",
]
