"""Run a witness: cosigns the ledger's checkpoints, refuses forks and rollbacks, needs no database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    directory: Annotated[
        Path, typer.Option("--dir", help="What the witness remembers; made at the first start.")
    ],
    key: Annotated[Path, typer.Option(help="Its signing key; made at the first start, with the directory.")],
    log_key: Annotated[
        list[str],
        typer.Option(help="Key of a ledger (name+id+base64), or a file with one a line; repeatable."),
    ],
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    name: Annotated[str, typer.Option(help="Name that it signs under.")] = "kadastr.local/witness",
    while_stdin: Annotated[
        bool, typer.Option("--while-stdin", help="End when standard input does, with who started it.")
    ] = False,
) -> None:
    """Cosign the checkpoints of the given ledgers until interrupted.

    The directory and the key are made together at the first start. From then on a witness that
    has lost either, or whose memory was cut or put back, does not start.
    """
    import logging.config
    import signal
    import sys
    import threading

    from api.logs import log_config
    from api.witness_server import make_witness_server
    from cadastre.kernel.clock import SystemClock
    from cadastre.ledger.cosignature import WitnessVerifier
    from cadastre.ledger.key_lines import read_keys
    from cadastre.ledger.note import parse_verifier
    from cadastre.ledger.witness import Witness, list_logs
    from cadastre.ledger.witness_memory import open_witness

    logs = list_logs(read_keys(log_key, parse_verifier))
    signer, memory = open_witness(directory, key, name)
    server = make_witness_server(Witness(signer, logs, memory, SystemClock()), host, port)
    logging.config.dictConfig(log_config())

    def wait_and_end() -> None:
        sys.stdin.read()
        server.shutdown()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    if while_stdin:
        threading.Thread(target=wait_and_end, daemon=True).start()
    typer.echo(f"{WitnessVerifier(name, signer.verifier.public_key).line}")
    typer.echo(f"READY http://{host}:{server.server_address[1]}")
    try:
        server.serve_forever()
    finally:
        server.server_close()
        memory.close()
