"""The key file: one key for everybody, for the service's eyes only."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.auth.key_file import FILE_NAME, read_or_create_key
from cadastre.kernel.errors import InvalidInput


def test_made_once_with_mode_0600_in_a_private_folder(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "secrets"
    first = read_or_create_key(folder)
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert read_or_create_key(folder).thumbprint() == first.thumbprint()
    assert [p.name for p in folder.iterdir()] == [FILE_NAME], "no draft is left behind"


def test_first_calls_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: read_or_create_key(tmp_path).thumbprint(), range(24)))
    assert len(set(keys)) == 1


def test_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    read_or_create_key(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o640)
    with pytest.raises(InvalidInput, match="chmod 600"):
        read_or_create_key(tmp_path)


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"kty":"oct","k":"AAAA"}', "half a ke"])
def test_anything_else_is_refused_in_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / FILE_NAME
    path.touch(mode=0o600)
    path.write_text(content)
    with pytest.raises(InvalidInput, match="holds no private Ed25519 key"):
        read_or_create_key(tmp_path)


def test_public_half_is_not_enough(tmp_path: Path) -> None:
    import json

    key = read_or_create_key(tmp_path)
    (tmp_path / FILE_NAME).write_text(json.dumps(key.as_dict(private=False)))
    with pytest.raises(InvalidInput, match="holds no private Ed25519 key"):
        read_or_create_key(tmp_path)
