"""Signing keys: of notaries, banks and courts, to make, register and revoke; of the office, to rotate."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(help=__doc__, no_args_is_help=True)
KeyFile = Annotated[Path, typer.Argument(help="Key as a JWK (JSON).")]


@app.command()
def make(
    private: Annotated[Path, typer.Argument(help="File to write the private key to; it must not exist.")],
) -> None:
    """Make an Ed25519 key; the private part goes to the file, the public part to standard output."""
    from api.key_file import make_signing_key

    typer.echo(json.dumps(make_signing_key(private)))


@app.command()
def register(
    subject: Annotated[str, typer.Argument(help="Account that signs with it, as its tokens name it.")],
    public: KeyFile,
    since: Annotated[str | None, typer.Option(help="First day, YYYY-MM-DD; else now.")] = None,
    until: Annotated[str | None, typer.Option(help="First day without it, YYYY-MM-DD; else no end.")] = None,
) -> None:
    """Register the public key of an account; from then on its applications are signed."""
    from api.key_file import opened_register, read_public_key, start_of
    from cadastre.services.signing import register_key

    key = read_public_key(public)
    with opened_register() as (connection, now):
        registered = register_key(
            connection,
            subject,
            key,
            valid_from=now if since is None else start_of(since),
            valid_to=None if until is None else start_of(until),
            actor="operator",
        )
    typer.echo(f"{registered.kid}: key of {registered.subject} from {registered.valid_from.isoformat()}")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Name of the key, as 'register' and 'list' print it.")],
    reason: Annotated[str, typer.Option(help="Why: lost, replaced, the office has ended ...")],
) -> None:
    """Revoke a key for ever; what was filed with it before stands."""
    from api.key_file import opened_register
    from cadastre.services.signing import revoke_key

    with opened_register() as (connection, now):
        revoke_key(connection, key_id, reason, at=now, actor="operator")
    typer.echo(f"{key_id}: revoked")


@app.command("list")
def list_keys(subject: Annotated[str | None, typer.Option(help="One account only.")] = None) -> None:
    """List keys, one a line."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.db.unit_of_work import Role
    from cadastre.store.signing_keys import list_all_keys

    with opened_rooms(read_api_settings()) as rooms:
        rows = rooms.database.read(lambda uow: list_all_keys(uow.connection, subject), role=Role.WRITE)
    for row in rows:
        until = f" to {row.valid_to.isoformat()}" if row.valid_to else ""
        ended = f" revoked {row.revoked_at.isoformat()}: {row.revocation_reason}" if row.revoked_at else ""
        typer.echo(f"{row.kid} {row.subject} from {row.valid_from.isoformat()}{until}{ended}")


@app.command()
def rotate(
    which: Annotated[Literal["seal", "jws", "stamps"], typer.Argument(help="Key of the office.")],
) -> None:
    """Seal extracts, or sign their statements, with a new key from now on; what was issued stays genuine.

    `stamps` is the time-stamp service of the development authority, where there is one.

    Running processes take the new key up by themselves; the old private key is destroyed.
    """
    from api.settings import read_api_settings
    from api.signing import keeper_of
    from cadastre.extract.pki import KeyCabinet, renew_stamps, rotate_jws, rotate_seal
    from cadastre.kernel.clock import SystemClock

    settings, clock = read_api_settings(), SystemClock()
    folder = settings.signing_dir
    KeyCabinet(folder, now=clock.now(), keeping=lambda place: keeper_of(settings, place))
    keeper = keeper_of(settings, folder)
    if which == "seal":
        typer.echo(
            f"sealed from now on by certificate {rotate_seal(folder, keeper, clock.now()).serial_number:x}"
        )
    elif which == "stamps":
        typer.echo(f"stamped from now on by certificate {renew_stamps(folder, clock.now()).serial_number:x}")
    else:
        typer.echo(f"statements are signed from now on by {rotate_jws(folder, keeper, clock)}")


@app.command()
def request(
    subject: Annotated[str, typer.Option(help="Whom the certificate is for: CN=...,O=...,C=AZ.")],
    out: Annotated[Path, typer.Option(help="File for the request (PKCS#10, PEM).")],
) -> None:
    """Make a key for the seal where keys are kept, and a request to have it certified; nothing else changes.

    In a register without keys no development authority is made, then or later. Asked again, the request is
    written anew over the same key.
    """
    from api.settings import read_api_settings
    from api.signing import keeper_of
    from cadastre.extract.seal_request import request_seal

    settings = read_api_settings()
    settings.signing_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = request_seal(settings.signing_dir, keeper_of(settings, settings.signing_dir), subject)
    out.write_bytes(made)
    typer.echo(f"{out}: to be certified; then 'cadastre key install'")


@app.command()
def install(
    certificate: Annotated[Path, typer.Argument(help="Certificate and those up to the root (PEM).")],
    anchor: Annotated[
        list[Path] | None,
        typer.Option(help="Root to be believed from now on (PEM), of seal or time stamps; repeatable."),
    ] = None,
) -> None:
    """Seal by a certificate that was requested; the old key is destroyed, what it sealed stays genuine.

    It is refused unless it fits the key, is for sealing, in force, and issued under a believed root.
    """
    from api.settings import read_api_settings
    from api.signing import keeper_of
    from cadastre.extract.seal_request import install_seal
    from cadastre.kernel.clock import SystemClock

    settings = read_api_settings()
    folder, roots = settings.signing_dir, [path.read_bytes() for path in anchor or []]
    keeper, now = keeper_of(settings, folder), SystemClock().now()
    installed = install_seal(folder, keeper, certificate.read_bytes(), roots, now)
    typer.echo(
        f"sealed from now on by certificate {installed.serial_number:x}, "
        f"until {installed.not_valid_after_utc:%Y-%m-%d}"
    )


@app.command("revoke-seal")
def revoke_seal(
    label: Annotated[str, typer.Argument(help="The seal's label, such as seal-1.")],
    reason: Annotated[str, typer.Option(help="key-compromise, superseded, cessation, unspecified.")],
) -> None:
    """Have the development authority revoke a seal; what it provably sealed before stays genuine."""
    from api.settings import read_api_settings
    from cadastre.extract import pki
    from cadastre.kernel.clock import SystemClock

    pki.revoke_seal(read_api_settings().signing_dir, label, SystemClock().now(), reason)
    typer.echo(f"{label}: revoked")


@app.command()
def sign(
    application: Annotated[
        Path, typer.Argument(help="Application as JSON, as POST /v1/applications takes it.")
    ],
    key: Annotated[Path, typer.Option(help="Private key, as 'make' wrote it.")],
) -> None:
    """Give the application with its signed payload, to be sent as it is printed."""
    from api.case_file import read_application
    from api.key_file import read_private_key
    from api.settings import read_api_settings
    from cadastre.extract.envelope import seal_envelope
    from cadastre.kernel.clock import SystemClock

    asked = read_application(application)
    stated = asked.model_dump(mode="json", exclude={"signed_payload"}, exclude_unset=True)
    audience = read_api_settings().token_audience
    sealed = seal_envelope(stated, read_private_key(key), audience=audience, at=SystemClock().now())
    sys.stdout.write(json.dumps({**stated, "signed_payload": sealed}, ensure_ascii=False, indent=2) + "\n")
