"""Issue a signed extract, certificate or plan into a file (the office's own use)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kind(StrEnum):
    """What is asked for."""

    extract = "extract"
    certificate = "certificate"
    plan = "plan"
    reference_description = "reference-description"
    reference_rights = "reference-rights"
    reference_encumbrances = "reference-encumbrances"
    archive = "archive"


def command(
    register_number: Annotated[
        str, typer.Argument(help="Number of the property, such as 203015000123, or of its parcel.")
    ],
    out: Annotated[Path, typer.Option(help="File to write, .pdf or .json.")],
    kind: Annotated[
        Kind, typer.Option(help="Extract (kupça), certificate (arayış), plan ...")
    ] = Kind.extract,
    as_of: Annotated[str | None, typer.Option(help="Day of the law's time, YYYY-MM-DD; else today.")] = None,
    known_at: Annotated[
        str | None, typer.Option(help="Ledger index, or instant with offset; else the newest.")
    ] = None,
    capacity: Annotated[str, typer.Option(help="Capacity of the applicant (codelist).")] = "registry_officer",
    basis: Annotated[str, typer.Option(help="Document the application rests on.")] = "command line",
    acting_for: Annotated[str | None, typer.Option(help="Whom the applicant acts for.")] = None,
    purpose: Annotated[str, typer.Option(help="What it is asked for (codelist).")] = "official_duty",
) -> None:
    """Issue a signed extract, certificate or plan; the application enters the journal like any other."""
    from api.composition import opened_rooms
    from api.extract_file import file_kind_of, indented, operator, parse_day, write_extract_file
    from api.schemas.extracts import write_extract
    from api.settings import read_api_settings
    from cadastre.domain.extract import ExtractRequest
    from cadastre.domain.moment import parse_known_at

    file_kind = file_kind_of(out)
    day = None if as_of is None else parse_day(as_of)
    known = None if known_at is None else parse_known_at(known_at)
    request = ExtractRequest(register_number, kind.value, capacity, basis, purpose, day, known, acting_for)
    with opened_rooms(read_api_settings()) as rooms:
        desk, caller = rooms.desks.extracts, operator()
        issued = desk.issue_statement(request, caller)
        statement = issued.read()
        if file_kind == "pdf":
            content = desk.print(issued, caller).pdf
        else:
            found = rooms.ledger.proofs.find_proof_of_extract(issued.id)
            proof = None if found is None else found.write()
            address = f"{rooms.settings.base_url}/v1/extracts/{issued.id}/pdf"
            content = indented(write_extract(issued, address, proof))
        write_extract_file(out, content)
    typer.echo(f"{statement['kind']} {statement['register_number']} {issued.id} -> {out}")
    if statement["kind"] == "not-in-register":
        typer.echo(
            f"{statement['register_number']} is not in the register: the file says so, signed.", err=True
        )
