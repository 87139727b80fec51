"""The checkpoint desk: signs what the public log has become, and never anything that it has not grown from.

What was signed last is remembered twice: in the database, and beside the key.
A database that was put back, or rewritten with all its hashes, meets the
second memory; nothing is signed then, and ``examine`` says so to whoever asks
whether the service is well.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
from cadastre.kernel.clock import Clock
from cadastre.kernel.errors import Unavailable
from cadastre.ledger.checkpoint import Checkpoint, parse_checkpoint
from cadastre.ledger.handover import open_head
from cadastre.ledger.key_files import LastSigned, LogKeys
from cadastre.ledger.merkle import verify_consistency
from cadastre.ledger.note import BadNote, parse_note, sign_note
from cadastre.services.ledger_clock import sequence
from cadastre.services.ledger_tree import BATCH, TreeReader, grow
from cadastre.store.ledger_tree import (
    StoredCheckpoint,
    find_newest_checkpoint,
    get_numbered,
    get_tree_size,
    grow_tree,
    insert_checkpoint,
    lock_signing,
)

T = TypeVar("T")

_log = logging.getLogger("cadastre.ledger")


class LedgerInconsistent(Unavailable):
    """The log is not what was signed before; nothing more is signed until people have looked."""

    default_code = "ledger-inconsistent"


@dataclass(frozen=True, slots=True)
class CheckpointDesk:
    """Signs the heads of the log.

    Parameters
    ----------
    origin
        Name of the log in its checkpoints.
    last_signed
        Memory beside the key, which no database can turn back.
    """

    database: Database
    keys: LogKeys
    last_signed: LastSigned
    origin: str
    clock: Clock

    def sign(self) -> StoredCheckpoint:
        """Number and enter what has happened, and give a signed head of the log that covers it.

        Raises
        ------
        LedgerInconsistent
            The log does not extend what was signed before.
        Unavailable
            The key, or the memory beside it, cannot be used.
        """
        sequence(self.database)
        grow(self.database)
        return self.sign_grown()

    def sign_grown(self) -> StoredCheckpoint:
        """Give a signed head of the log as it has grown; signed anew only when it has grown."""

        def lock_and_sign(uow: UnitOfWork) -> StoredCheckpoint:
            lock_signing(uow.connection)
            return self._sign(uow)

        with self.last_signed.held():
            return self.database.run(lock_and_sign, isolation=Isolation.READ_COMMITTED)

    def sign_then(self, work: Callable[[UnitOfWork, StoredCheckpoint], T]) -> T:
        """Number, enter and sign what has happened, and do ``work`` under that head in the same transaction.

        For those who wait: when the log is far behind, ``work`` meets a head that has not come up yet.

        Raises
        ------
        LedgerInconsistent
            The log does not extend what was signed before.
        Unavailable
            The key, or the memory beside it, cannot be used; or the log is being brought up by another.
        """
        sequence(self.database)

        def grow_and_sign(uow: UnitOfWork) -> T:
            lock_signing(uow.connection)
            grow_tree(uow.connection, BATCH)
            return work(uow, self._sign(uow))

        with self.last_signed.held():
            return self.database.run(grow_and_sign, isolation=Isolation.READ_COMMITTED)

    def examine(self) -> StoredCheckpoint | None:
        """Give the newest head after holding the log against everything that was signed before.

        Raises
        ------
        LedgerInconsistent
            They do not agree.
        """
        remembered = self.last_signed.read()  # before the snapshot, which may be older than a later head

        def look(uow: UnitOfWork) -> StoredCheckpoint | None:
            tree = TreeReader(uow.connection, get_tree_size(uow.connection))
            newest = find_newest_checkpoint(uow.connection)
            known = remembered
            if known is not None and tree.size < self._open_known(known).size <= get_numbered(uow.connection):
                known = None  # signed and not committed: what it covers is numbered, and entered anew soon
            self._require_extended(tree, newest, known)
            return newest

        return self.database.read(look, role=Role.READ)

    def _open_known(self, note: str) -> Checkpoint:
        """Read the head that was signed last; who signed it is judged where it is held against the log."""
        try:
            return parse_checkpoint(parse_note(note).text)
        except BadNote as error:
            raise self._alarm(f"A checkpoint that was kept is not what was signed: {error.message}") from None

    def _sign(self, uow: UnitOfWork) -> StoredCheckpoint:
        newest = find_newest_checkpoint(uow.connection)
        tree = TreeReader(uow.connection, get_tree_size(uow.connection))
        remembered = self.last_signed.read()
        has_grown = newest is None or newest.tree_size != tree.size
        if newest is not None and not has_grown and newest.note == remembered:
            return newest
        self._require_extended(tree, newest, remembered)
        if newest is not None and not has_grown:
            self.last_signed.keep(newest.note)  # another machine signed it
            return newest
        return self._sign_head(uow.connection, Checkpoint(self.origin, tree.size, tree.root()))

    def _sign_head(self, connection: Connection, head: Checkpoint) -> StoredCheckpoint:
        signer = self.keys.signer
        if not any(one.key == signer.verifier and one.covers(head.size) for one in self.keys.reigns):
            raise Unavailable(
                "The ledger's key has handed over, and the next one is not in its place: finish the rotation "
                "(cadastre ledger key).",
                code="key-handed-over",
            )
        note = sign_note(head.write(), signer).write()
        checkpoint = StoredCheckpoint(head.size, head.root, note, self.clock.now())
        self.last_signed.keep(note)
        insert_checkpoint(connection, checkpoint)
        return checkpoint

    def _require_extended(
        self, tree: TreeReader, newest: StoredCheckpoint | None, remembered: str | None
    ) -> None:
        """Refuse unless the tree begins with every head that is known to have been signed."""
        try:
            heads = [self._open(note) for note in {remembered, newest.note if newest else None} if note]
        except BadNote as error:
            raise self._alarm(f"A checkpoint that was kept is not what was signed: {error.message}") from None
        if newest is not None and (newest.tree_size, newest.root) not in {(h.size, h.root) for h in heads}:
            raise self._alarm("The newest checkpoint's row names another size or root than its note.")
        for head in heads:
            self._require_beginning(tree, head)

    def _require_beginning(self, tree: TreeReader, head: Checkpoint) -> None:
        if head.size > tree.size:
            raise self._alarm(
                f"The log has {tree.size} entries, and {head.size} were signed: it was turned back. "
                "Nothing is signed until the newest state is restored. "
                "If this is another register, give it a folder of its own for the ledger's key."
            )
        path = tree.path_from(head.size)
        if not verify_consistency(head.size, tree.size, head.root, tree.root(), path):
            raise self._alarm(
                f"The log does not begin with the {head.size} entries that were signed: it was rewritten. "
                "Nothing is signed until this is cleared up."
            )

    def _open(self, note: str) -> Checkpoint:
        return open_head(note, self.origin, self.keys.reigns)

    @staticmethod
    def _alarm(message: str) -> LedgerInconsistent:
        _log.critical("no checkpoint is signed", extra={"facts": {"why": message}})
        return LedgerInconsistent(message)


__all__ = ["CheckpointDesk", "LedgerInconsistent"]
