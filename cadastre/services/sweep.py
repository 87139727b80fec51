"""The sweep: judges every section by the rules that are asked at night, and keeps what it finds.

Sections are read in batches, each in a transaction of its own on one snapshot, so that memory stays the same
however many there are and nobody waits. What was found before and is still there is seen again; what is gone
is closed. Nothing registered is changed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import rfc8785

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.clock import OFFICIAL_ZONE, Clock
from cadastre.kernel.errors import InvalidInput
from cadastre.rules.engine import Judged, judge
from cadastre.rules.proposal import Proposal, Stage
from cadastre.store import sweep as store
from cadastre.store.ledger import append_leaf
from cadastre.store.states import read_states
from cadastre.store.sweep import Run, Stretch

BATCH: Final = 1000
ABANDONED: Final = timedelta(minutes=10)
"""A night whose run nobody has touched for so long is taken over by whoever asks."""
_CHANGING: Final = frozenset({"measured"})
"""Details that grow from night to night and do not make another finding."""


@dataclass(slots=True)
class Swept:
    """What a run of the sweep came to; ``by_rule`` counts what stands open now."""

    run_id: int
    sections: int = 0
    opened: int = 0
    closed: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    is_finished: bool = False

    @property
    def found(self) -> int:
        """How many findings there are."""
        return self.by_rule.total()


@dataclass(frozen=True, slots=True)
class _Batch:
    run: Run
    after: int
    districts: Sequence[str] | None
    limit: int
    now: datetime


@dataclass(frozen=True, slots=True)
class _Done:
    until: int
    sections: int
    opened: int
    closed: int
    rules: tuple[str, ...]


def sweep(
    database: Database,
    clock: Clock,
    *,
    district: str | None = None,
    batch: int = BATCH,
    told: Callable[[Swept], None] = lambda _: None,
) -> Swept:
    """Judge every section of a district, or of the country, now.

    Parameters
    ----------
    told
        Called after each batch.

    Raises
    ------
    InvalidInput
        There is no district of this code.
    """
    inside = None if district is None else _require_inside(database, district)
    run = _begin(database, clock.now(), night=None, district=district)
    if run is None:
        raise AssertionError("a run of no night is nobody else's")
    return _carry_on(database, clock, run, inside, batch, told, lambda: False)


def sweep_tonight(
    database: Database, clock: Clock, *, batch: int = BATCH, stopped: Callable[[], bool] = lambda: False
) -> Swept | None:
    """Judge every section once a night; None when the night has been taken, by this process or another.

    A run that was cut off is taken over where it stopped; ``stopped`` leaves it so after the batch at hand.
    """
    now = clock.now()
    run = _begin(database, now, night=now.astimezone(OFFICIAL_ZONE).date(), district=None)
    if run is None:
        return None
    return _carry_on(database, clock, run, None, batch, lambda _: None, stopped)


def _require_inside(database: Database, district: str) -> list[str]:
    inside = database.read(lambda uow: store.list_inside(uow.connection, district))
    if not inside:
        raise InvalidInput(f"There is no district {district[:20]!r}.", code="unknown-district")
    return inside


def _begin(database: Database, now: datetime, *, night: date | None, district: str | None) -> Run | None:
    return database.run(
        lambda uow: store.begin_run(
            uow.connection, night=night, district=district, now=now, abandoned=now - ABANDONED
        ),
        isolation=Isolation.READ_COMMITTED,
    )


def _carry_on(
    database: Database,
    clock: Clock,
    run: Run,
    districts: Sequence[str] | None,
    size: int,
    told: Callable[[Swept], None],
    stopped: Callable[[], bool],
) -> Swept:
    swept, after = Swept(run.run_id), run.reached
    while not stopped():
        done = _sweep_batch(database, _Batch(run, after, districts, size, clock.now()))
        swept.sections += done.sections
        swept.opened += done.opened
        swept.closed += done.closed
        swept.by_rule.update(done.rules)
        told(swept)
        after = done.until
        if after == store.END:
            database.run(
                lambda uow: store.finish_run(uow.connection, run, clock.now()),
                isolation=Isolation.READ_COMMITTED,
            )
            swept.is_finished = True
            break
    return swept


def _sweep_batch(database: Database, batch: _Batch) -> _Done:
    return database.run(lambda uow: _judge_batch(uow, batch), isolation=Isolation.REPEATABLE_READ)


def _judge_batch(uow: UnitOfWork, batch: _Batch) -> _Done:
    """Judge the sections that follow, on one snapshot; that the kinds of their holders are read is logged."""
    connection = uow.connection
    ids = store.list_next(connection, batch.after, batch.districts, batch.limit)
    until = ids[-1] if len(ids) == batch.limit else store.END
    findings = list(_judge_sections(uow, ids, batch.now)) if ids else []
    stretch = Stretch(batch.after, until, batch.districts)
    opened, closed = store.keep_findings(connection, batch.run, stretch, findings, batch.now)
    store.advance_run(
        connection,
        batch.run,
        until,
        batch.now,
        sections=len(ids),
        found=len(findings),
        opened=opened,
        closed=closed,
    )
    return _Done(until, len(ids), opened, closed, tuple(finding["rule"] for finding in findings))


def _judge_sections(uow: UnitOfWork, ids: Sequence[int], now: datetime) -> Iterator[Mapping[str, Any]]:
    connection = uow.connection
    payload = {"first": ids[0], "last": ids[-1], "sections": len(ids)}
    append_leaf(connection, kind="access.sweep", actor="sweep", payload=payload)
    states = read_states(connection, ids)
    parties = store.list_kinds(connection, set(_holders(states)))
    confirm_by = store.list_terms_to_confirm(connection, ids)
    today = now.astimezone(OFFICIAL_ZONE).date()
    for property_id, state in states.items():
        if state.closed_on is not None:
            continue
        proposal = Proposal(
            Stage.SWEEP, today, now, {property_id: state}, parties=parties, confirm_by=confirm_by
        )
        seen: set[str] = set()
        for item in judge(proposal).judged:
            record = _record(property_id, item)
            if record["mark"] not in seen:
                seen.add(record["mark"])
                yield record


def _holders(states: Mapping[int, PropertyState]) -> Iterator[UUID]:
    for state in states.values():
        yield from (right.party_id for right in state.rights)


def _record(property_id: int, item: Judged) -> dict[str, Any]:
    """Write a finding as it is kept; the mark tells it from others of the section."""
    finding = item.finding
    detail = dict(finding.detail)
    lasting = {name: value for name, value in detail.items() if name not in _CHANGING}
    told = rfc8785.dumps([finding.rule, finding.subject, {k: str(v) for k, v in lasting.items()}])
    return {
        "property_id": property_id,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "decided": not item.unknown,
        "subject": finding.subject,
        "mark": hashlib.sha256(told).hexdigest()[:32],
        "measured": finding.measured,
        "limit_value": finding.limit,
        "unit": finding.unit,
        "detail": detail,
    }


__all__ = ["ABANDONED", "BATCH", "Swept", "sweep", "sweep_tonight"]
