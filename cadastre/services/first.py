"""Looks up what an application is about when it has no section yet, is not finished, or is on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from cadastre.domain.commands import Command
from cadastre.domain.filed_command import read_commands
from cadastre.domain.filing import FiledApplication
from cadastre.domain.first_objects import FirstObjects, Found, ObjectNames, read_object_names
from cadastre.domain.property_state import PropertyState
from cadastre.domain.service import BASIS
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.ids import parse_paper_series
from cadastre.store import first_objects as store

FIRST: Final = "first_registration"
_COMPLETION: Final = "completion"
_CONVERSION: Final = "paper_conversion"
_SERIES_LETTERS: Final = 2


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
    store.enter_objects(connection, names.contended)
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
    if operation == FIRST:
        names = read_object_names(application.terms)
        store.enter_objects(connection, names.contended)
        parties = [party.party_id for party in application.parties]
        basis = (kinds[part.document_id] for part in application.documents if part.role == BASIS)
        return Found(store.find_objects(connection, names, parties), basis_kind=next(basis, None))
    if operation == _COMPLETION:
        return _find_buildings(connection, application)
    if operation == _CONVERSION and application.terms.get("paper"):
        paper = parse_paper_series(str(application.terms["paper"]))
        store.enter_objects(connection, [f"paper:{paper}"])
        return Found(paper=store.find_paper(connection, paper[:_SERIES_LETTERS], paper[_SERIES_LETTERS:]))
    return None


def _find_buildings(connection: Connection, application: FiledApplication) -> Found:
    """Look the buildings up again once their turnstiles are held: their stages are decided upon."""
    named = store.find_unfinished(connection, application.property_ids)
    keys = {f"building:{building.number}" for buildings in named.values() for building in buildings}
    store.enter_objects(connection, sorted(keys))
    return Found(buildings=store.find_unfinished(connection, application.property_ids))


__all__ = ["FIRST", "enter_named", "read_case"]
