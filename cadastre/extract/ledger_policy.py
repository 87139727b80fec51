"""Which ledger and witnesses a verifier believes (C2SP tlog-policy), and proofs of inclusion judged by it.

The file ``ledger.policy`` of a trust directory: ``log <vkey>``, ``witness <name> <vkey>``,
``group <name> <k|any|all> <members...>``, ``quorum <name|none> [from <size>]``. Of several quorums that one
counts which a head of its size has come to: what was signed before stays believed as it was. Beside it
``ledger.handovers``: by which notes keys of the log gave way to others, which then count, each for its heads.
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
from cadastre.ledger.checkpoint import parse_checkpoint, parse_number
from cadastre.ledger.cosignature import WitnessVerifier, parse_witness
from cadastre.ledger.handover import (
    Reign,
    list_reigns,
    parse_handovers,
    split_handovers,
    write_handovers,
)
from cadastre.ledger.merkle import hash_leaf, verify_inclusion
from cadastre.ledger.note import SignatureLine, SignedNote, Verifier, parse_note, parse_verifier
from cadastre.ledger.proof_text import InclusionProof, parse_proof

POLICY_NAME, HANDOVERS_NAME = "ledger.policy", "ledger.handovers"
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
    """Keys of the ledger and of its witnesses.

    Parameters
    ----------
    quorums
        From which size of a head on which witness, group or ``none`` must have signed it; the first from 0.
    """

    logs: tuple[Verifier, ...]
    witnesses: Mapping[str, WitnessVerifier]
    groups: Mapping[str, Group]
    quorums: tuple[tuple[int, str], ...]
    handovers: tuple[str, ...] = ()

    @classmethod
    def read(cls, directory: Path) -> LedgerPolicy | None:
        """Read the policy of a trust directory; None when it has none.

        Raises
        ------
        InvalidInput
            It cannot be read, or not understood.
        """
        path, told = directory / POLICY_NAME, directory / HANDOVERS_NAME
        try:
            if not path.exists():
                return None
            policy = cls.parse(path.read_text(encoding="utf-8"))
            notes = split_handovers(told.read_text(encoding="utf-8")) if told.exists() else ()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{directory} cannot be read: {error}.", code="bad-trust") from None
        return policy.with_logs(policy.logs, notes)

    @classmethod
    def parse(cls, text: str) -> LedgerPolicy:
        """Read a policy.

        Raises
        ------
        InvalidInput
            A line that is no line of a policy, a name that is not defined before it is used, or no quorum.

        Examples
        --------
        >>> LedgerPolicy.parse("quorum none").quorum_at(7)
        'none'
        """
        logs: list[Verifier] = []
        witnesses: dict[str, WitnessVerifier] = {}
        groups: dict[str, Group] = {}
        quorums: list[tuple[int, str]] = []
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
                case ["quorum", name, *rest] if name in {"none", *witnesses, *groups}:
                    quorums.append((_read_first(line, rest, quorums), name))
                case _:
                    raise _bad_line(line)
        if not quorums:
            raise InvalidInput("A policy of a ledger has a quorum line.", code="bad-trust")
        keys = [log.public_key for log in logs] + [one.public_key for one in witnesses.values()]
        if len(set(keys)) != len(keys):
            raise InvalidInput("A policy of a ledger names one key twice.", code="bad-trust")
        return cls(tuple(logs), witnesses, groups, tuple(quorums))

    @classmethod
    def of_logs(cls, logs: Iterable[Verifier]) -> LedgerPolicy:
        """Believe some logs without asking for witnesses."""
        return cls(tuple(logs), {}, {}, ((0, "none"),))

    def with_logs(self, logs: Iterable[Verifier], handovers: Iterable[str] = ()) -> LedgerPolicy:
        """Believe other keys of the log, and whom they handed over to, by the same witnesses.

        Raises
        ------
        InvalidInput
            A handover is none, or goes against another.
        """
        changed = replace(self, logs=tuple(logs), handovers=tuple(handovers))
        _ = changed.reigns
        return changed

    def with_witnesses(self, witnesses: Iterable[WitnessVerifier], needed: int, first: int) -> LedgerPolicy:
        """Ask for so many of these witnesses under heads from a size on; what was signed before stays so.

        Witnesses that are not asked any more stay known, for the heads that they signed.
        """
        asked = tuple(witnesses)
        if self._asks_for(asked, needed):
            return self
        known = dict(self.witnesses)
        names = []
        for witness in asked:
            name = next((name for name, one in known.items() if one == witness), None)
            name = name or f"witness-{len(known) + 1}"
            known[name] = witness
            names.append(name)
        group = f"quorum-{len(self.groups) + 1}"
        before = tuple((size, name) for size, name in self.quorums if size < first)
        groups = {**self.groups, group: Group(needed, tuple(names))}
        return replace(self, witnesses=known, groups=groups, quorums=(*before, (first, group)))

    def _asks_for(self, asked: tuple[WitnessVerifier, ...], needed: int) -> bool:
        """Whether the newest quorum is so many of these already."""
        name = self.quorums[-1][1]
        group = self.groups.get(name) or Group(1, () if name == "none" else (name,))
        members = {self.witnesses.get(member) for member in group.members}
        return (group.needed, members) == (needed, set(asked))

    @property
    def reigns(self) -> tuple[Reign, ...]:
        """Which keys of the log count for which heads."""
        return list_reigns(self.logs, parse_handovers(self.handovers))

    def quorum_at(self, size: int) -> str:
        """Give who must have signed a head of this size."""
        return [name for first, name in self.quorums if first <= size][-1]

    def write(self) -> str:
        """Write the policy as its file holds it."""
        lines = [f"log {log.line}" for log in self.logs]
        lines += [f"witness {name} {witness.line}" for name, witness in self.witnesses.items()]
        lines += [f"group {name} {one.needed} {' '.join(one.members)}" for name, one in self.groups.items()]
        lines += [f"quorum {name}{f' from {first}' if first else ''}" for first, name in self.quorums]
        return "\n".join([*lines, ""])

    def write_handovers(self) -> str:
        """Write the handovers as their file holds them; empty when there are none."""
        return write_handovers(self.handovers)

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
        known = [
            reign.key
            for reign in self.reigns
            if reign.key.name == checkpoint.origin and reign.covers(checkpoint.size)
        ]
        entry = hash_leaf(proof.opening().entry)
        in_tree = verify_inclusion(entry, proof.index, checkpoint.size, proof.path, checkpoint.root)
        if not in_tree or not any(_signed(note, log) for log in known):
            raise Rejected("proof-wrong")
        quorum = self.quorum_at(checkpoint.size)
        seen = self._when(quorum, note)
        if seen == _NEVER:
            raise Rejected("proof-unwitnessed")
        witnessed = None if quorum == "none" else datetime.fromtimestamp(seen, UTC)
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


def _read_first(line: str, rest: list[str], before: list[tuple[int, str]]) -> int:
    """Read from which size on a quorum counts: the first from 0, each later one from a later size."""
    first = parse_number(rest[1]) if len(rest) == 2 and rest[0] == "from" else (None if rest else 0)
    if first is None or (first <= before[-1][0] if before else first):
        raise _bad_line(line)
    return first


def _bad_line(line: str) -> InvalidInput:
    return InvalidInput(f"This is no line of a ledger's policy: {line[:80]!r}.", code="bad-trust")


__all__ = ["HANDOVERS_NAME", "POLICY_NAME", "Group", "LedgerEntry", "LedgerPolicy"]
