"""What this installation judges documents by, and the folder of it that may be handed out to anyone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api.ledger_room import load_keys
from api.settings import ApiSettings
from cadastre.extract import PdfRenderer, Trust
from cadastre.extract.ledger_policy import POLICY_NAME, LedgerPolicy
from cadastre.extract.verify import Verifier
from cadastre.kernel.errors import Unavailable
from cadastre.ledger.key_files import LogKeys
from cadastre.ledger.note import Verifier as LogVerifier


@dataclass
class JudgedBy:
    """Gives the verifier by the keys of now: a rotation or a revocation is taken up without a restart.

    The policy of the ledger is written into the trust folder. Its lines of witnesses are the operator's;
    those of the log follow the keys of this register.
    """

    keys: LogKeys
    folder: Path
    trust: Callable[[], Trust]
    renderer: PdfRenderer
    _logs: tuple[LogVerifier, ...] = ()
    _mark: int = -1
    _policy: LedgerPolicy | None = None

    def verifier(self) -> Verifier:
        """Give what is judged by now.

        Raises
        ------
        Unavailable
            Keys or policy cannot be read, or the policy cannot be written.
        """
        return Verifier(self.trust(), self.policy(), self.renderer)

    def policy(self) -> LedgerPolicy:
        """Give the policy of now, written down where it has changed."""
        logs, mark = self.keys.verifiers, self._written_at()
        if self._policy is None or logs is not self._logs or mark != self._mark:
            self._policy = write_policy(self.folder, logs)
            self._logs, self._mark = logs, self._written_at()
        return self._policy

    def _written_at(self) -> int:
        try:
            return (self.folder / POLICY_NAME).stat().st_mtime_ns
        except OSError:
            return -1


def open_verifier(settings: ApiSettings, trust: Callable[[], Trust], renderer: PdfRenderer) -> JudgedBy:
    """Put together what the register judges by.

    Raises
    ------
    Unavailable
        The policy cannot be read or written.
    """
    judged = JudgedBy(load_keys(settings), settings.signing_dir / "trust", trust, renderer)
    judged.policy()
    return judged


def write_policy(folder: Path, logs: tuple[LogVerifier, ...]) -> LedgerPolicy:
    """Let the policy of a trust folder name the keys of a log; what it says of witnesses stays."""
    found = LedgerPolicy.read(folder)
    policy = LedgerPolicy.of_logs(logs) if found is None else found.with_logs(logs)
    if policy != found:
        _write(folder / POLICY_NAME, policy.write())
    return policy


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


__all__ = ["JudgedBy", "open_verifier", "write_policy"]
