"""Serves a witness over HTTP: one address to post to, small bodies only, nothing else."""

from __future__ import annotations

import logging
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from cadastre.kernel.errors import CadastreError, Unavailable
from cadastre.ledger.witness import MAX_REQUEST_BYTES, Answer, Witness

PATIENCE_S = 10.0
CHECKPOINTS, HANDOVERS = "/add-checkpoint", "/add-handover"

_log = logging.getLogger("api.witness")


def make_witness_server(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """Listen for heads to cosign; ``serve_forever`` of what is given does the work.

    Raises
    ------
    Unavailable
        The address cannot be listened on.
    """
    handler = type("WitnessHandler", (_Handler,), {"witness": witness})
    try:
        return _Server((host, port), handler)
    except OSError as error:
        raise Unavailable(
            f"Cannot listen on {host}, port {port}: {error.strerror}.", code="cannot-listen"
        ) from None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say that a conversation broke off; its caller comes again."""
        _log.info("a conversation broke off")


class _Handler(BaseHTTPRequestHandler):
    witness: ClassVar[Witness]
    protocol_version = "HTTP/1.1"
    server_version = "kadastr-witness"
    sys_version = ""
    timeout = PATIENCE_S

    def do_POST(self) -> None:
        """Answer one request."""
        length = self.headers.get("Content-Length", "")
        if self.path not in {CHECKPOINTS, HANDOVERS}:
            self._answer(
                Answer(HTTPStatus.NOT_FOUND, "There are /add-checkpoint and /add-handover.\n"),
                close=True,
            )
        elif not (length.isascii() and length.isdigit()):
            self._answer(Answer(HTTPStatus.LENGTH_REQUIRED, "Say how long the request is.\n"), close=True)
        elif int(length) > MAX_REQUEST_BYTES:
            self._answer(
                Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too long.\n"), close=True
            )
        else:
            self._answer(self._judge(self.rfile.read(int(length))))

    def do_GET(self) -> None:
        """Tell who this is."""
        key = self.witness.signer.verifier
        self._answer(Answer(HTTPStatus.OK, f"witness {key.name}\n"))

    def _judge(self, body: bytes) -> Answer:
        try:
            judge = self.witness.add_handover if self.path == HANDOVERS else self.witness.add_checkpoint
            answer = judge(body)
        except CadastreError as error:
            _log.critical("nothing is cosigned", extra={"facts": {"why": error.message}})
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "The witness cannot write down what it signs.\n")
        if answer.status is not HTTPStatus.OK:
            _log.warning(
                "refused", extra={"facts": {"status": answer.status.value, "why": answer.body.strip()}}
            )
        return answer

    def _answer(self, answer: Answer, *, close: bool = False) -> None:
        content = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(content)))
        if close:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Leave each request unlogged; refusals are logged above."""


__all__ = ["CHECKPOINTS", "HANDOVERS", "make_witness_server"]
