"""The public log: its newest signed head, proofs, and a copy of it as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help=__doc__, no_args_is_help=True)
_MOST = 2**63 - 1


@app.command()
def checkpoint() -> None:
    """Sign what is new, and print the newest head with the lines of its witnesses."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings

    with opened_rooms(read_api_settings()) as rooms:
        signed = rooms.ledger.checkpoints.sign()
        note = rooms.ledger.proofs.newest() or signed.note
    typer.echo(note, nl=False)


@app.command()
def key() -> None:
    """Print the keys whose checkpoints count, the one in use first."""
    from api.ledger_room import load_keys
    from api.settings import read_api_settings

    for verifier in load_keys(read_api_settings()).verifiers:
        typer.echo(verifier.line)


@app.command()
def proof(
    index: Annotated[int, typer.Argument(help="Ledger index of the entry.", min=0, max=_MOST)],
    tree_size: Annotated[
        int | None, typer.Option(help="Entries of the signed tree; else the newest.", min=1, max=_MOST)
    ] = None,
) -> None:
    """Print the proof that an entry is in the log (c2sp.org/tlog-proof@v1)."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.kernel.errors import NotFound

    with opened_rooms(read_api_settings()) as rooms:
        if tree_size is None:
            rooms.ledger.checkpoints.sign()
        shown = rooms.ledger.proofs.prove(index, tree_size)
    if shown.proof is None:
        raise NotFound(f"No head of {shown.size} entries was signed.", code="checkpoint-not-found")
    typer.echo(shown.proof.write(), nl=False)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder for the files; an earlier export is continued.")],
) -> None:
    """Write the log as static files (C2SP tlog-tiles): tiles, entries, keys and the newest signed head."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.services.ledger_export import export_log

    with opened_rooms(read_api_settings()) as rooms:
        rooms.ledger.checkpoints.sign()
        written = export_log(rooms.database, rooms.ledger.keys, folder)
    typer.echo(f"{written.size:,} entries, {written.files:,} files written to {folder}")
