"""Judges a document for the command line: with the register, or with the keys alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from api.composition import opened_rooms
from api.extract_file import FileKind
from api.settings import ApiSettings
from cadastre.db.places import font_dir
from cadastre.domain.caller import PUBLIC
from cadastre.extract import PdfRenderer, Reason, Trust, Verdict
from cadastre.extract.ledger_policy import LedgerPolicy
from cadastre.extract.reasons import Rejected, reason
from cadastre.extract.verification_code import CodeFacts, read_code
from cadastre.extract.verify import Verifier
from cadastre.kernel.errors import Unavailable

Judgement = tuple[Verdict, tuple[Reason, ...]]


def judge_online(data: bytes, form: FileKind, settings: ApiSettings) -> Judgement:
    """Judge with the register at hand, so that a state that has passed is told."""
    with opened_rooms(settings) as rooms:
        desk = rooms.desks.verification
        answer = desk.verify_pdf(data, PUBLIC) if form == "pdf" else desk.verify_bundle(data, PUBLIC)
    return answer.verdict, answer.reasons


def judge_offline(data: bytes, form: FileKind, trust_dir: Path) -> Judgement:
    """Judge by the keys in a folder; needs no database and no network."""
    verifier = Verifier(Trust.read(trust_dir), LedgerPolicy.read(trust_dir), _find_renderer())
    judge = verifier.judge_pdf if form == "pdf" else verifier.judge_bundle
    found = judge(data, now=datetime.now(UTC))
    return found.verdict, found.reasons


def judge_code(text: str, trust_dir: Path) -> tuple[Verdict, Reason, CodeFacts | None]:
    """Judge what a QR code holds by the keys in a folder; whether it is this paper's, the facts tell."""
    trust = Trust.read(trust_dir)
    try:
        facts = read_code(text, trust.jws_keys)
    except Rejected as refused:
        return Verdict.NOT_AUTHENTIC, reason(refused.code), None
    return Verdict.AUTHENTIC, reason("code-valid"), facts


def _find_renderer() -> PdfRenderer | None:
    """Give the printer that compares pages, or None where the fonts are not installed."""
    try:
        return PdfRenderer(font_dir())
    except Unavailable:
        return None


__all__ = ["Judgement", "judge_code", "judge_offline", "judge_online"]
