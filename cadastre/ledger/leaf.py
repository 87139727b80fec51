"""What a leaf is: RFC 8785 JSON under a salt, hashed as RFC 6962 hashes leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cadastre.kernel.canonical import canonical_json

SALT_BYTES = 16
_LEAF_PREFIX = b"\x00"


def canonical_payload(payload: Mapping[str, Any]) -> str:
    """Give the canonical JSON text of a payload (which never holds personal data).

    References
    ----------
    RFC 8785, JSON Canonicalization Scheme.

    Examples
    --------
    >>> canonical_payload({"b": 1, "a": "ə"})
    '{"a":"ə","b":1}'
    """
    return canonical_json(dict(payload)).decode()


def compute_leaf_hash(payload: str, salt: bytes) -> bytes:
    """Give the hash that stands for ``payload`` in the log: SHA-256 of 0x00, salt, payload.

    References
    ----------
    RFC 6962, section 2.1 (the 0x00 prefix keeps leaves apart from inner nodes).

    Examples
    --------
    >>> compute_leaf_hash("{}", bytes(16)).hex()[:16]
    'd49d107d35fc788f'
    """
    return hashlib.sha256(_LEAF_PREFIX + salt + payload.encode("utf-8")).digest()


__all__ = ["SALT_BYTES", "canonical_payload", "compute_leaf_hash"]
