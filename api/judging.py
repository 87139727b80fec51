"""Judges a document for the command line: with the register, or with the keys alone."""

from __future__ import annotations

from pathlib import Path

from api.composition import opened_rooms
from api.extract_file import FileKind
from api.settings import ApiSettings
from cadastre.db.places import font_dir
from cadastre.domain.caller import PUBLIC
from cadastre.extract import PdfRenderer, Reason, Trust, Verdict, verify_bundle, verify_pdf
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
    trust = Trust.read(trust_dir)
    if form == "pdf":
        found = verify_pdf(data, trust, renderer=_find_renderer())
    else:
        found = verify_bundle(data, trust)
    return found.verdict, found.reasons


def _find_renderer() -> PdfRenderer | None:
    """Give the printer that compares pages, or None where the fonts are not installed."""
    try:
        return PdfRenderer(font_dir())
    except Unavailable:
        return None


__all__ = ["Judgement", "judge_offline", "judge_online"]
