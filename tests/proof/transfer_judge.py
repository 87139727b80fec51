"""Holds what the register has against what its clients wrote down. Pure; every fault is one sentence.

Judged are the journal (no gap, time goes forward), what was acknowledged (there, once), what was refused
(not there) and what nobody was told (there at most once), the chain of owners of each section, replayed
row by row (whoever gives has it, shares sum to 1 after every leaf), and the order of registrations (that
of the places of the cases).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from tests.proof.transfer_log import Asked, Book, Sale
from tests.proof.transfer_record import Case, Recorded, Right, Step

Holdings = dict[str, Fraction]


@dataclass(frozen=True, slots=True)
class _Told:
    """What all clients wrote down, by key and by case."""

    asked: Mapping[str, Asked]
    by_case: Mapping[str, Sequence[Asked]]


def judge(recorded: Recorded, books: Iterable[Book]) -> list[str]:
    """Give the faults; none means that the register kept all that it promised."""
    asked = {key: each for book in books for key, each in book.asked.items()}
    by_case: defaultdict[str, list[Asked]] = defaultdict(list)
    for each in asked.values():
        if "case" in each.values:
            by_case[each.values["case"]].append(each)
    told = _Told(asked, by_case)
    return [
        *_judge_journal(recorded),
        *_judge_filings(recorded, told),
        *_judge_decisions(recorded, told),
        *_judge_notices(recorded, told),
        *_judge_answers(recorded, told),
        *_judge_order(recorded),
        *_judge_chains(recorded, told),
    ]


def _judge_journal(recorded: Recorded) -> Iterator[str]:
    numbers = [entry.number for entry in recorded.journal]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"the journal has a gap or a number twice: {len(numbers)} entries, last {numbers[-1]}"
    for before, after in pairwise(recorded.journal):
        if after.received_at < before.received_at:
            yield f"journal entry {after.number} was received before {before.number}"
    used = Counter(case.journal_number for case in recorded.cases)
    used.update(notice.journal_number for notice in recorded.notices)
    for number in sorted((set(numbers) | set(used)) - recorded.planted):
        if used[number] != 1:
            yield f"journal number {number} stands for {used[number]} cases and notices"


def _judge_filings(recorded: Recorded, told: _Told) -> Iterator[str]:
    """One case for each acknowledged filing, at most one for an unanswered one, none for a refused one."""
    entered: defaultdict[str, list[Case]] = defaultdict(list)
    for case in recorded.cases:
        if len(case.keys) != 1 or case.keys[0] not in told.asked:
            yield f"case {case.case_id} is nobody's: {case.keys}"
        for key in case.keys:
            entered[key].append(case)
    for asked in told.asked.values():
        if asked.act != "file":
            continue
        cases = entered[asked.key]
        yield from _judge_effect(asked, len(cases))
        if asked.told and cases:
            found = (cases[0].case_id, cases[0].journal_number)
            if found != (asked.told["case"], asked.told["journal"]):
                yield f"{asked.key} was told another case or number than the register has: {found}"


def _judge_effect(asked: Asked, effects: int) -> Iterator[str]:
    if asked.is_done and effects != 1:
        yield f"{asked.key} was acknowledged and is there {effects} times"
    if asked.refused and effects:
        yield f"{asked.key} was refused ({asked.refused}) and is there"
    if asked.is_open and effects > 1:
        yield f"{asked.key} was not answered and is there {effects} times"


def _judge_decisions(recorded: Recorded, told: _Told) -> Iterator[str]:
    """Preparation, registration and withdrawal: acknowledged means done once; done means asked for."""
    steps: Counter[tuple[str, str]] = Counter((step.case_id, step.kind) for step in recorded.steps)
    acts = {"handed": "prepare", "withdraw": "withdraw"}
    for case, asked in told.by_case.items():
        wanted: defaultdict[str, list[Asked]] = defaultdict(list)
        for each in asked:
            wanted[acts.get(each.act, "register")].append(each)
        for kind, requests in wanted.items():
            done = steps.pop((case, kind), 0)
            acknowledged = sum(each.is_done for each in requests)
            possible = acknowledged + sum(each.is_open for each in requests)
            if acknowledged > done:
                yield f"{kind} of case {case} was acknowledged {acknowledged} times and is there {done} times"
            if done > min(possible, 1):
                yield f"{kind} of case {case} is there {done} times, {possible} requests may have done it"
    for (case, kind), _ in steps.items():
        yield f"{kind} of case {case} was asked for by nobody"


def _judge_notices(recorded: Recorded, told: _Told) -> Iterator[str]:
    entered = Counter(notice.notice_id for notice in recorded.notices)
    for asked in told.asked.values():
        if asked.act == "notice":
            yield from _judge_effect(asked, entered.pop(asked.values["notice"], 0))
    for stranger in entered:
        yield f"notice {stranger} was asked for by nobody"
    for notice in recorded.notices:
        if notice.living != 1:
            yield f"notice {notice.notice_id} has {notice.living} newest versions"


def _judge_answers(recorded: Recorded, told: _Told) -> Iterator[str]:
    """An answer is kept for whatever was acknowledged, and for nothing that was refused."""
    for asked in told.asked.values():
        status = recorded.answers.get(asked.key)
        if asked.is_done and status != 201:
            yield f"{asked.key} was acknowledged and no answer is kept"
        if asked.refused and status is not None:
            yield f"{asked.key} was refused and an answer is kept"


def _judge_order(recorded: Recorded) -> Iterator[str]:
    """Per section, registrations follow the places of their cases."""
    registered = {step.case_id: step.closing for step in recorded.steps if step.kind == "register"}
    turns: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for case in recorded.cases:
        if case.case_id in registered:
            turns[case.property_id].append((registered[case.case_id], case.place))
    for section, places in turns.items():
        for (_, before), (_, after) in pairwise(sorted(places)):
            if after <= before:
                yield f"section {section}: place {after} was registered after place {before}"


def _judge_chains(recorded: Recorded, told: _Told) -> Iterator[str]:
    """Replay each section, leaf by leaf."""
    cases = {case.case_id: case for case in recorded.cases}
    decided = {step.leaf: step for step in recorded.steps if step.kind == "register"}
    sections: defaultdict[int, list[Right]] = defaultdict(list)
    for right in recorded.rights:
        sections[right.property_id].append(right)
    for section, rights in sections.items():
        yield from _replay(section, rights, decided, cases, told)
    for step in decided.values():
        yield f"case {step.case_id} was registered and no right changed"


def _replay(
    section: int, rights: list[Right], decided: dict[int, Step], cases: Mapping[str, Case], told: _Told
) -> Iterator[str]:
    standing: dict[int, Right] = {}
    for _, leaf, opened, closed in _moments(rights):
        before = _holdings(standing.values())
        for right in closed:
            if standing.pop(right.right_id, None) is None and not right.is_past:
                yield f"section {section}: right {right.right_id} ended before it began"
        standing |= {right.right_id: right for right in opened if not right.is_past}
        after = _holdings(standing.values())
        if sum(after.values()) != 1:
            yield f"section {section}: after leaf {leaf} the shares sum to {sum(after.values())}"
        step = decided.pop(leaf, None)
        if step is not None:
            yield from _judge_link(section, before, after, cases.get(step.case_id), told)
        elif before:
            yield f"section {section}: leaf {leaf} changed rights without a registered case"


def _moments(rights: Iterable[Right]) -> Iterator[tuple[int, int, list[Right], list[Right]]]:
    """Give closing number and leaf with what it opened and closed, in the order of closing."""
    opened: defaultdict[tuple[int, int], list[Right]] = defaultdict(list)
    closed: defaultdict[tuple[int, int], list[Right]] = defaultdict(list)
    for right in rights:
        opened[right.opened, right.leaf].append(right)
        if right.closed is not None and right.closed_leaf is not None:
            closed[right.closed, right.closed_leaf].append(right)
    for moment in sorted(opened.keys() | closed.keys()):
        yield *moment, opened[moment], closed[moment]


def _holdings(rights: Iterable[Right]) -> Holdings:
    held: Holdings = defaultdict(Fraction)
    for right in rights:
        held[right.party] += right.share
    return dict(held)


def _judge_link(
    section: int, before: Holdings, after: Holdings, case: Case | None, told: _Told
) -> Iterator[str]:
    """One sale passes just what was filed, from one who had it."""
    asked = told.asked.get(case.keys[0]) if case and case.keys else None
    if asked is None:
        yield f"section {section}: a case that nobody filed was registered"
        return
    sale = Sale(**asked.values)
    if sale.property_id != section:
        yield f"section {section}: the case {asked.key} is about section {sale.property_id}"
    if before.get(sale.seller, Fraction(0)) < sale.part:
        yield f"section {section}: {asked.key} sold what its seller did not hold (a double sale)"
    expected: Holdings = defaultdict(Fraction, before)
    expected[sale.seller] -= sale.part
    expected[sale.buyer] += sale.part
    if {party: share for party, share in expected.items() if share} != after:
        yield f"section {section}: {asked.key} passed something else than what was filed"


__all__ = ["judge"]
