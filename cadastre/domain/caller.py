"""Who calls, and what a role may ask of the register."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CallerRole(StrEnum):
    """Roles that an identity provider may assert."""

    PUBLIC = "public"
    OWNER = "owner"
    NOTARY = "notary"
    SURVEYOR = "surveyor"
    REGISTRAR = "registrar"
    ADDRESS_OFFICER = "address_officer"
    MUNICIPALITY = "municipality"
    BANK = "bank"
    COURT = "court"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated account, or the anonymous public.

    ``name`` is what documents print for the requester; ``fin`` (a person) or
    ``voen`` (an organisation) is set when the identity provider vouches for it.
    """

    subject: str
    role: CallerRole
    name: str
    fin: str | None = None
    voen: str | None = None


PUBLIC = Caller(subject="anonymous", role=CallerRole.PUBLIC, name="")

_MAY_REQUEST_EXTRACTS = frozenset(
    {CallerRole.OWNER, CallerRole.NOTARY, CallerRole.REGISTRAR, CallerRole.COURT, CallerRole.BANK}
)
_MAY_READ_ANY_PROPERTY = frozenset(
    {CallerRole.NOTARY, CallerRole.REGISTRAR, CallerRole.COURT, CallerRole.AUDITOR}
)
_MAY_OPEN_ANY_EXTRACT = frozenset({CallerRole.REGISTRAR, CallerRole.AUDITOR, CallerRole.COURT})


def may_request_extracts(caller: Caller) -> bool:
    """Whether this role may apply for an extract at all (closed list, Cabinet decision 319 of 2015)."""
    return caller.role in _MAY_REQUEST_EXTRACTS


def is_bound_to_own_property(caller: Caller) -> bool:
    """Whether this role sees only what it holds a right in: owners their property, banks their mortgages."""
    return caller.role in {CallerRole.OWNER, CallerRole.BANK}


def may_read_any_property(caller: Caller) -> bool:
    """Whether this role reads the rights of any property, logged with its purpose."""
    return caller.role in _MAY_READ_ANY_PROPERTY


def may_open_any_extract(caller: Caller) -> bool:
    """Whether this role opens extracts that others were issued."""
    return caller.role in _MAY_OPEN_ANY_EXTRACT


def may_open_any_document(caller: Caller) -> bool:
    """Whether this role opens papers that others brought."""
    return caller.role in _MAY_OPEN_ANY_EXTRACT


__all__ = [
    "PUBLIC",
    "Caller",
    "CallerRole",
    "is_bound_to_own_property",
    "may_open_any_document",
    "may_open_any_extract",
    "may_read_any_property",
    "may_request_extracts",
]
