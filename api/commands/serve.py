"""Serve the HTTP interface and the pages."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 1,
) -> int:
    """Serve the HTTP interface and the pages until interrupted (SIGINT or SIGTERM end it cleanly)."""
    from functools import partial

    from api.app import create_app
    from api.composition import opened_rooms
    from api.serving import require_free_port, serve
    from api.settings import read_api_settings

    settings = read_api_settings().listening_on(host, port)
    with opened_rooms(settings):
        pass  # what is wrong is said here, once, and not by every worker
    require_free_port(host, port)
    settings.remember_address()
    return serve(partial(create_app, settings), host, port, workers=workers)
