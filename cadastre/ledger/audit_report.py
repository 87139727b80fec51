"""Whom an auditor believes, what he found good before, and what he finds."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.cosignature import WitnessVerifier
from cadastre.ledger.handover import parse_handovers
from cadastre.ledger.note import Verifier, decode_hash

MOST_FINDINGS: Final = 1_000
TERM: Final = timedelta(days=1095)
"""How long the salts of looks are kept (tolerance access_salt_days)."""


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """Whom the auditor believes.

    Parameters
    ----------
    quorum
        Witnesses that must have cosigned, of those named.
    erased_below
        Leaves below this index whose term is known to be over, so that the salts of looks may be gone.
    term
        How long the salts of looks are kept; a head that witnesses signed so long ago shows the rest.
    """

    origin: str
    logs: tuple[Verifier, ...]
    witnesses: tuple[WitnessVerifier, ...]
    quorum: int = 2
    erased_below: int = 0
    term: timedelta = TERM


@dataclass(frozen=True, slots=True)
class Audited:
    """What an audit found good: the head that the next one must extend."""

    origin: str
    size: int
    root: bytes
    handovers: tuple[str, ...] = ()

    def write(self) -> str:
        """Write it for the state file."""
        root = base64.b64encode(self.root).decode()
        content = {"version": 2, "origin": self.origin, "size": self.size, "root": root}
        return json.dumps({**content, "handovers": self.handovers}, ensure_ascii=False) + "\n"


def parse_audited(content: str) -> Audited:
    """Read a state file.

    Raises
    ------
    InvalidInput
        It is none: begin anew only when it is known why it is gone.
    """
    try:
        body: Any = json.loads(content)
        origin, size, root = body["origin"], body["size"], decode_hash(body["root"])
        handovers = tuple(body.get("handovers", ()))
        parse_handovers(handovers)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidInput):
        raise InvalidInput("The state file of the audit is damaged.", code="audit-state-damaged") from None
    if not isinstance(origin, str) or not isinstance(size, int) or isinstance(size, bool) or root is None:
        raise InvalidInput("The state file of the audit is damaged.", code="audit-state-damaged")
    return Audited(origin, size, root, handovers)


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that is not as it was signed.

    Parameters
    ----------
    index
        The entry concerned, when it is one.
    """

    code: str
    said: str
    index: int | None = None


@dataclass(slots=True)
class AuditReport:
    """What an audit saw; it passed when nothing was found."""

    size: int = 0
    rows: int = 0
    erased: int = 0
    cosigned: dict[str, datetime] = field(default_factory=dict)
    findings: list[AuditFinding] = field(default_factory=list)
    total: int = 0
    audited: Audited | None = None

    def add(self, code: str, said: str, index: int | None = None) -> None:
        """Note a finding; beyond a thousand they are only counted."""
        self.total += 1
        if self.total <= MOST_FINDINGS:
            self.findings.append(AuditFinding(code, said, index))

    @property
    def has_passed(self) -> bool:
        """Whether nothing was found."""
        return self.total == 0


def list_lines(report: AuditReport) -> Iterator[str]:
    """Say what was found, a line each."""
    for finding in report.findings:
        yield f"{finding.code}: {finding.said}"
    if report.total > len(report.findings):
        yield f"... and {report.total - len(report.findings)} more"


__all__ = [
    "MOST_FINDINGS",
    "TERM",
    "AuditFinding",
    "AuditPolicy",
    "AuditReport",
    "Audited",
    "list_lines",
    "parse_audited",
]
