"""Who gives and who takes in a command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cadastre.domain.commands import (
    AssignMortgage,
    Command,
    DissolveClaim,
    FirstRegistration,
    GrantRight,
    RegisterMortgage,
    Succeed,
    Transfer,
)
from cadastre.domain.property_state import PropertyState


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides of a bargain; both are empty for a command that is none."""

    givers: tuple[UUID, ...] = ()
    takers: tuple[UUID, ...] = ()


def find_sides(command: Command, states: Mapping[int, PropertyState]) -> Sides:
    """Name the givers and the takers of a command.

    Examples
    --------
    >>> from cadastre.domain.commands import EndEntry
    >>> find_sides(EndEntry(1, right_id=7), {})
    Sides(givers=(), takers=())
    """
    match command:
        case Transfer():
            return Sides(
                tuple(dict.fromkeys(taking.party_id for taking in command.takings)),
                tuple(dict.fromkeys(gain.party_id for gain in command.acquisitions)),
            )
        case RegisterMortgage():
            creditor = command.contents.beneficiary
            burdened = command.contents.burdened
            givers = _owners(command.property_id, states) if burdened is None else (burdened,)
            return Sides(givers, () if creditor is None else (creditor,))
        case DissolveClaim():
            return Sides(command.party_ids, ())
        case GrantRight():
            return Sides(_owners(command.property_id, states), (command.party_id,))
        case AssignMortgage():
            return Sides(_creditor(command, states), (command.to_party_id,))
        case Succeed():
            return Sides((command.from_party_id,), (command.to_party_id,))
        case FirstRegistration():
            granted = () if command.granted is None else (command.granted.party_id,)
            return Sides((), tuple(dict.fromkeys((*(gain.party_id for gain in command.holders), *granted))))
        case _:
            return Sides()


def _owners(property_id: int, states: Mapping[int, PropertyState]) -> tuple[UUID, ...]:
    state = states.get(property_id)
    return () if state is None else tuple(dict.fromkeys(right.party_id for right in state.owners))


def _creditor(command: AssignMortgage, states: Mapping[int, PropertyState]) -> tuple[UUID, ...]:
    state = states.get(command.property_id)
    if state is None:
        return ()
    return tuple(
        entry.contents.beneficiary
        for entry in state.restrictions
        if entry.restriction_id == command.restriction_id and entry.contents.beneficiary is not None
    )


__all__ = ["Sides", "find_sides"]
