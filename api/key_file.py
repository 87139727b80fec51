"""Signing keys as files of the command line, and the register as its owner opens it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from api.extract_file import parse_day
from cadastre.db.settings import resolve_urls
from cadastre.db.unit_of_work import translate
from cadastre.extract.jws import JwsKey, b64, key_of_jwk, public_jwk, unb64
from cadastre.extract.strict_json import read_object
from cadastre.kernel.clock import OFFICIAL_ZONE, SystemClock
from cadastre.kernel.errors import InvalidInput

MAX_KEY_BYTES = 4_000


def make_signing_key(path: Path) -> Mapping[str, str]:
    """Write a new private key that only its owner can read; give the public JWK.

    Raises
    ------
    FileExistsError
        There is such a file: no key is ever overwritten.
    """
    private = Ed25519PrivateKey.generate()
    public = dict(public_jwk(private.public_key()))
    secret = b64(private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump({**public, "d": secret}, stream)
    return public


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key; a private one is refused, for it has no business here."""
    return key_of_jwk(_read(path))


def read_private_key(path: Path) -> JwsKey:
    """Read a private key as :func:`make_signing_key` wrote it."""
    jwk = _read(path)
    secret = jwk.pop("d", None)
    if not isinstance(secret, str) or len(raw := unb64(secret)) != 32:
        raise InvalidInput(f"{path} holds no private Ed25519 JWK.", code="bad-jwk")
    key = JwsKey.of(Ed25519PrivateKey.from_private_bytes(raw))
    if public_jwk(key.private.public_key())["x"] != jwk.get("x"):
        raise InvalidInput(f"The two halves of the key in {path} do not belong together.", code="bad-jwk")
    return key


def start_of(day: str) -> datetime:
    """Give the moment at which a day begins in the office's time zone."""
    return datetime.combine(parse_day(day), time(), OFFICIAL_ZONE).astimezone(UTC)


@contextmanager
def opened_register() -> Iterator[tuple[Connection, datetime]]:
    """Open a transaction as the owner: keys are what the application itself may not write."""
    engine = create_engine(resolve_urls().require_admin(), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            yield connection, SystemClock().now()
    except DBAPIError as error:
        raise translate(error) from error
    finally:
        engine.dispose()


def _read(path: Path) -> dict[str, Any]:
    return read_object(path.read_bytes(), max_bytes=MAX_KEY_BYTES)


__all__ = ["make_signing_key", "opened_register", "read_private_key", "read_public_key", "start_of"]
