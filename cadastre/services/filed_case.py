"""What an application is answered with once it stands in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cadastre.domain.case import CaseState
from cadastre.domain.service import Money
from cadastre.domain.working_days import Deadline
from cadastre.rules.engine import Report


@dataclass(frozen=True, slots=True)
class FiledProperty:
    """A property of a filed case: the version that its head is at, and the case's place before it."""

    register_number: str
    version: int
    place: int


@dataclass(frozen=True, slots=True)
class FiledObject:
    """An object without a section that a filed case is about, and the case's place before it."""

    kind: str
    number: str
    place: int
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class FiledCase:
    """The journal entry, given at once: number, moment, state, term, fee, and what the rules say."""

    case_id: UUID
    journal_number: int
    received_at: datetime
    state: CaseState
    step_number: int
    deadline: Deadline
    fee: Money
    properties: tuple[FiledProperty, ...]
    missing_documents: tuple[str, ...]
    warnings: tuple[str, ...]
    report: Report | None
    objects: tuple[FiledObject, ...] = ()
    assignee: str | None = None
    """The officer drawn; the office's own affair, no answer to an applicant tells it."""


__all__ = ["FiledCase", "FiledObject", "FiledProperty"]
