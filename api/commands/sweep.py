"""Judge every section by the rules of the register, as the worker does each night."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    district: Annotated[
        str | None, typer.Option(help="Code of a district; all inside it are judged too. Else the country.")
    ] = None,
) -> int:
    """Judge every section now and keep what is found; exit 1 when something stands open.

    The findings are read with 'cadastre worklist sweep_findings'.
    """
    import time

    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.services.sweep import sweep

    started = time.monotonic()
    with opened_rooms(read_api_settings()) as rooms:
        swept = sweep(rooms.database, rooms.clock, district=district)
    seconds = max(time.monotonic() - started, 0.001)
    typer.echo(
        f"run {swept.run_id}: {swept.sections:,} sections in {seconds:.1f} s "
        f"({swept.sections / seconds:,.0f}/s), "
        f"{swept.found:,} findings, {swept.opened:,} of them new, {swept.closed:,} gone"
    )
    for rule, count in sorted(swept.by_rule.items()):
        typer.echo(f"{count:>9,}  {rule}")
    return 1 if swept.found else 0
