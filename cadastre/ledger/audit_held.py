"""What holders were given: every proof of theirs must lead into the published log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cadastre.ledger.audit_report import AuditReport
from cadastre.ledger.checkpoint import Checkpoint
from cadastre.ledger.handover import Reign, open_head
from cadastre.ledger.merkle import hash_leaf, verify_inclusion
from cadastre.ledger.note import BadNote
from cadastre.ledger.proof_text import BadProof, InclusionProof


@dataclass(frozen=True, slots=True)
class HeldProof:
    """A proof that somebody was given, and what to call it in a finding."""

    name: str
    proof: InclusionProof


@dataclass(frozen=True, slots=True)
class HeldHead:
    """A proof that is in itself as it must be, and the head under which it stands."""

    held: HeldProof
    head: Checkpoint


def read_held(
    held: Sequence[HeldProof], origin: str, reigns: Sequence[Reign], report: AuditReport
) -> list[HeldHead]:
    """Give the proofs that lead to a head which the log signed; others are no proofs, and said to be none."""
    found = []
    for one in held:
        try:
            head = open_head(one.proof.note, origin, reigns)
            entry = one.proof.opening().entry
        except (BadNote, BadProof) as error:
            report.add("held-not-signed", f"{one.name}: {error.message}")
            continue
        if not verify_inclusion(hash_leaf(entry), one.proof.index, head.size, one.proof.path, head.root):
            report.add("held-misleads", f"{one.name}: its path does not lead from its entry to its head.")
            continue
        found.append(HeldHead(one, head))
    return found


def audit_held(
    held: Sequence[HeldHead], size: int, root_of: Callable[[int], bytes | None], report: AuditReport
) -> None:
    """Hold what holders have against what is published: the heads that they were given must be its past."""
    for one in held:
        if one.head.size > size:
            said = f"it was given under a head of {one.head.size} entries, and {size} are published."
            report.add("held-not-published", f"{one.held.name}: {said}", one.held.proof.index)
        elif root_of(one.head.size) != one.head.root:
            said = f"the first {one.head.size} entries are not those under which it was given."
            report.add("held-forked", f"{one.held.name}: {said}", one.held.proof.index)


__all__ = ["HeldHead", "HeldProof", "audit_held", "read_held"]
