"""The proof desk: where an entry stands in a signed head of the log, for auditors and for holders."""

from __future__ import annotations

import threading
from collections.abc import Callable
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
from cadastre.store.ledger_tree import (
    LeafInLog,
    StoredCheckpoint,
    find_checkpoint,
    find_checkpoint_covering,
    find_extract_leaf,
    find_leaf,
    find_newest_checkpoint,
    get_tree_size,
    list_cosignatures,
    list_entries,
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

    A leaf that is asked for before any signed head covers it gets one signed: whoever asks meanwhile waits
    for that head, and is most often covered by it.
    """

    database: Database
    checkpoints: CheckpointDesk
    _one_signs: threading.Lock = field(default_factory=threading.Lock)

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
            size = _require_tree(uow.connection, new)
            if old > size:
                raise InvalidInput(
                    f"The tree of {size} entries does not begin with one of {old}.", code="trees-reversed"
                )
            tree = TreeReader(uow.connection, size)
            path = tuple(tree.path_from(old))
            return PublicConsistency(old, size, tree.smaller(old).root(), tree.root(), path)

        return self._read(find)

    def proof_of_leaf(self, leaf_id: int, *, witnesses: int = 0) -> InclusionProof | None:
        """Prove a leaf to whoever may know what it says; None until a signed head covers it.

        Parameters
        ----------
        witnesses
            Cosignatures that the head must carry at least.
        """

        def find(uow: UnitOfWork) -> InclusionProof | None:
            return _proof_of(uow.connection, leaf_id, witnesses)

        return self.database.read(find, role=Role.WRITE)

    def proof_of_extract(self, extract_id: UUID, *, witnesses: int = 0) -> InclusionProof | None:
        """Prove the leaf by which an extract was issued; None until such a head covers it."""

        def find(uow: UnitOfWork) -> InclusionProof | None:
            leaf_id = find_extract_leaf(uow.connection, extract_id)
            return None if leaf_id is None else _proof_of(uow.connection, leaf_id, witnesses)

        return self.database.read(find, role=Role.WRITE)

    def require_proof_of_extract(self, extract_id: UUID) -> InclusionProof:
        """Prove the leaf by which an extract was issued, by a head that is signed now if need be.

        Raises
        ------
        LedgerBusy
            It has no place in the log yet: what was recorded before it is still being entered.
        LedgerInconsistent
            No head is signed.
        """
        proof = self.proof_of_extract(extract_id)
        if proof is None:
            with self._one_signs:
                proof = self.proof_of_extract(extract_id)
                if proof is None:
                    self.checkpoints.sign()
                    proof = self.proof_of_extract(extract_id)
        if proof is None:
            raise LedgerBusy(
                "The entry of this extract has no place in the ledger yet; try again in a minute."
            )
        return proof

    def _prove(self, connection: Connection, index: int, size: int | None) -> PublicInclusion:
        wanted = _require_tree(connection, size)
        if index >= wanted:
            raise NotFound(f"The tree of {wanted} entries has none at {index}.", code="entry-not-found")
        tree = TreeReader(connection, wanted)
        path = tuple(tree.path_to(index))
        head = find_checkpoint(connection, wanted)
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


def _proof_of(connection: Connection, leaf_id: int, witnesses: int) -> InclusionProof | None:
    leaf = find_leaf(connection, leaf_id)
    if leaf is None or leaf.ledger_index is None or leaf.rows is None:
        return None
    head = find_checkpoint_covering(connection, leaf.ledger_index + 1, witnesses)
    return None if head is None else _write(connection, leaf, leaf.ledger_index, leaf.rows, head)


def _write(
    connection: Connection, leaf: LeafInLog, index: int, rows: bytes, head: StoredCheckpoint
) -> InclusionProof:
    path = TreeReader(connection, head.tree_size).path_to(index)
    note = write_with_witnesses(connection, head)
    return InclusionProof(index, tuple(path), note, Opening(leaf.payload, leaf.salt, rows).write())


def _require_tree(connection: Connection, size: int | None) -> int:
    """Size of the tree that is meant: the one named, if the log is so large, else that of the newest head."""
    if size is None:
        newest = find_newest_checkpoint(connection)
        if newest is None:
            raise NotFound("No head of the ledger is signed yet; try shortly.", code="checkpoint-not-found")
        return newest.tree_size
    held = get_tree_size(connection)
    if size > held:
        raise NotFound(f"The ledger has {held} entries, not {size}.", code="tree-size-not-reached")
    return size


__all__ = ["ProofDesk", "PublicConsistency", "PublicInclusion", "write_with_witnesses"]
