"""Foreigners hold land on lease; what they inherit they dispose of within a term."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final
from uuid import UUID

from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import Command, FirstRegistration, GrantRight, Transfer
from cadastre.rules.fault import Fault
from cadastre.rules.outcome import Section
from cadastre.rules.proposal import Proposal, Stage
from cadastre.rules.sides import find_sides


def check_land_lease_only(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A foreigner acquires land on lease only, or by inheritance."""
    if proposal.service is not None and proposal.service.code == "inheritance":
        return
    for name, kind, party in dict.fromkeys(_entries_on_land(proposal)):
        if proposal.is_foreign(party) and not _is_open_to_foreigners(proposal, kind):
            yield Fault(name, detail={"right": kind, "party": str(party)})


def check_heir_deadline(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A foreign heir of land has a day by which he disposes of it, and that day has not passed."""
    inherited = proposal.service is not None and proposal.service.code == "inheritance"
    for section in proposal.outcome.open_sections:
        if not _is_land(proposal, section):
            continue
        for right in section.owners:
            if not proposal.is_foreign(right.party_id):
                continue
            deadline = right.terms.dispose_by
            name = proposal.name_of(section.ref)
            if deadline is None and ((inherited and right.entered) or proposal.stage is Stage.SWEEP):
                yield Fault(name, detail={"party": str(right.party_id), "dispose_by": None})
            elif deadline is not None and deadline < proposal.today:
                late = Fraction((proposal.today - deadline).days)
                yield Fault(name, late, Fraction(0), {"dispose_by": deadline.isoformat()})


def _entries_on_land(proposal: Proposal) -> Iterator[tuple[str, str, UUID]]:
    """Rights on land that would be entered: those of the plan, or of the command while there is none."""
    if proposal.plan is not None:
        for section in proposal.outcome.open_sections:
            if _is_land(proposal, section):
                for right in section.rights:
                    if not right.is_restatement:
                        yield proposal.name_of(section.ref), right.kind, right.party_id
        return
    for command in proposal.commands:
        yield from _asked_on_land(proposal, command)


def _asked_on_land(proposal: Proposal, command: Command) -> Iterator[tuple[str, str, UUID]]:
    match command:
        case FirstRegistration():
            if command.parcel_ids or _is_land_kind(proposal, command.object_kind):
                for gain in command.holders:
                    yield command.district_code, "ownership", gain.party_id
                if command.granted is not None:
                    yield command.district_code, command.granted.kind, command.granted.party_id
        case Transfer() | GrantRight():
            place = proposal.outcome.sections.get(command.property_id)
            if place is not None and _is_land(proposal, place):
                for party in find_sides(command, proposal.states).takers:
                    yield proposal.name_of(place.ref), command.kind, party


def _is_open_to_foreigners(proposal: Proposal, kind: str) -> bool:
    entry = load_codelist("right_kinds").find_entry(kind, proposal.today)
    return entry is not None and entry.flag("foreigners_on_land")


def _is_land(proposal: Proposal, section: Section) -> bool:
    return section.has_land or _is_land_kind(proposal, section.object_kind)


def _is_land_kind(proposal: Proposal, object_kind: str) -> bool:
    entry = load_codelist("object_kinds").find_entry(object_kind, proposal.today)
    return entry is not None and entry.flag("is_land")


CHECKS: Final = {
    "foreign-land-lease-only": check_land_lease_only,
    "foreign-heir-deadline": check_heir_deadline,
}

__all__ = ["CHECKS"]
