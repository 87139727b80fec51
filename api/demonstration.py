"""The demonstration: from nothing to a served register with one command."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import typer

from api.app import create_app
from api.archiver import Archiver
from api.auth.tokens import make_caller
from api.checkpointer import Checkpointer
from api.composition import Rooms, opened_rooms
from api.furnishing import Furnisher
from api.serving import require_free_port, serve
from api.settings import ApiSettings
from api.witness_processes import running_witnesses
from api.witness_room import WitnessRound
from api.worker import Worker
from cadastre.db.migrate import upgrade
from cadastre.db.settings import resolve_urls
from cadastre.services.contents import Contents

HOST = "127.0.0.1"


def run_demonstration(settings: ApiSettings, *, port: int, parcels: int) -> int:
    """Start, furnish and serve until interrupted; give the exit code."""
    require_free_port(HOST, port)
    base_url = f"http://{HOST}:{port}"
    settings = settings.listening_on(HOST, port)
    settings.remember_address()
    _say("starting the database (the first time it is installed and created)")
    admin_url = resolve_urls().require_admin()
    upgrade(admin_url)
    with running_witnesses(settings, _say) as witnessed, opened_rooms(witnessed) as rooms:
        contents = Furnisher(rooms.database, admin_url, rooms.clock, _say).furnish(parcels)
        served = rooms.desks.signing.shared(witnessed)
        with _working(rooms):
            return serve(
                partial(create_app, served),
                HOST,
                port,
                log_level="WARNING",
                when_ready=lambda: _tell(rooms, contents, base_url),
            )


@contextmanager
def _working(rooms: Rooms) -> Iterator[None]:
    """Run the worker beside the server."""
    stop = threading.Event()
    worker = Worker(rooms.database, rooms.desks.extracts, rooms.settings.worker_seconds)
    checkpointer = Checkpointer(rooms.ledger.checkpoints, rooms.settings.checkpoint_seconds)
    witnesses = WitnessRound(rooms.ledger.witnesses)
    threads = [
        threading.Thread(target=worker.run, args=(stop,), name="worker"),
        threading.Thread(target=witnesses.run, args=(stop,), name="witnesses"),
        threading.Thread(target=checkpointer.run, args=(stop,), name="checkpointer"),
        threading.Thread(target=Archiver(rooms.archive, rooms.renewals).run, args=(stop,), name="archiver"),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _say(line: str) -> None:
    typer.echo(f"  {line}")


def _tell(rooms: Rooms, contents: Contents, base_url: str) -> None:
    """Say what to open and what to try; the last line tells programs that all is ready."""
    number = contents.example_register_number
    token = rooms.tokens.issue(make_caller("notary", "demo-notary", "Nümunə Notarius"))
    typer.echo("\nAll data is synthetic.\n")
    typer.echo(f"  map        {base_url}/map")
    typer.echo(f"  interface  {base_url}/docs")
    if number is not None:
        typer.echo(f"  property   {number}")
        if contents.example_unit_register_number is not None:
            typer.echo(f"  flat       {contents.example_unit_register_number}")
        typer.echo()
        typer.echo("A signed extract, as a notary asks for it:\n")
        typer.echo(f"TOKEN={token}")
        typer.echo(f"{extract_curl(base_url, number)}\n")
        typer.echo("The same as a PDF from the command line, and its verdict:\n")
        command = command_line()
        typer.echo(f"{command} extract {number} --out kupca.pdf && {command} verify kupca.pdf\n")
    typer.echo(f"READY {base_url} (Ctrl+C ends it)")


def command_line() -> str:
    """Write how this program is called from the folder that one is in, with the home that it was given."""
    program = Path(sys.executable).with_name("cadastre")
    if not program.exists():
        program = Path(shutil.which("cadastre") or "cadastre")
    if program.is_relative_to(Path.cwd()):
        program = program.relative_to(Path.cwd())
    home = os.environ.get("CADASTRE_HOME")
    given = f"CADASTRE_HOME={shlex.quote(home)} " if home else ""
    return given + shlex.quote(str(program))


def extract_curl(base_url: str, register_number: str) -> str:
    """Write the call that issues an extract, for a shell where TOKEN is set."""
    order = {
        "register_number": register_number,
        "kind": "extract",
        "capacity": "notary",
        "basis": "demonstration",
        "purpose": "disposal",
    }
    return (
        f'curl -s {base_url}/v1/extracts -H "Authorization: Bearer $TOKEN" '
        f"-H 'Content-Type: application/json' -d '{json.dumps(order)}'"
    )


__all__ = ["command_line", "extract_curl", "run_demonstration"]
