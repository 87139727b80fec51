import concurrent.futures
import multiprocessing
import shutil
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from cadastre.extract import IssuingKeys, Trust, load_or_create_keys
from cadastre.kernel.errors import InvalidInput, Unavailable
from tests.cadastre.extract.builders import ISSUED_AT


def test_the_names_say_development(keys: IssuingKeys):
    for certificate in (keys.ca_certificate, keys.seal_certificate):
        (name,) = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        assert "DEVELOPMENT" in name.value
        assert "no legal force" in name.value
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        assert key.key_size == 3072
    keys.seal_certificate.verify_directly_issued_by(keys.ca_certificate)


@pytest.fixture
def folder(tmp_path: Path, key_dir: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(key_dir, tmp_path / "copy"))


def test_directory_and_files_are_private(key_dir: Path):
    assert stat.S_IMODE(key_dir.stat().st_mode) == 0o700
    for path in key_dir.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_loading_again_gives_the_same_keys(key_dir: Path, keys: IssuingKeys):
    again = load_or_create_keys(key_dir, now=ISSUED_AT + timedelta(days=400))
    assert again.seal_certificate == keys.seal_certificate
    assert again.jws_key.kid == keys.jws_key.kid
    assert Trust.read(key_dir / "trust") == keys.trust()


def _make(folder: Path) -> str:
    return load_or_create_keys(folder, now=ISSUED_AT).jws_key.kid


def test_two_processes_at_once_agree(tmp_path: Path):
    folder = tmp_path / "keys"
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        kids = list(pool.map(_make, [folder] * 2))
    assert len(set(kids)) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["keys"], "the losers' sets are deleted"


def test_readable_by_others_is_refused(folder: Path):
    folder.chmod(0o755)
    with pytest.raises(Unavailable, match="chmod"):
        load_or_create_keys(folder, now=ISSUED_AT)


@pytest.mark.parametrize("name", ["seal.key", "jws.key", "ca.pem", "seal.pem"])
def test_a_missing_or_damaged_file_is_one_sentence(folder: Path, name: str):
    (folder / name).write_bytes(b"rubbish")
    with pytest.raises(Unavailable, match="damaged"):
        load_or_create_keys(folder, now=ISSUED_AT)
    (folder / name).unlink()
    with pytest.raises(Unavailable, match="cannot be read"):
        load_or_create_keys(folder, now=ISSUED_AT)


def test_keys_mixed_from_two_sets_are_refused(folder: Path, other_key_dir: Path):
    (folder / "seal.key").write_bytes((other_key_dir / "seal.key").read_bytes())
    with pytest.raises(Unavailable, match="belong together"):
        load_or_create_keys(folder, now=ISSUED_AT)
    (folder / "seal.key").write_bytes((other_key_dir / "jws.key").read_bytes())
    with pytest.raises(Unavailable, match="wrong kind"):
        load_or_create_keys(folder, now=ISSUED_AT)


def test_an_unwritable_place_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be made"):
        load_or_create_keys(tmp_path / "file" / "keys", now=ISSUED_AT)


def test_trust_directories_that_are_none(tmp_path: Path, keys: IssuingKeys):
    with pytest.raises(InvalidInput, match="no trust directory"):
        Trust.read(tmp_path)
    (tmp_path / "jws.json").write_text('{"keys": []}')
    with pytest.raises(InvalidInput, match="holds no CA"):
        Trust.read(tmp_path)
    (tmp_path / "jws.json").write_text('{"keys": 5}')
    with pytest.raises(InvalidInput, match="unusable"):
        Trust.read(tmp_path)
