"""Looks up what an application is about when it has no section yet, is not finished, or is on paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.commands import Command
from cadastre.domain.filed_command import read_commands
from cadastre.domain.filed_paper import split_paper
from cadastre.domain.filing import CasePartyRole, FiledApplication, NamedParty
from cadastre.domain.first_objects import FirstObjects, Found, ObjectNames, read_object_names
from cadastre.domain.property_state import PropertyState
from cadastre.domain.service import BASIS
from cadastre.kernel.errors import Denied, InvalidInput
from cadastre.store import first_objects as store

_FIRST: Final = "first_registration"
_OF_BUILDINGS: Final = frozenset({"completion", "dissolution"})
_CONVERSION: Final = "paper_conversion"
_APPLYING: Final = frozenset({CasePartyRole.HOLDER, CasePartyRole.LESSEE, CasePartyRole.ACQUIRER})


def names_objects(operation: str, properties: Sized) -> bool:
    """Tell whether an application names objects by numbers of their own."""
    return operation == _FIRST or (operation == _CONVERSION and not properties)


def require_own_holder(caller: Caller, parties: Iterable[NamedParty]) -> None:
    """Refuse an owner who applies for others only: what the answer tells of them is none of his business.

    Raises
    ------
    Denied
        Nobody whose right is applied for has the number that his account is vouched for by.
    """
    if caller.role is not CallerRole.OWNER:
        return
    own = [
        party
        for party in parties
        if party.role in _APPLYING
        and ((caller.fin and party.fin == caller.fin) or (caller.voen and party.voen == caller.voen))
    ]
    if not own:
        raise Denied(
            "You apply for what is to be yours; who acts for others applies at a notary or at the office.",
            code="not-own-object",
        )


def enter_named(connection: Connection, terms: Mapping[str, object]) -> tuple[ObjectNames, FirstObjects]:
    """Take the turnstiles of what an application names by numbers of its own, and look it up.

    Raises
    ------
    InvalidInput
        Nothing is named, or the objects lie in several districts.
    NotFound
        There is no such parcel or building.
    """
    names = read_object_names(terms)
    _enter(connection, names)
    found = store.find_objects(connection, names)
    if not found.district_code:
        raise InvalidInput("The objects lie in no district.", code="objects-of-several-districts")
    return names, found


def read_case(
    connection: Connection,
    application: FiledApplication,
    operation: str,
    states: Mapping[int, PropertyState],
    kinds: Mapping[UUID, str],
) -> tuple[Command, ...]:
    """Read the commands of a case, with whatever its operation has to be looked up.

    Parameters
    ----------
    kinds
        Kinds of the documents of the case.
    """
    found = _find(connection, application, operation, kinds)
    return read_commands(application, operation, states, found)


def _find(
    connection: Connection, application: FiledApplication, operation: str, kinds: Mapping[UUID, str]
) -> Found | None:
    parts = (part for part in application.documents if part.role == BASIS)
    basis = next((kinds[part.document_id] for part in parts), None)
    if operation in _OF_BUILDINGS:
        return _find_buildings(connection, application, basis)
    names = None
    if names_objects(operation, application.property_ids):
        names = read_object_names(application.terms)
    paper = application.terms.get("paper") if operation == _CONVERSION else None
    if names is None and not paper:
        return None
    _enter(connection, names)
    if paper:
        store.enter_objects(connection, [f"paper:{''.join(split_paper(paper))}"])
    parties = [party.party_id for party in application.parties]
    return Found(
        None if names is None else store.find_objects(connection, names, parties),
        paper=None if not paper else store.find_paper(connection, *split_paper(paper)),
        basis_kind=basis,
    )


def _enter(connection: Connection, names: ObjectNames | None) -> None:
    for keys in () if names is None else names.contended:
        store.enter_objects(connection, keys)


def _find_buildings(connection: Connection, application: FiledApplication, basis: str | None) -> Found:
    """Look the buildings up again once their turnstiles are held: their stages are decided upon."""
    named = store.find_unfinished(connection, application.property_ids)
    keys = {f"building:{building.number}" for buildings in named.values() for building in buildings}
    store.enter_objects(connection, sorted(keys))
    found = store.find_unfinished(connection, application.property_ids)
    return Found(buildings=found, basis_kind=basis)


__all__ = ["enter_named", "names_objects", "read_case", "require_own_holder"]
