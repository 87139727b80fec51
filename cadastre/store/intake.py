"""Reads all that an application is checked against before the register is entered, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from cadastre.db.prepared import fetch, prepared
from cadastre.domain.signed_contract import SigningKey
from cadastre.store.cases import DOCUMENTS, SECTIONS
from cadastre.store.competence import COMPETENCE, COMPETENT, read_districts
from cadastre.store.signing_keys import KEYS

_OFFICERS: Final = COMPETENT.replace(
    "<districts>", "CAST((SELECT array_agg(DISTINCT district_code) FROM section) AS text[])"
)
_LOOK_UP = prepared(f"""
    WITH section AS MATERIALIZED ({SECTIONS})
    SELECT (SELECT json_agg(s) FROM section AS s) AS sections,
           (SELECT json_agg(json_build_array(k.kid, k.subject, encode(k.public_key, 'hex'), k.valid_from,
                                             k.valid_to, k.revoked_at)) FROM ({KEYS}) AS k) AS keys,
           (SELECT json_object_agg(d.document_id, d.kind) FROM ({DOCUMENTS}) AS d) AS documents,
           (SELECT row_to_json(own) FROM ({COMPETENCE}) AS own) AS competence,
           CASE WHEN CAST(:with_officers AS boolean) THEN ARRAY({_OFFICERS}) END AS officers
""")


class Section(NamedTuple):
    """A section of the register as an application names it."""

    property_id: int
    register_number: str
    object_kind: str
    district_code: str
    office_code: str
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """What the register knows of what an application names, before any head is taken.

    ``documents`` are those there by their ids, with their kinds; ``districts`` those in which the applicant
    may act, None when none ever was recorded; ``officers`` the registrars competent for all the sections.
    """

    sections: Mapping[str, Section]
    keys: Sequence[SigningKey]
    documents: Mapping[UUID, str]
    districts: frozenset[str] | None
    officers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked up: by whom (``kind``: notary or registrar, None for others), on what day."""

    numbers: Sequence[str]
    documents: Sequence[UUID]
    uploader: str | None
    kind: str | None
    subject: str
    on: date
    with_officers: bool


def look_up(connection: Connection, wanted: Wanted) -> Looked:
    """Read it; nothing of it is personal."""
    asked = {name: getattr(wanted, name) for name in wanted.__slots__}
    asked |= {"numbers": list(wanted.numbers), "documents": [str(key) for key in wanted.documents]}
    (row,) = fetch(connection, _LOOK_UP, asked)
    sections = (Section(**record) for record in row.sections or ())
    return Looked(
        sections={section.register_number: section for section in sections},
        keys=[_key(*values) for values in row.keys or ()],
        documents={UUID(key): kind for key, kind in (row.documents or {}).items()},
        districts=read_districts(row.competence),
        officers=row.officers or (),
    )


def _key(
    kid: str, subject: str, public: str, begun: str, ended: str | None, revoked: str | None
) -> SigningKey:
    valid_to, revoked_at = (None if at is None else datetime.fromisoformat(at) for at in (ended, revoked))
    return SigningKey(
        kid, subject, bytes.fromhex(public), datetime.fromisoformat(begun), valid_to, revoked_at
    )


__all__ = ["Looked", "Section", "Wanted", "look_up"]
