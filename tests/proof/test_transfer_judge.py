"""The judge of contested transfers is judged: each fault that a register could have is called by its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from tests.proof.transfer_judge import judge
from tests.proof.transfer_log import Asked, Book, Pen, Sale, read_book
from tests.proof.transfer_record import Case, Entry, Notice, Recorded, Right, Step

NOON = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
FLAT, HOUSE = 1, 2


@dataclass
class World:
    """A register and a client's book that agree; a test makes them disagree."""

    recorded: Recorded
    book: Book

    def faults(self) -> list[str]:
        return judge(self.recorded, [self.book])

    def change(self, key: str, **values: object) -> None:
        """Change what the client wrote down about a request."""
        self.book.asked[key] = replace(self.book.asked[key], **values)  # type: ignore[arg-type]


def peace() -> World:
    """The flat goes A, B, C; half of A's half of the house goes to B; one sale was refused, one not answered."""
    whole, quarter = Fraction(1), Fraction(1, 4)
    rights = [
        Right(1, FLAT, "A", whole, 1, 1, 11, 11),
        Right(2, FLAT, "A", whole, 11, 11, None, None, is_past=True),
        Right(3, FLAT, "B", whole, 11, 11, 13, 13),
        Right(4, FLAT, "B", whole, 13, 13, None, None, is_past=True),
        Right(5, FLAT, "C", whole, 13, 13, None, None),
        Right(6, HOUSE, "A", Fraction(1, 2), 1, 1, 12, 12),
        Right(7, HOUSE, "B", Fraction(1, 2), 1, 1, 12, 12),
        Right(8, HOUSE, "A", quarter, 12, 12, None, None),
        Right(9, HOUSE, "B", quarter * 3, 12, 12, None, None),
    ]
    cases = [
        Case("c1", 1, FLAT, 1, None, ("1-file",)),
        Case("c2", 3, FLAT, 2, "n2", ("2-file",)),
        Case("c3", 4, HOUSE, 4, None, ("3-file",)),
        Case("c4", 5, FLAT, 5, None, ("4-file",)),
    ]
    steps = [Step(f"c{n}", "prepare", n + 20, n + 4) for n in (1, 2, 3, 4)]
    steps += [Step("c1", "register", 11, 11), Step("c2", "register", 13, 13), Step("c3", "register", 12, 12)]
    steps += [Step("c4", "withdraw", 14, 14)]
    sales = {
        1: Sale(FLAT, "A", "B", "1/1", 0),
        2: Sale(FLAT, "B", "C", "1/1", 3, "n2"),
        3: Sale(HOUSE, "A", "B", "1/4", 0),
        4: Sale(FLAT, "A", "C", "1/1", 0),
    }
    asked = [Asked("2-notice", "notice", 2, _values(sales[2]), {"notice": "n2"})]
    for case, (n, sale) in zip(cases, sales.items(), strict=True):
        told = {"case": case.case_id, "journal": case.journal_number}
        asked.append(Asked(f"{n}-file", "file", n, _values(sale), told))
        asked.append(Asked(f"{n}-handed", "handed", n, {"case": case.case_id}, {}))
        told_late = ("giver-holds-no-right",) if n == 4 else ()
        decided = Asked(
            f"{n}-decide1", "decide1", n, {"case": case.case_id}, None if told_late else {}, *told_late
        )
        asked.append(decided)
    asked.append(Asked("4-withdraw", "withdraw", 4, {"case": "c4"}, {}))
    asked.append(Asked("5-file", "file", 5, _values(sales[1]), refused="stale-version"))
    asked.append(Asked("6-file", "file", 6, _values(sales[1])))
    journal = [Entry(n, NOON + timedelta(seconds=n)) for n in range(1, 6)]
    answers: dict[str, int | None] = {each.key: 201 for each in asked if each.is_done}
    recorded = Recorded(journal, cases, steps, [Notice("n2", 2, 2, 1)], rights, answers)
    return World(recorded, Book({each.key: each for each in asked}))


def _values(sale: Sale) -> dict[str, object]:
    return {name: getattr(sale, name) for name in Sale.__slots__}


def test_a_register_that_kept_its_word_has_no_fault() -> None:
    assert peace().faults() == []


def test_what_was_not_answered_may_be_there_once() -> None:
    world = peace()
    world.change("1-decide1", told=None)
    world.change("3-handed", told=None)
    world.change("4-file", told=None)
    assert world.faults() == []


def lose_a_case(world: World) -> None:
    world.recorded = replace(world.recorded, cases=world.recorded.cases[:3])


def lose_a_registration(world: World) -> None:
    world.recorded = replace(
        world.recorded,
        steps=[step for step in world.recorded.steps if (step.case_id, step.kind) != ("c3", "register")],
        rights=[right for right in world.recorded.rights if right.right_id < 8],
    )


def tear_the_journal(world: World) -> None:
    del world.recorded.journal[3]  # type: ignore[attr-defined]


def turn_the_clock_back(world: World) -> None:
    journal = list(world.recorded.journal)
    journal[2] = replace(journal[2], received_at=NOON)
    world.recorded = replace(world.recorded, journal=journal)


def enter_twice(world: World) -> None:
    again = replace(world.recorded.cases[0], case_id="c9", journal_number=6)
    journal = [*world.recorded.journal, Entry(6, NOON + timedelta(hours=1))]
    world.recorded = replace(world.recorded, cases=[*world.recorded.cases, again], journal=journal)


def enter_what_was_refused(world: World) -> None:
    world.change("4-file", told=None, refused="stale-version")


def register_what_was_refused(world: World) -> None:
    world.change("1-decide1", told=None, refused="out-of-turn")


def register_in_silence(world: World) -> None:
    del world.book.asked["3-decide1"]


def overtake(world: World) -> None:
    cases = list(world.recorded.cases)
    cases[0] = replace(cases[0], place=3)
    world.recorded = replace(world.recorded, cases=cases)


def sell_twice(world: World) -> None:
    """The second sale is B's in the client's book, but A's in truth: A, who had sold, sold again."""
    world.change("2-file", values=_values(Sale(FLAT, "A", "C", "1/1", 3, "n2")))


def give_to_two(world: World) -> None:
    twin = replace(world.recorded.rights[2], right_id=99, party="D")
    world.recorded = replace(world.recorded, rights=[*world.recorded.rights, twin])


def lack_for_a_moment(world: World) -> None:
    """Two leaves where there was one: between them the house is not wholly owned; in the end it is."""
    rights = [replace(r, opened=14, leaf=14) if r.right_id == 9 else r for r in world.recorded.rights]
    world.recorded = replace(world.recorded, rights=rights)


def change_without_a_case(world: World) -> None:
    rights = [replace(r, closed=15, closed_leaf=15) if r.right_id == 5 else r for r in world.recorded.rights]
    rights.append(Right(50, FLAT, "D", Fraction(1), 15, 15, None, None))
    world.recorded = replace(world.recorded, rights=rights)


def pass_to_another(world: World) -> None:
    rights = [replace(r, party="E") if r.right_id == 5 else r for r in world.recorded.rights]
    world.recorded = replace(world.recorded, rights=rights)


def lose_an_answer(world: World) -> None:
    world.recorded = replace(world.recorded, answers={**world.recorded.answers, "1-file": None})


def lose_a_notice(world: World) -> None:
    world.recorded = replace(world.recorded, notices=[])


def take_a_notice_unasked(world: World) -> None:
    world.recorded = replace(world.recorded, notices=[*world.recorded.notices, Notice("n7", 6, 1, 1)])


def tell_another_number(world: World) -> None:
    world.change("1-file", told={"case": "c1", "journal": 2})


FAULTS: dict[Callable[[World], None], str] = {
    lose_a_case: "4-file was acknowledged and is there 0 times",
    lose_a_registration: "register of case c3 was acknowledged 1 times and is there 0 times",
    tear_the_journal: "the journal has a gap",
    turn_the_clock_back: "journal entry 3 was received before 2",
    enter_twice: "1-file was acknowledged and is there 2 times",
    enter_what_was_refused: "4-file was refused (stale-version) and is there",
    register_what_was_refused: "register of case c1 is there 1 times, 0 requests may have done it",
    register_in_silence: "register of case c3 was asked for by nobody",
    overtake: "section 1: place 2 was registered after place 3",
    sell_twice: "section 1: 2-file sold what its seller did not hold (a double sale)",
    give_to_two: "section 1: after leaf 11 the shares sum to 2",
    lack_for_a_moment: "section 2: after leaf 12 the shares sum to 1/4",
    change_without_a_case: "section 1: leaf 15 changed rights without a registered case",
    pass_to_another: "section 1: 2-file passed something else than what was filed",
    lose_an_answer: "1-file was acknowledged and no answer is kept",
    lose_a_notice: "2-notice was acknowledged and is there 0 times",
    take_a_notice_unasked: "notice n7 was asked for by nobody",
    tell_another_number: "1-file was told another case or number",
}


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
def test_each_fault_is_found(spoil: Callable[[World], None]) -> None:
    world = deepcopy(peace())
    spoil(world)
    assert any(FAULTS[spoil] in fault for fault in world.faults()), world.faults()


def test_a_book_is_read_as_it_was_written_and_a_torn_line_is_none(tmp_path: Path) -> None:
    path = tmp_path / "client-1.log"
    pen = Pen(path)
    pen.ask("1-file", "file", 1, {"case": "c1"})
    pen.told("1-file", {"journal": 7})
    pen.ask("2-file", "file", 2, {})
    pen.close()
    with path.open("ab") as stream:
        stream.write(json.dumps({"key": "2-file", "refused": "x"}).encode()[:-3])
    later = Pen(path)
    later.ended(1, "registered")
    later.close()
    book = read_book(path)
    assert book.asked["1-file"].told == {"journal": 7}
    assert book.asked["2-file"].is_open
    assert book.ended == {1: "registered"}
    assert read_book(tmp_path / "nobody.log") == Book()
