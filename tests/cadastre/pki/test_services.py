"""The services of the development authority, judged by programs of others: openssl and pdfsig."""

from __future__ import annotations

import http.client
import io
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel

from cadastre.db.places import font_dir
from cadastre.db.system_packages import require
from cadastre.extract import PdfRenderer, build_statement, canonical_bytes, load_or_create_keys
from cadastre.extract.archive import HttpStatus, make_archive_copy, require_long_term
from cadastre.extract.pki import IssuingKeys
from cadastre.extract.signer import PdfSeal
from cadastre.extract.time_stamp import TimeStampClient
from cadastre.pki.process import PkiProcess
from tests.cadastre.extract.builders import LABELS, record


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> IssuingKeys:
    return load_or_create_keys(tmp_path_factory.mktemp("pki") / "keys", now=datetime.now(UTC))


@pytest.fixture(scope="module")
def services(keys: IssuingKeys) -> Iterator[PkiProcess]:
    process = PkiProcess(keys.authority_dir)
    yield process
    process.close()


@pytest.fixture(scope="module")
def sealed(keys: IssuingKeys, services: PkiProcess) -> bytes:
    renderer = PdfRenderer(font_dir())
    statement = canonical_bytes(build_statement(record(), LABELS, rendering=renderer.fingerprint))
    seal = PdfSeal(lambda: keys.seal, TimeStampClient(f"{services.url}/tsa"))
    return seal.seal(renderer.render(statement, "a..b"), at=datetime.now(UTC))


def run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _parts(sealed: bytes, folder: Path) -> None:
    match = re.search(rb"/Contents<([0-9A-F]+)>/ByteRange\[0 (\d+) (\d+) (\d+)\]", sealed)
    assert match is not None
    raw = bytes.fromhex(match[1].decode())
    der = raw[: 4 + int.from_bytes(raw[2:4], "big")]
    (signer,) = cms.ContentInfo.load(der)["content"]["signer_infos"]
    (folder / "seal.der").write_bytes(der)
    (folder / "content.bin").write_bytes(sealed[: int(match[2])] + sealed[int(match[3]) :])
    (folder / "signature.bin").write_bytes(signer["signature"].native)
    (folder / "token.der").write_bytes(signer["unsigned_attrs"][0]["values"][0].dump())


def test_openssl_finds_seal_and_time_stamp_good(keys: IssuingKeys, sealed: bytes, tmp_path: Path) -> None:
    _parts(sealed, tmp_path)
    root = keys.directory / "trust/root.pem"
    verify = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "seal.der"]
    verify += ["-content", "content.bin", "-CAfile", str(root), "-purpose", "any", "-out", "/dev/null"]
    assert "successful" in run(*verify, folder=tmp_path)
    stamp = ["openssl", "ts", "-verify", "-data", "signature.bin", "-in", "token.der", "-token_in"]
    stamp += ["-CAfile", str(root), "-untrusted", str(keys.authority_dir / "issuing.pem")]
    assert "Verification: OK" in run(*stamp, folder=tmp_path)


def test_pdfsig_finds_the_seal_good(keys: IssuingKeys, sealed: bytes, tmp_path: Path) -> None:
    poppler = require("poppler")
    (tmp_path / "x.pdf").write_bytes(sealed)
    done = subprocess.run(
        [poppler.program("pdfsig"), "-nocert", "x.pdf"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=poppler.environment(),
    )
    assert "Signature is Valid." in done.stdout, done.stdout + done.stderr
    assert "Total document signed" in done.stdout
    assert "ETSI.CAdES.detached" in done.stdout


def test_openssl_reads_status_and_lists(keys: IssuingKeys, services: PkiProcess, tmp_path: Path) -> None:
    issuing, root = keys.authority_dir / "issuing.pem", keys.directory / "trust/root.pem"
    (tmp_path / "seal.pem").write_bytes((keys.directory / "seal-1.pem").read_bytes())
    asked = ["openssl", "ocsp", "-issuer", str(issuing), "-cert", "seal.pem", "-url", f"{services.url}/ocsp"]
    asked += ["-CAfile", str(root), "-verify_other", str(issuing)]
    assert "seal.pem: good" in run(*asked, folder=tmp_path)
    status = HttpStatus(services.url)
    listed = status.revocations(keys.seal.certificate, keys.seal.chain[0])
    assert listed is not None
    (tmp_path / "list.crl").write_bytes(listed)
    read = ["openssl", "crl", "-inform", "DER", "-in", "list.crl", "-CAfile", str(issuing), "-noout"]
    assert "verify OK" in run(*read, folder=tmp_path)


def test_a_query_by_openssl_is_answered(services: PkiProcess, keys: IssuingKeys, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"some data")
    run("openssl", "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq", folder=tmp_path)
    address = services.url.removeprefix("http://")
    for query, expected in (((tmp_path / "q.tsq").read_bytes(), True), (b"rubbish", False)):
        connection = http.client.HTTPConnection(address, timeout=10)
        connection.request("POST", "/tsa", query, {"Content-Type": "application/timestamp-query"})
        (tmp_path / "r.tsr").write_bytes(connection.getresponse().read())
        connection.close()
        shown = run("openssl", "ts", "-reply", "-in", "r.tsr", "-text", folder=tmp_path)
        assert ("Status: Granted." in shown) is expected


def test_an_archive_copy_passes_the_whole_of_the_independent_engine(
    keys: IssuingKeys, services: PkiProcess, sealed: bytes
) -> None:
    stamper = TimeStampClient(f"{services.url}/tsa")
    now = datetime.now(UTC)
    copy = make_archive_copy(
        sealed, trust=keys.trust(), status=HttpStatus(services.url), stamper=stamper, now=now
    )
    assert copy.startswith(sealed)
    require_long_term(copy, keys.trust(), now + timedelta(seconds=2))
    first, *_ = PdfFileReader(io.BytesIO(copy)).embedded_regular_signatures
    first.compute_integrity_info()
    assert first.diff_result.modification_level is ModificationLevel.LTA_UPDATES
