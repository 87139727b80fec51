"""Shares and holders: ownership is whole, held once by everybody, and nobody gives more than he has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Final

from shapely import Polygon

from cadastre.domain.commands import CancelEntries, FirstRegistration, Taking, Transfer
from cadastre.domain.property_state import PropertyState
from cadastre.domain.share import Share
from cadastre.rules.fault import Fault
from cadastre.rules.outcome import Holding, Section
from cadastre.rules.proposal import Proposal

_OWNING: Final = ("ownership", "future_ownership")
PART_SLACK_M2: Final = 0.01
"""How far two parts of one plot may reach into each other: what a corner rounded to a millimetre makes."""
_DWELLINGS: Final = frozenset({"flat", "individual_house", "garden_house"})


def check_shares_sum(proposal: Proposal, limit: Fraction | None) -> Iterator[Fault]:
    """Shares of ownership sum to exactly 1."""
    for section, owners in _owner_groups(proposal):
        shares = [right.share.value for right in owners if right.share is not None]
        total = sum(shares, Fraction(0))
        if len(shares) == len(owners) and total != limit:
            yield Fault(proposal.name_of(section.ref), total, limit)


def check_joint_one_holder(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Joint ownership has at least two holders."""
    for section, owners in _owner_groups(proposal):
        if len(owners) == 1 and owners[0].share is None:
            yield Fault(proposal.name_of(section.ref), Fraction(1), Fraction(2))


def check_joint_mixed(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Joint ownership does not stand beside shares."""
    for section, owners in _owner_groups(proposal):
        joint = sum(right.share is None for right in owners)
        if 0 < joint < len(owners):
            yield Fault(proposal.name_of(section.ref), Fraction(joint), detail={"holders": len(owners)})


def check_holder_repeated(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """One holder has one entry of a kind in a section, also when two records stand for him.

    Of leases and the like he may have several, each of a part of the ground of its own.
    """
    for section in proposal.outcome.open_sections:
        counted = Counter((right.kind, proposal.person(right.party_id)) for right in section.rights)
        for (kind, holder), count in counted.items():
            parts = [
                right.terms.part
                for right in section.rights
                if (right.kind, proposal.person(right.party_id)) == (kind, holder)
            ]
            if count > 1 and not _are_apart(parts):
                yield Fault(
                    proposal.name_of(section.ref),
                    Fraction(count),
                    Fraction(1),
                    {"holder": str(holder), "kind": kind},
                )


def _are_apart(parts: Sequence[Polygon | None]) -> bool:
    """Tell whether each is a part of the ground and none reaches into another by more than its edge."""
    shapes = [part for part in parts if part is not None]
    return len(shapes) == len(parts) and all(
        one.intersection(other).area <= PART_SLACK_M2 for one, other in combinations(shapes, 2)
    )


def check_section_without_right(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """An open section has at least one right."""
    for section in proposal.outcome.open_sections:
        if not section.rights:
            yield Fault(proposal.name_of(section.ref))


def check_second_primary_right(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """An object has one section, and a section either ownership or a claim to it."""
    for section in proposal.outcome.open_sections:
        kinds = sorted({right.kind for right in section.owners})
        if len(kinds) > 1:
            yield Fault(proposal.name_of(section.ref), detail={"kinds": ", ".join(kinds)})
    for command in proposal.asked(FirstRegistration):
        for state in proposal.states.values():
            if state.closed_on is None and _shares_object(command, state):
                yield Fault(state.register_number, detail={"kinds": "object already registered"})


def check_section_closed(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Nothing is entered into a closed section, unless a court voids what closed it."""
    reopened = {
        key
        for command in proposal.asked(CancelEntries)
        if command.effects is not None
        for key in command.effects.closed
    }
    for state in proposal.states.values():
        if state.closed_on is not None and state.property_id not in reopened:
            yield Fault(state.register_number, detail={"closed_on": state.closed_on.isoformat()})


def check_taking_exceeds_share(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Nobody gives more than the register says he holds."""
    for command in proposal.asked(Transfer):
        state = proposal.states.get(command.property_id)
        if state is None:
            continue
        for party in dict.fromkeys(proposal.person(taking.party_id) for taking in command.takings):
            given = _given([t for t in command.takings if proposal.person(t.party_id) == party])
            held = [
                right.share
                for right in state.rights
                if right.kind == command.kind and proposal.person(right.party_id) == party
            ]
            yield from _exceeds(str(party), given, held)


def check_usufruct_transferred(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A usufruct of a dwelling passes to nobody."""
    for command in proposal.asked(Transfer):
        state = proposal.states.get(command.property_id)
        if command.kind == "usufruct" and state is not None and state.object_kind in _DWELLINGS:
            yield Fault(state.register_number, detail={"object_kind": state.object_kind})


def _exceeds(party: str, given: Fraction | None, held: list[Share | None]) -> Iterator[Fault]:
    if not held:
        yield Fault(party, given, Fraction(0))
    elif given is not None and None in held:
        yield Fault(party, given, detail={"held": "joint, without a share"})
    elif given is not None:
        whole = sum((share.value for share in held if share is not None), Fraction(0))
        if given > whole:
            yield Fault(party, given, whole)


def _given(takings: list[Taking]) -> Fraction | None:
    """Sum what is taken; None when one of them gives all that he has."""
    if any(taking.share is None for taking in takings):
        return None
    return sum((taking.share.value for taking in takings if taking.share is not None), Fraction(0))


def _owner_groups(proposal: Proposal) -> Iterator[tuple[Section, list[Holding]]]:
    for section in proposal.outcome.open_sections:
        for kind in _OWNING:
            owners = [right for right in section.rights if right.kind == kind]
            if owners:
                yield section, owners


def _shares_object(command: FirstRegistration, state: PropertyState) -> bool:
    return (
        (command.unit_id is not None and command.unit_id in state.unit_ids)
        or bool(set(command.building_ids) & set(state.building_ids))
        or bool(set(command.parcel_ids) & {parcel.parcel_id for parcel in state.parcels})
    )


CHECKS: Final = {
    "shares-sum": check_shares_sum,
    "joint-one-holder": check_joint_one_holder,
    "joint-mixed": check_joint_mixed,
    "holder-repeated": check_holder_repeated,
    "section-without-right": check_section_without_right,
    "second-primary-right": check_second_primary_right,
    "section-closed": check_section_closed,
    "taking-exceeds-share": check_taking_exceeds_share,
    "usufruct-transferred": check_usufruct_transferred,
}

__all__ = ["CHECKS"]
