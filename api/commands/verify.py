"""Judge an extract (PDF or JSON): AUTHENTIC, SUPERSEDED or NOT AUTHENTIC."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cadastre.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from cadastre.extract.reasons import Reason
    from cadastre.extract.verification_code import CodeFacts

EXITS = {"AUTHENTIC": 0, "SUPERSEDED": 3, "NOT AUTHENTIC": 1}


class Spoken(StrEnum):
    """Language of what is said."""

    az = "az"
    en = "en"
    ru = "ru"


def command(
    file: Annotated[
        Path | None, typer.Argument(help="PDF, or the JSON that issuing answered with.", show_default=False)
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Without the register: keys only.")] = False,
    trust: Annotated[
        Path | None,
        typer.Option(help="Folder with *.pem, jws.json and ledger.policy; else this installation's."),
    ] = None,
    code: Annotated[
        str | None, typer.Option(help="Instead of FILE: the address that the QR code holds.")
    ] = None,
    language: Annotated[Spoken, typer.Option(help="Language of the reasons.")] = Spoken.en,
) -> int:
    """Judge an extract; exit 0 AUTHENTIC, 3 SUPERSEDED, 1 NOT AUTHENTIC, 2 when it cannot be judged."""
    from api.extract_file import read_document
    from api.judging import judge_code, judge_offline, judge_online
    from api.settings import read_api_settings

    if (file is None) == (code is None):
        raise InvalidInput("Name a file, or the address of a QR code (--code).", code="nothing-to-judge")
    settings = read_api_settings()
    own_trust = settings.signing_dir / "trust"
    if file is None:
        verdict, why, facts = judge_code(code or "", trust or own_trust)
        _say(verdict, (why,), language)
        for line in _facts_of(facts):
            typer.echo(f"  {line}")
        return EXITS[verdict]
    data, form = read_document(file)
    if offline or trust is not None:
        verdict, reasons = judge_offline(data, form, trust or own_trust)
    else:
        verdict, reasons = judge_online(data, form, settings)
    _say(verdict, reasons, language)
    return EXITS[verdict]


def _say(verdict: str, reasons: Iterable[Reason], language: Spoken) -> None:
    typer.echo(str(verdict))
    for reason in reasons:
        typer.echo(f"  {getattr(reason.text, language.value) or reason.text.az}")


def _facts_of(facts: CodeFacts | None) -> list[str]:
    if facts is None:
        return []
    area = "" if facts.area_m2 is None else f"{facts.area_m2:.2f} m²"
    moment = facts.issued_at.isoformat()
    return [facts.register_number, area, moment, f"ledger {facts.ledger_index}", facts.id, facts.sha256]
