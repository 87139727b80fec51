"""Mortgages: one for each rank, within the value, and nobody pushed back against his will."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from cadastre.domain.commands import ChangeRanks, RegisterMortgage, Transfer
from cadastre.domain.property_state import Encumbrance, PropertyState
from cadastre.rules.fault import Fault
from cadastre.rules.proposal import Proposal


def check_rank_taken(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """No two mortgages of a property have one rank."""
    for name, mortgages in _mortgages(proposal):
        counted = Counter(mortgage.rank for mortgage in mortgages if mortgage.rank is not None)
        for rank, count in counted.items():
            if count > 1:
                yield Fault(name, Fraction(count), Fraction(1), {"rank": rank})


def check_value(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """The mortgages in manats together do not exceed the value of the property."""
    worth = {proposal.name_of(ref): value for ref, value in proposal.property_values.items()}
    for name, mortgages in _mortgages(proposal):
        value = worth.get(name)
        amounts = [m.amount for m in mortgages if m.amount is not None and m.currency in (None, "AZN")]
        total = sum(amounts, Decimal(0))
        if value is not None and total > value:
            yield Fault(name, Fraction(total), Fraction(value))


def check_rank_consent(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Every mortgagee that falls behind has consented."""
    for command in proposal.asked(ChangeRanks):
        state = proposal.states.get(command.property_id)
        ranks = dict(command.ranks)
        for entry in () if state is None else state.restrictions:
            old, new = entry.contents.rank, ranks.get(entry.restriction_id)
            creditor = entry.contents.beneficiary
            if old is None or new is None or new <= old or creditor is None:
                continue
            if not proposal.has_consent("mortgagee", creditor):
                detail = {"mortgagee": str(creditor)}
                yield Fault(entry.registration_number, Fraction(new), Fraction(old), detail)


def check_transfer_consent(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """The mortgagee knows of the transfer; the mortgage follows the property in any case."""
    for command in proposal.asked(Transfer):
        state = proposal.states.get(command.property_id)
        for entry in () if state is None else state.restrictions:
            creditor = entry.contents.beneficiary
            if entry.contents.kind not in ("mortgage", "pledge") or creditor is None:
                continue
            if not proposal.has_consent("mortgagee", creditor):
                yield Fault(entry.registration_number, detail={"mortgagee": str(creditor)})


def _mortgages(proposal: Proposal) -> Iterator[tuple[str, list[Encumbrance]]]:
    """The mortgages of each section as they would stand; before there is a plan, as the command asks for."""
    if proposal.plan is not None:
        for section in proposal.outcome.open_sections:
            contents = [charge.contents for charge in section.restrictions]
            yield proposal.name_of(section.ref), [c for c in contents if c.kind == "mortgage"]
        return
    for state in proposal.states.values():
        yield state.register_number, _asked(proposal, state)


def _asked(proposal: Proposal, state: PropertyState) -> list[Encumbrance]:
    ranks = {
        restriction: rank
        for command in proposal.asked(ChangeRanks)
        if command.property_id == state.property_id
        for restriction, rank in command.ranks
    }
    stand = [
        replace(entry.contents, rank=ranks.get(entry.restriction_id, entry.contents.rank))
        for entry in state.restrictions
        if entry.contents.kind == "mortgage"
    ]
    new = [c.contents for c in proposal.asked(RegisterMortgage) if c.property_id == state.property_id]
    return stand + new


CHECKS: Final = {
    "mortgage-rank-taken": check_rank_taken,
    "mortgage-value-exceeds-property": check_value,
    "mortgage-rank-consent": check_rank_consent,
    "mortgagee-consent-on-transfer": check_transfer_consent,
}

__all__ = ["CHECKS"]
