"""Stages of buildings and records of papers rest on cases, and only a court takes them back; the database holds it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.cadastre.db.contests import Facts, empty
from tests.cadastre.db.first_contests import designed, flat
from tests.cadastre.db.test_register_invariants import done, refused
from tests.register import Register

ENTER = text("""
    INSERT INTO registry.building_stage (building_id, stage, valid_from, source_id, case_id, recorded_leaf)
    VALUES (:building, :stage, ledger.today(), :source, CAST(:case AS uuid), :leaf)
""")
LEAVE = text("""
    UPDATE registry.building_stage SET superseded_leaf = :leaf
     WHERE building_id = :building AND superseded_leaf IS NULL
""")


def move(r: Register, facts: Facts, stage: str | None, *, case: Any = None, source: Any = None) -> None:
    """Leave the stage of a building and, unless it is None, enter another."""
    values = {"building": facts["building"], "leaf": r._current_leaf()}
    r.connection.execute(LEAVE, values)
    if stage is not None:
        r.connection.execute(ENTER, values | {"stage": stage, "case": case, "source": source})


def test_no_stage_without_a_case(arena: Engine) -> None:
    facts = done(arena, designed)
    assert refused(arena, lambda r: move(r, facts, "completed")) == "ck_entry_has_case"
    assert refused(arena, lambda r: move(r, facts, None)) == "ck_entry_has_case"


def test_no_stage_on_a_case_about_something_else(arena: Engine) -> None:
    facts = done(arena, designed)

    def elsewhere(r: Register) -> None:
        case = r.decision_about(empty(r)["property"])
        move(r, facts, "completed", case=case, source=r.basis_of(case))

    assert refused(arena, elsewhere) == "ck_entry_has_case"


def test_no_stage_without_a_document_of_its_case(arena: Engine) -> None:
    facts = done(arena, designed)

    def bare(r: Register) -> None:
        r.leaf()
        r.step(facts["accepting"], "register", "registrar-2")
        move(r, facts, "completed", case=facts["accepting"])

    assert refused(arena, bare) == "ck_entry_has_source"


@pytest.mark.parametrize("stage", [None, "planned", "under_construction"])
def test_only_a_cancellation_goes_back(arena: Engine, stage: str | None) -> None:
    facts = done(arena, flat)

    def back(r: Register) -> None:
        r.leaf()
        case = facts["accepting"]
        r.step(case, "register", "registrar-2")
        move(r, facts, stage, case=case, source=r.basis_of(case))

    expected = "ck_entry_has_case" if stage is None else "ck_building_stage_forward"
    assert refused(arena, back) == expected
