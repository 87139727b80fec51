"""A claim becomes ownership though its holder is arrested: nothing is taken from him, and nothing given away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import Acquisition, Command, CompleteUnit, Taking, Transfer
from cadastre.domain.operations import plan_of
from cadastre.domain.party import PartyKind
from cadastre.domain.property_state import Encumbrance, PartyState, RestrictionState
from cadastre.domain.share import Share
from cadastre.rules.engine import judge
from cadastre.rules.proposal import Proposal, ServiceFacts, Stage
from tests.cadastre.domain.operations.section import SINCE, TODAY, A, B, C, right, section


def stopped(service: str, command: Command, burdened: object) -> bool:
    """Whether the arrest stops a case about two claims of one half each."""
    contents = Encumbrance("arrest", burdened=burdened, authority="Sınaq məhkəməsi")  # type: ignore[arg-type]
    arrest = RestrictionState(7, contents, "2320000003", SINCE, SINCE, None)
    state = section([right(A, "1/2", "future_ownership"), right(B, "1/2", "future_ownership")], [arrest])
    proposal = Proposal(
        Stage.DECISION,
        TODAY,
        datetime(2026, 3, 2, tzinfo=UTC),
        {1: state},
        ServiceFacts.of(load_codelist("services").latest(service)),
        (command,),
        plan_of(command, {1: state}, TODAY),
        parties={who: PartyState(who, PartyKind.NATURAL, who, has_number=True) for who in (A, B, C)},
    )
    return "arrest-blocks" in {item.rule.id for item in judge(proposal).stopping}


@pytest.mark.parametrize("burdened", [A, B, None])
def test_completion_is_not_stopped(burdened: object) -> None:
    assert not stopped("completion", CompleteUnit(1), burdened)


@pytest.mark.parametrize(("burdened", "expected"), [(A, True), (B, False), (None, True)])
def test_a_claim_is_sold_unless_its_own_holder_is_arrested(burdened: object, expected: bool) -> None:
    sale = Transfer(1, (Taking(A),), (Acquisition(C, Share(1, 2)),), "future_ownership")
    assert stopped("sale", sale, burdened) is expected
