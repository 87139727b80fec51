"""A promise of inclusion says what it says under the log's key, and nothing else passes for one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cadastre.ledger.checkpoint import parse_checkpoint
from cadastre.ledger.leaf import compute_leaf_hash
from cadastre.ledger.note import Ed25519Signer, parse_note, sign_note
from cadastre.ledger.promise import (
    TERM,
    BadPromise,
    find_broken,
    make_promises,
    open_promise,
    parse_promise,
)

ORIGIN = "kadastr.example/ledger"
NOW = datetime(2026, 11, 23, 8, 0, 0, 500_000, tzinfo=UTC)
SIGNER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
OTHER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\1" * 32))
LEAVES = [(json.dumps({"extract_id": str(place)}), bytes([place]) * 16) for place in range(3)]


@pytest.fixture
def texts() -> list[str]:
    return make_promises(LEAVES, origin=ORIGIN, signer=SIGNER, now=NOW)


def test_each_holder_can_open_his_own_leaf_and_no_other(texts: list[str]) -> None:
    for place, text in enumerate(texts):
        promise = open_promise(text, [SIGNER.verifier])
        assert promise.says() == {"extract_id": str(place)}
        assert promise.leaf_hash == compute_leaf_hash(*LEAVES[place])
        assert promise.origin == ORIGIN
        assert promise.due == (NOW + TERM).replace(microsecond=0), "never later than the term"
        assert all(other not in text for other in (LEAVES[place - 1][1].hex(),))
    assert len({parse_promise(text).note.write() for text in texts}) == 1, "one signature for all"


def test_nobody_elses_signature_counts(texts: list[str]) -> None:
    (forged,) = make_promises(LEAVES[:1], origin=ORIGIN, signer=OTHER, now=NOW)
    with pytest.raises(BadPromise):
        open_promise(forged, [SIGNER.verifier])


def test_what_is_touched_is_refused(texts: list[str]) -> None:
    text, other = texts[0], make_promises([("{}", bytes(16))], origin=ORIGIN, signer=SIGNER, now=NOW)[0]
    due = str(int(parse_promise(text).due.timestamp()))
    swapped = text.partition("\n\n")[0] + "\n\n" + other.partition("\n\n")[2]
    for touched in (text.replace(due, str(int(due) + 60)), swapped, text[:-10], "", text.upper()):
        with pytest.raises(BadPromise):
            open_promise(touched, [SIGNER.verifier])


@pytest.mark.parametrize("extra", ["", "e30=", "W10=", "!", "bnVsbA=="])
def test_rubbish_is_refused_by_name(texts: list[str], extra: str) -> None:
    head, _, note = texts[0].partition("\n\n")
    with pytest.raises(BadPromise):
        parse_promise(f"{head.partition(chr(10))[0]}\nextra {extra}\n\n{note}")


def test_a_promise_cannot_pass_for_a_checkpoint(texts: list[str]) -> None:
    note = parse_note(texts[0].partition("\n\n")[2])
    with pytest.raises(Exception, match="checkpoint"):
        parse_checkpoint(note.text)
    checkpoint = sign_note(f"{ORIGIN}\n3\n{'A' * 43}=\n", SIGNER).write()
    with pytest.raises(BadPromise):
        parse_promise(texts[0].partition("\n\n")[0] + "\n\n" + checkpoint)


def test_the_auditor_tells_which_promises_were_not_kept(texts: list[str]) -> None:
    promises = [parse_promise(text) for text in texts]
    due = promises[0].due
    entered = {promises[0].leaf_hash: 4, promises[1].leaf_hash: 9}
    before, after = due - timedelta(seconds=1), due + timedelta(seconds=1)
    assert find_broken(promises, entered, [(5, before)]) == [], "nobody has looked after the term"
    assert find_broken(promises, entered, [(5, before), (20, after)]) == [(promises[2], "not-entered")]
    late = find_broken(promises, entered, [(7, after), (20, after)])
    assert late == [(promises[1], "late"), (promises[2], "not-entered")]
