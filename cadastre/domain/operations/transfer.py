"""Transfer of ownership, whole or in shares: sale, gift, exchange leg, inheritance, court, auction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Final
from uuid import UUID

from cadastre.domain.commands import Taking, Transfer
from cadastre.domain.operations.burdened import follow_shares
from cadastre.domain.plan import EndRight, OpenRight, Plan
from cadastre.domain.property_state import PropertyState, RightState, Terms
from cadastre.domain.share import Share
from cadastre.domain.shares import balance, restate
from cadastre.kernel.errors import InvalidInput, RuleBroken

EVENT: Final = "register.transfer"
TRANSFERABLE: Final = frozenset({"ownership", "future_ownership"})
Held = Mapping[UUID, RightState]


def plan_transfer(command: Transfer, state: PropertyState, today: date) -> Plan:
    """Close the rights that are ceded and open what each party holds afterwards.

    A party that holds a share already and acquires another holds their sum in one entry; the rest of
    a share that is ceded in part keeps its registration. Restrictions stay where they are: they burden
    the property, whoever holds it; one that burdens a share goes with the share.

    Raises
    ------
    InvalidInput
        The command contradicts itself, or takes more than a giver holds.
    RuleBroken
        A giver holds no such right (any more), joint holders do not act together, or a share that is
        burdened by itself would be cut.
    """
    del today  # every entry begins on the day on which it is carried out
    _check_sides(command)
    held = {right.party_id: right for right in state.rights if right.kind == command.kind}
    _require_holders(command, held, state)
    taken = {taking.party_id: _taken(taking, held[taking.party_id]) for taking in command.takings}
    from_joint = any(right.share is None for right in held.values())
    given = Fraction(1) if from_joint else sum(taken.values(), Fraction(0))
    if command.acquisitions[0].joint:
        _require_whole(given)
    else:
        _require_balance(given, command)
    if from_joint or command.acquisitions[0].joint:
        return _replace_all(command, state, held)
    return _move_shares(command, state, held, taken)


def name_holders(command: Transfer, state: PropertyState, persons: Mapping[UUID, UUID]) -> Transfer:
    """Let a party give, or add to, the right that stands under another record of the same person.

    Parameters
    ----------
    persons
        For each record of a party the one that it stands for; a record that is left out stands for itself.
        Records are linked with evidence elsewhere; the right keeps the record, and so the printed spelling.
    """
    held = [right.party_id for right in state.rights if right.kind == command.kind]

    def record_of(party: UUID) -> UUID:
        same = [holder for holder in held if persons.get(holder, holder) == persons.get(party, party)]
        return same[0] if party not in held and len(same) == 1 else party

    return replace(
        command,
        takings=tuple(replace(side, party_id=record_of(side.party_id)) for side in command.takings),
        acquisitions=tuple(replace(side, party_id=record_of(side.party_id)) for side in command.acquisitions),
    )


def _check_sides(command: Transfer) -> None:
    """Refuse a command that no reading makes sense of."""
    if command.kind not in TRANSFERABLE:
        raise InvalidInput(
            f"A right of {command.kind} is not transferred; it ends, and another is granted.",
            code="right-not-transferable",
        )
    if not command.takings or not command.acquisitions:
        raise InvalidInput("A transfer names who gives and who takes.", code="transfer-one-sided")
    for sides in (command.takings, command.acquisitions):
        if len({side.party_id for side in sides}) < len(sides):
            raise InvalidInput(
                "A party stands twice on one side of the transfer; name it once, with the sum of its shares.",
                code="party-repeated",
            )
    if any(a.joint == (a.share is not None) for a in command.acquisitions):
        raise InvalidInput(
            "Each acquiring party takes either a share or, jointly with others, the whole.",
            code="acquisition-share-or-joint",
        )
    joint = [acquisition.joint for acquisition in command.acquisitions]
    if any(joint) and (not all(joint) or len(joint) < 2):
        raise InvalidInput(
            "Joint ownership has at least two holders and nobody with a share beside them.",
            code="joint-ownership-mixed",
        )


def _require_holders(command: Transfer, held: Held, state: PropertyState) -> None:
    """Require that every giver holds the right, and that joint holders give together."""
    givers = {taking.party_id for taking in command.takings}
    if not givers <= held.keys():
        raise RuleBroken(
            f"A disposing party holds no right of {command.kind} in property {state.register_number}.",
            code="giver-holds-no-right",
            rule="giver-holds-no-right",
            register_number=state.register_number,
        )
    if any(right.share is None for right in held.values()) and givers != held.keys():
        raise RuleBroken(
            f"Property {state.register_number} is owned jointly: all its owners dispose of it together.",
            code="joint-owners-act-together",
            rule="joint-owners-act-together",
            register_number=state.register_number,
        )


def _taken(taking: Taking, right: RightState) -> Fraction:
    """Give what a party gives up; of a joint right it is not known, and counts as nothing."""
    if right.share is None:
        if taking.share is not None:
            raise InvalidInput(
                "A joint owner has no share to give; the owners give the whole.", code="joint-has-no-share"
            )
        return Fraction(0)
    taken = (taking.share or right.share).value
    if taken > right.share.value:
        raise InvalidInput(
            f"A share of {taking.share} cannot be taken from a holder of {right.share}.",
            code="taking-exceeds-share",
            held=str(right.share),
            taken=str(taking.share),
        )
    return taken


def _require_whole(given: Fraction) -> None:
    if given != 1:
        raise InvalidInput(
            f"Only the whole can be acquired jointly, and {given} of it is given.",
            code="joint-needs-the-whole",
            given=str(given),
        )


def _require_balance(given: Fraction, command: Transfer) -> None:
    acquired = [a.share.value for a in command.acquisitions if a.share is not None]
    if balance([given], acquired) != 0:
        raise InvalidInput(
            f"The shares that are acquired sum to {sum(acquired)}, those that are given up to {given}.",
            code="shares-do-not-balance",
            given=str(given),
            acquired=str(sum(acquired)),
        )


def _replace_all(command: Transfer, state: PropertyState, held: Held) -> Plan:
    """Joint ownership begins or ends: nothing of the former owners' entries goes on."""
    ends = tuple(EndRight(right) for right in held.values())
    opens = tuple(
        OpenRight(state.property_id, command.kind, a.party_id, a.share, terms=Terms(dispose_by=a.dispose_by))
        for a in command.acquisitions
    )
    return _plan(state, ends, opens)


def _move_shares(command: Transfer, state: PropertyState, held: Held, taken: Mapping[UUID, Fraction]) -> Plan:
    """Restate every party whose share changes; who ends with what he had is left alone."""
    acquired = {a.party_id: a.share for a in command.acquisitions if a.share is not None}
    ends: list[EndRight] = []
    opens: list[OpenRight] = []
    for party in dict.fromkeys((*taken, *acquired)):
        right, gain = held.get(party), acquired.get(party)
        before = right.share.value if right and right.share else Fraction(0)
        after = before - taken.get(party, Fraction(0)) + (gain.value if gain else Fraction(0))
        if after == before:
            continue
        if right is not None:
            ends.append(EndRight(right))
        if after > 0:
            printed = [share for share in (gain, right.share if right else None) if share]
            opens.append(_open(command, state, party, restate(after, printed), right))
    if not ends:
        raise InvalidInput("Nobody's share changes.", code="transfer-changes-nothing")
    return _plan(state, ends, opens)


def _plan(state: PropertyState, ends: Sequence[EndRight], opens: Sequence[OpenRight]) -> Plan:
    lifted, carried = follow_shares(state, ends, opens)
    return Plan(EVENT, (*ends, *lifted, *opens, *carried))


def _open(
    command: Transfer, state: PropertyState, party: UUID, share: Share, former: RightState | None
) -> OpenRight:
    if former is None or former.share is None:
        day = next((a.dispose_by for a in command.acquisitions if a.party_id == party), None)
        return OpenRight(state.property_id, command.kind, party, share, terms=Terms(dispose_by=day))
    is_rest = share.value < former.share.value
    return OpenRight(
        state.property_id,
        command.kind,
        party,
        share,
        terms=former.terms,
        continues=former,
        keeps_registration=is_rest,
    )


__all__ = ["EVENT", "TRANSFERABLE", "name_holders", "plan_transfer"]
