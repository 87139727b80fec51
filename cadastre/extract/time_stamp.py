"""RFC 3161 time stamps: how one is asked for, and what is believed of the answer."""

from __future__ import annotations

import hashlib
import http.client
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from asn1crypto import cms, tsp

from cadastre.extract.der import SHA256, integer, tlv
from cadastre.kernel.clock import Clock
from cadastre.kernel.errors import Unavailable

RETRY_AFTER_S = 60
CLOCKS_APART = timedelta(minutes=5)
"""How far the clocks of register and time-stamp service may be apart."""
_MOST_BYTES = 65_536
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_TRUE = b"\x01\x01\xff"
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


class TimeStamper(Protocol):
    """Whoever can say that a digest existed."""

    def stamp(self, digest: bytes) -> bytes:
        """Give the time-stamp token (DER) over a SHA-256 digest.

        Raises
        ------
        Unavailable
            None can be had now.
        """
        ...


class NoTimeStamp(Unavailable):
    """No time stamp can be had, so nothing leaves that needs one; try again in a minute."""

    default_code = "time-stamp-unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"No time stamp can be had ({reason}), and without one no extract leaves; "
            "what was decided is kept, ask again in a minute.",
            retry_after_s=RETRY_AFTER_S,
        )


@dataclass
class TimeStampClient:
    """Asks a time-stamp service over HTTP; after a failure it refuses at once for a while.

    Parameters
    ----------
    url
        Address of the service.
    patience_s
        How long one request may wait for a time stamp, all attempts together.
    rest_s
        How long the service is left alone after it failed, so that a dead one holds nobody up.
    """

    url: str
    patience_s: float = 5.0
    rest_s: float = 2.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _resting_until: float = 0.0

    def stamp(self, digest: bytes) -> bytes:
        """Give a token over a digest."""
        with self._lock:
            if time.monotonic() < self._resting_until:
                raise NoTimeStamp("the service did not answer a moment ago")
        try:
            return self._ask(digest)
        except (OSError, http.client.HTTPException) as error:
            self._rest()
            raise NoTimeStamp(type(error).__name__) from error

    def _ask(self, digest: bytes) -> bytes:
        nonce = secrets.randbits(63) | 1 << 62
        query = write_query(digest, nonce)
        deadline = time.monotonic() + self.patience_s
        try:
            reply = self._post(query, deadline)
        except (ConnectionResetError, http.client.RemoteDisconnected):
            reply = self._post(query, deadline)  # one that was just being restarted
        try:
            return read_reply(reply, digest, nonce)
        except _UNREADABLE:
            self._rest()
            raise NoTimeStamp("the answer of the service is unusable") from None

    def _post(self, query: bytes, deadline: float) -> bytes:
        address = urlsplit(self.url)
        left = max(0.05, deadline - time.monotonic())
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=left)
        try:
            path = f"{address.path or '/'}{'?' + address.query if address.query else ''}"
            connection.request("POST", path, query, {"Content-Type": _QUERY, "Accept": _REPLY})
            response = connection.getresponse()
            body = response.read(_MOST_BYTES + 1)
        finally:
            connection.close()
        if response.status != 200 or len(body) > _MOST_BYTES:
            raise http.client.HTTPException(f"status {response.status}")
        return body

    def _rest(self) -> None:
        with self._lock:
            self._resting_until = time.monotonic() + self.rest_s


@dataclass(frozen=True, slots=True)
class PunctualStamper:
    """Passes on time stamps of now only: where the clocks are apart, one of them lies, and nothing leaves."""

    stamper: TimeStamper
    clock: Clock

    def stamp(self, digest: bytes) -> bytes:
        """Give a token over a digest.

        Raises
        ------
        NoTimeStamp
            None can be had, or its time is not that of this register's clock.
        """
        before = self.clock.now()
        token = self.stamper.stamp(digest)
        try:
            moment = moment_of(token)
        except _UNREADABLE:
            raise NoTimeStamp("the answer of the service is unusable") from None
        if not before - CLOCKS_APART <= moment <= self.clock.now() + CLOCKS_APART:
            raise NoTimeStamp("the clocks of the service and of the register are apart")
        return token


def moment_of(token: bytes) -> datetime:
    """Give the time in a token, which nobody has checked yet.

    Raises
    ------
    ValueError
        It is no time-stamp token.
    """
    info = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
    moment: datetime = info["gen_time"].native
    return moment


def write_query(digest: bytes, nonce: int) -> bytes:
    """Write a request for a time stamp over a SHA-256 digest, certificates wanted."""
    imprint = tlv(0x30, SHA256, tlv(0x04, digest))
    return tlv(0x30, integer(1), imprint, integer(nonce), _TRUE)


def read_reply(reply: bytes, digest: bytes, nonce: int) -> bytes:
    """Give the token of a reply that grants what was asked for.

    Raises
    ------
    ValueError
        The reply refuses, or answers another question.
    """
    read = tsp.TimeStampResp.load(reply, strict=True)
    if read["status"]["status"].native not in {"granted", "granted_with_mods"}:
        raise ValueError("refused")
    token = read["time_stamp_token"]
    info = token["content"]["encap_content_info"]["content"].parsed
    imprint = info["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != "sha256":
        raise ValueError("another digest")
    if imprint["hashed_message"].native != digest or info["nonce"].native != nonce:
        raise ValueError("another question")
    der: bytes = token.dump()
    return der


def digest_of(data: bytes) -> bytes:
    """Give the digest that a time stamp is asked for."""
    return hashlib.sha256(data).digest()


__all__ = [
    "CLOCKS_APART",
    "RETRY_AFTER_S",
    "NoTimeStamp",
    "PunctualStamper",
    "TimeStampClient",
    "TimeStamper",
    "digest_of",
    "moment_of",
    "read_reply",
    "write_query",
]
