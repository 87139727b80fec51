"""Rules on the rows of one property: whole or not at all, shares exactly 1, nothing entered twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cadastre.domain.register_row import RegisterRow, RestrictionEntry, RightEntry
from cadastre.domain.unit import UnitKey
from cadastre.kernel.measures import sum_shares
from cadastre.rules.finding import Finding, Severity
from cadastre.rules.packaged import find_fault


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row beside what register and file know of its object, its number and its parties.

    ``entry`` is None when the row could not be read (its findings are written already);
    ``object_of`` is the property that holds the parcel or unit already; ``holder`` and
    ``beneficiary`` are identities of parties; ``faults`` are rules that unit or parties break.
    """

    row: int
    subject: str | None
    entry: RegisterRow | None
    object_known: bool = True
    object_of: str | None = None
    number_taken: bool = False
    claimed_by: str | None = None
    holder: str | None = None
    beneficiary: str | None = None
    faults: tuple[str, ...] = ()


@dataclass(slots=True)
class Judgement:
    """What becomes of the rows of one property."""

    findings: list[Finding] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)
    new_rights: set[int] = field(default_factory=set)
    new_restrictions: set[int] = field(default_factory=set)


def judge_property(rows: Sequence[PlacedRow]) -> Judgement:
    """Judge all rows of one property, in file order.

    A property is entered whole or not at all: were a row with an arrest left out,
    the register would answer with a clean extract. Only an exact repetition of an
    earlier row is rejected alone, for nothing is lost with it.

    References
    ----------
    Law 713-IIQ of 29.06.2004, art. 1.0.3; FLOSS SOLA rules 30 and 34; LADM-COL R4001-R4022.
    """
    verdict = Judgement()
    found = verdict.findings
    for row in rows:
        found.extend(_check_place(row))
    repeated = _sort_entries(rows, verdict)
    counted = [row for row in rows if row.entry is not None and row.row not in repeated]
    unreadable = {row.row for row in rows if row.entry is None}
    if not unreadable:
        found.extend(_check_whole(counted))
    blamed = {finding.row for finding in found if finding.severity is Severity.ERROR} | unreadable
    grave = blamed - repeated
    if grave:
        first = min(row for row in grave if row is not None)
        for row in rows:
            if row.row not in blamed:
                found.append(find_fault("property-incomplete", row.row, row.subject, faulty_row=first))
        verdict.rejected = [row.row for row in rows]
        verdict.new_rights.clear()
        verdict.new_restrictions.clear()
    else:
        verdict.rejected = sorted(repeated)
        verdict.accepted = [row.row for row in rows if row.row not in repeated]
    return verdict


def _check_place(row: PlacedRow) -> list[Finding]:
    """Rules on one row against register and file."""
    if row.entry is None:
        return []
    found = []
    if row.number_taken:
        found.append(find_fault("register-number-taken", row.row, row.subject))
    what = "parcel" if row.entry.unit is None else "unit"
    if not row.object_known:
        key = str(row.entry.object_key)
        found.append(find_fault(f"{what}-not-registered", row.row, row.subject, number=key))
    elif row.object_of is not None:
        found.append(
            find_fault(f"{what}-in-other-property", row.row, row.subject, register_number=row.object_of)
        )
    elif row.claimed_by is not None:
        found.append(find_fault(f"{what}-claimed-twice", row.row, row.subject, claimed_by=row.claimed_by))
    found.extend(find_fault(rule, row.row, row.subject) for rule in row.faults)
    return found


def _sort_entries(rows: Sequence[PlacedRow], verdict: Judgement) -> set[int]:
    """Decide which row opens which right and restriction; give the rows that only repeat."""
    repeated: set[int] = set()
    holders: dict[tuple[str, str], tuple[object, ...]] = {}
    restrictions: set[tuple[object, ...]] = set()
    opened: set[tuple[str, str]] = set()
    objects: set[str | UnitKey] = set()
    for row in rows:
        entry = row.entry
        if entry is None:
            continue
        opens = entry.object_key not in objects
        objects.add(entry.object_key)
        if entry.right is not None:
            key = (entry.right.kind, row.holder or "")
            contents = _right_contents(entry, entry.right)
            if holders.setdefault(key, contents) != contents:
                verdict.findings.append(find_fault("right-holder-repeated", row.row, row.subject))
                continue
            if key not in opened:
                opened.add(key)
                verdict.new_rights.add(row.row)
                opens = True
        if entry.restriction is not None:
            mark = _restriction_mark(entry, entry.restriction, row.beneficiary)
            if mark not in restrictions:
                restrictions.add(mark)
                verdict.new_restrictions.add(row.row)
                opens = True
            elif opens:
                verdict.findings.append(find_fault("restriction-shared", row.row, row.subject))
        if not opens:
            repeated.add(row.row)
            verdict.findings.append(find_fault("right-duplicate", row.row, row.subject))
    return repeated


def _right_contents(entry: RegisterRow, right: RightEntry) -> tuple[object, ...]:
    return (
        right.share,
        right.joint,
        right.until,
        right.scope,
        entry.registration_number,
        entry.registration_date,
        entry.basis,
    )


def _restriction_mark(
    entry: RegisterRow, its: RestrictionEntry, beneficiary: str | None
) -> tuple[object, ...]:
    return (
        its.kind,
        beneficiary,
        its.until,
        its.rank,
        its.amount,
        its.currency,
        its.scope,
        entry.registration_number,
        entry.registration_date,
    )


def _check_whole(rows: Sequence[PlacedRow]) -> list[Finding]:
    """Rules on the property as a whole; a fault is told at every row that it concerns."""
    entries = [(row, row.entry) for row in rows if row.entry is not None]
    if not entries:
        return []
    found: list[Finding] = []
    kinds = sorted({entry.object_kind for _, entry in entries})
    if len(kinds) > 1:
        found.extend(_at_all(rows, "object-kind-mixed", kinds=", ".join(kinds)))
    units = {entry.unit for _, entry in entries if entry.unit is not None}
    if len(units) > 1:
        found.extend(_at_all(rows, "property-many-units", float(len(units)), 1.0))
    if not any(entry.right for _, entry in entries):
        found.extend(_at_all(rows, "property-without-right"))
    found.extend(_check_ownership(rows))
    found.extend(_check_ranks(rows))
    return found


def _check_ownership(rows: Sequence[PlacedRow]) -> list[Finding]:
    owners: dict[str, PlacedRow] = {}
    for row in rows:
        if row.entry is not None and row.entry.right is not None and row.entry.right.kind == "ownership":
            owners.setdefault(row.holder or "", row)
    if not owners:
        first = rows[0]
        return [find_fault("property-without-ownership", first.row, first.subject)]
    rights = [
        row.entry.right for row in owners.values() if row.entry is not None and row.entry.right is not None
    ]
    joint = sum(right.joint for right in rights)
    if 0 < joint < len(rights):
        return _at_all(rows, "joint-mixed")
    if joint == 1:
        return _at_all(rows, "joint-one-holder")
    if joint:
        return []
    total = sum_shares(right.share.value for right in rights if right.share is not None)
    return [] if total == 1 else _at_all(rows, "shares-sum", float(total), 1.0, sum=str(total))


def _check_ranks(rows: Sequence[PlacedRow]) -> list[Finding]:
    mortgages: dict[tuple[object, ...], PlacedRow] = {}
    for row in rows:
        entry = row.entry
        if entry is not None and entry.restriction is not None and entry.restriction.kind == "mortgage":
            mortgages.setdefault(_restriction_mark(entry, entry.restriction, row.beneficiary), row)
    found = []
    ranks: set[int] = set()
    for row in mortgages.values():
        rank = (
            row.entry.restriction.rank
            if row.entry is not None and row.entry.restriction is not None
            else None
        )
        if rank is None and len(mortgages) > 1:
            found.append(find_fault("restriction-rank-missing", row.row, row.subject))
        elif rank in ranks:
            found.append(find_fault("restriction-rank-taken", row.row, row.subject, rank=rank))
        elif rank is not None:
            ranks.add(rank)
    return found


def _at_all(
    rows: Sequence[PlacedRow],
    rule: str,
    measured: float | None = None,
    limit: float | None = None,
    **detail: str,
) -> list[Finding]:
    return [find_fault(rule, row.row, row.subject, measured=measured, limit=limit, **detail) for row in rows]


__all__ = ["Judgement", "PlacedRow", "judge_property"]
