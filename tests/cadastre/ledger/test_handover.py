"""A key of the log follows another only as that one said, and witnesses forget neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest

from cadastre.kernel.clock import FixedClock
from cadastre.ledger.checkpoint import Checkpoint
from cadastre.ledger.handover import (
    Handover,
    list_reigns,
    open_head,
    parse_handover,
    parse_handovers,
    sign_handover,
    split_handovers,
    write_handovers,
)
from cadastre.ledger.merkle import compute_root, consistency_path, nodes_of
from cadastre.ledger.note import BadNote, Ed25519Signer, SignedNote, parse_note
from cadastre.ledger.witness import AddCheckpoint, Answer, Witness, list_logs
from cadastre.ledger.witness_memory import MemoryLost, open_witness
from tests.cadastre.ledger.logs import ORIGIN, Log, hashes
from tests.cadastre.ledger.published import a_signer

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)


def handover(log: Log, size: int, new: Ed25519Signer) -> SignedNote:
    """Note by which the key of a log hands over after so many leaves."""
    return sign_handover(Checkpoint(ORIGIN, size, compute_root(log.leaves[:size])), log.signer, new)


def asked(log: Log, old: int, size: int, new: Ed25519Signer) -> bytes:
    """Request to believe a handover."""
    path = consistency_path(old, size, nodes_of(log.leaves)) if old else []
    return AddCheckpoint(old, tuple(path), handover(log, size, new).write()).write()


@contextmanager
def opened(folder: Path, log: Log) -> Iterator[Witness]:
    """A witness that was given the first key of a log."""
    signer, memory = open_witness(folder / "memory", folder / "key.pem", "w.example/1")
    try:
        yield Witness(signer, list_logs([log.signer.verifier]), memory, FixedClock(NOW))
    finally:
        memory.close()


def status(answer: Answer) -> int:
    return answer.status.value


def accusations(folder: Path) -> list[str]:
    places = (folder / "memory" / "accusations").glob("*")
    return sorted(place.name.rpartition("-")[0] for place in places)


def test_a_handover_is_read_as_it_is_written() -> None:
    log, new, newest = Log(), a_signer(ORIGIN), a_signer(ORIGIN)
    first = handover(log, 4, new)
    second = handover(Log(log.leaves, new), 9, newest)
    text = write_handovers([first.write(), second.write()])
    assert split_handovers(text) == (first.write(), second.write())
    one, other = parse_handovers(split_handovers(text))
    assert (one.old, one.new, one.head.size) == (log.signer.verifier, new.verifier, 4)
    assert (other.old, other.new, other.head.size) == (new.verifier, newest.verifier, 9)
    assert split_handovers("") == ()
    with pytest.raises(BadNote):
        split_handovers(text[:-30])


def test_each_key_answers_for_its_own_heads() -> None:
    log, new = Log(), a_signer(ORIGIN)
    after = Log(log.leaves, new)
    reigns = list_reigns([log.signer.verifier], parse_handovers([handover(log, 4, new).write()]))
    for size in range(1, 11):
        for signed, counts in ((log, size <= 4), (after, size >= 4)):
            if counts:
                assert open_head(signed.note(size), ORIGIN, reigns).size == size
            else:
                with pytest.raises(BadNote) as refused:
                    open_head(signed.note(size), ORIGIN, reigns)
                assert refused.value.code == "key-handed-over"


SPOILT: dict[str, Callable[[SignedNote], SignedNote]] = {
    "new key did not sign": lambda note: SignedNote(note.text, note.signatures[:1]),
    "old key did not sign": lambda note: SignedNote(note.text, note.signatures[1:]),
    "size": lambda note: SignedNote(note.text.replace("\n4\n", "\n5\n"), note.signatures),
    "a line more": lambda note: SignedNote(f"{note.text}more\n", note.signatures),
    "heading": lambda note: SignedNote(note.text.partition("\n")[2], note.signatures),
    "signatures swapped": lambda note: SignedNote(
        note.text,
        tuple(
            type(one)(one.name, one.key_id, other.signature)
            for one, other in zip(note.signatures, note.signatures[::-1], strict=True)
        ),
    ),
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_what_both_did_not_sign_is_no_handover(spoil: str) -> None:
    note = handover(Log(), 4, a_signer(ORIGIN))
    assert parse_handover(parse_note(note.write())).head.size == 4
    with pytest.raises(BadNote):
        parse_handover(SPOILT[spoil](note))


def test_a_handover_is_no_checkpoint_and_names_two_keys_of_one_log() -> None:
    log = Log()
    with pytest.raises(BadNote):
        open_head(handover(log, 4, a_signer(ORIGIN)).write(), ORIGIN, list_reigns([log.signer.verifier], ()))
    with pytest.raises(BadNote):
        parse_handover(handover(log, 4, log.signer))
    with pytest.raises(BadNote):
        parse_handover(handover(log, 4, a_signer("other.example")))


def test_nobody_hands_over_twice_or_back() -> None:
    log, new, thief = Log(), a_signer(ORIGIN), a_signer(ORIGIN)
    told = parse_handovers([handover(log, 4, new).write()])
    keys = [log.signer.verifier]
    for contradiction in (
        handover(log, 4, thief),
        handover(Log(log.leaves, new), 3, thief),
        handover(Log(log.leaves, new), 8, log.signer),
    ):
        with pytest.raises(BadNote):
            list_reigns(keys, [*told, parse_handover(contradiction)])
    stranger = parse_handover(handover(Log(log.leaves, thief), 5, a_signer(ORIGIN)))
    assert len(list_reigns(keys, [*told, stranger])) == 2  # of a key that nobody knows


def test_a_witness_follows_the_key_without_a_restart_and_after_one(tmp_path: Path) -> None:
    log, new = Log(hashes(40)), a_signer(ORIGIN)
    after = Log(log.leaves, new)
    with opened(tmp_path, log) as witness:
        witness.add_checkpoint(log.ask(0, 10))
        assert status(witness.add_checkpoint(after.ask(10, 20))) == 403
        assert status(witness.add_handover(asked(log, 0, 12, new))) == 409
        assert status(witness.add_handover(asked(log, 10, 12, new))) == 200
        assert status(witness.add_handover(asked(log, 12, 12, new))) == 200  # told again
        assert status(witness.add_checkpoint(after.ask(12, 20))) == 200
    with opened(tmp_path, log) as witness:
        assert status(witness.add_checkpoint(after.ask(20, 30))) == 200
        assert accusations(tmp_path) == []
        assert status(witness.add_checkpoint(log.ask(30, 35))) == 403  # even an honest extension
        assert accusations(tmp_path) == ["handed-over"]


def test_a_thief_of_the_old_key_gets_no_line(tmp_path: Path) -> None:
    log, new, thief = Log(hashes(40)), a_signer(ORIGIN), a_signer(ORIGIN)
    with opened(tmp_path, log) as witness:
        witness.add_checkpoint(log.ask(0, 10))
        witness.add_handover(asked(log, 10, 10, new))
        fork = log.forked(9, 20, "thief")
        for body in (fork.ask(10, 20), log.ask(10, 20), Log(log.leaves, thief).ask(10, 20)):
            assert status(witness.add_checkpoint(body)) == 403
        assert status(witness.add_handover(asked(log, 10, 10, thief))) == 403
        assert status(witness.add_handover(asked(Log(log.leaves, thief), 10, 10, a_signer(ORIGIN)))) == 403
        assert status(witness.add_handover(asked(Log(fork.leaves, new), 10, 12, thief))) == 422
        assert "second-handover" in accusations(tmp_path)
        assert status(witness.add_checkpoint(Log(log.leaves, new).ask(10, 20))) == 200


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda body: b"", 400),
        (lambda body: body.replace(b"old 0", b"old 13"), 400),
        (lambda body: body.replace(b"key handover v1", b"key handover v2"), 400),
        (lambda body: body.replace(b"\n12\n", b"\n11\n"), 400),
        (lambda body: body.rpartition("\u2014".encode())[0], 400),
    ],
)
def test_bad_handovers(tmp_path: Path, spoil: Callable[[bytes], bytes], expected: int) -> None:
    log = Log(hashes(20))
    with opened(tmp_path, log) as witness:
        assert status(witness.add_handover(spoil(asked(log, 0, 12, a_signer(ORIGIN))))) == expected
        assert witness.memory.handovers() == ()


def test_a_handover_of_an_unknown_log_is_not_found(tmp_path: Path) -> None:
    with opened(tmp_path, Log(signer=a_signer("other.example"))) as witness:
        assert witness.add_handover(asked(Log(), 0, 5, a_signer(ORIGIN))).status is HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("damage", ["forgotten", "forged", "out of the journal"])
def test_a_witness_does_not_forget_a_handover(tmp_path: Path, damage: str) -> None:
    log, new = Log(hashes(20)), a_signer(ORIGIN)
    journal, newest = tmp_path / "memory" / "journal", tmp_path / "memory" / "newest.json"
    with opened(tmp_path, log) as witness:
        witness.add_checkpoint(log.ask(0, 5))
        before = newest.read_bytes(), journal.read_bytes()
        witness.add_handover(asked(log, 5, 8, new))
    match damage:
        case "forgotten":
            newest.write_bytes(newest.read_bytes().partition(b', "handovers"')[0] + b"}")
        case "forged":
            newest.write_bytes(newest.read_bytes().replace(b"\\n8\\n", b"\\n9\\n"))
        case _:
            lines = journal.read_bytes().splitlines(keepends=True)
            journal.write_bytes(b"".join(line for line in lines if not line.startswith(b"handover")))
    with pytest.raises(MemoryLost), opened(tmp_path, log):
        pass
    newest.write_bytes(before[0])  # killed between the journal and the other file: it had not answered
    journal.write_bytes(before[1] + b"handover " + b"0" * 64 + b"\n")
    with opened(tmp_path, log) as witness:
        assert witness.memory.handovers() == ()
        assert status(witness.add_handover(asked(log, 5, 8, new))) == 200


def test_handovers_are_equal_by_what_they_say() -> None:
    log, new = Log(), a_signer(ORIGIN)
    one, other = handover(log, 4, new), handover(log, 4, new)
    assert isinstance(parse_handover(one), Handover)
    assert parse_handover(one) == parse_handover(other)
