"""Run the worker: numbers ledger entries and completes extracts that a crash left unsigned."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    once: Annotated[bool, typer.Option("--once", help="One round, then leave.")] = False,
) -> None:
    """Run the worker until interrupted (SIGINT or SIGTERM let it finish what it holds)."""
    import logging.config
    import signal
    import threading

    from api.composition import opened_rooms
    from api.logs import log_config
    from api.settings import read_api_settings
    from api.worker import Worker

    settings = read_api_settings()
    with opened_rooms(settings) as rooms:
        logging.config.dictConfig(log_config())
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        worker = Worker(rooms.database, rooms.desks.extracts, settings.worker_seconds)
        if once:
            worker.work_once()
            return
        logging.getLogger("api.worker").info("working")
        worker.run(stop)
        logging.getLogger("api.worker").info("stopped")
