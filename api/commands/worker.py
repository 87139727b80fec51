"""Run the worker: numbers ledger entries, completes unsigned extracts, delivers news, sweeps at night."""

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
    from datetime import timedelta

    from api.archiver import Archiver
    from api.checkpointer import Checkpointer
    from api.composition import opened_rooms
    from api.logs import log_config
    from api.settings import read_api_settings
    from api.webhooks import HttpSender
    from api.witness_room import WitnessRound
    from api.worker import Courier, NightWatch, Worker

    settings = read_api_settings()
    with opened_rooms(settings) as rooms:
        logging.config.dictConfig(log_config())
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        worker = Worker(rooms.database, rooms.desks.extracts, settings.worker_seconds)
        lease = timedelta(seconds=settings.webhook_lease_seconds)
        sender = HttpSender(settings.webhooks_private)
        courier = Courier(rooms.database, sender, rooms.clock, lease, settings.worker_seconds)
        checkpointer = Checkpointer(rooms.ledger.checkpoints, settings.checkpoint_seconds)
        witnesses = WitnessRound(rooms.ledger.witnesses)
        archiver = Archiver(rooms.archive, rooms.renewals)
        if once:
            worker.work_once()
            checkpointer.work_once()
            witnesses.work_once()
            archiver.work_once()
            courier.work_once()
            return
        watch = NightWatch(rooms.database, rooms.clock, settings.sweep_hour)
        beside = [
            threading.Thread(target=courier.run, args=(stop,), name="courier"),
            threading.Thread(target=watch.run, args=(stop,), name="night-watch"),
            threading.Thread(target=checkpointer.run, args=(stop,), name="checkpointer"),
            threading.Thread(target=witnesses.run, args=(stop,), name="witnesses"),
            threading.Thread(target=archiver.run, args=(stop,), name="archiver"),
        ]
        for thread in beside:
            thread.start()
        logging.getLogger("api.worker").info("working")
        try:
            worker.run(stop)
        finally:
            stop.set()
            for thread in beside:
                thread.join()
            worker.close()
        logging.getLogger("api.worker").info("stopped")
