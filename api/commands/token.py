"""Print a bearer token of the embedded identity provider (for the operator and for tests)."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    role: Annotated[
        str, typer.Option(help="owner, notary, surveyor, registrar, bank, court, auditor, admin, ...")
    ],
    subject: Annotated[str, typer.Option(help="Account; an owner's may be his FIN, a bank's its VOEN.")],
    name: Annotated[str | None, typer.Option(help="Name that documents print; else the subject.")] = None,
    fin: Annotated[str | None, typer.Option(help="Personal code that the token vouches for.")] = None,
    voen: Annotated[str | None, typer.Option(help="Taxpayer's number that the token vouches for.")] = None,
    hours: Annotated[
        float | None, typer.Option(min=0.01, max=744, help="Lifetime; else CADASTRE_TOKEN_HOURS (12).")
    ] = None,
) -> None:
    """Print a bearer token of the embedded identity provider, and nothing else."""
    from api.auth import open_tokens
    from api.auth.tokens import make_caller
    from api.settings import read_api_settings

    caller = make_caller(role, subject, name, fin, voen)
    typer.echo(open_tokens(read_api_settings()).issue(caller, hours=hours))
