"""Verdicts on documents."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from cadastre.domain.codelist import Language
from cadastre.services.verification import VerifyAnswer


class LaterEntry(BaseModel):
    """An entry that the register made after the document was issued."""

    kind: str
    recorded_time: datetime
    ledger_index: int | None


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

    @classmethod
    def of(cls, answer: VerifyAnswer, language: Language) -> Verdict:
        """Write the desk's answer in a language."""
        later = answer.superseded_by
        return cls(
            verdict=answer.verdict.value,
            reasons=[getattr(reason.text, language) or reason.text.az for reason in answer.reasons],
            reason_codes=[reason.code for reason in answer.reasons],
            issued_at=answer.issued_at,
            superseded_by=None
            if later is None
            else [
                LaterEntry(kind=e.kind, recorded_time=e.recorded_time, ledger_index=e.ledger_index)
                for e in later
            ],
        )


__all__ = ["LaterEntry", "Verdict"]
