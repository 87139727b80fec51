"""Publishes what binds the register's rows to the log: digests that nobody can guess a row from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

from sqlalchemy import Connection

from cadastre.db.unit_of_work import Database, Role, UnitOfWork
from cadastre.kernel.errors import Unavailable
from cadastre.ledger.audit import STRAYS
from cadastre.ledger.commitment import Published, path_of_block, write_leaf
from cadastre.ledger.tiles import WIDTH
from cadastre.store.ledger_rows import count_strays, list_bound_leaves

AT_ONCE = 64 * WIDTH
"""Leaves read by one statement; each reads every loaded table once when it meets the leaf of a load."""


def export_commitments(database: Database, folder: Path, size: int, *, jobs: int = 1) -> int:
    """Write the commitments of the first ``size`` leaves below a folder; give how many rows they bind.

    Parameters
    ----------
    jobs
        Ranges of leaves that are computed at the same time, each by a session of its own.

    Raises
    ------
    Unavailable
        A file cannot be written.
    """

    def export(start: int) -> int:
        beyond = min(start + AT_ONCE, size)
        return database.read(lambda uow: _export(uow, folder, start, beyond), role=Role.WRITE)

    try:
        with ThreadPoolExecutor(jobs) as pool:
            rows = sum(pool.map(export, range(0, size, AT_ONCE)))
        strays = database.read(_count, role=Role.WRITE)
        _replace(folder / STRAYS, iter([json.dumps(strays, sort_keys=True).encode()]))
    except OSError as error:
        raise Unavailable(f"{error.filename or folder} cannot be written: {error.strerror}.") from None
    return rows


def _count(uow: UnitOfWork) -> dict[str, int]:
    _take_time(uow.connection)
    return count_strays(uow.connection)


def _export(uow: UnitOfWork, folder: Path, start: int, beyond: int) -> int:
    _take_time(uow.connection)
    rows = 0
    leaves = list_bound_leaves(uow.connection, start, beyond)
    for block, members in groupby(leaves, key=lambda leaf: leaf[0] // WIDTH):
        width = min(WIDTH, beyond - block * WIDTH)
        counted = _Counted(leaf for _, leaf in members)
        _replace(folder / path_of_block(block, width), counted.write())
        rows += counted.rows
    return rows


class _Counted:
    """Writes leaves and counts the rows that they bind."""

    def __init__(self, leaves: Iterator[Published]) -> None:
        self._leaves = leaves
        self.rows = 0

    def write(self) -> Iterator[bytes]:
        for leaf in self._leaves:
            self.rows += len(getattr(leaf, "rows", ()))
            yield from write_leaf(leaf)


def _take_time(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL statement_timeout = '30min'")


def _replace(path: Path, parts: Iterator[bytes]) -> None:
    """Write a file beside its place, then put it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as stream:
        stream.writelines(parts)
    draft.replace(path)


__all__ = ["AT_ONCE", "export_commitments"]
