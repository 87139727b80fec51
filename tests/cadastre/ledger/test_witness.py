"""A witness: what it cosigns, what it refuses, and that it forgets nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import Unavailable
from cadastre.ledger.cosignature import WitnessVerifier, list_cosigners, parse_witness
from cadastre.ledger.note import Ed25519Signer, SignedNote, parse_note, parse_signature_line
from cadastre.ledger.witness import SIZE_TYPE, Answer, Witness, list_logs, parse_add_checkpoint
from cadastre.ledger.witness_memory import MemoryLost, WitnessMemory, open_witness
from tests.cadastre.ledger.logs import ORIGIN, Log, hashes

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
Opened = tuple[Witness, WitnessMemory]


@contextmanager
def opened(folder: Path, *logs: Log) -> Iterator[Witness]:
    signer, memory = open_witness(folder / "memory", folder / "key.pem", "w.example/1")
    try:
        yield Witness(signer, list_logs([log.signer.verifier for log in logs]), memory, FixedClock(NOW))
    finally:
        memory.close()


def cosigned(answer: Answer, note: str, witness: Witness) -> dict[str, datetime]:
    """Who cosigned what is published with the answer's line under it."""
    assert answer.status is HTTPStatus.OK, answer
    verifier = WitnessVerifier(witness.signer.verifier.name, witness.signer.verifier.public_key)
    return list_cosigners(parse_note(note + answer.body), [parse_witness(verifier.line)])


def refused(answer: Answer) -> tuple[int, str]:
    assert "—" not in answer.body
    return answer.status.value, answer.body


def test_a_growing_log_is_cosigned_step_by_step(tmp_path: Path) -> None:
    log = Log(hashes(40))
    with opened(tmp_path, log) as witness:
        known = 0
        for size in (1, 2, 7, 8, 8, 40):
            assert cosigned(witness.add_checkpoint(log.ask(known, size)), log.note(size), witness) == {
                "w.example/1": NOW
            }
            known = size


def test_who_does_not_know_where_the_witness_stands_is_told(tmp_path: Path) -> None:
    log = Log()
    with opened(tmp_path, log) as witness:
        assert refused(witness.add_checkpoint(log.ask(4))) == (409, "0\n")
        witness.add_checkpoint(log.ask(0, 6))
        answer = witness.add_checkpoint(log.ask(0))
        assert (*refused(answer), answer.content_type) == (409, "6\n", SIZE_TYPE)
        assert witness.add_checkpoint(log.ask(6)).status is HTTPStatus.OK


def test_a_hundred_forks_and_rollbacks_are_refused_also_after_a_restart(tmp_path: Path) -> None:
    drawn = random.Random(20261123)
    log = Log(hashes(300))
    known = 200
    with opened(tmp_path, log) as witness:
        witness.add_checkpoint(log.ask(0, known))
    for number in range(100):
        with opened(tmp_path, log) as witness:
            at, count = drawn.randrange(known), drawn.randrange(1, 300)
            fork = log.forked(at, count, str(number))
            size = len(fork.leaves)
            answers = [witness.add_checkpoint(fork.ask(old)) for old in {0, min(at, size), min(known, size)}]
            assert {refused(answer)[0] for answer in answers} <= {409, 422}
            older = drawn.randrange(1, known)
            assert refused(witness.add_checkpoint(log.ask(older, older))) == (409, f"{known}\n")
            if number % 10 == 0:
                grown = known + 5
                assert witness.add_checkpoint(log.ask(known, grown)).status is HTTPStatus.OK
                known = grown
    assert any((tmp_path / "memory" / "accusations").iterdir())


def test_a_fork_of_the_same_size_is_told_the_size(tmp_path: Path) -> None:
    log = Log()
    fork = log.forked(3, 7, "same")
    assert len(fork.leaves) == len(log.leaves)
    with opened(tmp_path, log) as witness:
        witness.add_checkpoint(log.ask(0))
        assert refused(witness.add_checkpoint(fork.ask(10))) == (409, "10\n")
        witness.add_checkpoint(fork.ask(10))  # told again, it is one proof
    (accusation,) = (tmp_path / "memory" / "accusations").iterdir()
    assert accusation.name.startswith("fork-")
    assert accusation.read_bytes() == fork.ask(10)


def test_a_proof_that_leads_elsewhere_is_unprocessable(tmp_path: Path) -> None:
    log = Log()
    fork = log.forked(2, 20, "longer")
    with opened(tmp_path, log) as witness:
        witness.add_checkpoint(log.ask(0, 6))
        assert refused(witness.add_checkpoint(fork.ask(6)))[0] == 422


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda body: b"", 400),
        (lambda body: b"\xff" + body, 400),
        (lambda body: body.replace(b"old 0", b"old 00"), 400),
        (lambda body: body.replace(b"old 0", b"old -1"), 400),
        (lambda body: body.replace(b"old 0", b"old 11"), 400),
        (lambda body: body.replace(b"old 0\n", b"old 0\nAAAA\n"), 400),
        (lambda body: body.replace(b"old 0\n", b"old 0\n" + 64 * (43 * b"A" + b"=\n")), 400),
        (lambda body: body.replace(b"old 0\n", b"old 0\n" + 43 * b"A" + b"=\n"), 422),
        (lambda body: body.replace(b"\n10\n", b"\n010\n"), 400),
        (lambda body: body.replace(b"\n10\n", b"\n11\n"), 403),
        (lambda body: body.partition("—".encode())[0], 400),
        (lambda body: body.replace(b"old 0\n\nlog.example", b"old 0\n\nother.example"), 404),
    ],
)
def test_bad_requests(tmp_path: Path, spoil: Callable[[bytes], bytes], status: int) -> None:
    log = Log()
    with opened(tmp_path, log) as witness:
        assert refused(witness.add_checkpoint(spoil(log.ask(0))))[0] == status
        assert witness.memory.find(ORIGIN) is None


def test_another_key_of_the_same_name_signs_nothing(tmp_path: Path) -> None:
    log = Log()
    thief = Log(log.leaves, Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate()))
    with opened(tmp_path, log) as witness:
        assert refused(witness.add_checkpoint(thief.ask(0)))[0] == 403


def test_a_request_is_read_as_it_is_written() -> None:
    log = Log()
    body = log.ask(3)
    assert parse_add_checkpoint(body).write() == body


@pytest.mark.parametrize(
    "damage", ["cut", "emptied", "gone", "changed", "older", "newest gone", "newest cut", "both"]
)
def test_a_witness_that_lost_its_memory_does_not_start(tmp_path: Path, damage: str) -> None:
    log = Log()
    memory = tmp_path / "memory"
    journal, newest = memory / "journal", memory / "newest.json"
    with opened(tmp_path, log) as witness:
        witness.add_checkpoint(log.ask(0, 5))
        older = newest.read_bytes(), journal.read_bytes()
        witness.add_checkpoint(log.ask(5, 10))
    match damage:
        case "cut":
            journal.write_bytes(journal.read_bytes()[:-20])
        case "emptied":
            journal.write_bytes(b"")
        case "gone":
            journal.unlink()
        case "changed":
            journal.write_bytes(journal.read_bytes().replace(b" 10 ", b" 09 "))
        case "older":
            journal.write_bytes(older[1])
        case "newest gone":
            newest.unlink()
        case "newest cut":
            newest.write_bytes(newest.read_bytes()[:40])
        case "both":
            newest.unlink()
            journal.unlink()
    with pytest.raises(MemoryLost), opened(tmp_path, log):
        pass


def test_a_head_written_down_before_a_crash_counts(tmp_path: Path) -> None:
    log = Log()
    newest = tmp_path / "memory" / "newest.json"
    with opened(tmp_path, log) as witness:
        witness.add_checkpoint(log.ask(0, 5))
        before = newest.read_bytes()
        witness.add_checkpoint(log.ask(5, 7))
    newest.write_bytes(before)  # killed between the two files
    with (tmp_path / "memory" / "journal").open("ab") as stream:
        stream.write(b"1777881600 9 half a li")  # and a torn line
    with opened(tmp_path, log) as witness:
        assert refused(witness.add_checkpoint(log.ask(5, 10))) == (409, "7\n")
        assert witness.add_checkpoint(log.ask(7, 10)).status is HTTPStatus.OK
    with opened(tmp_path, log) as witness:
        assert refused(witness.add_checkpoint(log.ask(0, 10))) == (409, "10\n")


def test_a_key_is_not_made_beside_an_old_memory(tmp_path: Path) -> None:
    with opened(tmp_path, Log()):
        pass
    (tmp_path / "key.pem").unlink()
    with pytest.raises(MemoryLost), opened(tmp_path, Log()):
        pass


def test_the_line_that_auditors_need_stands_beside_the_key(tmp_path: Path) -> None:
    with opened(tmp_path, Log()) as witness:
        line = (tmp_path / "key.vkey").read_text().strip()
        assert parse_witness(line).public_key == witness.signer.verifier.public_key


def test_of_two_processes_one_is_the_witness(tmp_path: Path) -> None:
    with opened(tmp_path, Log()), pytest.raises(Unavailable), opened(tmp_path, Log()):
        pass


def test_what_cannot_be_written_down_is_not_cosigned(tmp_path: Path) -> None:
    log = Log()
    with opened(tmp_path, log) as witness:
        witness.add_checkpoint(log.ask(0, 5))
        (tmp_path / "memory" / "journal").unlink()
        with pytest.raises(Unavailable):
            witness.add_checkpoint(log.ask(5))


def test_lines_of_others_and_forged_ones_count_for_nothing(tmp_path: Path) -> None:
    log = Log()
    note = parse_note(log.note())
    with opened(tmp_path, log) as witness:
        line = parse_signature_line(witness.add_checkpoint(log.ask(0)).body.strip())
        verifier = WitnessVerifier(witness.signer.verifier.name, witness.signer.verifier.public_key)
    later = type(line)(line.name, line.key_id, bytes(7) + b"\x01" + line.signature[8:])
    for forged in (later, type(line)(line.name, line.key_id, line.signature[:-1] + b"x")):
        assert list_cosigners(SignedNote(note.text, (forged,)), [verifier]) == {}
    assert list_cosigners(SignedNote(note.text, (line, line)), [verifier]) == {"w.example/1": NOW}
    stranger = WitnessVerifier("w.example/1", Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    assert list_cosigners(SignedNote(note.text, (line,)), [stranger]) == {}
