"""The time-stamp service of development (RFC 3161): signs that a digest existed, by the clock it is given."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC

from asn1crypto import tsp

from cadastre.extract.credential import Credential
from cadastre.extract.der import SHA256, TST_INFO, integer, oid, tlv
from cadastre.kernel.clock import Clock

POLICY = oid("2.25.324617389012")
"""A policy of nobody: an arc that needs no registration (X.667)."""
_GENERALIZED_TIME, _BIT_STRING = 0x18, 0x03
_BAD_REQUEST, _BAD_ALGORITHM = b"\x02\x05\x20", b"\x07\x80"
_ACCURACY = tlv(0x30, integer(1))


@dataclass(frozen=True, slots=True)
class StampAuthority:
    """Answers requests for time stamps; a :class:`~cadastre.extract.time_stamp.TimeStamper` itself."""

    credential: Credential
    clock: Clock

    def stamp(self, digest: bytes) -> bytes:
        """Give the token over a SHA-256 digest."""
        return self._token(tlv(0x30, SHA256, tlv(0x04, digest)), b"")

    def answer(self, query: bytes) -> bytes:
        """Answer a request as it came over the wire."""
        try:
            request = tsp.TimeStampReq.load(query, strict=True)
            imprint = request["message_imprint"]
            algorithm = imprint["hash_algorithm"]["algorithm"].native
            digest = imprint["hashed_message"].native
            nonce = request["nonce"].native
        except (ValueError, TypeError, KeyError):
            return _refusal(_BAD_REQUEST)
        if algorithm != "sha256" or len(digest) != 32:
            return _refusal(_BAD_ALGORITHM)
        written = b"" if nonce is None else integer(nonce)
        token = self._token(imprint.dump(), written, bare=not request["cert_req"].native)
        return tlv(0x30, tlv(0x30, integer(0)), token)

    def _token(self, imprint: bytes, nonce: bytes, *, bare: bool = False) -> bytes:
        now = self.clock.now().astimezone(UTC)
        fraction = f"{now.microsecond:06d}".rstrip("0")
        moment = f"{now:%Y%m%d%H%M%S}{'.' + fraction if fraction else ''}Z".encode()
        info = tlv(
            0x30,
            integer(1),
            POLICY,
            imprint,
            integer(secrets.randbits(63)),
            tlv(_GENERALIZED_TIME, moment),
            _ACCURACY,
            nonce,
        )
        signature = self.credential.sign(hashlib.sha256(info).digest(), content_type=TST_INFO)
        return self.credential.write(signature, content_type=TST_INFO, content=info, bare=bare)


def _refusal(failure: bytes) -> bytes:
    return tlv(0x30, tlv(0x30, integer(2), tlv(_BIT_STRING, failure)))


__all__ = ["StampAuthority"]
