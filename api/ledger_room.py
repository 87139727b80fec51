"""The public log's desks: its key, its signed heads, its proofs."""

from __future__ import annotations

from dataclasses import dataclass

from api.settings import ApiSettings
from api.witness_room import open_witnesses
from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import Clock
from cadastre.ledger.key_files import LastSigned, LogKeys, load_or_create_log_keys
from cadastre.ledger.note import NoteSigner
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


def open_ledger(
    settings: ApiSettings, database: Database, clock: Clock, signer: NoteSigner | None = None
) -> LedgerRoom:
    """Open the log's desks; a key for development is made at the first call.

    Parameters
    ----------
    signer
        A key kept elsewhere (PKCS#11), which signs instead.

    Raises
    ------
    Unavailable
        The key cannot be read or made.
    """
    keys = load_keys(settings, signer)
    memory = LastSigned(settings.ledger_dir)
    checkpoints = CheckpointDesk(database, keys, memory, settings.ledger_origin, clock)
    witnesses = open_witnesses(database, settings.witnesses, settings.witness_quorum)
    quorum = settings.witness_quorum if settings.witnesses else 0
    proofs = ProofDesk(database, checkpoints, quorum)
    return LedgerRoom(keys, checkpoints, proofs, witnesses, CommitmentDesk(database))


def load_keys(settings: ApiSettings, signer: NoteSigner | None = None) -> LogKeys:
    """Load the keys of the log; one for development is made at the first call."""
    return load_or_create_log_keys(settings.ledger_dir, settings.ledger_origin, signer)


__all__ = ["LedgerRoom", "load_keys", "open_ledger"]
