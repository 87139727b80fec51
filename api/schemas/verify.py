"""Verdicts on documents."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from cadastre.domain import extract as domain
from cadastre.domain.codelist import Language
from cadastre.services.verification import VerifyAnswer


class LaterEntry(BaseModel):
    """An entry that the register made after the document was issued."""

    kind: str
    recorded_time: datetime
    ledger_index: int | None
    number: str | None = Field(
        description="Registration number of the entry; null when it is no registration."
    )


class LedgerPlace(BaseModel):
    """Where the document stands in the public ledger, by the proof it came with."""

    index: int
    tree_size: int
    seen_at: datetime | None = Field(
        description="When the quorum of witnesses had seen it; null without one."
    )


class Verdict(BaseModel):
    """Whether the document is authentic and still describes the register."""

    verdict: Literal["AUTHENTIC", "SUPERSEDED", "NOT AUTHENTIC"]
    reasons: list[str] = Field(description="Why, in the language of Accept-Language.")
    reason_codes: list[str] = Field(description="The same for programs; stable.")
    issued_at: datetime | None = Field(
        description="Moment that the statement names; null when none is signed."
    )
    superseded_by: list[LaterEntry] | None = Field(
        description="What was entered since, for entitled callers; null for the public."
    )
    ledger: LedgerPlace | None = Field(description="Null when the document carries no proof of the ledger.")

    @classmethod
    def of(cls, answer: VerifyAnswer, language: Language) -> Verdict:
        """Write the desk's answer in a language."""
        later, entry = answer.superseded_by, answer.entry
        return cls(
            verdict=answer.verdict.value,
            reasons=[getattr(reason.text, language) or reason.text.az for reason in answer.reasons],
            reason_codes=[reason.code for reason in answer.reasons],
            issued_at=answer.issued_at,
            superseded_by=None if later is None else [_later(one) for one in later],
            ledger=None
            if entry is None
            else LedgerPlace(index=entry.index, tree_size=entry.tree_size, seen_at=entry.seen_at),
        )


def _later(entry: domain.LaterEntry) -> LaterEntry:
    return LaterEntry(
        kind=entry.kind,
        recorded_time=entry.recorded_time,
        ledger_index=entry.ledger_index,
        number=entry.number,
    )


__all__ = ["LaterEntry", "LedgerPlace", "Verdict"]
