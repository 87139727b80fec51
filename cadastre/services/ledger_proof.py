"""The proof desk: where an entry stands in a signed head of the log, for auditors and for holders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection

from cadastre.db.unit_of_work import Database, Role, UnitOfWork
from cadastre.kernel.errors import InvalidInput, NotFound
from cadastre.ledger.merkle import hash_leaf
from cadastre.ledger.proof_text import InclusionProof, Opening
from cadastre.services.ledger_checkpoint import CheckpointDesk
from cadastre.services.ledger_clock import LedgerBusy
from cadastre.services.ledger_tree import TreeReader
from cadastre.services.proof_rounds import ProofRounds
from cadastre.store.ledger_tree import (
    LeafInLog,
    StoredCheckpoint,
    find_checkpoint,
    find_checkpoint_covering,
    find_leaf,
    find_newest_checkpoint,
    get_tree_size,
    list_cosignatures,
    list_entries,
    list_extract_leaves,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PublicInclusion:
    """Where an entry stands in a tree of the log; ``proof`` when the tree is that of a signed head."""

    index: int
    size: int
    entry: bytes
    path: tuple[bytes, ...]
    root: bytes
    proof: InclusionProof | None

    @property
    def leaf_hash(self) -> bytes:
        """Hash of the entry in the tree."""
        return hash_leaf(self.entry)


@dataclass(frozen=True, slots=True)
class PublicConsistency:
    """That the tree of ``new`` entries begins with that of ``old`` ones."""

    old: int
    new: int
    old_root: bytes
    new_root: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ProofDesk:
    """Answers what stands where in the log.

    An extract that is asked for before any signed head covers it gets one signed, in rounds.

    Parameters
    ----------
    quorum
        Lines of witnesses that the proof of an extract carries; without so many there is none yet.
    collect
        Asks the witnesses to cosign the newest head, and waits a while for enough of them.
    """

    database: Database
    checkpoints: CheckpointDesk
    quorum: int = 0
    collect: Callable[[], object] = bool
    _rounds: ProofRounds = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rounds", ProofRounds(self._prove_all))

    def newest(self) -> str | None:
        """Give the newest signed head with the lines of its witnesses, or None before the first."""

        def find(uow: UnitOfWork) -> str | None:
            found = find_newest_checkpoint(uow.connection)
            return None if found is None else write_with_witnesses(uow.connection, found)

        return self._read(find)

    def prove(self, index: int, size: int | None = None) -> PublicInclusion:
        """Prove the entry at ``index`` in the tree of ``size`` entries, else in the newest signed one.

        Raises
        ------
        NotFound
            The entry, or a tree so large, is not there (yet).
        InvalidInput
            The entry is not in a tree of that size.
        """
        return self._read(lambda uow: self._prove(uow.connection, index, size))

    def prove_consistency(self, old: int, new: int | None = None) -> PublicConsistency:
        """Prove that a tree of the log begins with a smaller one; with the newest signed one unless named.

        Raises
        ------
        NotFound
            The log has not so many entries.
        InvalidInput
            The smaller tree is the larger one.
        """

        def find(uow: UnitOfWork) -> PublicConsistency:
            size, _ = _require_tree(uow.connection, new)
            if old > size:
                raise InvalidInput(
                    f"The tree of {size} entries does not begin with one of {old}.", code="trees-reversed"
                )
            tree = TreeReader(uow.connection, size)
            path = tuple(tree.path_from(old))
            return PublicConsistency(old, size, tree.root_of(old), tree.root(), path)

        return self._read(find)

    def proof_of_leaf(self, leaf_id: int, *, witnesses: int = 0) -> InclusionProof | None:
        """Prove a leaf to whoever may know what it says; None until a signed head covers it.

        A look whose salt was dropped is still proven to stand there, but not opened.

        Parameters
        ----------
        witnesses
            Cosignatures that the head must carry at least.
        """

        def find(uow: UnitOfWork) -> InclusionProof | None:
            leaf = find_leaf(uow.connection, leaf_id)
            return None if leaf is None else _proof_of(uow.connection, leaf, witnesses)

        return self.database.read(find, role=Role.WRITE)

    def proof_of_extract(self, extract_id: UUID, *, witnesses: int = 0) -> InclusionProof | None:
        """Prove the leaf by which an extract was issued; None until such a head covers it."""

        def find(uow: UnitOfWork) -> InclusionProof | None:
            leaf = list_extract_leaves(uow.connection, [extract_id]).get(extract_id)
            return None if leaf is None else _proof_of(uow.connection, leaf, witnesses)

        return self.database.read(find, role=Role.WRITE)

    def find_proof_of_extract(self, extract_id: UUID) -> InclusionProof | None:
        """Prove an extract as ``require_proof_of_extract`` does; None while there is no such proof yet.

        Raises
        ------
        LedgerInconsistent
            No head is signed.
        """
        try:
            return self.require_proof_of_extract(extract_id)
        except LedgerBusy:
            return None

    def require_proof_of_extract(self, extract_id: UUID) -> InclusionProof:
        """Prove an extract: under the first head with enough witnesses, else under a new one.

        Raises
        ------
        LedgerBusy
            It has no place in the log yet, or too few witnesses have seen it there.
        LedgerInconsistent
            No head is signed.
        """
        return self.proof_of_extract(extract_id, witnesses=self.quorum) or self.prove_new_extract(extract_id)

    def prove_new_extract(self, extract_id: UUID) -> InclusionProof:
        """Prove an extract that was issued just now, under a head signed for it and all that wait beside.

        Raises
        ------
        LedgerBusy, LedgerInconsistent
            As ``require_proof_of_extract``.
        """
        proof = self._rounds.prove(extract_id)
        if proof is None:
            raise LedgerBusy(
                "The entry of this extract is not in the ledger yet, or too few witnesses have seen it; "
                "try again in a minute."
            )
        return proof

    def _prove_all(self, extract_ids: Sequence[UUID]) -> dict[UUID, InclusionProof]:
        """Sign what is new, and prove these under a head that enough witnesses have cosigned."""
        if not self.quorum:
            return self._prove_at_once(extract_ids)
        self.checkpoints.sign_then(lambda uow, head: None)
        self.collect()

        def find(uow: UnitOfWork) -> dict[UUID, InclusionProof]:
            leaves = list_extract_leaves(uow.connection, extract_ids)
            found = {one: _proof_of(uow.connection, leaf, self.quorum) for one, leaf in leaves.items()}
            return {one: proof for one, proof in found.items() if proof is not None}

        return self.database.read(find, role=Role.WRITE)

    def _prove_at_once(self, extract_ids: Sequence[UUID]) -> dict[UUID, InclusionProof]:
        """Sign what is new, and prove these under that head in the same transaction."""

        def work(uow: UnitOfWork, head: StoredCheckpoint) -> dict[UUID, InclusionProof]:
            tree = TreeReader(uow.connection, head.tree_size)
            leaves = list_extract_leaves(uow.connection, extract_ids)
            note = write_with_witnesses(uow.connection, head)
            return {
                extract_id: InclusionProof(
                    leaf.ledger_index,
                    tuple(tree.path_to(leaf.ledger_index)),
                    note,
                    _opening_of(leaf),
                )
                for extract_id, leaf in leaves.items()
                if leaf.ledger_index < head.tree_size
            }

        return self.checkpoints.sign_then(work)

    def _prove(self, connection: Connection, index: int, size: int | None) -> PublicInclusion:
        wanted, head = _require_tree(connection, size)
        if index >= wanted:
            raise NotFound(f"The tree of {wanted} entries has none at {index}.", code="entry-not-found")
        tree = TreeReader(connection, wanted)
        path = tuple(tree.path_to(index))
        proof = None
        if head is not None:
            proof = InclusionProof(index, path, write_with_witnesses(connection, head))
        (entry,) = list_entries(connection, index, index + 1)
        return PublicInclusion(index, wanted, entry, path, tree.root(), proof)

    def _read(self, work: Callable[[UnitOfWork], T]) -> T:
        return self.database.read(work, role=Role.READ)


def write_with_witnesses(connection: Connection, checkpoint: StoredCheckpoint) -> str:
    """Write a signed head with the lines that witnesses set under it."""
    lines = list_cosignatures(connection, checkpoint.tree_size)
    return checkpoint.note + "".join(f"{line}\n" for line in lines)


def _proof_of(connection: Connection, leaf: LeafInLog, witnesses: int) -> InclusionProof | None:
    head = find_checkpoint_covering(connection, leaf.ledger_index + 1, witnesses)
    if head is None:
        return None
    path = TreeReader(connection, head.tree_size).path_to(leaf.ledger_index)
    note = write_with_witnesses(connection, head)
    return InclusionProof(leaf.ledger_index, tuple(path), note, _opening_of(leaf))


def _opening_of(leaf: LeafInLog) -> bytes | None:
    """Give what the entry is made of; None when its salt was dropped."""
    return None if leaf.salt is None else Opening(leaf.payload, leaf.salt, leaf.rows).write()


def _require_tree(connection: Connection, size: int | None) -> tuple[int, StoredCheckpoint | None]:
    """Size of the tree that is meant, and its signed head: the one named, else the newest."""
    if size is None:
        newest = find_newest_checkpoint(connection)
        if newest is None:
            raise NotFound("No head of the ledger is signed yet; try shortly.", code="checkpoint-not-found")
        return newest.tree_size, newest
    held = get_tree_size(connection)
    if size > held:
        raise NotFound(f"The ledger has {held} entries, not {size}.", code="tree-size-not-reached")
    return size, find_checkpoint(connection, size)


__all__ = ["ProofDesk", "PublicConsistency", "PublicInclusion", "write_with_witnesses"]
