"""What two writers may fight over, and the question whose answer must be 0 whoever wins."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.cadastre.db.contest_faults import (
    CIRCLE,
    DECIDED_TWICE,
    EFFECTS,
    FILED_ON_STALE,
    NOT_WHOLE,
    NOTICE_TWICE_CURRENT,
    NOTICE_USED_TWICE,
    OUT_OF_TURN,
    PAST_A_NOTICE,
    QUEUE_BROKEN,
    RANK_TWICE,
    SAME_EYES,
    SOLD_UNDER_ARREST,
    STANDS_IN_CLOSED,
    TWO_SECTIONS,
    VERSIONS,
)
from tests.register import Register, square

Facts = dict[str, Any]
Ground = Callable[[Register], Facts]
Act = Callable[[Register, Facts], object]
_SERIAL = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Contest:
    """A ground that both stand on, what each does, and what may come of it.

    ``second`` may end in one of ``allowed``; ``faults`` is the question whose answer must be 0.
    ``first_result`` differs from ``ok`` where the first is refused whoever is there.
    """

    name: str
    ground: Ground
    first: Act
    second: Act
    faults: str
    allowed: frozenset[str]
    first_result: str = "ok"

    def __str__(self) -> str:
        return self.name


def number() -> str:
    """Register number that no other contest has."""
    return f"2301{next(_SERIAL):08d}"


def empty(register: Register) -> Facts:
    """Property that nobody owns yet, and three people."""
    names = ("seller", "buyer", "other")
    people = {name: register.party(f"Sınaq {name}") for name in names}
    return {"property": register.property(number()), "right": 0, **people}


def owned(register: Register) -> Facts:
    """Property of one owner."""
    facts = empty(register)
    return facts | {"right": register.right(facts["property"], facts["seller"])}


def with_decisions(ground: Ground) -> Ground:
    """Ground with a case for each of the two, on which he may enter what he likes; neither waits for the other."""

    def prepare(register: Register) -> Facts:
        facts = ground(register)
        filed = [register.file("court_transfer", facts["property"], applicant="court-1") for _ in range(2)]
        return facts | {"ours": filed[0], "theirs": filed[1]}

    return prepare


def with_case_of(service: str, ground: Ground, times: int = 1) -> Ground:
    """Ground with cases of a service that wait for their decision."""

    def prepare(register: Register) -> Facts:
        facts = ground(register)
        filed = [register.file(service, facts["property"]) for _ in range(times)]
        return facts | {"ours": filed[0], "theirs": filed[-1]}

    return prepare


def with_cases(register: Register) -> Facts:
    """Property with two sales that wait for their decision."""
    facts = owned(register)
    cases = [register.file("sale", facts["property"], applicant=f"notary-{n}") for n in (1, 2)]
    return facts | {"case": cases[0], "later": cases[1]}


def halves(register: Register) -> Facts:
    """Property of two owners."""
    facts = empty(register)
    ours = register.right(facts["property"], facts["seller"], (1, 2))
    return facts | {"right": ours, "half": register.right(facts["property"], facts["other"], (1, 2))}


def noticed(register: Register) -> Facts:
    """Property before which a notary holds a place."""
    facts = owned(register)
    return facts | {"notice": register.notice(facts["property"])[0]}


def versioned(register: Register) -> Facts:
    """Property whose version a notary has read; a lease waits for its decision."""
    facts = with_case_of("lease", owned)(register)
    return facts | {"version": register.version_of(facts["property"])}


def to_close(register: Register) -> Facts:
    """Empty section, and a case on which it may be closed."""
    facts = empty(register)
    return facts | {"case": register.file("division", facts["property"])}


def two_sections(register: Register) -> Facts:
    """Parcel in no section, and two sections."""
    facts = empty(register)
    serial = next(_SERIAL)
    parcel = register.parcel(f"W-{serial}", square(30.0 * (serial % 900), 30.0 * (serial // 900)))
    return facts | {"parcel": parcel, "second": register.property(number())}


def with_version(register: Register) -> Facts:
    """Parcel of a property, with its current version."""
    facts = two_sections(register)
    put(register, facts["property"], facts["parcel"])
    current = text("SELECT version_id FROM cadastre.parcel_version WHERE parcel_id = :id")
    version = register.connection.execute(current, {"id": facts["parcel"]}).scalar_one()
    return facts | {"version": version, "place": next(_SERIAL)}


def with_key(register: Register) -> Facts:
    """Property, and a key that a client repeats."""
    return owned(register) | {"key": str(uuid4())}


def sell(case: str, to: str = "buyer") -> Act:
    """Sale of the whole on a case that was filed before."""

    def work(register: Register, facts: Facts) -> None:
        register.enter(facts["property"])
        register.step(facts[case], "register", "registrar-2")
        register.close("cadastre.property_right", "right_id", facts["right"])
        register.right(facts["property"], facts[to], case=facts[case])

    return work


def sell_half(right: str, to: str, case: str = "ours") -> Act:
    """Sale of one half by its owner."""

    def work(register: Register, facts: Facts) -> None:
        register.step(facts[case], "register", "registrar-2")
        register.close("cadastre.property_right", "right_id", facts[right])
        register.right(facts["property"], facts[to] if to else register.party("Sınaq Alıcı"), (1, 2))

    return work


def own(who: str, case: str = "ours", kind: str = "ownership") -> Act:
    """Entry of one owner, whoever else is there."""

    def work(register: Register, facts: Facts) -> None:
        register.step(facts[case], "register", "registrar-2")
        register.right(facts["property"], facts[who], kind=kind)

    return work


def own_jointly(register: Register, facts: Facts) -> None:
    """Entry of two joint owners."""
    register.step(facts["ours"], "register", "registrar-2")
    for who in ("buyer", "other"):
        register.right(facts["property"], facts[who], None)


def arrest(register: Register, facts: Facts) -> None:
    """Arrest of the whole property."""
    register.arrest(facts["property"])


def decide(case: str, actor: str = "registrar-2") -> Act:
    """Decision of a case, by an officer."""
    return lambda register, facts: register.step(facts[case], "register", actor)


def file_at_once(register: Register, facts: Facts) -> UUID:
    """Case that is filed and registered in one transaction."""
    return register.case("sale", facts["property"], applicant="notary-2")


def take(holder: str) -> Act:
    """Priority notice of a notary."""
    return lambda register, facts: register.notice(facts["property"], holder)


def use(register: Register, facts: Facts) -> UUID:
    """Case that rests on the notice."""
    return register.file("sale", facts["property"], notice=facts["notice"])


def turn(state: str) -> Act:
    """Renewal or end of the notice."""
    return lambda register, facts: register.turn_notice(facts["notice"], state)


def lease(register: Register, facts: Facts) -> int:
    """Lease, which makes a new version of the property."""
    register.step(facts["ours"], "register", "registrar-2")
    return register.right(facts["property"], facts["other"], kind="lease")


def file_as_seen(register: Register, facts: Facts) -> UUID:
    """Case filed on the version that was read before."""
    return register.file("sale", facts["property"], seen=facts["version"])


def prepare_again(register: Register, facts: Facts) -> str:
    """The later decider prepares the case himself."""
    return register.step(facts["case"], "prepare", "registrar-2")


def close_section(register: Register, facts: Facts) -> None:
    """Closing of the section on its case."""
    register.step(facts["case"], "register", "registrar-2")
    register.connection.execute(
        text("""INSERT INTO cadastre.property_closure (property_id, closed_on, reason, case_id, recorded_leaf)
                VALUES (:property, ledger.today(), 'division', :case, :leaf)"""),
        {"property": facts["property"], "case": facts["case"], "leaf": register.leaf()},
    )


def link(source: str, target: str) -> Act:
    """Statement that two records are one person."""

    def work(register: Register, facts: Facts) -> None:
        register.connection.execute(
            text("""INSERT INTO registry.party_link (from_party_id, to_party_id, manner, evidence, proposed_by,
                                                     decided_by, recorded_leaf)
                    VALUES (:source, :target, 'same', 'fin_document', 'registrar-1', 'registrar-2', :leaf)"""),
            {"source": facts[source], "target": facts[target], "leaf": register.leaf()},
        )

    return work


def put(register: Register, property_id: int, parcel_id: int) -> None:
    """Membership of a parcel in a section."""
    register.decision_about(property_id)
    register.connection.execute(
        text("""INSERT INTO cadastre.property_object (property_id, parcel_id, valid_from, recorded_leaf)
                VALUES (:property, :parcel, ledger.today(), :leaf)"""),
        {"property": property_id, "parcel": parcel_id, "leaf": register.leaf()},
    )


def mortgage(case: str) -> Act:
    """Mortgage of the first rank."""

    def work(register: Register, facts: Facts) -> None:
        register.step(facts[case], "register", "registrar-2")
        register.restriction(facts["property"], "mortgage", facts["buyer"], rank=1)

    return work


def replace_version(case: str) -> Act:
    """New version of the parcel, elsewhere."""

    def work(register: Register, facts: Facts) -> None:
        register.step(facts[case], "register", "registrar-2")
        register.close("cadastre.parcel_version", "version_id", facts["version"])
        register.version(facts["parcel"], square(30.0 * facts["place"], -500.0))

    return work


def ask_once(register: Register, facts: Facts) -> None:
    """Request with a key: its effect is a notice, unless the key has been answered."""
    body = hashlib.sha256(b"body").digest()
    made = register.connection.execute(
        text("""INSERT INTO registry.idempotency (subject, key, route, body_sha256)
                VALUES ('notary-1', :key, 'POST /v1/priority-notices', :body) ON CONFLICT DO NOTHING RETURNING 1"""),
        {"key": facts["key"], "body": body},
    ).first()
    if made is not None:
        register.notice(facts["property"])
        register.connection.execute(
            text("UPDATE registry.idempotency SET status = 201, response = '{}' WHERE key = :key"),
            {"key": facts["key"]},
        )


def _contest(
    name: str,
    ground: Ground,
    first: Act,
    second: Act,
    faults: str,
    *,
    allowed: str = "ok",
    first_result: str = "ok",
) -> Contest:
    return Contest(name, ground, first, second, faults, frozenset(allowed.split()), first_result)


NOT_ONE = "ck_property_right_shares_sum_to_one"
CONTESTS = (
    _contest(
        "two sole owners",
        with_decisions(empty),
        own("buyer"),
        own("other", "theirs"),
        NOT_WHOLE,
        allowed=NOT_ONE,
    ),
    _contest(
        "one property sold twice",
        with_cases,
        sell("case"),
        sell("later", "other"),
        NOT_WHOLE,
        allowed="ck_close_only",
    ),
    _contest(
        "co-owners sell at once",
        with_decisions(halves),
        sell_half("right", "buyer"),
        sell_half("half", "", "theirs"),
        NOT_WHOLE,
    ),
    _contest(
        "joint owners and a sole one",
        with_decisions(empty),
        own_jointly,
        own("seller", "theirs"),
        NOT_WHOLE,
        allowed="ck_property_right_joint_alone",
    ),
    _contest(
        "a claim beside ownership",
        with_decisions(empty),
        own("buyer"),
        own("other", "theirs", "future_ownership"),
        NOT_WHOLE,
        allowed="ck_property_right_future_alone",
    ),
    _contest(
        "arrest, then sale", with_cases, arrest, sell("case"), SOLD_UNDER_ARREST, allowed="ck_entry_blocked"
    ),
    _contest("sale, then arrest", with_cases, sell("case"), arrest, SOLD_UNDER_ARREST),
    _contest(
        "arrest, then lease",
        with_case_of("lease", owned),
        arrest,
        lease,
        SOLD_UNDER_ARREST,
        allowed="ck_entry_blocked",
    ),
    _contest(
        "the later case first",
        with_cases,
        decide("later"),
        decide("case"),
        OUT_OF_TURN,
        first_result="ck_case_out_of_turn",
    ),
    _contest(
        "two cases in turn",
        with_cases,
        decide("case"),
        decide("later"),
        OUT_OF_TURN,
        allowed="ok ck_case_out_of_turn",  # out of turn for those who still saw it open
    ),
    _contest(
        "a notice, then a case at once",
        owned,
        take("notary-1"),
        file_at_once,
        PAST_A_NOTICE,
        allowed="ck_case_priority_taken",
    ),
    _contest("a case at once, then a notice", owned, file_at_once, take("notary-1"), PAST_A_NOTICE),
    _contest("two notices", owned, take("notary-1"), take("notary-2"), QUEUE_BROKEN),
    _contest(
        "one notice for two cases", noticed, use, use, NOTICE_USED_TWICE, allowed="uq_case_property_notice"
    ),
    _contest(
        "a notice renewed and ended",
        noticed,
        turn("held"),
        turn("released"),
        NOTICE_TWICE_CURRENT,
        allowed="ok ck_priority_notice_in_force",
    ),
    _contest(
        "filed on a version that passes",
        versioned,
        lease,
        file_as_seen,
        FILED_ON_STALE,
        allowed="ck_case_property_version",
    ),
    _contest(
        "one case decided twice",
        with_cases,
        decide("case"),
        decide("case", "registrar-3"),
        DECIDED_TWICE,
        allowed="pk_case_step ck_case_step_transition",
    ),
    _contest(
        "prepared and decided by one",
        with_cases,
        prepare_again,
        decide("case"),
        SAME_EYES,
        allowed="pk_case_step ck_case_step_four_eyes",
    ),
    _contest(
        "a section closed, then entered",
        with_decisions(to_close),
        close_section,
        own("buyer"),
        STANDS_IN_CLOSED,
        allowed="ck_property_open",
    ),
    _contest(
        "a section entered, then closed",
        with_decisions(to_close),
        own("buyer"),
        close_section,
        STANDS_IN_CLOSED,
        allowed="ck_property_closure_empty",
    ),
    _contest(
        "records linked in a circle",
        empty,
        link("seller", "buyer"),
        link("buyer", "seller"),
        CIRCLE,
        allowed="ck_party_link_no_cycle",
    ),
    _contest(
        "one parcel in two sections",
        two_sections,
        lambda register, facts: put(register, facts["property"], facts["parcel"]),
        lambda register, facts: put(register, facts["second"], facts["parcel"]),
        TWO_SECTIONS,
        allowed="uq_property_object_parcel",
    ),
    _contest(
        "one rank twice",
        with_case_of("mortgage", owned, 2),
        mortgage("ours"),
        mortgage("theirs"),
        RANK_TWICE,
        allowed="uq_restriction_mortgage_rank",
    ),
    _contest(
        "one version replaced twice",
        with_decisions(with_version),
        replace_version("ours"),
        replace_version("theirs"),
        VERSIONS,
        allowed="ck_close_only",
    ),
    _contest("one key twice", with_key, ask_once, ask_once, EFFECTS),
)
HELD_BY_HEADS = (
    "two sole owners",
    "joint owners and a sole one",
    "a claim beside ownership",
    "arrest, then sale",
    "arrest, then lease",
    "filed on a version that passes",
    "a section closed, then entered",
    "a section entered, then closed",
)
"""Contests that only the contention row of the property decides: without it they are lost."""
