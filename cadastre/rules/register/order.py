"""Order and competence: first come first served, on the version that was seen, in one's own territory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from fractions import Fraction
from typing import Final

from cadastre.domain.commands import FirstRegistration
from cadastre.rules.fault import Fault
from cadastre.rules.proposal import Proposal


def check_priority(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Nothing is registered against a living priority notice of somebody else with a lower place."""
    for notice in proposal.notices if not proposal.by_authority else ():
        place = proposal.place_of(notice.property_id)
        if notice.ours or notice.property_id not in proposal.states or place is None:
            continue
        if notice.journal_number < place:
            yield Fault(
                proposal.name_of(notice.property_id), detail={"journal_number": notice.journal_number}
            )


def check_earlier_case(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Cases about a property are decided in the order of their places."""
    for case in proposal.other_cases if not proposal.by_authority else ():
        place = proposal.place_of(case.property_id)
        if case.property_id in proposal.states and place is not None and case.place < place:
            name = proposal.name_of(case.property_id)
            yield Fault(name, detail={"journal_number": case.journal_number, "operation": case.operation})


def check_version(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """The application was made on the version of the property that is current."""
    if proposal.by_authority:
        return
    for property_id, seen in proposal.versions_seen.items():
        state = proposal.states.get(property_id)
        if state is not None and state.version != seen:
            yield Fault(state.register_number, Fraction(seen), Fraction(state.version))


def check_competence(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Office or notary act in their own territory."""
    districts = proposal.competent_districts
    if districts is None:
        return
    places = [(state.register_number, state.district_code) for state in proposal.states.values()]
    places += [("new section", command.district_code) for command in proposal.asked(FirstRegistration)]
    for name, district in places:
        if district not in districts:
            yield Fault(name, detail={"district": district})


def check_bailiff(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """An urgent act of a bailiff is confirmed by the court in its time."""
    for state in proposal.states.values():
        for entry in state.restrictions:
            due = proposal.confirm_by.get(entry.restriction_id)
            if due is not None and due < proposal.now:
                late_h = Fraction(int((proposal.now - due).total_seconds()), 3600)
                due_text = due.astimezone(UTC).isoformat()
                yield Fault(entry.registration_number, late_h, Fraction(0), {"confirm_by": due_text})


CHECKS: Final = {
    "priority-taken": check_priority,
    "earlier-case-open": check_earlier_case,
    "version-stale": check_version,
    "outside-competence": check_competence,
    "bailiff-unconfirmed-24h": check_bailiff,
}

__all__ = ["CHECKS"]
