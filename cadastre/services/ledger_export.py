"""The public log as static files (C2SP tlog-tiles): what is served, and what an auditor copies."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from cadastre.db.unit_of_work import Database, Role
from cadastre.kernel.errors import NotFound, Unavailable
from cadastre.ledger.audit_heads import CHECKPOINT, HANDOVERS, TERM
from cadastre.ledger.checkpoint import parse_checkpoint
from cadastre.ledger.handover import write_handovers
from cadastre.ledger.key_files import LogKeys
from cadastre.ledger.note import BadNote, parse_note
from cadastre.ledger.tiles import WIDTH, Tile, bundles_of, tiles_of, write_bundle
from cadastre.services.ledger_proof import write_with_witnesses
from cadastre.store.ledger_tree import (
    StoredCheckpoint,
    find_checkpoint,
    find_newest_checkpoint,
    find_term_head,
    list_entries,
    list_hashes,
)

KEYS = "keys"
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote."""

    size: int
    files: int


def read_tile(database: Database, tile: Tile) -> bytes:
    """Give the bytes of a tile or bundle that lies under a signed head.

    Raises
    ------
    NotFound
        The signed tree does not reach so far.
    """

    def read(connection: Connection) -> bytes:
        newest = find_newest_checkpoint(connection)
        if newest is None or tile.needed_size > newest.tree_size:
            raise NotFound("The signed ledger does not reach so far (yet).", code="tile-not-found")
        return _content(connection, tile)

    return database.read(lambda uow: read(uow.connection), role=Role.READ)


def read_term(database: Database) -> str:
    """Give the cosigned head below which the salts of looks may be gone; empty while no term is over."""

    def read(connection: Connection) -> str:
        head = find_term_head(connection)
        return "" if head is None else write_with_witnesses(connection, head)

    return database.read(lambda uow: read(uow.connection), role=Role.READ)


def export_log(database: Database, keys: LogKeys, folder: Path, size: int | None = None) -> Exported:
    """Write tiles, bundles, keys and, last, the signed head of ``size``; an earlier export is continued.

    Parameters
    ----------
    size
        Entries of a signed head; else the newest.

    Raises
    ------
    NotFound
        No head is signed yet.
    Unavailable
        The folder cannot be written, or holds what is no export of this log.
    """
    newest = database.read(lambda uow: _find_head(uow.connection, size), role=Role.READ)
    if newest is None:
        raise NotFound("No head of the ledger is signed yet; try shortly.", code="checkpoint-not-found")
    size = newest.tree_size
    try:
        since = _exported_size(folder)
        files = 0
        for batch in _batches(size, min(since, size)):
            contents = database.read(
                lambda uow, batch=batch: [(tile, _content(uow.connection, tile)) for tile in batch],  # type: ignore[misc]
                role=Role.READ,
            )
            for tile, content in contents:
                write_file(folder / tile.path, content)
            files += len(batch)
        note = database.read(lambda uow: write_with_witnesses(uow.connection, newest), role=Role.READ)
        write_file(folder / TERM, read_term(database).encode())
        write_file(folder / HANDOVERS, write_handovers(keys.handovers).encode())
        write_file(folder / KEYS, "".join(f"{key.line}\n" for key in keys.verifiers).encode())
        write_file(folder / CHECKPOINT, note.encode())
    except OSError as error:
        raise Unavailable(
            f"{folder} cannot be written: {error.strerror}.", code="folder-unwritable"
        ) from None
    return Exported(size, files + 4)


def _find_head(connection: Connection, size: int | None) -> StoredCheckpoint | None:
    return find_newest_checkpoint(connection) if size is None else find_checkpoint(connection, size)


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _content(connection: Connection, tile: Tile) -> bytes:
    if tile.level is None:
        start = tile.index * WIDTH
        return write_bundle(list_entries(connection, start, start + tile.width))
    return b"".join(list_hashes(connection, tile.level, tile.index, tile.width))


def _batches(size: int, since: int) -> Iterator[list[Tile]]:
    batch: list[Tile] = []
    for tiles in (tiles_of(size, since=since), bundles_of(size, since=since)):
        for tile in tiles:
            batch.append(tile)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _exported_size(folder: Path) -> int:
    """Size of the tree that the folder holds whole."""
    try:
        text = (folder / CHECKPOINT).read_text(encoding="utf-8")
    except FileNotFoundError:
        return 0
    try:
        return parse_checkpoint(parse_note(text).text).size
    except (BadNote, UnicodeDecodeError):
        raise Unavailable(
            f"{folder / CHECKPOINT} is no checkpoint; choose another folder.", code="folder-not-an-export"
        ) from None


__all__ = ["CHECKPOINT", "KEYS", "Exported", "export_log", "read_term", "read_tile", "write_file"]
