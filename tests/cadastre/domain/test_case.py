"""The life of a case, and who may decide it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cadastre.domain.case import FINAL, TRANSITIONS, CaseState, Step, StepKind, next_state, require_other_eyes
from cadastre.kernel.errors import Denied, RuleBroken


def prepared_by(actor: str) -> Step:
    """Step by which an officer prepared the case."""
    return Step(4, StepKind.PREPARE, CaseState.PREPARED, actor, datetime(2026, 1, 5, tzinfo=UTC))


def test_every_state_is_reached_and_none_leads_out_of_a_final_one() -> None:
    reached = {CaseState.NONE}
    for _ in CaseState:
        reached |= {end for (_, start), end in TRANSITIONS.items() if start in reached}
    assert reached == set(CaseState)
    assert not FINAL & {start for _, start in TRANSITIONS}
    assert all(any(start is state for _, start in TRANSITIONS) for state in set(CaseState) - FINAL)


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("step", StepKind)
def test_a_decided_case_takes_no_step(state: CaseState, step: StepKind) -> None:
    with pytest.raises(RuleBroken) as caught:
        next_state(state, step)
    assert caught.value.code == "case-step-impossible"
    assert caught.value.facts == {"state": state.value, "step": step.value}


def test_whoever_ever_prepared_a_case_does_not_decide_it() -> None:
    steps = [prepared_by("registrar-1"), prepared_by("registrar-2")]
    require_other_eyes(steps, "registrar-3")
    for officer in ("registrar-1", "registrar-2"):
        with pytest.raises(Denied) as caught:
            require_other_eyes(steps, officer)
        assert caught.value.code == "four-eyes"
