"""Which ledger and witnesses a verifier believes (C2SP tlog-policy), and proofs of inclusion judged by it.

The file ``ledger.policy`` of a trust directory: ``log <vkey>``, ``witness <name> <vkey>``,
``group <name> <k|any|all> <members...>``, ``quorum <name|none>``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cadastre.extract.reasons import Rejected
from cadastre.extract.strict_json import read_object
from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.checkpoint import parse_checkpoint
from cadastre.ledger.cosignature import WitnessVerifier, parse_witness
from cadastre.ledger.merkle import hash_leaf, verify_inclusion
from cadastre.ledger.note import SignatureLine, SignedNote, Verifier, parse_note, parse_verifier
from cadastre.ledger.proof_text import InclusionProof, parse_proof

POLICY_NAME = "ledger.policy"
_MOST_LINES = 200
_NEVER = math.inf
_NOT_CHECKABLE = (InvalidInput, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Where a statement stands in the ledger, and by when a quorum of witnesses had seen it there."""

    index: int
    tree_size: int
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Group:
    """Members of which so many must have signed."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedgerPolicy:
    """Keys of the ledger and of its witnesses; ``quorum`` names a witness, a group, or ``none``."""

    logs: tuple[Verifier, ...]
    witnesses: Mapping[str, WitnessVerifier]
    groups: Mapping[str, Group]
    quorum: str

    @classmethod
    def read(cls, directory: Path) -> LedgerPolicy | None:
        """Read the policy of a trust directory; None when it has none.

        Raises
        ------
        InvalidInput
            It cannot be read, or not understood.
        """
        path = directory / POLICY_NAME
        try:
            return cls.parse(path.read_text(encoding="utf-8")) if path.exists() else None
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{path} cannot be read: {error}.", code="bad-trust") from None

    @classmethod
    def parse(cls, text: str) -> LedgerPolicy:
        """Read a policy.

        Raises
        ------
        InvalidInput
            A line that is no line of a policy, a name that is not defined before it is used, or no quorum.

        Examples
        --------
        >>> LedgerPolicy.parse("quorum none").quorum
        'none'
        """
        logs: list[Verifier] = []
        witnesses: dict[str, WitnessVerifier] = {}
        groups: dict[str, Group] = {}
        quorums: list[str] = []
        for line in text.split("\n")[:_MOST_LINES]:
            match line.split():
                case []:
                    continue
                case [word, *_] if word.startswith("#"):
                    continue
                case ["log", key] | ["log", key, _]:
                    logs.append(parse_verifier(key))
                case ["witness", name, key] | ["witness", name, key, _] if name not in {*witnesses, *groups}:
                    witnesses[name] = parse_witness(key)
                case ["group", name, needed, *members] if name not in {*witnesses, *groups}:
                    groups[name] = _group(line, needed, members, {*witnesses, *groups})
                case ["quorum", name] if name in {"none", *witnesses, *groups}:
                    quorums.append(name)
                case _:
                    raise _bad_line(line)
        if len(quorums) != 1:
            raise InvalidInput("A policy of a ledger has one quorum line.", code="bad-trust")
        keys = [log.public_key for log in logs] + [one.public_key for one in witnesses.values()]
        if len(set(keys)) != len(keys):
            raise InvalidInput("A policy of a ledger names one key twice.", code="bad-trust")
        return cls(tuple(logs), witnesses, groups, quorums[0])

    @classmethod
    def of_logs(cls, logs: Iterable[Verifier]) -> LedgerPolicy:
        """Believe some logs without asking for witnesses."""
        return cls(tuple(logs), {}, {}, "none")

    def with_logs(self, logs: Iterable[Verifier]) -> LedgerPolicy:
        """Believe other logs by the same witnesses."""
        return replace(self, logs=tuple(logs))

    def write(self) -> str:
        """Write the policy as its file holds it."""
        lines = [f"log {log.line}" for log in self.logs]
        lines += [f"witness {name} {witness.line}" for name, witness in self.witnesses.items()]
        lines += [f"group {name} {one.needed} {' '.join(one.members)}" for name, one in self.groups.items()]
        return "\n".join([*lines, f"quorum {self.quorum}", ""])

    def check(self, text: str, *, extract_id: str, sha256: str) -> LedgerEntry:
        """Check that a proof is of this very statement, in this ledger, seen by the quorum.

        Raises
        ------
        Rejected
            ``proof-malformed``, ``proof-other`` (of something else), ``proof-wrong`` (path or signature
            of the ledger) or ``proof-unwitnessed``.
        """
        proof, note, leaf = _parse(text)
        if (leaf.get("extract_id"), leaf.get("statement_sha256")) != (extract_id, sha256):
            raise Rejected("proof-other")
        checkpoint = parse_checkpoint(note.text)
        known = [log for log in self.logs if log.name == checkpoint.origin]
        entry = hash_leaf(proof.opening().entry)
        in_tree = verify_inclusion(entry, proof.index, checkpoint.size, proof.path, checkpoint.root)
        if not in_tree or not any(_signed(note, log) for log in known):
            raise Rejected("proof-wrong")
        seen = self._when(self.quorum, note)
        if seen == _NEVER:
            raise Rejected("proof-unwitnessed")
        witnessed = None if self.quorum == "none" else datetime.fromtimestamp(seen, UTC)
        return LedgerEntry(proof.index, checkpoint.size, witnessed)

    def _when(self, name: str, note: SignedNote) -> float:
        """Moment by which a witness, or enough of a group, had signed a checkpoint."""
        if name == "none":
            return 0
        if name in self.witnesses:
            return _cosigned_at(note, self.witnesses[name])
        group = self.groups[name]
        return sorted(self._when(member, note) for member in group.members)[group.needed - 1]


def _parse(text: str) -> tuple[InclusionProof, SignedNote, dict[str, Any]]:
    try:
        proof = parse_proof(text)
        note = parse_note(proof.note)
        parse_checkpoint(note.text)
        return proof, note, read_object(proof.opening().payload.encode())
    except _NOT_CHECKABLE:
        raise Rejected("proof-malformed") from None


def _lines_of(note: SignedNote, key: Verifier | WitnessVerifier) -> list[SignatureLine]:
    return [line for line in note.signatures if (line.name, line.key_id) == (key.name, key.key_id)]


def _signed(note: SignedNote, log: Verifier) -> bool:
    lines = _lines_of(note, log)
    return bool(lines) and all(log.verify(note.text, line.signature) for line in lines)


def _cosigned_at(note: SignedNote, witness: WitnessVerifier) -> float:
    """Moment that a witness put beside his signature; never, when he has not signed."""
    times = [witness.read_time(note.text, line.signature) for line in _lines_of(note, witness)]
    if None in times:
        raise Rejected("proof-wrong")
    return min((time.timestamp() for time in times if time is not None), default=_NEVER)


def _group(line: str, needed: str, members: list[str], known: set[str]) -> Group:
    count = {"any": "1", "all": str(len(members))}.get(needed, needed)
    if not (count.isascii() and count.isdigit() and 1 <= int(count) <= len(members) <= len(known)):
        raise _bad_line(line)
    if not set(members) <= known or len(set(members)) != len(members):
        raise _bad_line(line)
    return Group(int(count), tuple(members))


def _bad_line(line: str) -> InvalidInput:
    return InvalidInput(f"This is no line of a ledger's policy: {line[:80]!r}.", code="bad-trust")


__all__ = ["POLICY_NAME", "Group", "LedgerEntry", "LedgerPolicy"]
