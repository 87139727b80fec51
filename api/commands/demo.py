"""A whole register to try: embedded PostGIS, a synthetic district, map and interface."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to serve on.")] = 8000,
    parcels: Annotated[int, typer.Option(min=1, max=2_000_000, help="Parcels of the first run.")] = 2000,
) -> int:
    """Start the embedded database, load a synthetic district once, serve it, and say what to try."""
    from api.demonstration import run_demonstration
    from api.settings import read_api_settings

    return run_demonstration(read_api_settings(), port=port, parcels=parcels)
