"""What is issued together says what is issued alone, and nobody bears the faults of another."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.extract import ExtractRequest, IssuedStatement
from cadastre.extract.issue import Issuer
from cadastre.extract.jws import verify_detached
from cadastre.kernel.clock import SystemClock
from cadastre.kernel.errors import Conflict, KeyReused, NotFound, RuleBroken
from cadastre.ledger.key_files import load_or_create_log_keys
from cadastre.ledger.last_signed import LastSigned
from cadastre.ledger.promise import open_promise
from cadastre.services.extract_groups import Order
from cadastre.services.idempotent import RequestKey
from cadastre.services.issue_rounds import MOST_IN_ROUND, ROUNDS_AT_ONCE, IssueRounds
from cadastre.services.issuing import IssuingDesk
from cadastre.services.ledger_checkpoint import CheckpointDesk
from cadastre.services.ledger_clock import sequence
from cadastre.services.promises import PromiseDesk
from cadastre.store.ledger import append_leaf
from tests.cadastre.extract.conftest import IssuingKeys
from tests.cadastre.services.conftest import Office
from tests.cadastre.services.test_extracts import NOTARY, NUMBER, OWNER, REQUEST, found, write
from tests.register import Register, square

ORIGIN = "kadastr.test/ledger"
OF_ITSELF = ("id", "number", "verification")
REGISTRAR = Caller("registrar-3", CallerRole.REGISTRAR, "Sınaq Qeydiyyatçı")


@pytest.fixture
def issuing(office: Office, tmp_path: Path) -> Iterator[IssuingDesk]:
    def fill(register: Register) -> None:
        owned = found(register)
        bank = register.party("Sınaq Bankı", kind="legal", voen="9900000011")
        register.restriction(owned, "mortgage", bank, rank=1, amount=85000, currency="AZN")
        other = register.property("230000000002", register.parcel("KX-2", square(100, 0)))
        register.right(other, register.party("Sınaq İki", fin="ZZ00009"))
        register.restriction(
            register.property("230000000003", register.parcel("KX-3", square(200, 0))), "arrest"
        )

    write(office, fill)
    sequence(office.database)
    keys = load_or_create_log_keys(tmp_path / "log", ORIGIN)
    checkpoints = CheckpointDesk(office.database, keys, LastSigned(tmp_path / "log"), ORIGIN, SystemClock())
    desk = IssuingDesk(office.desk, PromiseDesk(checkpoints, SystemClock(), kept_after_s=60.0))
    yield desk
    desk.close()


def asked(number: str, kind: str = "extract", **more: Any) -> ExtractRequest:
    return replace(REQUEST, register_number=number, kind=kind, **more)


def own_key(name: str, body: bytes = b"") -> RequestKey:
    return RequestKey(NOTARY.subject, name, "POST /v1/extracts", hashlib.sha256(body).digest())


def said(issued: IssuedStatement) -> dict[str, Any]:
    statement = issued.read()
    statement["request"].pop("number")
    return {key: value for key, value in statement.items() if key not in OF_ITSELF}


def look_up(office: Office, question: str) -> list[Any]:
    def look(uow: UnitOfWork) -> list[Any]:
        append_leaf(uow.connection, kind="access.test", actor="test", payload={})
        return list(uow.connection.execute(text(question)).all())

    return office.database.run(look)


def test_it_says_together_what_it_says_alone(issuing: IssuingDesk, office: Office, keys: IssuingKeys) -> None:
    orders = [
        Order(asked(NUMBER), NOTARY),
        Order(asked("230000000002", "certificate"), NOTARY),
        Order(asked(NUMBER, "reference-encumbrances"), NOTARY),
        Order(asked("230000000099"), NOTARY),
        Order(replace(REQUEST, capacity="registry_officer", purpose="official_duty"), REGISTRAR),
        Order(asked(NUMBER, "archive"), NOTARY),
        Order(asked("230000000003"), NOTARY),
    ]
    assert all(order.is_plain for order in orders)
    alone = [office.desk.issue_statement(order.request, order.caller) for order in orders[:-1]]
    together = issuing.issue_together(orders)
    assert isinstance(together.pop(), RuleBroken), "restrictions stand there without any right"
    assert [said(one) for one in together if isinstance(one, IssuedStatement)] == [said(one) for one in alone]
    kinds = [one.read()["kind"] for one in together if isinstance(one, IssuedStatement)]
    assert kinds[3] == "not-in-register"
    for one in together:
        assert isinstance(one, IssuedStatement)
        verify_detached(one.jws, one.canonical, keys.trust().jws_keys)
        assert (
            office.desk.get_statement(one.id, NOTARY if one is not together[4] else REGISTRAR).jws == one.jws
        )


def test_each_is_a_look_of_its_own_and_has_its_leaf(issuing: IssuingDesk, office: Office) -> None:
    made = issuing.issue_together([Order(asked(NUMBER), NOTARY), Order(asked("230000000003"), NOTARY)])
    leaves = look_up(
        office,
        """SELECT l.kind, l.payload, k.property_id FROM ledger.leaf l LEFT JOIN evidence.look k USING (leaf_id)
            WHERE l.kind LIKE 'extract.%' ORDER BY l.leaf_id""",
    )
    assert [leaf.kind for leaf in leaves] == ["extract.requested"] * 2 + ["extract.issued"]
    assert all(leaf.property_id for leaf in leaves[:2]), "who was refused has looked all the same"
    issued = made[0]
    assert isinstance(issued, IssuedStatement)
    told = json.loads(leaves[2].payload)
    assert told["statement_sha256"] == hashlib.sha256(issued.canonical).hexdigest()
    promise = open_promise(issued.promise or "", issuing.promises._checkpoints.keys.verifiers)
    assert promise.says() == told


def test_what_one_of_them_breaks_breaks_nothing_of_the_others(
    issuing: IssuingDesk, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = Issuer.build

    def breaking(issuer: Issuer, record: Any) -> Any:
        if record.request.basis == "Ərizə № 13":
            raise Conflict("An entry of it has a code that is in no list.", code="unlisted-code")
        if record.request.basis == "Ərizə № 14":
            raise ZeroDivisionError
        return build(issuer, record)

    monkeypatch.setattr(Issuer, "build", breaking)
    bases = ["Ərizə № 1", "Ərizə № 13", "Ərizə № 2", "Ərizə № 14"]
    waiting = hold_back(issuing)
    given = [issuing.issue(replace(REQUEST, basis=basis), NOTARY) for basis in bases]
    waiting.set()
    assert given[0].result(60).read()["request"]["basis"] == bases[0]
    assert given[2].result(60).read()["request"]["basis"] == bases[2]
    with pytest.raises(Conflict, match="in no list"):
        given[1].result(60)
    with pytest.raises(ZeroDivisionError):
        given[3].result(60)
    issued = look_up(
        office, "SELECT r.basis FROM evidence.extract JOIN evidence.extract_request r USING (request_id)"
    )
    assert sorted(row.basis for row in issued) == ["Ərizə № 1", "Ərizə № 2"], "each once"


def hold_back(issuing: IssuingDesk) -> threading.Event:
    """Keep rounds waiting, so that what is ordered meanwhile comes into one."""
    may_begin = threading.Event()
    together = issuing.rounds._together
    issuing.rounds._together = lambda orders: [may_begin.wait(60), *together(orders)][1:]  # type: ignore[assignment]
    return may_begin


def test_a_repetition_within_a_group_or_after_it_gets_the_same_extract(
    issuing: IssuingDesk, office: Office
) -> None:
    order = Order(REQUEST, NOTARY, own_key("order-01"))
    (first,) = issuing.issue_together([order])
    assert isinstance(first, IssuedStatement)
    again = issuing.issue(REQUEST, NOTARY, own_key("order-01")).result(60)
    assert (again.id, again.canonical, again.jws) == (first.id, first.canonical, first.jws)
    twice = [issuing.issue(REQUEST, NOTARY, own_key("order-02")) for _ in range(5)]
    assert len({one.result(60).id for one in twice}) == 1
    with pytest.raises(KeyReused):
        issuing.issue(REQUEST, NOTARY, own_key("order-01", b"another")).result(60)
    assert len(look_up(office, "SELECT FROM evidence.extract")) == 2


def test_what_is_not_plain_is_issued_alone(issuing: IssuingDesk) -> None:
    past = issuing.issue(replace(REQUEST, known_at=0), NOTARY).result(60)
    assert past.read()["kind"] == "not-in-register"
    own = issuing.issue(replace(REQUEST, capacity="owner"), OWNER).result(60)
    assert own.read()["kind"] == "extract"
    with pytest.raises(NotFound):
        issuing.issue(replace(REQUEST, register_number="230000000002", capacity="owner"), OWNER).result(60)


class TestRounds:
    def test_who_comes_while_rounds_are_under_way_shares_the_next(self) -> None:
        begun, may_end, sizes = threading.Semaphore(0), threading.Event(), list[int]()

        def together(orders: Sequence[Order]) -> list[IssuedStatement]:
            sizes.append(len(orders))
            begun.release()
            may_end.wait(60)
            return [answer(order) for order in orders]

        rounds = IssueRounds(together, answer)
        first = [rounds.issue(Order(REQUEST, NOTARY)) for _ in range(ROUNDS_AT_ONCE)]
        for _ in first:
            begun.acquire(timeout=60)
        rest = [rounds.issue(Order(REQUEST, NOTARY)) for _ in range(MOST_IN_ROUND + 3)]
        may_end.set()
        for one in [*first, *rest]:
            assert one.result(60).jws == NUMBER
        rounds.close()
        assert sorted(sizes) == [1] * ROUNDS_AT_ONCE + [3, MOST_IN_ROUND]

    def test_a_round_that_fails_for_whatever_reason_stops_none_that_follow(self) -> None:
        def together(orders: Sequence[Order]) -> list[IssuedStatement]:
            raise OSError("of nobody's making")

        rounds = IssueRounds(together, answer)
        given: list[Future[IssuedStatement]] = [rounds.issue(Order(REQUEST, NOTARY)) for _ in range(40)]
        assert {one.result(60).jws for one in given} == {NUMBER}
        rounds.close()


def answer(order: Order) -> IssuedStatement:
    return IssuedStatement(uuid4(), SystemClock().now(), b"{}", order.request.register_number)
