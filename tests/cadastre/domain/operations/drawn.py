"""Hypothesis strategies: any sensible command on a section, whoever its people are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from hypothesis import strategies as st

from cadastre.domain.commands import (
    Acquisition,
    AssignMortgage,
    ChangeRanks,
    Command,
    EndEntry,
    GrantRight,
    RegisterMortgage,
    Taking,
    Transfer,
)
from cadastre.domain.property_state import Encumbrance, PropertyState, Terms
from cadastre.domain.shares import of_value

TERM = date(2199, 1, 1)
SERVICE_OF_KIND = {"lease": "lease", "usufruct": "usufruct", "servitude": "servitude"}


@st.composite
def transfers(draw: st.DrawFn, state: PropertyState, people: Sequence[UUID]) -> Transfer:
    """Any sensible transfer of a section held in shares or jointly; it may happen to change nothing."""
    owners = state.owners
    takings: tuple[Taking, ...] = ()
    given_up = Fraction(0)
    if owners[0].share is None or draw(st.integers(0, 5)) == 0:
        takings, given_up = tuple(Taking(owner.party_id) for owner in owners), Fraction(1)
        if draw(st.booleans()):
            couple = draw(st.lists(st.sampled_from(people), min_size=2, max_size=3, unique=True))
            joint = tuple(Acquisition(who, None, joint=True) for who in couple)
            return Transfer(state.property_id, takings, joint)
    else:
        for giver in draw(st.lists(st.sampled_from(owners), min_size=1, max_size=3, unique=True)):
            taken = giver.share.value / draw(st.integers(1, 3))
            given_up += taken
            takings += (Taking(giver.party_id, of_value(taken)),)
    takers = draw(st.lists(st.sampled_from(people), min_size=1, max_size=3, unique=True))
    each = of_value(given_up / len(takers))
    return Transfer(state.property_id, takings, tuple(Acquisition(who, each) for who in takers))


@st.composite
def commands(draw: st.DrawFn, state: PropertyState, people: Sequence[UUID]) -> tuple[str, Command]:
    """Any sensible operation that changes no land, with the service of its case."""
    here, who = state.property_id, draw(st.sampled_from(people))
    mortgages = [r for r in state.restrictions if r.contents.kind == "mortgage"]
    leases = [r for r in state.rights if r.kind in ("lease", "usufruct")]
    offered = ["sale", "sale", "sale", "mortgage"]
    if not any(r.party_id == who for r in leases):
        offered += ["lease", "usufruct"]
    offered += ["mortgage_discharge", "mortgage_assignment", "mortgage_rank"] if mortgages else []
    offered += ["end"] if leases else []
    match draw(st.sampled_from(offered)):
        case "sale":
            return "sale", draw(transfers(state, people))
        case "mortgage":
            loan = Encumbrance("mortgage", who, amount=Decimal("1000.50"), currency="AZN", until=TERM)
            return "mortgage", RegisterMortgage(here, loan)
        case "lease" | "usufruct" as kind:
            return SERVICE_OF_KIND[kind], GrantRight(here, kind, who, Terms(until=TERM))
        case "end":
            right = draw(st.sampled_from(leases))
            service = "lease_end" if right.kind == "lease" else "right_end"
            return service, EndEntry(here, right_id=right.right_id)
        case "mortgage_discharge":
            debt = draw(st.sampled_from(mortgages))
            return "mortgage_discharge", EndEntry(here, restriction_id=debt.restriction_id)
        case "mortgage_assignment":
            debt = draw(st.sampled_from(mortgages))
            return "mortgage_assignment", AssignMortgage(here, debt.restriction_id, who)
        case _:
            order = draw(st.permutations([r.contents.rank for r in mortgages]))
            ids = [r.restriction_id for r in mortgages]
            return "mortgage_rank", ChangeRanks(here, tuple(zip(ids, order, strict=True)))


def is_idle(code: str) -> bool:
    """Whether a refusal only says that nothing would change."""
    return code in ("transfer-changes-nothing", "ranks-unchanged", "assignment-changes-nothing")
