"""The public log's desks: its key, its signed heads, its proofs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from api.settings import ApiSettings
from api.signing import keeper_of
from api.witness_room import open_witnesses
from cadastre.db.unit_of_work import Database
from cadastre.extract.pki import KeyCabinet
from cadastre.kernel.clock import Clock, SystemClock
from cadastre.keys.keepers import Keeper
from cadastre.ledger.key_files import (
    LastSigned,
    LogKeys,
    kept_in,
    load_or_create_log_keys,
    rotate_log_key,
)
from cadastre.services.commitment_blocks import CommitmentDesk
from cadastre.services.ledger_checkpoint import CheckpointDesk
from cadastre.services.ledger_proof import ProofDesk
from cadastre.services.witnessing import WitnessDesk


@dataclass(frozen=True, slots=True)
class LedgerRoom:
    """What signs and proves the log of this register."""

    keys: LogKeys
    checkpoints: CheckpointDesk
    proofs: ProofDesk
    witnesses: WitnessDesk
    commitments: CommitmentDesk


def open_ledger(settings: ApiSettings, database: Database, clock: Clock) -> LedgerRoom:
    """Open the log's desks; its key is made at the first call.

    Raises
    ------
    Unavailable
        The key cannot be read or made.
    """
    keys = load_keys(settings)
    memory = LastSigned(settings.ledger_dir)
    checkpoints = CheckpointDesk(database, keys, memory, settings.ledger_origin, clock)
    witnesses = open_witnesses(database, settings.witnesses, settings.witness_quorum, lambda: keys.handovers)
    quorum = settings.witness_quorum if settings.witnesses else 0
    proofs = ProofDesk(
        database, checkpoints, quorum, partial(witnesses.collect_soon, settings.witness_patience_seconds)
    )
    return LedgerRoom(keys, checkpoints, proofs, witnesses, CommitmentDesk(database))


def load_keys(settings: ApiSettings) -> LogKeys:
    """Load the keys of the log; made at the first call, in the token where those of extracts are kept."""
    return load_or_create_log_keys(settings.ledger_dir, settings.ledger_origin, _keeper(settings))


def rotate_key(settings: ApiSettings) -> str:
    """Let the log sign with a new key from now on; give the line of the new one."""
    load_keys(settings)
    return rotate_log_key(settings.ledger_dir, settings.ledger_origin, _keeper(settings)).line


def _keeper(settings: ApiSettings) -> Keeper | None:
    """Give the token that keeps the log's key; None when it lies in a file."""
    kept = kept_in(settings.ledger_dir)
    if kept == "file" or settings.keys == "file":
        return None
    if kept is None:  # the keys of extracts say where: they are made first
        KeyCabinet(settings.signing_dir, now=SystemClock().now(), keeping=partial(keeper_of, settings))
    keeper = keeper_of(settings, settings.signing_dir)
    return None if keeper.kept == "file" else keeper


__all__ = ["LedgerRoom", "load_keys", "open_ledger", "rotate_key"]
