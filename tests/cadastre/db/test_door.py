"""The closed door: nothing of a section is entered or ended without a case decided with it and a paper of that case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from cadastre.db.constraint_errors import MEANINGS
from cadastre.kernel.errors import RuleBroken
from tests.cadastre.db.contests import Facts, number, owned, two_sections, with_case_of, with_version
from tests.cadastre.db.test_register_invariants import done, refused
from tests.register import Register, square

RIGHT = text("""
    INSERT INTO cadastre.property_right (property_id, kind, party_id, registration_number, registration_date,
        valid_from, case_id, source_id, continues_right_id, recorded_leaf)
    VALUES (:property, 'lease', :other, '2324000001', ledger.today(), ledger.today(), CAST(:case AS uuid), :source,
            :continues, :leaf) RETURNING right_id
""")
RESTRICTION = text("""
    INSERT INTO cadastre.restriction (property_id, kind, registration_number, registration_date, valid_from, case_id,
        source_id, continues_restriction_id, recorded_leaf)
    VALUES (:property, 'servitude', '2324000002', ledger.today(), ledger.today(), CAST(:case AS uuid), :source,
            :continues, :leaf) RETURNING restriction_id
""")
SECTION = text("""
    INSERT INTO cadastre.property (register_number, object_kind, district_code, opened_on, recorded_leaf)
    VALUES (:number, 'land_parcel', 'BAK-XEZ', ledger.today(), :leaf)
""")
MEMBER = text("""
    INSERT INTO cadastre.property_object (property_id, parcel_id, valid_from, recorded_leaf)
    VALUES (:second, :parcel, ledger.today(), :leaf)
""")
BARE_SOURCE = text("""
    INSERT INTO cadastre.administrative_source (kind, number, case_id, recorded_leaf)
    VALUES ('court_decision', '1', :case, :leaf) RETURNING source_id
""")
CLOSE = "UPDATE {} SET superseded_leaf = :leaf WHERE {} = :id"


def run(r: Register, statement: Any, facts: Facts, **more: object) -> Any:
    values = {"case": None, "source": None, "continues": None, **facts, **more, "leaf": r._current_leaf()}
    return r.connection.execute(statement, values)


class TestWithoutCase:
    @pytest.mark.parametrize("statement", [RIGHT, RESTRICTION], ids=["right", "restriction"])
    def test_no_entry_names_no_case(self, arena: Engine, statement: Any) -> None:
        facts = done(arena, owned)
        assert refused(arena, lambda r: run(r, statement, facts)) == "ck_entry_has_case"

    def test_no_section_opens_by_itself(self, arena: Engine) -> None:
        values = {"number": number()}
        assert refused(arena, lambda r: run(r, SECTION, values)) == "ck_entry_has_case"

    def test_no_land_joins_a_section_by_itself(self, arena: Engine) -> None:
        facts = done(arena, two_sections)
        assert refused(arena, lambda r: run(r, MEMBER, facts)) == "ck_entry_has_case"

    def test_the_ground_of_a_section_is_not_redrawn_by_itself(self, arena: Engine) -> None:
        facts = done(arena, with_version)

        def redraw(r: Register) -> None:
            run(r, text(CLOSE.format("cadastre.parcel_version", "version_id")), {"id": facts["version"]})
            r.version(facts["parcel"], square(30.0 * facts["place"], -900.0))

        assert refused(arena, redraw) == "ck_entry_has_case"

    def test_ground_of_no_section_is_a_fact_of_the_cadastre(self, arena: Engine) -> None:
        facts = done(arena, two_sections)
        done(arena, lambda r: r.parcel(f"B-{facts['parcel']}", square(30.0 * facts["parcel"], -1300.0)))

    @pytest.mark.parametrize(
        ("table", "key", "query"),
        [
            (
                "property_right",
                "right_id",
                "SELECT right_id FROM cadastre.property_right WHERE property_id = :property",
            ),
            (
                "property_object",
                "property_object_id",
                "SELECT property_object_id FROM cadastre.property_object WHERE property_id = :property",
            ),
            (
                "property",
                "property_id",
                "SELECT property_id FROM cadastre.property WHERE property_id = :property",
            ),
        ],
    )
    def test_nothing_is_closed_by_itself(self, arena: Engine, table: str, key: str, query: str) -> None:
        """A sole owner voided leaves no sum that could be wrong: only the door sees it."""

        def ground(r: Register) -> Facts:
            facts = with_version(r)
            return facts | {"right": r.right(facts["property"], facts["seller"])}

        facts = done(arena, ground)
        row = done(arena, lambda r: run(r, text(query), facts).scalar_one())
        close = text(CLOSE.format(f"cadastre.{table}", key))
        assert refused(arena, lambda r: run(r, close, {"id": row})) == "ck_entry_has_case"

    def test_a_mortgage_is_not_brushed_aside(self, arena: Engine) -> None:
        def ground(r: Register) -> Facts:
            facts = owned(r)
            return facts | {"id": r.restriction(facts["property"], "mortgage", facts["buyer"], rank=1)}

        facts = done(arena, ground)
        close = text(CLOSE.format("cadastre.restriction", "restriction_id"))
        assert refused(arena, lambda r: run(r, close, facts)) == "ck_entry_has_case"


class TestOtherCases:
    """A case is there, but it is not this property's, or not decided, or not now."""

    def enter_on(self, case: UUID, facts: Facts) -> Callable[[Register], object]:
        return lambda r: run(r, RIGHT, facts, case=case, source=r.basis_of(case))

    def test_a_case_that_was_decided_before_lends_itself_to_nothing_more(self, arena: Engine) -> None:
        facts = done(arena, with_case_of("lease", owned))
        done(arena, lambda r: r.step(facts["ours"], "register", "registrar-2"))
        assert refused(arena, self.enter_on(facts["ours"], facts)) == "ck_entry_decided_case"

    def test_a_case_that_is_only_prepared_enters_nothing(self, arena: Engine) -> None:
        facts = done(arena, with_case_of("lease", owned))
        assert refused(arena, self.enter_on(facts["ours"], facts)) == "ck_entry_decided_case"

    @pytest.mark.parametrize("kind", ["withdraw", "refuse"])
    def test_a_case_that_ends_otherwise_enters_nothing(self, arena: Engine, kind: str) -> None:
        facts = done(arena, with_case_of("lease", owned))

        def end(r: Register) -> None:
            r.step(facts["ours"], kind, "registrar-2", ground="contradiction")
            self.enter_on(facts["ours"], facts)(r)

        assert refused(arena, end) == "ck_entry_decided_case"

    def test_a_case_about_my_property_touches_no_one_elses(self, arena: Engine) -> None:
        mine, theirs = done(arena, with_case_of("sale", owned)), done(arena, owned)

        def cross(r: Register) -> None:
            r.step(mine["ours"], "register", "registrar-2")
            run(r, text(CLOSE.format("cadastre.property_right", "right_id")), {"id": theirs["right"]})

        assert refused(arena, cross) == "ck_entry_has_case"

        def enter(r: Register) -> None:
            r.step(mine["ours"], "register", "registrar-2")
            self.enter_on(mine["ours"], theirs)(r)

        assert refused(arena, enter) == "ck_entry_decided_case"

    def test_a_case_does_not_take_up_a_stranger_when_it_is_decided(self, arena: Engine) -> None:
        mine, theirs = done(arena, with_case_of("sale", owned)), done(arena, owned)

        def take_up(r: Register) -> None:
            r.step(mine["ours"], "register", "registrar-2")
            r.join(mine["ours"], theirs["property"])
            self.enter_on(mine["ours"], theirs)(r)

        assert refused(arena, take_up) == "ck_case_property_at_filing"

    def test_land_of_another_is_not_redrawn_under_my_case(self, arena: Engine) -> None:
        mine, theirs = done(arena, with_case_of("division", owned)), done(arena, with_version)

        def redraw(r: Register) -> None:
            r.step(mine["ours"], "register", "registrar-2")
            run(r, text(CLOSE.format("cadastre.parcel_version", "version_id")), {"id": theirs["version"]})

        assert refused(arena, redraw) == "ck_entry_has_case"


class TestBasis:
    def decide(self, facts: Facts, statement: Any, **values: Any) -> Callable[[Register], object]:
        def work(r: Register) -> object:
            r.step(facts["ours"], "register", "registrar-2")
            given = {name: value(r) if callable(value) else value for name, value in values.items()}
            return run(r, statement, facts, **{"case": facts["ours"], **given}).scalar_one()

        return work

    @pytest.mark.parametrize("statement", [RIGHT, RESTRICTION], ids=["right", "restriction"])
    def test_an_entry_rests_on_a_paper_of_its_own_case(self, arena: Engine, statement: Any) -> None:
        facts = done(arena, with_case_of("lease", owned, 2))
        none = refused(arena, self.decide(facts, statement))
        others = refused(arena, self.decide(facts, statement, source=lambda r: r.basis_of(facts["theirs"])))
        unseen = refused(
            arena,
            self.decide(
                facts, statement, source=lambda r: run(r, BARE_SOURCE, facts, case=facts["ours"]).scalar_one()
            ),
        )
        assert none == others == unseen == "ck_entry_has_source"
        done(arena, self.decide(facts, statement, source=lambda r: r.basis_of(facts["ours"])))

    def test_what_goes_on_keeps_its_own_paper_and_no_others(self, arena: Engine) -> None:
        def ground(r: Register) -> Facts:
            facts = with_case_of("lease", owned, 2)(r)
            lease = self.decide(facts, RIGHT, source=lambda r: r.basis_of(facts["ours"]))(r)
            return facts | {"lease": lease, "ours": facts["theirs"], "strange": r.basis_of(facts["theirs"])}

        facts = done(arena, ground)
        source = text("SELECT source_id FROM cadastre.property_right WHERE right_id = :lease")
        close = text(CLOSE.format("cadastre.property_right", "right_id"))

        def restate(
            source_of: Callable[[Register], object], continues: object
        ) -> Callable[[Register], object]:
            def work(r: Register) -> object:
                run(r, close, {"id": facts["lease"]})
                return self.decide(facts, RIGHT, source=source_of, continues=continues)(r)

            return work

        def own(r: Register) -> object:
            return run(r, source, facts).scalar_one()

        assert refused(arena, restate(own, None)) == "ck_entry_has_source"  # not a restatement: needs a paper
        assert refused(arena, restate(own, facts["right"])) == "ck_entry_has_source"  # of another entry
        assert refused(arena, restate(lambda r: None, facts["lease"])) == "ck_entry_has_source"
        done(arena, restate(own, facts["lease"]))


def test_who_meets_the_door_is_told_what_it_is() -> None:
    for name in ("ck_entry_has_case", "ck_entry_has_source"):
        assert MEANINGS[name].error is RuleBroken
