"""What the register refuses from one transaction to the next: order, blocks, four eyes, areas, sameness."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from cadastre.db.unit_of_work import Database, Isolation, translate
from cadastre.domain.case import TRANSITIONS, CaseState
from cadastre.kernel.errors import Denied, RuleBroken, StaleVersion
from tests.cadastre.db.contests import (
    Facts,
    empty,
    halves,
    link,
    number,
    owned,
    put,
    two_sections,
    with_cases,
)
from tests.cadastre.db.races import Outcome, Work, attempt
from tests.register import Register, square

_PARCEL = text("""INSERT INTO cadastre.parcel (cadastral_number, district_code)
                  VALUES ('D-' || :number, 'BAK-XEZ') RETURNING parcel_id""")


def done(arena: Engine, work: Work) -> Any:
    """Commit the work, which must succeed; give what it returned."""
    result = []
    assert attempt(arena, Isolation.SERIALIZABLE, lambda r: result.append(work(r))) == Outcome("ok")
    return result[-1]


def refused(arena: Engine, work: Work) -> str:
    """Name what refuses the work."""
    return attempt(arena, Isolation.READ_COMMITTED, work).result


def sell(facts: Facts, case: UUID, given: tuple[int, int], officer: str = "registrar-2") -> Work:
    """Sale of a half by the sole owner: his past restated, his rest continued, the buyer entered."""

    def work(r: Register) -> None:
        r.enter(facts["property"])
        r.step(case, "register", officer)
        r.close("cadastre.property_right", "right_id", facts["right"])
        whole = {"case": case, "continues": facts["right"]}
        r.right(facts["property"], facts["seller"], ended=True, **whole)
        r.right(facts["property"], facts["seller"], (1, 2), **whole)
        r.right(facts["property"], facts["buyer"], given, case=case)

    return work


class TestDecision:
    def test_a_sale_is_whole_decided_by_others_and_decided_once(self, arena: Engine) -> None:
        facts = done(arena, owned)
        before = done(arena, lambda r: r.version_of(facts["property"]))
        case = done(arena, lambda r: r.file("sale", facts["property"], seen=before))
        assert refused(arena, sell(facts, case, (1, 3))) == "ck_property_right_shares_sum_to_one"
        assert refused(arena, sell(facts, case, (1, 2), "registrar-1")) == "ck_case_step_four_eyes"
        done(arena, sell(facts, case, (1, 2)))
        assert refused(arena, sell(facts, case, (1, 2))) == "ck_case_step_transition"
        assert done(arena, lambda r: r.version_of(facts["property"])) > before

    def test_an_entry_rests_on_a_case_decided_with_it_about_its_property(self, arena: Engine) -> None:
        facts, stranger = done(arena, with_cases), done(arena, owned)
        case = facts["case"]
        undecided = refused(
            arena, lambda r: r.right(facts["property"], facts["other"], kind="lease", case=case)
        )

        def elsewhere(r: Register) -> None:
            r.step(case, "register", "registrar-2")
            r.right(stranger["property"], stranger["other"], kind="lease", case=case)

        assert undecided == refused(arena, elsewhere) == "ck_entry_decided_case"

    def test_whoever_relied_on_an_old_version_is_told_the_new_one(self, arena: Engine) -> None:
        facts = done(arena, owned)
        database = Database(arena.url)
        seen = done(arena, lambda r: r.version_of(facts["property"]))
        done(arena, lambda r: r.right(facts["property"], facts["other"], kind="lease"))
        with pytest.raises(StaleVersion) as caught:
            database.run(lambda u: Register(u.connection).file("sale", facts["property"], seen=seen))
        database.close()
        assert caught.value.code == "stale-version"
        assert caught.value.facts["current_version"] == seen + 1

    def test_a_filed_case_takes_no_further_property(self, arena: Engine) -> None:
        facts, more = done(arena, with_cases), done(arena, owned)
        late = refused(arena, lambda r: r.join(facts["case"], more["property"]))
        assert late == "ck_case_property_at_filing"

        def open_one(r: Register) -> None:
            r.step(facts["case"], "register", "registrar-2")
            r.join(facts["case"], empty(r)["property"])

        done(arena, open_one)  # one that it opens itself

    def test_nobody_takes_a_number_that_was_drawn_before(self, arena: Engine) -> None:
        facts = done(arena, with_cases)
        statement = text("""
            INSERT INTO registry.case_file (case_id, journal_number, service, service_from, applicant_subject,
                applicant_role, capacity, due_on, recorded_leaf)
            SELECT gen_random_uuid(), min(journal_number), 'sale', '2004-08-10', 'x', 'notary', 'notary',
                   ledger.today(), :leaf FROM registry.priority_notice""")
        done(arena, lambda r: r.notice(facts["property"]))
        old = refused(arena, lambda r: r.connection.execute(statement, {"leaf": r.leaf()}))
        assert old == "ck_journal_now"

    @pytest.mark.parametrize(
        "column",
        [
            "registration_journal (journal_number)",
            "registration_journal (received_at)",
            "case_step (at)",
            "case_step (state)",
            "case_property (place)",
            "priority_notice (queue_number)",
            "priority_notice (expires_at)",
            "property_head (version)",
        ],
    )
    def test_nobody_gives_himself_a_number_a_place_or_a_time(self, arena: Engine, column: str) -> None:
        denied = refused(
            arena, lambda r: r.connection.execute(text(f"INSERT INTO registry.{column} VALUES (NULL)"))
        )
        assert denied == "42501"

    def test_the_state_machine_of_the_database_is_that_of_the_domain(self, arena: Engine) -> None:
        rows = done(
            arena,
            lambda r: r.connection.execute(
                text("SELECT kind, from_state, to_state FROM registry.case_transition")
            ).all(),
        )
        domain = {(step.value, before.value): after.value for (step, before), after in TRANSITIONS.items()}
        assert {(row.kind, row.from_state): row.to_state for row in rows} == domain

    def test_a_suspension_names_ground_and_term(self, arena: Engine) -> None:
        case = done(arena, with_cases)["case"]
        bare = refused(arena, lambda r: r.step(case, "suspend", "registrar-1", due_on="2099-01-01"))
        endless = refused(arena, lambda r: r.step(case, "suspend", "registrar-1", ground="court"))
        assert (bare, endless) == ("ck_case_step_ground", "ck_case_step_suspension")
        state = done(
            arena, lambda r: r.step(case, "suspend", "registrar-1", ground="court", due_on="2099-01-01")
        )
        assert CaseState(state) is CaseState.SUSPENDED


class TestBlock:
    def test_an_arrest_blocks_disposal_and_no_act_of_authority(self, arena: Engine) -> None:
        facts = done(arena, owned)
        waiting = done(arena, lambda r: r.file("mortgage", facts["property"]))
        done(arena, lambda r: r.arrest(facts["property"]))

        def pledge(r: Register) -> None:
            r.step(waiting, "register", "registrar-2")
            r.restriction(facts["property"], "mortgage", rank=1, case_id=waiting)

        assert refused(arena, pledge) == "ck_entry_blocked"
        done(arena, lambda r: r.step(waiting, "withdraw", "notary-1"))
        loose = refused(arena, lambda r: r.restriction(facts["property"], "servitude"))
        assert loose == "ck_entry_blocked"
        done(arena, lambda r: r.arrest(facts["property"]))  # arrest upon arrest, and past the waiting case
        done(arena, lambda r: r.arrest(facts["property"], kind="court_dispute"))

    def test_an_arrest_is_lifted_by_its_release_only(self, arena: Engine) -> None:
        facts = done(arena, owned)
        arrest = done(arena, lambda r: r.arrest(facts["property"]))
        other = done(arena, lambda r: r.file("sale", facts["property"]))

        def brush_aside(r: Register) -> None:
            r.step(other, "register", "registrar-2")
            r.close("cadastre.restriction", "restriction_id", arrest)

        assert refused(arena, brush_aside) == "ck_restriction_release"
        done(arena, lambda r: r.step(other, "withdraw", "notary-1"))
        silently = refused(arena, lambda r: r.close("cadastre.restriction", "restriction_id", arrest))
        assert silently == "ck_restriction_release"
        done(arena, lambda r: r.release(arrest, facts["property"]))
        done(arena, lambda r: r.right(facts["property"], facts["other"], kind="lease"))

    def test_an_arrest_of_one_holder_binds_what_is_taken_from_him(self, arena: Engine) -> None:
        facts = done(arena, halves)
        owned_by, ours, half = facts["property"], facts["right"], facts["half"]
        done(arena, lambda r: r.arrest(owned_by, facts["other"]))

        def take_from(right: int, party: str, kept: tuple[int, int] | None) -> Work:
            def work(r: Register) -> None:
                r.close("cadastre.property_right", "right_id", right)
                if kept:
                    r.right(owned_by, facts[party], kept, continues=right)
                r.right(owned_by, facts["buyer"], (1, 4) if kept else (1, 2))

            return work

        assert refused(arena, take_from(half, "other", (1, 4))) == "ck_entry_blocked"
        assert refused(arena, take_from(half, "other", None)) == "ck_entry_blocked"
        done(arena, take_from(ours, "seller", (1, 4)))

    def test_what_is_only_restated_passes_an_arrest_and_what_has_grown_does_not(self, arena: Engine) -> None:
        facts = done(arena, owned)
        lease = done(arena, lambda r: r.right(facts["property"], facts["other"], None, kind="lease"))
        done(arena, lambda r: r.arrest(facts["property"]))

        def restate(share: tuple[int, int] | None) -> Work:
            def work(r: Register) -> int:
                r.close("cadastre.property_right", "right_id", lease)
                return r.right(facts["property"], facts["other"], share, kind="lease", continues=lease)

            return work

        assert refused(arena, restate((1, 2))) == "ck_entry_blocked"
        done(arena, restate(None))


class TestPriority:
    def test_only_the_holder_comes_first_and_an_arrest_does_not_wait(self, arena: Engine) -> None:
        facts = done(arena, owned)
        first = done(arena, lambda r: r.notice(facts["property"], "notary-1"))
        second = done(arena, lambda r: r.notice(facts["property"], "notary-2"))
        assert [first[1], second[1]] == [1, 2]
        queued = done(
            arena, lambda r: r.file("sale", facts["property"], notice=second[0], applicant="notary-2")
        )
        assert refused(arena, lambda r: r.step(queued, "register", "registrar-2")) == "ck_case_priority_taken"
        stolen = refused(
            arena, lambda r: r.file("sale", facts["property"], notice=first[0], applicant="notary-2")
        )
        assert stolen == "ck_case_property_notice"
        done(arena, lambda r: r.arrest(facts["property"]))
        done(arena, lambda r: r.turn_notice(first[0], "released"))
        assert done(arena, lambda r: r.step(queued, "register", "registrar-2")) == "registered"

    def test_a_notice_is_renewed_used_and_then_over(self, arena: Engine) -> None:
        notice = done(arena, lambda r: r.notice(owned(r)["property"]))[0]
        done(arena, lambda r: r.turn_notice(notice, "held"))
        done(arena, lambda r: r.turn_notice(notice, "used"))
        over = refused(arena, lambda r: r.turn_notice(notice, "held"))
        assert over == "ck_priority_notice_in_force"

    def test_who_is_told_whom_he_waits_for(self, arena: Engine) -> None:
        facts = done(arena, with_cases)
        database = Database(arena.url)
        with pytest.raises(RuleBroken) as caught:
            database.run(lambda u: Register(u.connection).step(facts["later"], "register", "registrar-2"))
        database.close()
        assert caught.value.code == "out-of-turn"
        assert isinstance(caught.value.facts["journal_number"], int)


class TestLineage:
    def divide(
        self, facts: Facts, case: UUID, second_area: float = 200.0, *, manner: str = "division"
    ) -> Work:
        east = 40.0 * facts["property"]

        def work(r: Register) -> None:
            r.step(case, "register", "registrar-2")
            old = facts["version"]
            r.close("cadastre.parcel_version", "version_id", old)
            for piece, area in ((0, 200.0), (1, second_area)):
                parcel = r.connection.execute(_PARCEL, {"number": number()}).scalar_one()
                new = r.version(parcel, square(east + 20.0 * piece, -2000), area_m2=area)
                r.connection.execute(
                    text("INSERT INTO cadastre.parcel_lineage VALUES (:old, :new, :manner, :case, :leaf)"),
                    {"old": old, "new": new, "manner": manner, "case": case, "leaf": r.leaf()},
                )

        return work

    def ground(self, r: Register) -> Facts:
        facts = two_sections(r)
        put(r, facts["property"], facts["parcel"])
        current = text("SELECT version_id FROM cadastre.parcel_version WHERE parcel_id = :id")
        version = r.connection.execute(current, {"id": facts["parcel"]}).scalar_one()
        return facts | {"version": version, "case": r.file("division", facts["property"])}

    def test_a_division_neither_makes_nor_loses_land(self, arena: Engine) -> None:
        facts = done(arena, self.ground)
        case = facts["case"]
        assert refused(arena, self.divide(facts, case, 210.0)) == "ck_parcel_lineage_area_balance"
        done(arena, self.divide(facts, case))

    @pytest.mark.parametrize("manner", ["division", "correction"])
    def test_lineage_is_not_written_afterwards(self, arena: Engine, manner: str) -> None:
        facts, other = done(arena, self.ground), done(arena, self.ground)
        forged = refused(
            arena,
            lambda r: r.connection.execute(
                text("INSERT INTO cadastre.parcel_lineage VALUES (:old, :new, :manner, :case, :leaf)"),
                {
                    "old": facts["version"],
                    "new": other["version"],
                    "manner": manner,
                    "case": facts["case"],
                    "leaf": r.leaf(),
                },
            ),
        )
        assert forged == "ck_parcel_lineage_now"

    @pytest.mark.parametrize(
        ("old", "new", "constraint"),
        [
            ("second", "property", "ck_property_lineage_forward"),
            ("property", "second", "ck_property_lineage_now"),
        ],
    )
    def test_a_section_comes_of_an_older_one_by_a_decision(
        self, arena: Engine, old: str, new: str, constraint: str
    ) -> None:
        facts = done(arena, self.ground)
        statement = text(
            "INSERT INTO cadastre.property_lineage VALUES (:old, :new, 'division', :case, :leaf)"
        )
        values = {"old": facts[old], "new": facts[new], "case": facts["case"]}
        forged = refused(arena, lambda r: r.connection.execute(statement, values | {"leaf": r.leaf()}))
        assert forged == constraint


class TestParties:
    def test_records_stand_for_one_another_without_a_circle(self, arena: Engine) -> None:
        people = done(arena, empty)
        done(arena, lambda r: link("seller", "buyer")(r, people))
        done(arena, lambda r: link("buyer", "other")(r, people))
        assert refused(arena, lambda r: link("other", "seller")(r, people)) == "ck_party_link_no_cycle"
        resolved = text("SELECT registry.resolve_party(:party)")
        stands_for = done(
            arena, lambda r: r.connection.execute(resolved, {"party": people["seller"]}).scalar()
        )
        assert stands_for == people["other"]

    def test_four_eyes_are_a_denial(self, arena: Engine) -> None:
        people = done(arena, empty)
        statement = text("""
            INSERT INTO registry.party_link (from_party_id, to_party_id, manner, evidence, proposed_by, decided_by,
                                             recorded_leaf)
            VALUES (:a, :b, 'same', 'fin_document', 'registrar-1', 'registrar-1', :leaf)""")
        with arena.connect() as connection, connection.begin() as transaction:
            connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
            values = {"a": people["seller"], "b": people["buyer"], "leaf": Register(connection).leaf()}
            with pytest.raises(DBAPIError) as caught:
                connection.execute(statement, values)
            transaction.rollback()
        assert isinstance(translate(caught.value), Denied)

    def test_scans_are_what_their_digest_says_and_open_to_those_who_say_that_they_look(
        self, arena: Engine
    ) -> None:
        insert = text("""INSERT INTO party.document_content (sha256, media_type, content)
                         VALUES (sha256(:named), 'application/pdf', :content) ON CONFLICT DO NOTHING""")
        pages = {"named": b"%PDF-1 of a look", "content": b"%PDF-1 of a look"}
        done(arena, lambda r: r.connection.execute(insert, pages).rowcount)
        forged = refused(arena, lambda r: r.connection.execute(insert, pages | {"content": b"%PDF-2"}))
        assert forged == "ck_document_content_digest"
        count = text("SELECT count(*) FROM party.document_content WHERE content = '%PDF-1 of a look'")
        assert done(arena, lambda r: r.connection.execute(count).scalar()) == 0
        assert (
            done(arena, lambda r: (r.leaf("access.document"), r.connection.execute(count).scalar())[1]) == 1
        )
