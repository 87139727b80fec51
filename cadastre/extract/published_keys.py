"""Every key that ever sealed or signed here, and the time in which what it made counts, for ever."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from cadastre.extract.key_folder import read_manifest
from cadastre.extract.trust import Trust
from cadastre.kernel.errors import Unavailable

_SEAL = re.compile(r"seal-([0-9]+)\.pem")


def list_published_keys(directory: Path) -> dict[str, Any]:
    """Give the seals and the keys of statements of a signing directory, past ones first.

    A seal counts from the beginning of its certificate until the next one took its place, and is believed of
    what it sealed then; a key of statements until it was retired. The one in use has no end but its term.

    Raises
    ------
    Unavailable
        The keys cannot be read.
    """
    used = read_manifest(directory)["seal"]["label"]
    found = sorted(
        (int(match[1]), path) for path in directory.iterdir() if (match := _SEAL.fullmatch(path.name))
    )
    try:
        certificates = [(path.stem, x509.load_pem_x509_certificates(path.read_bytes())) for _, path in found]
        trust = Trust.read(directory / "trust")
    except (OSError, ValueError):
        raise Unavailable(f"The keys in {directory} cannot be read.", code="keys-unreadable") from None
    ends = [after[1][0].not_valid_before_utc for _, after in pairwise(certificates)]
    seals = [
        _seal(label, chain, None if label == used else end)
        for (label, chain), end in zip(certificates, [*ends, None], strict=True)
        if label == used or end is not None
    ]
    return {"seals": seals, "statements": [_statement_key(kid, trust) for kid in trust.jws_keys]}


def _seal(label: str, chain: list[x509.Certificate], until: datetime | None) -> dict[str, Any]:
    leaf = chain[0]
    return {
        "label": label,
        "subject": leaf.subject.rfc4514_string(),
        "serial_number": f"{leaf.serial_number:x}",
        "sha256": leaf.fingerprint(hashes.SHA256()).hex(),
        "from": leaf.not_valid_before_utc.isoformat(),
        "until": (until or leaf.not_valid_after_utc).isoformat(),
        "in_use": until is None,
        "certificates": [each.public_bytes(Encoding.PEM).decode() for each in chain],
    }


def _statement_key(kid: str, trust: Trust) -> dict[str, Any]:
    term = trust.jws_terms.get(kid)
    end = None if term is None or term.end is None else term.end.astimezone(UTC).isoformat()
    return {
        "kid": kid,
        "x": trust.jws_keys[kid].public_bytes_raw().hex(),
        "until": end,
        "in_use": end is None,
    }


__all__ = ["list_published_keys"]
