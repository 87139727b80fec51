"""Keys in a real token (SoftHSM): not to be taken out, fail closed when it is gone, work when it is back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cadastre.db.places import checkout_root, font_dir
from cadastre.extract import PdfRenderer, build_statement, canonical_bytes
from cadastre.extract.seal_check import read_seal
from cadastre.extract.trust import Trust
from cadastre.keys.token import TokenFailed, TokenPlace
from tests.cadastre.extract.builders import LABELS, record


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], Path]:
    folder = tmp_path_factory.mktemp("token")
    renderer = PdfRenderer(font_dir())
    statement = canonical_bytes(build_statement(record(), LABELS, rendering=renderer.fingerprint))
    (folder / "printed.pdf").write_bytes(renderer.render(statement, "a..b"))
    files = [folder / name for name in ("keys", "printed.pdf", "before.pdf", "after.pdf")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.cadastre.keys.token_drill", *map(str, files)],
        cwd=checkout_root(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), folder


def test_private_keys_are_in_the_token_alone(drilled) -> None:
    said, folder = drilled
    assert said["files"] == []
    assert said["locked"] == [True, True]
    for path in (folder / "keys").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_lost_token_fails_closed_and_works_again_when_it_is_back(drilled) -> None:
    said, _ = drilled
    assert said["signs"] == said["after the session was closed"] == said["when it is back"] == 384 + 64
    assert said["without the token"] == ["hsm-unavailable", "hsm-unavailable"]
    assert said["in a forked process"] == 0
    assert said["in threads"] == [448] * 8


def test_after_rotation_the_old_key_is_gone_and_what_it_sealed_stays_genuine(drilled) -> None:
    said, folder = drilled
    assert said["old key"] == "hsm-unavailable"
    trust = Trust.read(folder / "keys/trust")
    before, after = (read_seal((folder / name).read_bytes(), trust) for name in ("before.pdf", "after.pdf"))
    assert before.level == after.level == "B-T"
    assert before.certificate != after.certificate


def test_a_refused_pin_is_not_tried_until_the_token_locks(drilled) -> None:
    said, _ = drilled
    assert said["with a wrong PIN"] == ["hsm-unavailable"] * 12
    assert said["with the right PIN again"] == 384, "no restart is needed"


def test_a_pin_that_is_nowhere_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CADASTRE_HSM_PIN", raising=False)
    with pytest.raises(TokenFailed, match="CADASTRE_HSM_PIN"):
        TokenPlace(tmp_path / "module.so", "label").pin()
    with pytest.raises(TokenFailed, match="cannot be read"):
        TokenPlace(tmp_path / "module.so", "label", tmp_path / "nothing").pin()
    monkeypatch.setenv("CADASTRE_HSM_PIN", "1234")
    assert TokenPlace(tmp_path / "module.so", "label").pin() == "1234"
