"""Cancellation by a court: what cases entered is voided, what they closed stands again from its own day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from cadastre.domain.case_effects import CaseEffects, Dependant, PlacedRestriction, PlacedRight
from cadastre.domain.commands import CancelEntries
from cadastre.domain.plan import (
    Act,
    CloseProperty,
    Plan,
    ReopenProperty,
    RestoreFact,
    RestoreMembership,
    RestoreParcel,
    RestoreRestriction,
    RestoreRight,
    VoidFact,
    VoidObjects,
    VoidRestriction,
    VoidRight,
)
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.errors import InvalidInput, RuleBroken

EVENT: Final = "register.cancellation"
REASON: Final = "cancellation"


def plan_cancellation(command: CancelEntries, states: Mapping[int, PropertyState]) -> Plan:
    """Void everything that cases entered and restore everything that they closed, land included.

    Sections that the cases opened are closed; those that they closed are opened again, under their own
    numbers. The lineage stays: what is restored comes of what is voided.

    Raises
    ------
    InvalidInput
        The cases did nothing that stands.
    RuleBroken
        Later entries rest on theirs (all cases in the way are named), or something else took the place of
        what would be restored.
    """
    effects = command.effects
    if effects is None or not _has_entries(effects):
        raise InvalidInput("These cases entered nothing that still stands.", code="cancellation-of-nothing")
    if effects.dependants:
        raise _rests_on_it(effects.dependants)
    _require_free_places(effects, states)
    voided: list[Act] = [VoidRight(entry.right) for entry in effects.rights]
    voided += [VoidRestriction(entry.restriction) for entry in effects.restrictions]
    objects = VoidObjects(effects.memberships, effects.versions)
    restored: list[Act] = [RestoreParcel(v.version_id, v.successors) for v in effects.former_versions]
    restored += [RestoreMembership(key) for key in effects.former_memberships]
    restored += [RestoreRight(e.property_id, e.right, e.ended) for e in effects.former_rights]
    restored += [
        RestoreRestriction(e.property_id, e.restriction, e.ended) for e in effects.former_restrictions
    ]
    return Plan(
        EVENT,
        (
            *voided,
            objects,
            *map(VoidFact, effects.facts),
            *(CloseProperty(key, REASON) for key in effects.opened),
            *(ReopenProperty(key) for key in effects.closed),
            *map(RestoreFact, effects.former_facts),
            *restored,
        ),
    )


def _has_entries(effects: CaseEffects) -> bool:
    return bool(
        effects.rights
        or effects.restrictions
        or effects.former_rights
        or effects.former_restrictions
        or effects.versions
        or effects.memberships
        or effects.facts
        or effects.former_facts
        or effects.dependants
    )


def _rests_on_it(dependants: Iterable[Dependant]) -> RuleBroken:
    cases = list(dependants)
    numbers = sorted({number for case in cases for number in case.registration_numbers})
    journal = ", ".join(str(case.journal_number) for case in cases)
    return RuleBroken(
        f"Later entries rest on what is to be cancelled (journal numbers {journal}). The decision of the "
        "court has to cover them too: name all the cases, or have those entries ended first.",
        code="later-entries-rest-on-it",
        rule="cancellation-chain",
        cases=[str(case.case_id) for case in cases],
        journal_numbers=[str(case.journal_number) for case in cases],
        registration_numbers=numbers,
    )


def _require_free_places(effects: CaseEffects, states: Mapping[int, PropertyState]) -> None:
    """Refuse when a later entry has the place of one that would stand again: a rank, a holder's right."""
    gone = {entry.right.right_id for entry in effects.rights}
    lifted = {entry.restriction.restriction_id for entry in effects.restrictions}
    for state in states.values():
        held = {
            (right.kind, right.party_id): right.registration_number
            for right in state.rights
            if right.right_id not in gone
        }
        ranks = {
            entry.contents.rank: entry.registration_number
            for entry in state.restrictions
            if entry.restriction_id not in lifted and entry.contents.rank is not None
        }
        for former in _standing(effects.former_rights, state.property_id):
            key = (former.right.kind, former.right.party_id)
            if key in held:
                raise _taken(held[key], former.right.registration_number)
        for charge in _charges(effects.former_restrictions, state.property_id):
            rank = charge.restriction.contents.rank
            if rank in ranks:
                raise _taken(ranks[rank], charge.restriction.registration_number)


def _standing(entries: Iterable[PlacedRight], property_id: int) -> list[PlacedRight]:
    return [entry for entry in entries if entry.property_id == property_id and not entry.ended]


def _charges(entries: Iterable[PlacedRestriction], property_id: int) -> list[PlacedRestriction]:
    return [entry for entry in entries if entry.property_id == property_id and not entry.ended]


def _taken(by: str, of: str) -> RuleBroken:
    return RuleBroken(
        f"The entry {by} stands where {of} would stand again; the decision of the court covers it too, or it "
        "is ended first.",
        code="place-taken-meanwhile",
        rule="cancellation-chain",
        registration_numbers=[by, of],
    )


__all__ = ["EVENT", "plan_cancellation"]
