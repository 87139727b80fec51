"""A register that is begun anew begins a log of its own, with a key that signed nothing before."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from api.ledger_room import load_keys
from api.retired_log import retire_log
from api.settings import ApiSettings


def test_keys_and_memories_are_put_aside_and_kept(tmp_path: Path) -> None:
    settings = ApiSettings(home=tmp_path)
    retire_log(settings, datetime(2026, 5, 4, tzinfo=UTC))  # nothing is there yet
    first = load_keys(settings).signer.verifier
    (tmp_path / "witness-1" / "memory").mkdir(parents=True)
    retire_log(settings, datetime(2026, 5, 4, 8, tzinfo=UTC))
    assert not (tmp_path / "witness-1").exists()
    assert load_keys(settings).signer.verifier != first
    kept = sorted(path.name for path in tmp_path.rglob("*.until-*"))
    assert kept == ["ledger.until-20260504T080000000000", "witness-1.until-20260504T080000000000"]
