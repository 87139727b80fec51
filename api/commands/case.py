"""Cases: file an application, show a case, list cases, take a step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from api.composition import Rooms
    from cadastre.domain.caller import Caller
    from cadastre.rules.engine import Report

app = typer.Typer(help=__doc__, no_args_is_help=True)
Token = Annotated[
    str | None,
    typer.Option(envvar="CADASTRE_TOKEN", help="Who acts (see 'cadastre token'); else the operator."),
]
CaseId = Annotated[UUID, typer.Argument(help="Identifier of the case.")]


@app.command("file")
def file_case(
    application: Annotated[
        Path, typer.Argument(help="Application as JSON, as POST /v1/applications takes it.")
    ],
    document: Annotated[
        list[str] | None,
        typer.Option(help="Scan to keep with it, ROLE:KIND:FILE, such as basis:sale_contract:k.pdf."),
    ] = None,
    token: Token = None,
) -> int:
    """Enter an application into the journal; exit 1 when it was returned because papers are missing."""
    from api.case_file import read_application, read_scan
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.services.case_intake import with_versions_seen

    asked = read_application(application)
    scans = [read_scan(text) for text in document or ()]
    with opened_rooms(read_api_settings()) as rooms:
        caller = _caller(rooms, token)
        for scan in scans:
            asked.documents.append(scan.keep(rooms, caller))
        order = with_versions_seen(asked.to_order(), None, rooms.today())
        filed = rooms.desks.cases.file(order, caller)
    doubt = "" if filed.deadline.is_certain else " (INDETERMINATE: holidays not all known)"
    typer.echo(
        f"{filed.state.value}: journal number {filed.journal_number}, case {filed.case_id}, "
        f"due {filed.deadline.due_on}{doubt}, fee {filed.fee.amount} {filed.fee.currency}"
    )
    _tell(filed.report)
    if filed.missing_documents:
        typer.echo(f"returned: these documents are missing: {', '.join(filed.missing_documents)}", err=True)
        return 1
    return 0


@app.command()
def show(case_id: CaseId, token: Token = None) -> None:
    """Show a case with its steps as JSON; the look is logged."""
    from api.composition import opened_rooms
    from api.schemas.cases import write_case
    from api.settings import read_api_settings

    with opened_rooms(read_api_settings()) as rooms:
        case = write_case(rooms.desks.cases.show(case_id, _caller(rooms, token)))
    typer.echo(json.dumps(case.model_dump(mode="json"), ensure_ascii=False, indent=2))


@app.command("list")
def list_cases(
    state: Annotated[str | None, typer.Option(help="accepted, assigned, prepared, suspended, ...")] = None,
    office: Annotated[str | None, typer.Option(help="Two digits of the office.")] = None,
    assignee: Annotated[str | None, typer.Option(help="Officer whose cases are meant.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Last journal number seen.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    token: Token = None,
) -> None:
    """List cases in the order of the journal, one a line."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.domain.case import CaseState
    from cadastre.kernel.errors import InvalidInput
    from cadastre.services.cases import CaseFilter

    known = [item.value for item in CaseState]
    if state is not None and state not in known:
        raise InvalidInput(f"state must be one of {', '.join(known)}.", code="unknown-state")
    wanted = CaseFilter(CaseState(state) if state else None, office, assignee, after, limit)
    with opened_rooms(read_api_settings()) as rooms:
        rows = rooms.desks.cases.list(wanted, _caller(rooms, token))
    for row in rows:
        typer.echo(
            f"{row.journal_number} {row.case_id} {row.service} {row.state} due {row.due_on} "
            f"{row.assignee or '-'}"
        )


@app.command()
def step(
    case_id: CaseId,
    kind: Annotated[
        str, typer.Argument(help="assign, prepare, send_back, suspend, resume, register, refuse or withdraw.")
    ],
    ground: Annotated[str | None, typer.Option(help="Legal ground to suspend or refuse (codelist).")] = None,
    reason: Annotated[str | None, typer.Option(help="Reasons, as the applicant is told them.")] = None,
    assignee: Annotated[str | None, typer.Option(help="Officer; else whoever has the fewest cases.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day of a suspension, YYYY-MM-DD.")] = None,
    token: Token = None,
) -> None:
    """Take a case one step further, from the state that it is in now."""
    from api.composition import opened_rooms
    from api.extract_file import parse_day
    from api.settings import read_api_settings
    from cadastre.domain.case import StepKind
    from cadastre.kernel.errors import InvalidInput
    from cadastre.services.case_steps import StepOrder

    known = [item.value for item in StepKind]
    if kind not in known:
        raise InvalidInput(f"The step must be one of {', '.join(known)}.", code="unknown-step")
    day = None if until is None else parse_day(until)
    with opened_rooms(read_api_settings()) as rooms:
        caller = _caller(rooms, token)
        seen = rooms.desks.cases.show(case_id, caller).steps[-1].step_number
        order = StepOrder(StepKind(kind), seen, ground, reason, assignee, day)
        taken = rooms.desks.steps.take(case_id, order, caller)
    given = f", registration {', '.join(taken.registration_numbers)}" if taken.registration_numbers else ""
    typer.echo(f"{taken.state.value}: step {taken.step_number} of case {case_id}{given}")
    _tell(taken.report)


def _tell(report: Report | None) -> None:
    """Say what the rules found and what did not stop the act, one line each."""
    for item in () if report is None else report.judged:
        told = item.tell("en")
        typer.echo(f"{told['weight']} {told['rule']}: {told['text']} {told['what_to_do']}", err=True)


def _caller(rooms: Rooms, token: str | None) -> Caller:
    from api.extract_file import operator

    return operator() if token is None else rooms.tokens.authenticate(token)
