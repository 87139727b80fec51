"""What holders were promised: by the witnesses' clocks, what is due must stand in the published log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.audit_heads import Source
from cadastre.ledger.audit_report import AuditPolicy, AuditReport
from cadastre.ledger.commitment import DIGEST_BYTES
from cadastre.ledger.handover import list_reigns, parse_handovers
from cadastre.ledger.note import BadNote, NoteVerifier
from cadastre.ledger.promise import Promise, find_broken
from cadastre.ledger.tiles import WIDTH, bundles_of, parse_bundle


@dataclass(frozen=True, slots=True)
class HeldPromise:
    """A promise that somebody was given, and what to call it in a finding."""

    name: str
    promise: Promise


def audit_promises(
    source: Source, held: Sequence[HeldPromise], policy: AuditPolicy, report: AuditReport
) -> None:
    """Hold what was promised against the log that ``report`` found published.

    A promise is due when the first of the witnesses saw the published head after its term; without
    witnesses nobody's clock tells, and nothing is due.
    """
    signed = [one for one in held if _is_signed(one, policy, report)]
    if not signed or not report.cosigned:
        return
    wanted = {one.promise.leaf_hash for one in signed}
    entered = {body: index for index, body in _bodies(source, report.size) if body in wanted}
    heads = [(report.size, min(report.cosigned.values()))]
    broken = find_broken([one.promise for one in signed], entered, heads)
    reasons = {id(promise): why for promise, why in broken}
    for one in signed:
        why = reasons.get(id(one.promise))
        if why is not None:
            due = f"{one.promise.due:%Y-%m-%d %H:%M:%S} UTC"
            report.add("promise-broken", f"{one.name}: promised by {due}, {why} among {report.size} entries.")


def _is_signed(one: HeldPromise, policy: AuditPolicy, report: AuditReport) -> bool:
    try:
        if one.promise.origin != policy.origin:
            raise BadNote(f"it is of {one.promise.origin}.")
        one.promise.note.signed_by(_keys(policy, report))
    except BadNote as error:
        report.add("promise-not-signed", f"{one.name}: {error.message}")
        return False
    return True


def _keys(policy: AuditPolicy, report: AuditReport) -> list[NoteVerifier]:
    """Keys that the auditor knows, and those that they handed over to."""
    handovers = parse_handovers(report.audited.handovers if report.audited else ())
    return [reign.key for reign in list_reigns(policy.logs, handovers)]


def _bodies(source: Source, size: int) -> Iterator[tuple[int, bytes]]:
    for tile in bundles_of(size):
        content = source.read(tile.path)
        try:
            entries = parse_bundle(content or b"")
        except InvalidInput:
            continue  # said by the audit
        for place, entry in enumerate(entries):
            yield tile.index * WIDTH + place, entry[:DIGEST_BYTES]


__all__ = ["HeldPromise", "audit_promises"]
