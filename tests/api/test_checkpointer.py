"""The checkpointer signs what is new without being asked, and goes on when the log is well again."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from api.checkpointer import Checkpointer
from api.settings import ApiSettings
from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import SystemClock
from cadastre.ledger.key_files import LastSigned, load_or_create_log_keys
from cadastre.services.ledger_checkpoint import CheckpointDesk
from cadastre.store.ledger import append_leaf
from cadastre.store.ledger_tree import find_newest_checkpoint
from tests.database import Database as MigratedCopy

ORIGIN = "kadastr.local/ledger"


def test_what_is_new_is_signed_within_ten_seconds_also_after_a_failure(
    fresh_database: MigratedCopy, tmp_path: Path
) -> None:
    database = Database(fresh_database.app_url)
    keys = load_or_create_log_keys(tmp_path / "ledger", ORIGIN)
    desk = CheckpointDesk(database, keys, LastSigned(tmp_path / "ledger"), ORIGIN, SystemClock())
    stop = threading.Event()
    draft = tmp_path / "ledger" / "last-checkpoint.draft"
    draft.mkdir()  # the memory cannot be written, so nothing is signed
    thread = threading.Thread(target=Checkpointer(desk, pause_s=0.05).run, args=(stop,))
    thread.start()
    try:
        stop.wait(0.2)
        assert signed_size(database) == 0
        draft.rmdir()
        leaf = {"kind": "test.leaf", "actor": "test", "payload": {}}
        database.run(lambda uow: append_leaf(uow.connection, **leaf))
        deadline = time.monotonic() + 10
        while signed_size(database) < 2:
            assert time.monotonic() < deadline
            stop.wait(0.02)
    finally:
        stop.set()
        thread.join()
        database.close()


def signed_size(database: Database) -> int:
    newest = database.read(lambda uow: find_newest_checkpoint(uow.connection))
    return 0 if newest is None else newest.tree_size


@pytest.mark.parametrize("seconds", ["0", "10.1", "never"])
def test_heads_are_never_further_apart_than_promised(seconds: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CADASTRE_CHECKPOINT_SECONDS", seconds)
    with pytest.raises(ValueError, match="checkpoint_seconds"):
        ApiSettings()
