"""Sends news to the addresses of their receivers: one POST each, no redirect, never into our network."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import logging
import socket
import ssl
import threading
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

from api.schemas.events import write_event
from cadastre.kernel.errors import InvalidInput
from cadastre.services.events import Event

TIMEOUT_S: Final = 5.0
_PORTS: Final = {"https": 443, "http": 80}

_log = logging.getLogger("api.webhooks")


def require_address(url: str, *, may_be_private: bool) -> None:
    """Refuse an address that news are not sent to; what its name leads to is looked up when they are sent.

    Raises
    ------
    InvalidInput
        No https address, or one of our own network.

    Examples
    --------
    >>> require_address("https://example.org/kadastr", may_be_private=False)
    >>> require_address("https://127.0.0.1/kadastr", may_be_private=False)
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: News are sent to public https addresses only.
    """
    parts = _split(url)
    if parts is None:
        raise InvalidInput(
            "The address is no URL such as https://example.org/kadastr.", code="webhook-refused"
        )
    if may_be_private:
        return
    if parts.scheme != "https" or _is_private_literal(parts.hostname or ""):
        raise InvalidInput("News are sent to public https addresses only.", code="webhook-refused")


@dataclass(frozen=True, slots=True)
class HttpSender:
    """Sends by POST and gives the status of the answer; None when there was none, or nowhere to send to."""

    may_be_private: bool = False
    timeout_s: float = TIMEOUT_S
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def send(self, url: str, event: Event) -> int | None:
        """Send one piece of news; whatever goes wrong on the way is no answer."""
        parts = _split(url)
        if parts is None or (parts.scheme != "https" and not self.may_be_private):
            return None
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        try:
            address = self._resolve(host, port)
            if address is None:
                _log.warning(
                    "an address leads into our own network", extra={"facts": {"event": event.event_id}}
                )
                return None
            tls = self.tls if parts.scheme == "https" else None
            connection = _Connection(host, port, address, self.timeout_s, tls)
            limit = threading.Timer(2 * self.timeout_s, connection.cut)
            limit.start()
            try:
                return _post(connection, parts, event)
            finally:
                limit.cancel()
                connection.close()
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            _log.info(
                "not delivered", extra={"facts": {"event": event.event_id, "why": type(error).__name__}}
            )
            return None

    def _resolve(self, host: str, port: int) -> str | None:
        """Give the address that a name leads to, unless it is one that nobody outside has."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not self.may_be_private and not all(ipaddress.ip_address(a).is_global for a in addresses):
            return None
        return addresses[0]


class _Connection(http.client.HTTPConnection):
    """Connection to an address that was looked up and judged before; the name is not looked up again."""

    def __init__(
        self, host: str, port: int, address: str, timeout_s: float, tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, port, timeout=timeout_s)
        self._address = address
        self._tls = tls
        self._timeout_s = timeout_s

    def connect(self) -> None:
        """Connect to the judged address."""
        raw = socket.create_connection((self._address, self.port), self._timeout_s)
        self.sock = raw if self._tls is None else self._tls.wrap_socket(raw, server_hostname=self.host)

    def cut(self) -> None:
        """End a conversation that a receiver draws out: each byte came in time, the answer did not."""
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _post(connection: http.client.HTTPConnection, parts: SplitResult, event: Event) -> int:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    body = json.dumps(write_event(event), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Kadastr-Event": str(event.event_id)}
    connection.request("POST", target, body, headers)
    return connection.getresponse().status


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return None
    printable = url.isascii() and url.isprintable() and " " not in url
    return parts if usable and printable else None


def _is_private_literal(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


__all__ = ["TIMEOUT_S", "HttpSender", "require_address"]
