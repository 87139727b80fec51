"""The heads that an auditor goes by: the newest, the last of each former key, and one whose term is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from cadastre.ledger.audit_report import Audited, AuditPolicy, AuditReport
from cadastre.ledger.checkpoint import Checkpoint, parse_checkpoint
from cadastre.ledger.cosignature import list_cosigners
from cadastre.ledger.handover import Handover, Reign, list_reigns, parse_handovers, read_head, split_handovers
from cadastre.ledger.note import BadNote, SignedNote, parse_note

CHECKPOINT: Final = "checkpoint"
HANDOVERS: Final = "handovers"
TERM: Final = "term"


class Source(Protocol):
    """Where the published files are read from."""

    def read(self, path: str) -> bytes | None:
        """Give the bytes of a file below the prefix of the log, or None when there is none."""


@dataclass(frozen=True, slots=True)
class Heads:
    """What the published notes say, each by keys that counted for it.

    Parameters
    ----------
    reigns
        Which keys count for which heads.
    handovers
        Notes by which keys handed over, all that are published.
    last
        The last heads of keys that handed over.
    over
        A head so old that the salts of looks before it may be gone; None when nobody showed one.
    """

    newest: Checkpoint
    reigns: tuple[Reign, ...]
    handovers: tuple[str, ...]
    last: tuple[Checkpoint, ...]
    over: Checkpoint | None

    @property
    def signed(self) -> tuple[Checkpoint, ...]:
        """All that were signed beside the newest, none larger than it."""
        found = (*self.last, *(() if self.over is None else (self.over,)))
        return tuple(head for head in found if head.size <= self.newest.size)


def read_heads(
    source: Source, content: bytes, policy: AuditPolicy, before: Audited | None, report: AuditReport
) -> Heads | None:
    """Read the published heads; None when the newest is nobody's, for then there is nothing to go by.

    Parameters
    ----------
    content
        The checkpoint.
    """
    notes, handovers = _read_handovers(source, before, report)
    try:
        reigns = list_reigns(policy.logs, handovers)
    except BadNote as error:
        report.add("handover-contradicts", error.message)
        return None
    note = _read_note(content)
    if note is None:
        report.add("checkpoint-malformed", "The checkpoint is no signed note.")
        return None
    try:
        newest = read_head(note, policy.origin, reigns)
    except BadNote as error:
        report.add("checkpoint-not-signed", error.message)
        return None
    report.cosigned = list_cosigners(note, policy.witnesses)
    if len(report.cosigned) < policy.quorum:
        report.add(
            "not-witnessed",
            f"{len(report.cosigned)} of the named witnesses cosigned the checkpoint, {policy.quorum} must.",
        )
    known = {reign.key for reign in reigns if reign.last is not None}
    last = tuple(one.head for one in handovers if one.old in known)
    for head in last:
        if head.size > newest.size:
            report.add("rolled-back", f"A key answered for {head.size} entries, there are {newest.size}.")
    return Heads(newest, reigns, notes, last, _read_over(source, policy, reigns, report))


def _read_handovers(
    source: Source, before: Audited | None, report: AuditReport
) -> tuple[tuple[str, ...], tuple[Handover, ...]]:
    """Read the published handovers; those of the last audit must be among them, first and unchanged."""
    told = () if before is None else before.handovers
    try:
        notes = split_handovers((source.read(HANDOVERS) or b"").decode())
        handovers = parse_handovers(notes)
    except (BadNote, UnicodeDecodeError):
        report.add("handover-malformed", f"{HANDOVERS} holds what both keys did not sign.")
        notes, handovers = told, parse_handovers(told)
    if notes[: len(told)] != told:
        report.add("handover-contradicts", "Keys handed over otherwise when this was audited before.")
        return told, parse_handovers(told)
    return notes, handovers


def _read_over(
    source: Source, policy: AuditPolicy, reigns: Sequence[Reign], report: AuditReport
) -> Checkpoint | None:
    """Read the head whose term is over: by their clocks, witnesses signed it so long before the newest."""
    content = source.read(TERM) or None  # empty while no term is over
    now = _moment(report.cosigned, policy.quorum)
    note = None if content is None else _read_note(content)
    if note is None or now is None:
        if content is not None:
            report.add("term-not-shown", f"{TERM} shows no moment by which witnesses had signed a head.")
        return None
    try:
        head = read_head(note, policy.origin, reigns)
    except BadNote as error:
        report.add("term-not-signed", error.message)
        return None
    at = _moment(list_cosigners(note, policy.witnesses), policy.quorum)
    if at is None or at + policy.term > now:
        report.add("term-not-over", f"The term of looks before entry {head.size} is not shown to be over.")
        return None
    return head


def _moment(cosigned: dict[str, datetime], quorum: int) -> datetime | None:
    """Moment by which enough witnesses had signed, or None."""
    times = sorted(cosigned.values())
    return times[quorum - 1] if 0 < quorum <= len(times) else None


def _read_note(content: bytes) -> SignedNote | None:
    try:
        note = parse_note(content.decode())
        parse_checkpoint(note.text)
    except (BadNote, UnicodeDecodeError):
        return None
    return note


__all__ = ["CHECKPOINT", "HANDOVERS", "TERM", "Heads", "Source", "read_heads"]
