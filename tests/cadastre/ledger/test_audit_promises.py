"""What holders were promised stands in the published log when it is due, or is found not to."""

from __future__ import annotations

from datetime import timedelta

from cadastre.ledger.audit import audit
from cadastre.ledger.audit_promises import HeldPromise, audit_promises
from cadastre.ledger.note import Ed25519Signer
from cadastre.ledger.promise import TERM, make_promises, parse_promise
from tests.cadastre.ledger.logs import ORIGIN
from tests.cadastre.ledger.published import NOW, PublishedLog, a_signer
from tests.cadastre.ledger.test_audit_held import PAYLOAD, SALT, a_log, codes

OTHER = '{"extract":"never entered"}'


def promised(signer: Ed25519Signer, payload: str = PAYLOAD, *, before: timedelta = TERM) -> HeldPromise:
    """What its holder was promised some time before the witnesses saw the published head."""
    (text,) = make_promises([(payload, SALT)], origin=ORIGIN, signer=signer, now=NOW - before)
    return HeldPromise("k.json", parse_promise(text))


def found(log: PublishedLog, *held: HeldPromise) -> list[str]:
    report = audit(log, log.policy, None)
    audit_promises(log, held, log.policy, report)
    return codes(report)


def test_what_was_entered_in_time_is_kept() -> None:
    log = a_log(300)
    assert found(log, promised(log.signer)) == []


def test_what_never_was_entered_is_found_as_soon_as_it_is_due() -> None:
    log = a_log(300)
    assert found(log, promised(log.signer, OTHER)) == ["promise-broken"]
    assert found(log, promised(log.signer, OTHER, before=timedelta(seconds=1))) == [], "not due yet"


def test_a_promise_of_somebody_elses_key_is_none() -> None:
    log = a_log()
    assert found(log, promised(a_signer(ORIGIN)), promised(log.signer)) == ["promise-not-signed"]


def test_a_key_that_took_over_promises_too() -> None:
    log = a_log()
    successor = a_signer(ORIGIN)
    log.hand_over(len(log.entries), successor)
    log.publish()
    assert found(log, promised(successor)) == []
