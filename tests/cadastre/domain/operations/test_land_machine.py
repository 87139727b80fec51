"""Random histories of land keep area, shares, burdens and lineage (a longer run is in tests/proof)."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.cadastre.domain.operations.land_machine import LandMachine

TestLandMachine = LandMachine.TestCase
TestLandMachine.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
