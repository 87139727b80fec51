"""What this installation judges documents by, and the folder of it that may be handed out to anyone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from api.ledger_room import load_keys
from api.settings import ApiSettings
from cadastre.extract import PdfRenderer, Trust
from cadastre.extract.ledger_policy import POLICY_NAME, LedgerPolicy
from cadastre.extract.verify import Verifier
from cadastre.kernel.errors import Unavailable


def open_verifier(settings: ApiSettings, trust: Trust, renderer: PdfRenderer) -> Verifier:
    """Put together what the register judges by; the policy of the ledger is written into the trust folder.

    Its lines of witnesses are the operator's; those of the log follow the keys of this register.

    Raises
    ------
    Unavailable
        The policy cannot be read or written.
    """
    logs = load_keys(settings).verifiers
    folder = settings.signing_dir / "trust"
    found = LedgerPolicy.read(folder)
    policy = LedgerPolicy.of_logs(logs) if found is None else found.with_logs(logs)
    if policy != found:
        _write(folder / POLICY_NAME, policy.write())
    return Verifier(trust, policy, renderer)


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(draft).replace(path)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}.", code="keys-unreadable") from None


__all__ = ["open_verifier"]
