"""What two writers may fight over where nothing has a section yet: objects, claims, stages, papers."""

from __future__ import annotations

import itertools
from uuid import UUID

from sqlalchemy import text

from tests.cadastre.db.contests import Act, Contest, Facts, Ground, empty, number
from tests.register import DAY, Register

_SERIAL = itertools.count(1)

TWO_SECTIONS = """
    SELECT greatest(count(*) - 1, 0) FROM cadastre.property_object o
      JOIN cadastre.building_unit u USING (unit_id)
     WHERE u.building_id = :building AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
"""
TWO_UNITS = """
    SELECT greatest(count(*) - 1, 0) FROM cadastre.building_unit
     WHERE building_id = :building AND superseded_leaf IS NULL
"""
OUT_OF_TURN = """
    SELECT count(*) FROM (
        SELECT o.place, lag(o.place) OVER (ORDER BY l.closing_number) AS before
          FROM registry.case_object o JOIN registry.case_step s USING (case_id)
          JOIN ledger.leaf l ON l.leaf_id = s.recorded_leaf
         WHERE s.kind = 'register' AND o.object_kind = 'unit' AND o.object_number = :unit_number) t
     WHERE place < before
"""
CLAIMED_WHEN_FINISHED = """
    SELECT count(*) FROM cadastre.building_unit u JOIN cadastre.property_object o USING (unit_id)
      JOIN ledger.leaf ol ON ol.leaf_id = o.recorded_leaf
      JOIN cadastre.property_right r ON r.property_id = o.property_id AND r.kind = 'future_ownership'
      JOIN registry.building_stage s ON s.building_id = u.building_id AND s.stage = 'completed'
      JOIN ledger.leaf sl ON sl.leaf_id = s.recorded_leaf
     WHERE u.building_id = :building AND ol.closing_number > sl.closing_number
"""
TWO_STAGES = """
    SELECT greatest(count(*) - 1, 0) FROM registry.building_stage WHERE building_id = :building AND stage = 'completed'
"""
CONVERTED_TWICE = """
    SELECT greatest(count(*) - 1, 0) FROM registry.paper_extract
     WHERE series = 'RX' AND number = :paper AND state = 'converted'
"""

_BUILDING = text("""
    INSERT INTO cadastre.building (building_number, kind, valid_from, recorded_leaf)
    VALUES (:number, 'building', :day, :leaf) RETURNING building_id
""")
_UNIT = text("""
    INSERT INTO cadastre.building_unit (building_id, kind, unit_number, recorded_leaf)
    VALUES (:building, 'flat', '12', :leaf) RETURNING unit_id
""")
_NAME = text("""
    INSERT INTO registry.case_object (case_id, object_kind, object_number, district_code, recorded_leaf)
    VALUES (:case, 'unit', :number, 'BAK-XEZ', :leaf)
""")
_ENTER = text("SELECT registry.enter_objects(ARRAY['unit:' || :number])")
_BELONG = text("""
    INSERT INTO cadastre.property_object (property_id, unit_id, valid_from, recorded_leaf)
    VALUES (:property, :unit, ledger.today(), :leaf)
""")
_LEAVE_STAGE = text("""
    UPDATE registry.building_stage SET superseded_leaf = :leaf WHERE building_id = :building AND superseded_leaf IS NULL
""")
_STAGE = text("""
    INSERT INTO registry.building_stage (building_id, stage, valid_from, source_id, case_id, recorded_leaf)
    VALUES (:building, :stage, ledger.today(), :source, :case, :leaf)
""")
_LEAVE_PAPER = text("""
    UPDATE registry.paper_extract SET superseded_leaf = :leaf
     WHERE series = 'RX' AND number = :paper AND superseded_leaf IS NULL
""")
_PAPER = text("""
    INSERT INTO registry.paper_extract (series, number, property_id, state, case_id, recorded_leaf)
    VALUES ('RX', :paper, :property, :state, :case, :leaf)
""")


def flat(register: Register) -> Facts:
    """A measured flat without a section, in a building under construction, and two cases about it."""
    facts = designed(register)
    row = {"building": facts["building"], "leaf": register._current_leaf()}
    return facts | {"unit": register.connection.execute(_UNIT, row).scalar_one()}


def designed(register: Register) -> Facts:
    """A building under construction, and two cases about a flat in it that is designed, not measured."""
    serial = f"S-{next(_SERIAL)}"
    row = {"number": serial, "day": DAY, "leaf": register.leaf()}
    building = register.connection.execute(_BUILDING, row).scalar_one()
    register.stage(building, "under_construction")
    facts: Facts = {"building": building, "unit": None, "unit_number": f"{serial} / 12"}
    for name in ("buyer", "other"):
        facts[name] = register.party(f"Sınaq {name}")
    for name in ("case", "later"):
        facts[name] = claim_filed(register, facts["unit_number"])
    for name in ("accepting", "accepting_too"):
        facts[name] = claim_filed(register, f"{serial} / {name}")
    return facts


def claim_filed(register: Register, unit_number: str) -> UUID:
    """A claim that waits for its decision."""
    case_id = register.case("future_unit", prepared_by=None, decided_by=None)
    row = {"case": case_id, "number": unit_number, "leaf": register._current_leaf()}
    register.connection.execute(_NAME, row)
    register.step(case_id, "assign", "registrar-0", assignee="registrar-1")
    register.step(case_id, "prepare", "registrar-1")
    return case_id


def paper(register: Register) -> Facts:
    """A section with a paper in use, and two cases that bring it."""
    facts = empty(register)
    facts["paper"] = f"{next(_SERIAL):07d}"
    row = {"paper": facts["paper"], "property": facts["property"], "state": "in_use", "case": None}
    register.connection.execute(_PAPER, {**row, "leaf": register._current_leaf()})
    for name in ("case", "later"):
        facts[name] = register.file("paper_conversion", facts["property"])
    return facts


def unknown_paper(register: Register) -> Facts:
    """Two sections, to each of which a case says that the same paper belongs."""
    facts = empty(register)
    second = register.property(number())
    return facts | {
        "paper": f"{next(_SERIAL):07d}",
        "second": second,
        "case": register.file("paper_conversion", facts["property"]),
        "later": register.file("paper_conversion", second),
    }


def claim(case: str, to: str = "buyer", *, enters: bool = True) -> Act:
    """Open a section for the flat, as the decision of a claim does; the careless take no turnstile."""

    def work(register: Register, facts: Facts) -> None:
        if enters:
            register.connection.execute(_ENTER, {"number": facts["unit_number"]})
        row = {"building": facts["building"], "leaf": register.leaf("register.first-registration")}
        unit = facts["unit"] or register.connection.execute(_UNIT, row).scalar_one()
        section = register.property(number())
        register.join(facts[case], section)
        register.connection.execute(_BELONG, {**row, "property": section, "unit": unit})
        register.step(facts[case], "register", "registrar-2")
        register.right(section, facts[to], kind="future_ownership", case=facts[case])

    return work


def decide(case: str) -> Act:
    """Register a case and nothing else."""

    def work(register: Register, facts: Facts) -> None:
        register.step(facts[case], "register", "registrar-2")

    return work


def accept(case: str = "accepting") -> Act:
    """The building is accepted, on a case about it."""

    def work(register: Register, facts: Facts) -> None:
        row = {"building": facts["building"], "leaf": register.leaf()}
        register.connection.execute(_LEAVE_STAGE, row)
        more = {"stage": "completed", "case": facts[case], "source": register.basis_of(facts[case])}
        register.connection.execute(_STAGE, {**row, **more})
        register.step(facts[case], "register", "registrar-2")

    return work


def convert(case: str, of: str = "property") -> Act:
    """Convert the paper on a case."""

    def work(register: Register, facts: Facts) -> None:
        register.enter(facts[of])
        row = {"paper": facts["paper"], "leaf": register.leaf()}
        register.connection.execute(_LEAVE_PAPER, row)
        more = {"property": facts[of], "state": "converted", "case": facts[case]}
        register.connection.execute(_PAPER, {**row, **more})
        register.step(facts[case], "register", "registrar-2")

    return work


def _contest(
    name: str, ground: Ground, first: Act, second: Act, faults: str, *allowed: str, first_result: str = "ok"
) -> Contest:
    return Contest(name, ground, first, second, faults, frozenset(allowed or ("ok",)), first_result)


CONTESTS = (
    _contest(
        "one flat registered twice",
        flat,
        claim("case"),
        claim("later", "other"),
        TWO_SECTIONS,
        "uq_property_object_unit",
    ),
    _contest(
        "one flat registered twice by the careless",
        flat,
        claim("case", enters=False),
        claim("later", "other", enters=False),
        TWO_SECTIONS,
        "uq_property_object_unit",
    ),
    _contest(
        "one flat designed and sold twice",
        designed,
        claim("case"),
        claim("later", "other"),
        TWO_UNITS,
        "uq_building_unit_current",
    ),
    _contest(
        "the later claim first",
        flat,
        decide("later"),
        decide("case"),
        OUT_OF_TURN,
        "ok",
        first_result="ck_case_out_of_turn",
    ),
    _contest(
        "acceptance, then claim", flat, accept(), claim("case"), CLAIMED_WHEN_FINISHED, "ck_claim_unfinished"
    ),
    _contest(
        "claim, then acceptance",
        flat,
        claim("case"),
        accept(),
        CLAIMED_WHEN_FINISHED,
        "ok",
        "ck_claim_unfinished",
    ),
    _contest(
        "one building accepted twice",
        flat,
        accept(),
        accept("accepting_too"),
        TWO_STAGES,
        "ck_building_stage_forward",
        "ck_close_only",
    ),
    _contest(
        "one paper converted twice",
        paper,
        convert("case"),
        convert("later"),
        CONVERTED_TWICE,
        "ck_paper_extract_once",
        "ck_close_only",
    ),
    _contest(
        "one paper of two sections",
        unknown_paper,
        convert("case"),
        convert("later", "second"),
        CONVERTED_TWICE,
        "ck_paper_extract_once",
        "uq_paper_extract_current",
    ),
)
HELD_BY_TURNSTILES = ("acceptance, then claim",)


__all__ = ["CONTESTS", "HELD_BY_TURNSTILES", "claim", "claim_filed", "flat"]
