"""Reads what is undone: what cases did, the sections that they closed, the past of a wrong entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from cadastre.domain.commands import CancelEntries, Command, Correct
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.errors import InvalidInput
from cadastre.services.case_intake import closed_section
from cadastre.store.case_effects import read_effects
from cadastre.store.case_rows import list_contended, list_past_of_right, list_properties_of_cases
from cadastre.store.first_objects import enter_objects
from cadastre.store.heads import enter_properties
from cadastre.store.states import read_states

CANCELLATION: Final = "cancellation"
"""Operation of the services by which a court's cancellation is entered."""


def with_effects(
    connection: Connection, commands: tuple[Command, ...], states: Mapping[int, PropertyState]
) -> tuple[tuple[Command, ...], Mapping[int, PropertyState]]:
    """Give the commands with what the cases to be cancelled did, and the sections that they closed.

    A correction is given with those rows of its entry that have ended and name the same holder.

    A closed section is named only where nothing of what the cases were about is open any more; nobody else
    decides about it. The heads of those not named are taken here, after those of the case; then the
    turnstiles of buildings and papers that they told of.

    Raises
    ------
    InvalidInput
        An open section that the cases were about is not named by the cancelling case.
    RuleBroken
        One of the cases is not registered, or a closed section is named that they were not about.
    """
    asked: list[Command] = []
    known = dict(states)
    for command in commands:
        if isinstance(command, CancelEntries):
            known |= _enter_closed(connection, command, known)
            enter_objects(connection, list_contended(connection, command.case_ids))
            effects = read_effects(connection, command.case_ids)
            asked.append(replace(command, effects=effects))
        elif isinstance(command, Correct) and command.right_id is not None:
            past = list_past_of_right(connection, command.property_id, command.right_id)
            asked.append(replace(command, past=tuple(past)))
        else:
            asked.append(command)
    return tuple(asked), known


def _enter_closed(
    connection: Connection, command: CancelEntries, known: Mapping[int, PropertyState]
) -> dict[int, PropertyState]:
    concerned = list_properties_of_cases(connection, command.case_ids)
    for key in command.property_ids:
        if known[key].closed_on is not None and key not in concerned:
            raise closed_section(known[key].register_number)
    unnamed = [key for key in concerned if key not in known]
    if not unnamed:
        return {}
    enter_properties(connection, unnamed)
    found = read_states(connection, unnamed)
    if still_open := [state.register_number for state in found.values() if state.closed_on is None]:
        raise InvalidInput(
            f"The cases to be cancelled were about {', '.join(sorted(still_open))} too; name every section "
            "that they were about and that is open.",
            code="property-not-in-case",
            register_numbers=sorted(still_open),
        )
    return found


__all__ = ["CANCELLATION", "with_effects"]
