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


@app.command("rotate-key")
def rotate_key() -> None:
    """Make a new key for checkpoints, which the old one names; running processes take it up. Print its line.

    Who knows the old key needs no other: the handover is published, and witnesses are told of it.
    """
    from api.ledger_room import load_keys, rotate_key
    from api.settings import read_api_settings
    from api.verifying import write_policy

    settings = read_api_settings()
    typer.echo(rotate_key(settings))
    write_policy(settings, load_keys(settings))


@app.command("drop-salts")
def drop_salts() -> None:
    """Drop the salts of looks whose term is over (tolerance access_salt_days); the register's stay."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    from cadastre.db.settings import resolve_urls

    engine, dropped = create_engine(resolve_urls().require_admin(), poolclass=NullPool), 0
    while True:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE cadastre_owner"))
            count = int(connection.execute(text("SELECT ledger.drop_access_salts(10000)")).scalar_one())
        dropped += count
        if count == 0:
            break
    engine.dispose()
    typer.echo(f"{dropped:,} salts dropped")


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
    """Write the log as static files (C2SP tlog-tiles) with what binds the rows, its keys and signed head."""
    import os

    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.services.commitments import export_commitments
    from cadastre.services.ledger_export import export_log

    with opened_rooms(read_api_settings()) as rooms:
        size = rooms.ledger.checkpoints.sign().tree_size
        rooms.ledger.witnesses.collect()
        rows = export_commitments(rooms.database, folder, size, jobs=min(4, os.cpu_count() or 1))
        written = export_log(rooms.database, rooms.ledger.keys, folder, size)
    typer.echo(
        f"{written.size:,} entries that bind {rows:,} rows, {written.files:,} files written to {folder}"
    )


@app.command()
def audit(
    where: Annotated[str, typer.Argument(help="Folder of an export, or address: https://.../ledger")],
    state: Annotated[Path, typer.Option(help="File that remembers the last audit; made at the first.")],
    log_key: Annotated[
        list[str],
        typer.Option(help="Key of the log (name+id+base64), or a file with one a line; repeatable."),
    ],
    witness_key: Annotated[
        list[str] | None, typer.Option(help="Key of a witness, or a file with one a line; repeatable.")
    ] = None,
    quorum: Annotated[int, typer.Option(help="Witnesses that must have cosigned.", min=0, max=60)] = 2,
    origin: Annotated[str, typer.Option(help="Name of the log.")] = "kadastr.local/ledger",
    erased_below: Annotated[
        int, typer.Option(help="Looks below this index may have lost their salt.", min=0, max=_MOST)
    ] = 0,
    held: Annotated[
        list[Path] | None,
        typer.Option(help="What a holder was given: an extract as JSON, a proof or a promise; repeatable."),
    ] = None,
) -> int:
    """Audit a published log from public files alone (exit 0 nothing found, 1 findings, 2 unusable).

    Head and witnesses, handovers of keys, entries and tiles, the head of the last audit, whether the rows of
    the register are still those that were bound, whether what holders were given leads into this log, and
    whether what they were promised stands in it (by the clocks of the witnesses).
    """
    from api.ledger_audit import make_policy, opened_source, read_held, read_promises, run_audit
    from cadastre.ledger.audit_report import list_lines

    policy = make_policy(origin, log_key, witness_key or [], quorum, erased_below)
    with opened_source(where) as source:
        given = read_held(held or [])
        report = run_audit(source, policy, state, given, read_promises(held or []))
    for line in list_lines(report):
        typer.echo(line)
    seen = ", ".join(f"{name} at {at:%Y-%m-%d %H:%M:%S} UTC" for name, at in sorted(report.cosigned.items()))
    typer.echo(f"{report.size:,} entries that bind {report.rows:,} rows, cosigned by {seen or 'nobody'}")
    typer.echo(f"{report.total:,} findings")
    return 0 if report.has_passed else 1
