"""Judge an extract (PDF or JSON): AUTHENTIC, SUPERSEDED or NOT AUTHENTIC."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Spoken(StrEnum):
    """Language of what is said."""

    az = "az"
    en = "en"
    ru = "ru"


def command(
    file: Annotated[Path, typer.Argument(help="PDF, or the JSON that issuing answered with.")],
    offline: Annotated[bool, typer.Option("--offline", help="Without the register: keys only.")] = False,
    trust: Annotated[
        Path | None, typer.Option(help="Folder with the CA (*.pem) and jws.json; else this installation's.")
    ] = None,
    language: Annotated[Spoken, typer.Option(help="Language of the reasons.")] = Spoken.en,
) -> int:
    """Judge an extract; exit 0 AUTHENTIC, 3 SUPERSEDED, 1 NOT AUTHENTIC, 2 when it cannot be judged."""
    from api.extract_file import read_document
    from api.judging import judge_offline, judge_online
    from api.settings import read_api_settings

    data, form = read_document(file)
    settings = read_api_settings()
    if offline or trust is not None:
        verdict, reasons = judge_offline(data, form, trust or settings.signing_dir / "trust")
    else:
        verdict, reasons = judge_online(data, form, settings)
    typer.echo(verdict.value)
    for reason in reasons:
        typer.echo(f"  {getattr(reason.text, language.value) or reason.text.az}")
    return {"AUTHENTIC": 0, "SUPERSEDED": 3}.get(verdict.value, 1)
