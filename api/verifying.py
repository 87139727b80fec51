"""What this installation judges documents by, and the folder of it that may be handed out to anyone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api.ledger_room import load_keys
from api.settings import ApiSettings
from api.witness_room import read_witnesses
from cadastre.extract import PdfRenderer, Trust
from cadastre.extract.ledger_policy import HANDOVERS_NAME, POLICY_NAME, LedgerPolicy
from cadastre.extract.verify import Verifier
from cadastre.kernel.errors import Unavailable
from cadastre.ledger.checkpoint import parse_checkpoint
from cadastre.ledger.key_files import LastSigned, LogKeys
from cadastre.ledger.note import Verifier as LogVerifier
from cadastre.ledger.note import parse_note


@dataclass
class JudgedBy:
    """Gives the verifier by the keys of now: a rotation or a revocation is taken up without a restart.

    The policy of the ledger is written into the trust folder. Its lines of the log follow the keys of this
    register and their handovers; those of witnesses follow the configured ones, else they are the operator's.
    """

    settings: ApiSettings
    keys: LogKeys
    trust: Callable[[], Trust]
    renderer: PdfRenderer
    _by: tuple[tuple[LogVerifier, ...], tuple[str, ...]] = ((), ())
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
        by, mark = (self.keys.verifiers, self.keys.handovers), self._written_at()
        if self._policy is None or by != self._by or mark != self._mark:
            self._policy = write_policy(self.settings, self.keys)
            self._by, self._mark = by, self._written_at()
        return self._policy

    def _written_at(self) -> int:
        try:
            return (self.settings.signing_dir / "trust" / POLICY_NAME).stat().st_mtime_ns
        except OSError:
            return -1


def open_verifier(settings: ApiSettings, trust: Callable[[], Trust], renderer: PdfRenderer) -> JudgedBy:
    """Put together what the register judges by.

    Raises
    ------
    Unavailable
        The policy cannot be read or written.
    """
    judged = JudgedBy(settings, load_keys(settings), trust, renderer)
    judged.policy()
    return judged


def write_policy(settings: ApiSettings, keys: LogKeys) -> LedgerPolicy:
    """Let the policy of the trust folder name the keys of the log, and the configured witnesses from now on.

    Raises
    ------
    InvalidInput
        The settings name no witnesses, or fewer than are asked: nothing is written.
    Unavailable
        The policy cannot be read or written.
    """
    folder = settings.signing_dir / "trust"
    found = LedgerPolicy.read(folder)
    policy = (found or LedgerPolicy.of_logs(())).with_logs(keys.verifiers, keys.handovers)
    asked = read_witnesses(settings.witnesses, settings.witness_quorum)
    if asked:
        witnesses = [address.verifier for address in asked]
        policy = policy.with_witnesses(witnesses, settings.witness_quorum, _next_size(settings))
    if policy != found:
        _write(folder / HANDOVERS_NAME, policy.write_handovers())
        _write(folder / POLICY_NAME, policy.write())
    return policy


def _next_size(settings: ApiSettings) -> int:
    """Give the least size of a head that is signed next; 0 before the first."""
    note = LastSigned(settings.ledger_dir).read()
    return 0 if note is None else parse_checkpoint(parse_note(note).text).size + 1


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
