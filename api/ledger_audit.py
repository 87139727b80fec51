"""Runs an audit of a published log: a folder or an address, keys, and a file that remembers the last one."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from cadastre.kernel.errors import InvalidInput, Unavailable
from cadastre.ledger.audit import CHECKPOINT, Source, audit
from cadastre.ledger.audit_held import HeldProof
from cadastre.ledger.audit_promises import HeldPromise, audit_promises
from cadastre.ledger.audit_report import Audited, AuditPolicy, AuditReport, parse_audited
from cadastre.ledger.cosignature import parse_witness
from cadastre.ledger.key_lines import read_keys
from cadastre.ledger.note import parse_verifier
from cadastre.ledger.promise import HEADER as PROMISE
from cadastre.ledger.promise import BadPromise, parse_promise
from cadastre.ledger.proof_text import BadProof, parse_proof

TIMEOUT_S: Final = 130.0
MAX_FILE_BYTES: Final = 1 << 20
MAX_BLOCK_BYTES: Final = 4 << 30
"""Commitments of a whole load may be many; every other file of a log is small."""
MAX_HELD_BYTES: Final = 32_000_000
_TRIES, _PAUSE_S = 6, 2.0
_OK, _NOT_FOUND = 200, 404


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A log that was exported or copied to a folder."""

    folder: Path

    def read(self, path: str) -> bytes | None:
        """Give a file, or None when there is none."""
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unavailable(f"{self.folder / path} cannot be read: {error.strerror}.") from None


@dataclass(slots=True)
class AddressSource:
    """A log that is served; one connection carries all questions."""

    parts: SplitResult
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    _connection: http.client.HTTPConnection | None = None

    def read(self, path: str) -> bytes | None:
        """Give a file, or None when the server has none."""
        for attempt in (1, 2):
            try:
                return self._ask(f"{self.parts.path.rstrip('/')}/{path}")
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if attempt == 2:
                    raise Unavailable(f"{self.parts.geturl()} does not answer: {error}.") from None
        return None

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, path: str) -> bytes | None:
        if self._connection is None:
            host, port = self.parts.hostname or "", self.parts.port
            self._connection = (
                http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=self.tls)
                if self.parts.scheme == "https"
                else http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
            )
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        most = MAX_BLOCK_BYTES if "/commitments/" in path else MAX_FILE_BYTES
        content = answer.read(most + 1)
        if len(content) > most:
            self.close()
            raise Unavailable(f"{self.parts.geturl()} answers more than {most:,} bytes for {path}.")
        if answer.status == _OK:
            return content
        if answer.status == _NOT_FOUND:
            return None
        raise Unavailable(f"{self.parts.geturl()} answers {answer.status} for {path}; try again later.")


@contextmanager
def opened_source(where: str) -> Iterator[Source]:
    """Open what shall be audited until the block ends.

    Raises
    ------
    InvalidInput
        It is neither a folder nor an http address.
    """
    parts = urlsplit(where)
    if parts.scheme in {"http", "https"}:
        try:
            _ = parts.port, parts.hostname
        except ValueError:
            raise InvalidInput(f"{where} is no address.") from None
        source = AddressSource(parts)
        try:
            yield source
        finally:
            source.close()
        return
    folder = Path(where)
    if not folder.is_dir():
        raise InvalidInput(f"{where} is no folder and no http address.")
    yield FolderSource(folder)


def make_policy(
    origin: str, log_keys: list[str], witness_keys: list[str], quorum: int, erased_below: int
) -> AuditPolicy:
    """Say whom to believe.

    Raises
    ------
    InvalidInput
        A key is none, or fewer witnesses are named than must have signed.
    """
    witnesses = tuple(read_keys(witness_keys, parse_witness)) if witness_keys else ()
    if len({witness.name for witness in witnesses}) < quorum:
        raise InvalidInput(
            f"{quorum} witnesses must have signed, but {len(witnesses)} are named: give their keys with "
            "--witness-key, or say --quorum 0 and believe the log alone."
        )
    return AuditPolicy(origin, tuple(read_keys(log_keys, parse_verifier)), witnesses, quorum, erased_below)


def read_state(path: Path) -> Audited | None:
    """Read what the last audit found good; None at the first.

    Raises
    ------
    InvalidInput
        The file is damaged.
    """
    try:
        return parse_audited(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"{path} cannot be read.", code="audit-state-damaged") from None


def keep_state(path: Path, audited: Audited) -> None:
    """Remember what was found good for the next audit."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(audited.write(), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}.") from None


def read_held(paths: list[Path]) -> list[HeldProof]:
    """Read the proofs that holders were given: answers of issuing (JSON), or proofs as text.

    Raises
    ------
    InvalidInput
        A file is neither, or cannot be read.
    """
    held = []
    for path in paths:
        try:
            if path.stat().st_size > MAX_HELD_BYTES:
                raise InvalidInput(f"{path} is too large for an extract.", code="bad-held-file")
            text = path.read_text(encoding="utf-8")
            body = _read_body(text)
            proof = body.get("proof")
            if proof is not None:
                held.append(HeldProof(path.name, parse_proof(proof)))
        except (OSError, ValueError, TypeError, AttributeError, RecursionError, BadProof):
            raise InvalidInput(
                f"{path} is no extract as JSON and no proof of the ledger.", code="bad-held-file"
            ) from None
    return held


def read_promises(paths: list[Path]) -> list[HeldPromise]:
    """Read the promises among what holders were given; ``read_held`` has found the files to be readable."""
    held = []
    for path in paths:
        promise = _read_body(path.read_text(encoding="utf-8")).get("promise")
        if promise is not None:
            try:
                held.append(HeldPromise(path.name, parse_promise(str(promise))))
            except BadPromise as error:
                raise InvalidInput(f"{path}: {error.message}", code="bad-held-file") from None
    return held


def _read_body(text: str) -> dict[str, Any]:
    """Give an answer of issuing as it is, a proof or a promise by itself as one that has nothing else."""
    if text.startswith("{"):
        body: dict[str, Any] = json.loads(text)
        return body
    return {"promise" if text.startswith(PROMISE) else "proof": text}


def run_audit(
    source: Source,
    policy: AuditPolicy,
    state: Path,
    held: Sequence[HeldProof] = (),
    promised: Sequence[HeldPromise] = (),
) -> AuditReport:
    """Audit, and remember the head when nothing was found; promises are judged beside it.

    A head that is just being signed has not the lines of its witnesses yet: an address is asked again.
    """
    before = read_state(state)
    report = audit(source, policy, before, held)
    pause = threading.Event()
    for _ in range(_TRIES):
        if not isinstance(source, AddressSource) or not is_only_unwitnessed(report):
            break
        pause.wait(_PAUSE_S)
        report = audit(source, policy, before, held)
    if report.audited is not None:
        keep_state(state, report.audited)
    audit_promises(source, promised, policy, report)
    return report


def is_only_unwitnessed(report: AuditReport) -> bool:
    """Whether lines of witnesses are all that is missing."""
    return [finding.code for finding in report.findings] == ["not-witnessed"]


__all__ = [
    "CHECKPOINT",
    "AddressSource",
    "FolderSource",
    "make_policy",
    "opened_source",
    "read_held",
    "read_promises",
    "run_audit",
]
