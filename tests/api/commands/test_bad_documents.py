"""Every bad document gets a clear verdict over HTTP, on the command line and alone, at a bounded price."""

from __future__ import annotations

import io
import json
import resource
import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from api.settings import ApiSettings
from cadastre.db.places import font_dir
from cadastre.extract import Issuer, PdfRenderer, canonical_bytes, load_or_create_keys, sign_detached
from cadastre.extract.credential import Credential
from cadastre.kernel.clock import FixedClock
from cadastre.keys.kinds import LoadedRsaKey
from cadastre.pki.authority import load_authority
from cadastre.pki.status import StatusDesk
from tests.api.commands.conftest import Run
from tests.api.planting import UNKNOWN_NUMBER
from tests.cadastre.extract.builders import LABELS, record
from tests.cadastre.extract.standalone import judge_all
from tests.signing import seal_with

NOW: Final = datetime.now(UTC).replace(microsecond=123_456)
MOST_CPU_S, MOST_MB = 2.0, 150.0
PDF, JSON = "application/pdf", "application/json"
BESIDE_THE_REGISTER = {"a bomb", "a key twice", "a revoked certificate", "a number never issued"}
"""Judged on the command line with the register too, which takes a while to open."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A document, what it is sent as, why it is refused, and whether the keys alone see that."""

    content: bytes
    media: str
    reason: str
    is_seen_offline: bool = True


class Forge:
    """Makes bad documents with the keys of the served register, as if they had been stolen."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.keys = folder, load_or_create_keys(folder, now=NOW)
        self.renderer = PdfRenderer(font_dir())

    def issuer(self, stamped: datetime = NOW) -> Issuer:
        return Issuer(self.renderer, seal_with(self.keys, stamped), self.keys.jws_key, LABELS)

    def pdf(self) -> bytes:
        issuer = self.issuer()
        return issuer.render_pdf(issuer.sign_statement(record(issued_at=NOW)))

    def body(self, **changes: Any) -> bytes:
        """A JSON body whose statement is signed, whatever it says."""
        statement = {**self.issuer().build(record(issued_at=NOW)), **changes}
        jws = sign_detached(canonical_bytes(statement), self.keys.jws_key)
        return json.dumps({"statement": statement, "jws": jws}).encode()

    def sealed_by(self, *, lifetime: timedelta | None, revoked: bool) -> bytes:
        """A PDF under a certificate of the authority that has ended, or that was revoked, before the stamp."""
        authority = load_authority(self.keys.authority_dir)
        key, begun = rsa.generate_private_key(65537, 3072), NOW - timedelta(days=30)
        certificate = authority.issue_seal(key.public_key(), begun, lifetime=lifetime)
        if revoked:
            authority.revoke(certificate, NOW - timedelta(days=1), "key-compromise")
            lists = StatusDesk(authority, FixedClock(NOW)).issuing_list()
            (self.folder / "trust" / "issuing.crl").write_bytes(lists)
        seal = Credential.of(certificate, LoadedRsaKey(key), self.keys.seal.chain)
        keys = replace(self.keys, seal=seal)
        issuer = Issuer(self.renderer, seal_with(keys, NOW), keys.jws_key, LABELS)
        return issuer.render_pdf(issuer.sign_statement(record(issued_at=NOW)), at=begun + timedelta(days=1))


def encrypted(pdf: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="x", user=""))
    return out.getvalue()


def bomb() -> bytes:
    packed = zlib.compress(b"\0" * 200_000_000, 9)
    head = b"%%PDF-1.7\n1 0 obj<</Length %d/Filter/FlateDecode>>stream\n" % len(packed)
    return head + packed + b"\nendstream endobj\n%%EOF\n"


def bad_documents(forge: Forge) -> dict[str, Bad]:
    pdf, body = forge.pdf(), forge.body()
    doubled = body.replace(b'"synthetic": true', b'"synthetic": false, "synthetic": true')
    assert doubled != body
    later = (NOW + timedelta(days=400)).isoformat()
    return {
        "encrypted": Bad(encrypted(pdf), PDF, "changed-after-seal"),
        "truncated": Bad(pdf[: len(pdf) * 3 // 4], PDF, "truncated"),
        "a bomb": Bad(bomb(), PDF, "no-seal"),
        "a bomb behind a genuine file": Bad(pdf + bomb(), PDF, "changed-after-seal"),
        "deep arrays": Bad(b"%PDF-1.7\n" + b"[" * 1_000_000 + b"\n%%EOF\n", PDF, "no-seal"),
        "tables in a circle": Bad(pdf + b"startxref\n%d\n%%%%EOF\n" % len(pdf), PDF, "changed-after-seal"),
        "a hundred thousand byte ranges": Bad(
            b"%PDF-1.7\n" + b"/ByteRange [0 1 2 3]" * 100_000 + b"\n%%EOF\n", PDF, "changed-after-seal"
        ),
        "a key twice": Bad(doubled, JSON, "bad-bundle"),
        "a hundred thousand levels": Bad(b'{"statement":' + b"[" * 100_000, JSON, "bad-bundle"),
        "a number of a million digits": Bad(
            b'{"statement":{"a":' + b"9" * 150_000 + b"}}", JSON, "bad-bundle"
        ),
        "an unknown form": Bad(forge.body(schema="urn:kadastr:statement:77"), JSON, "unknown-schema"),
        "a future time": Bad(forge.body(issued_at=later), JSON, "issued-in-future"),
        "an ended certificate": Bad(
            forge.sealed_by(lifetime=timedelta(days=20), revoked=False), PDF, "seal-out-of-time"
        ),
        "a revoked certificate": Bad(
            forge.sealed_by(lifetime=None, revoked=True), PDF, "certificate-revoked"
        ),
        "a number never issued": Bad(
            forge.body(register_number=UNKNOWN_NUMBER, kind="not-in-register"), JSON, "not-issued", False
        ),
    }


@pytest.fixture(scope="module")
def documents(base_url: str, api_settings: ApiSettings) -> dict[str, Bad]:
    assert base_url, "the server has made the keys"
    return bad_documents(Forge(api_settings.signing_dir))


@contextmanager
def bounded(name: str) -> Iterator[None]:
    """Fail when what is done takes more of this process's time or memory than a bad document may."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before, began = memory_mb("VmRSS"), time.process_time()
    yield
    spent_s, grown = time.process_time() - began, memory_mb("VmHWM") - before
    assert spent_s < MOST_CPU_S, f"{name}: {spent_s:.1f} s of processor time"
    assert grown < MOST_MB, f"{name}: {grown:.0f} MB"


def memory_mb(name: str) -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith(name)) / 1024


def test_over_http_each_gets_its_verdict_at_a_bounded_price(
    documents: dict[str, Bad], public: httpx.Client
) -> None:
    for name, bad in documents.items():
        with bounded(name):
            answer = public.post("/v1/verify", content=bad.content, headers={"Content-Type": bad.media})
        assert answer.status_code == 200, name
        said = answer.json()
        assert (said["verdict"], said["reason_codes"]) == ("NOT AUTHENTIC", [bad.reason]), name


def test_on_the_command_line_each_is_refused_with_and_without_the_register(
    documents: dict[str, Bad], run: Run, planted_environment: dict[str, str], tmp_path: Path
) -> None:
    assert planted_environment
    for place, (name, bad) in enumerate(documents.items()):
        file = tmp_path / f"{place}.{'pdf' if bad.media == PDF else 'json'}"
        file.write_bytes(bad.content)
        with bounded(name):
            offline = run("verify", file, "--offline")
        assert (offline.code, offline.err) == (int(bad.is_seen_offline), ""), name
        if name in BESIDE_THE_REGISTER:
            judged = run("verify", file)
            assert (judged.code, judged.out.splitlines()[0], judged.err) == (1, "NOT AUTHENTIC", ""), name


def test_alone_each_is_refused_at_a_bounded_price(
    documents: dict[str, Bad], api_settings: ApiSettings, tmp_path: Path
) -> None:
    files = [tmp_path / f"{place}.x" for place in range(len(documents))]
    for file, bad in zip(files, documents.values(), strict=True):
        file.write_bytes(bad.content)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    judged = judge_all(files, api_settings.signing_dir / "trust")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < MOST_CPU_S * 5, "all of them together"
    expected = [int(bad.is_seen_offline) for bad in documents.values()]
    assert [one.code for one in judged] == expected, list(zip(documents, judged, strict=True))


def test_two_hundred_megabytes_are_refused_before_they_are_sent(public: httpx.Client) -> None:
    where = urlsplit(str(public.base_url))
    head = (
        f"POST /v1/verify HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: {PDF}\r\n"
        "Content-Length: 200000000\r\n\r\n%PDF-1.7\n"
    )
    with bounded("200 MB"), socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")
