"""Ten thousand steps of random land histories (a shorter form runs with make test)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.cadastre.domain.operations.land_machine import LandMachine


@pytest.mark.proof
def test_ten_thousand_steps_keep_area_shares_burdens_and_lineage() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        LandMachine,
        settings=settings(
            max_examples=250,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
