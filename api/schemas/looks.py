"""Looks at a person's data, as they are told to that person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.worklists import Name
from cadastre.domain.codelist import Entry
from cadastre.services.looks import Looked, Looks


class Coded(BaseModel):
    """A code with its name in three languages."""

    code: str
    name: Name


class Looker(BaseModel):
    """Who looked."""

    name: str = Field(description="Of the person or organisation, as its identity provider gives it.")
    role: Coded


class Look(BaseModel):
    """One look at the data of whoever asks."""

    key: int = Field(description="Grows with time; the next page is asked for before the last one.")
    at: datetime
    what: Coded
    who: Looker
    purpose: Coded | None = Field(description="Null where the case is the purpose.")
    case_id: UUID | None
    register_number: str | None = Field(description="The section that was looked at; null: the person.")


class LookList(BaseModel):
    """Looks, newest first; ``before`` is what the next page is asked with, null after the last."""

    looks: list[Look]
    before: int | None


def write_looks(found: Looks) -> LookList:
    """Write a page of looks."""
    return LookList(looks=[_look(look) for look in found.looks], before=found.before)


def _look(look: Looked) -> Look:
    return Look(
        key=look.key,
        at=look.at,
        what=_coded(look.kind),
        who=Looker(name=look.actor_name, role=_coded(look.role)),
        purpose=None if look.purpose is None else _coded(look.purpose),
        case_id=look.case_id,
        register_number=look.register_number,
    )


def _coded(entry: Entry) -> Coded:
    return Coded(code=entry.code, name=Name(az=entry.az, en=entry.en, ru=entry.ru))


__all__ = ["LookList", "write_looks"]
