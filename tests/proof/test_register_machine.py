"""Random histories of all operations keep areas, rights and burdens, in memory and in the register itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import text

from cadastre.domain.commands import Command
from cadastre.domain.plan import Act, OpenRestriction, OpenRight, Plan
from cadastre.domain.share import WHOLE
from tests.database import TestCluster
from tests.proof import register_model
from tests.proof.register_machine import RegisterMachine
from tests.proof.registered_machine import at_cluster

SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
GENERATE = settings(SETTINGS, phases=[Phase.generate])


def run(machine: type[RegisterMachine], how: settings) -> None:
    machine.outcomes.clear()
    machine.registered.clear()
    run_state_machine_as_test(machine, settings=how)  # type: ignore[no-untyped-call]


def test_ten_thousand_steps_keep_areas_rights_and_burdens() -> None:
    run(RegisterMachine, settings(SETTINGS, max_examples=265, stateful_step_count=50))
    done = RegisterMachine.outcomes
    assert done.total() >= 10_000
    assert sum(times for name, times in done.items() if name.endswith(": blocked")) > 50
    seldom = {kind for kind in get_args(Command) if RegisterMachine.registered[kind] < 20}
    assert not seldom, "every operation of the register has its rule in the machine"


@pytest.mark.proof
def test_many_more_steps_keep_areas_rights_and_burdens() -> None:
    run(RegisterMachine, settings(SETTINGS, max_examples=2_500, stateful_step_count=80))
    assert RegisterMachine.outcomes.total() >= 150_000


def test_the_register_does_what_the_model_does_and_forgets_nothing(test_cluster: TestCluster) -> None:
    machine = at_cluster(test_cluster)
    run(machine, settings(SETTINGS, max_examples=5, stateful_step_count=30))


@pytest.mark.proof
def test_the_register_does_what_the_model_does_at_length(test_cluster: TestCluster) -> None:
    machine = at_cluster(test_cluster)
    run(machine, settings(SETTINGS, max_examples=100, stateful_step_count=60))
    assert machine.outcomes.total() >= 4_500


def test_a_rewritten_past_is_found_out(test_cluster: TestCluster) -> None:
    class Forgetful(at_cluster(test_cluster)):  # type: ignore[misc]
        def _require_past(self) -> None:
            with self.owner.begin() as connection:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                connection.execute(
                    text("DELETE FROM cadastre.property_right WHERE superseded_leaf IS NOT NULL")
                )
            super()._require_past()

    with pytest.raises(AssertionError):
        run(Forgetful, settings(GENERATE, max_examples=5, stateful_step_count=15))


def lose(acts: tuple[Act, ...]) -> tuple[Act, ...]:
    """The last restriction that goes on is lost."""
    carried = [at for at, act in enumerate(acts) if isinstance(act, OpenRestriction) and act.continues]
    return acts[: carried[-1]] + acts[carried[-1] + 1 :] if carried else acts


def double(acts: tuple[Act, ...]) -> tuple[Act, ...]:
    """The last restriction that goes on is entered twice."""
    carried = [act for act in acts if isinstance(act, OpenRestriction) and act.continues]
    return (*acts, carried[-1]) if carried else acts


def enlarge(acts: tuple[Act, ...]) -> tuple[Act, ...]:
    """Whoever gets a share gets the whole."""
    return tuple(
        replace(act, share=WHOLE) if isinstance(act, OpenRight) and act.share is not None else act
        for act in acts
    )


def pass_to_another(acts: tuple[Act, ...]) -> tuple[Act, ...]:
    """Two who acquire get each other's share."""
    opened = [act for act in acts if isinstance(act, OpenRight)]
    if len(opened) != 2:
        return acts
    others = {id(one): other.party_id for one, other in zip(opened, reversed(opened), strict=True)}
    return tuple(
        replace(act, party_id=others[id(act)]) if isinstance(act, OpenRight) else act for act in acts
    )


@pytest.mark.parametrize("spoil", [lose, double, enlarge, pass_to_another])
def test_a_register_that_errs_is_found_out(
    monkeypatch: pytest.MonkeyPatch, spoil: Callable[[tuple[Act, ...]], tuple[Act, ...]]
) -> None:
    plan_of = register_model.plan_of

    def err(*asked: object) -> Plan:
        plan = plan_of(*asked)  # type: ignore[arg-type]
        return replace(plan, acts=spoil(plan.acts))

    monkeypatch.setattr(register_model, "plan_of", err)
    with pytest.raises(AssertionError):
        run(RegisterMachine, settings(GENERATE, max_examples=50, stateful_step_count=50))
