"""The witnesses of the log: by configuration, asked over HTTP, in a round of their own."""

from __future__ import annotations

import http.client
import logging
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from api.witness_server import CHECKPOINTS, HANDOVERS
from api.worker import repeat
from cadastre.db.unit_of_work import Database
from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.cosignature import parse_witness
from cadastre.services.witnessing import WitnessAddress, WitnessDesk

TIMEOUT_S: Final = 5.0
MAX_ANSWER_BYTES: Final = 16_000

_log = logging.getLogger("api.witnesses")


def parse_witnesses(setting: str) -> tuple[WitnessAddress, ...]:
    """Read witnesses as they are configured: key and address, several parted by commas.

    Raises
    ------
    InvalidInput
        One is not so written, or two have one name.

    Examples
    --------
    >>> parse_witnesses("")
    ()
    """
    found: dict[str, WitnessAddress] = {}
    for entry in filter(None, (part.strip() for part in setting.replace("\n", ",").split(","))):
        words = entry.split()
        if len(words) != 2 or urlsplit(words[1]).scheme not in {"http", "https"}:
            raise InvalidInput(
                "CADASTRE_WITNESSES is 'name+id+key http://address', several parted by commas.",
                code="bad-setting",
            )
        verifier = parse_witness(words[0])
        if verifier.name in found:
            raise InvalidInput(f"CADASTRE_WITNESSES names {verifier.name} twice.", code="bad-setting")
        found[verifier.name] = WitnessAddress(words[1].rstrip("/"), verifier)
    return tuple(found.values())


def read_witnesses(setting: str, quorum: int) -> tuple[WitnessAddress, ...]:
    """Read the configured witnesses, of whom so many lines are asked.

    Raises
    ------
    InvalidInput
        The setting is malformed, or more lines are asked than there are witnesses.
    """
    witnesses = parse_witnesses(setting)
    if witnesses and quorum > len(witnesses):
        raise InvalidInput(
            f"CADASTRE_WITNESS_QUORUM is {quorum}, but {len(witnesses)} witnesses are configured.",
            code="bad-setting",
        )
    return witnesses


def open_witnesses(
    database: Database, setting: str, quorum: int, handovers: Callable[[], Sequence[str]]
) -> WitnessDesk:
    """Open the desk that collects cosignatures from the configured witnesses."""
    witnesses = read_witnesses(setting, quorum)
    return WitnessDesk(database, witnesses, HttpWitnessCaller(), quorum if witnesses else 0, handovers)


@dataclass(frozen=True, slots=True)
class HttpWitnessCaller:
    """Asks by POST, at the address that the operator configured."""

    timeout_s: float = TIMEOUT_S
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def ask(self, url: str, body: bytes) -> tuple[int, str] | None:
        """Ask one witness; whatever goes wrong on the way is no answer."""
        return self._post(f"{url}{CHECKPOINTS}", body)

    def hand_over(self, url: str, body: bytes) -> tuple[int, str] | None:
        """Tell one witness of a handover."""
        return self._post(f"{url}{HANDOVERS}", body)

    def _post(self, url: str, body: bytes) -> tuple[int, str] | None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        try:
            connection = (
                http.client.HTTPSConnection(host, parts.port, timeout=self.timeout_s, context=self.tls)
                if parts.scheme == "https"
                else http.client.HTTPConnection(host, parts.port, timeout=self.timeout_s)
            )
        except (ValueError, http.client.HTTPException):
            return None
        try:
            connection.request("POST", parts.path, body, {"Content-Type": "text/plain; charset=utf-8"})
            answer = connection.getresponse()
            return answer.status, answer.read(MAX_ANSWER_BYTES).decode()
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            _log.info("no answer", extra={"facts": {"why": type(error).__name__}})
            return None
        finally:
            connection.close()


@dataclass(slots=True)
class WitnessRound:
    """Asks the witnesses, beside the worker: one that does not answer delays nothing else."""

    desk: WitnessDesk
    pause_s: float = 1.0

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        repeat(self.work_once, stop, self.pause_s)

    def work_once(self) -> bool:
        """Ask for what is new."""
        self.desk.collect()
        return False


__all__ = ["HttpWitnessCaller", "WitnessRound", "open_witnesses", "parse_witnesses", "read_witnesses"]
