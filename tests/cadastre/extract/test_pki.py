import concurrent.futures
import json
import multiprocessing
import shutil
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from cadastre.extract import IssuingKeys, PdfRenderer, Trust, Verdict, load_or_create_keys, verify_pdf
from cadastre.extract.issue import Issuer
from cadastre.extract.pki import KeyCabinet, revoke_seal, rotate_jws, rotate_seal
from cadastre.extract.published_keys import list_published_keys
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import InvalidInput, Unavailable
from cadastre.keys.keepers import FileKeeper
from tests.cadastre.extract.builders import ISSUED_AT, LABELS, record
from tests.cadastre.extract.sealing import seal_b_b
from tests.signing import seal_with


def test_the_names_say_development(keys: IssuingKeys):
    for certificate in (keys.seal.certificate, *keys.seal.chain, *keys.trust().ca_certificates):
        (name,) = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        assert "DEVELOPMENT" in str(name.value)
        assert "no legal force" in str(name.value)
    key = keys.seal.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 3072
    (issuing,), (root,) = keys.seal.chain, keys.trust().ca_certificates
    keys.seal.certificate.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(root)


@pytest.fixture
def folder(tmp_path: Path, key_dir: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(key_dir, tmp_path / "copy"))


def test_directory_and_files_are_private(key_dir: Path):
    assert stat.S_IMODE(key_dir.stat().st_mode) == 0o700
    for path in key_dir.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_loading_again_gives_the_same_keys(key_dir: Path, keys: IssuingKeys):
    again = load_or_create_keys(key_dir, now=ISSUED_AT + timedelta(days=400))
    assert again.seal.certificate == keys.seal.certificate
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


def test_what_a_crash_left_unfinished_is_made_anew(folder: Path):
    (folder / "keys.json").unlink()
    (folder / "unfinished").touch()
    assert load_or_create_keys(folder, now=ISSUED_AT).jws_key


def test_keys_without_their_manifest_are_not_made_anew(folder: Path):
    (folder / "keys.json").unlink()
    with pytest.raises(Unavailable, match=r"keys\.json is missing"):
        load_or_create_keys(folder, now=ISSUED_AT)


def test_readable_by_others_is_refused(folder: Path):
    folder.chmod(0o755)
    with pytest.raises(Unavailable, match="chmod"):
        load_or_create_keys(folder, now=ISSUED_AT)


@pytest.mark.parametrize("name", ["seal-1.key", "jws-1.key", "seal-1.pem", "trust/jws.json", "keys.json"])
def test_a_missing_or_damaged_file_is_one_sentence(folder: Path, name: str):
    (folder / name).write_bytes(b"rubbish")
    with pytest.raises(Unavailable, match="damaged"):
        load_or_create_keys(folder, now=ISSUED_AT)
    (folder / name).unlink()
    with pytest.raises(Unavailable, match=r"cannot be read|damaged"):
        load_or_create_keys(folder, now=ISSUED_AT)


def test_keys_mixed_from_two_sets_are_refused(folder: Path, other_key_dir: Path):
    (folder / "seal-1.key").write_bytes((other_key_dir / "seal-1.key").read_bytes())
    with pytest.raises(Unavailable, match="belong together"):
        load_or_create_keys(folder, now=ISSUED_AT)
    (folder / "seal-1.key").write_bytes((other_key_dir / "jws-1.key").read_bytes())
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


def _issue(keys: IssuingKeys, renderer: PdfRenderer, moment=ISSUED_AT) -> bytes:
    issuer = Issuer(renderer, seal_with(keys, moment), keys.jws_key, LABELS)
    return issuer.render_pdf(issuer.sign_statement(record(issued_at=moment)))


def test_every_extract_verifies_after_both_keys_were_rotated_twice(folder: Path, renderer: PdfRenderer):
    keeper, clock = FileKeeper(folder), FixedClock(ISSUED_AT)
    cabinet = KeyCabinet(folder, now=ISSUED_AT)
    issued = []
    for _ in range(2):
        issued.append(_issue(cabinet.current(), renderer, clock.now()))
        clock.advance(seconds=3600)
        before = cabinet.current()
        rotate_seal(folder, keeper, clock.now())
        rotate_jws(folder, keeper, clock)
        after = cabinet.current()
        assert after.seal.certificate != before.seal.certificate, "a running process takes up the new keys"
        assert after.jws_key.kid != before.jws_key.kid
        clock.advance(seconds=3600)
    issued.append(_issue(cabinet.current(), renderer, clock.now()))
    trust = Trust.read(folder / "trust")
    assert trust == cabinet.trust()
    for pdf in issued:
        assert verify_pdf(pdf, trust).verdict is Verdict.AUTHENTIC
    assert not (folder / "seal-1.key").exists()
    assert not (folder / "jws-2.key").exists()
    published = list_published_keys(folder)
    for use in ("seals", "statements"):
        assert sorted(each["in_use"] for each in published[use]) == [False, False, True], "none is forgotten"
        assert all(each["until"] for each in published[use] if not each["in_use"])
    times = [(each["from"], each["until"]) for each in published["seals"]]
    assert times == sorted(times)
    assert times[0][1] == times[1][0]


def test_a_retired_key_signs_nothing_of_later_times(folder: Path, renderer: PdfRenderer):
    old = load_or_create_keys(folder, now=ISSUED_AT)
    clock = FixedClock(ISSUED_AT)
    rotate_jws(folder, FileKeeper(folder), clock)
    trust = Trust.read(folder / "trust")
    assert verify_pdf(_issue(old, renderer), trust).verdict is Verdict.AUTHENTIC
    later = verify_pdf(_issue(old, renderer, ISSUED_AT + timedelta(seconds=5)), trust)
    assert [why.code for why in later.reasons] == ["key-out-of-time"]


@pytest.mark.parametrize("reason", ["key-compromise", "superseded"])
def test_a_revoked_seal_holds_for_what_it_provably_sealed_before(folder: Path, renderer: PdfRenderer, reason):
    keys = load_or_create_keys(folder, now=ISSUED_AT)
    before = _issue(keys, renderer)
    after = _issue(keys, renderer, ISSUED_AT + timedelta(days=2))
    revoke_seal(folder, "seal-1", ISSUED_AT + timedelta(days=1), reason)
    trust = Trust.read(folder / "trust")
    assert verify_pdf(before, trust).verdict is Verdict.AUTHENTIC
    assert [why.code for why in verify_pdf(after, trust).reasons] == ["certificate-revoked"]
    signed = Issuer(renderer, seal_with(keys, ISSUED_AT), keys.jws_key, LABELS).sign_statement(record())
    old_form = seal_b_b(keys, renderer.render(signed.canonical, signed.jws))
    first = replace(trust, ca_certificates=keys.seal.chain)  # the first seals were issued by an anchor itself
    verdict = verify_pdf(old_form, first).verdict
    proven = Verdict.NOT_AUTHENTIC if reason == "key-compromise" else Verdict.AUTHENTIC
    assert verdict is proven, "without a proven time a compromised key proves nothing"


def test_a_home_of_the_first_extracts_is_taken_over(folder: Path, other_key_dir: Path):
    """Its certificate and public key stay trusted, its private keys go."""
    first = folder.parent / "first"
    shutil.copytree(other_key_dir / "trust", first / "trust")
    (first / "trust" / "root.pem").rename(first / "trust" / "ca.pem")
    for name in ("ca.pem", "ca.key", "seal.pem", "seal.key", "jws.key"):
        (first / name).write_text("of the first form")
    first.chmod(0o700)
    (old,) = json.loads((first / "trust/jws.json").read_text())["keys"]
    keys = load_or_create_keys(first, now=ISSUED_AT)
    assert len(keys.trust().ca_certificates) == 2
    assert keys.trust().signs_at(old["kid"], ISSUED_AT)
    assert not keys.trust().signs_at(old["kid"], ISSUED_AT + timedelta(seconds=2))
    assert not (first / "seal.key").exists()


@pytest.mark.parametrize(
    ("label", "reason"), [("seal-9", "superseded"), ("../x", "superseded"), ("seal-1", "x")]
)
def test_revoking_what_is_not_there(folder: Path, label: str, reason: str):
    with pytest.raises(InvalidInput):
        revoke_seal(folder, label, ISSUED_AT, reason)


def test_without_an_authority_of_its_own_nothing_is_issued_here(folder: Path):
    shutil.rmtree(folder / "authority")
    with pytest.raises(InvalidInput, match="development authority"):
        rotate_seal(folder, FileKeeper(folder), ISSUED_AT)
