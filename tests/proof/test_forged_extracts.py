# ruff: noqa: F811 - fixtures are imported by their names
"""Forged extracts are refused by the portal and by the standalone verifier.

Clean ones are accepted by both, by pdfsig and by OpenSSL. A short form runs with ``make test``;
``make proof`` accepts 1,000 clean ones.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cadastre.extract import Issuer, IssuingKeys, PdfRenderer, Trust, Verdict
from cadastre.extract.archive import make_archive_copy
from cadastre.extract.archive_form import archive_revision
from cadastre.extract.reasons import REASONS
from cadastre.extract.time_stamp import TimeStamper
from cadastre.extract.verify import Verifier
from cadastre.kernel.clock import FixedClock
from tests.cadastre.extract.builders import CASES, ISSUED_AT, record
from tests.cadastre.extract.conftest import issuer, key_dir, keys, renderer, trust  # noqa: F401 - fixtures
from tests.cadastre.extract.ledger_proofs import SmallLedger
from tests.cadastre.extract.standalone import judge_all
from tests.proof.forged_archives import parts_of
from tests.proof.forger import Forger
from tests.proof.forgeries import FORGERIES, Stolen
from tests.proof.forgery import span_of
from tests.proof.independent_judges import openssl_says_valid, pdfsig_says_valid
from tests.signing import OwnStatus, stamps_of

LEDGER = SmallLedger()


@pytest.fixture(scope="module")
def stolen(issuer: Issuer, keys: IssuingKeys) -> Stolen:
    plain, owners = (issuer.render_pdf(issuer.sign_statement(CASES[name])) for name in ("plain", "owners"))
    clock = FixedClock(ISSUED_AT)
    status, stamps = OwnStatus.of(keys, clock), stamps_of(keys, clock)
    mine, other = (archived(issuer, keys, status, stamps, name) for name in ("plain", "owners"))
    _, _, evidence = parts_of(mine)
    renewed = archive_revision(mine, evidence, stamps.stamp)
    return Stolen(plain, owners, mine, renewed, other, Forger.with_names_of(keys.seal.certificate), stamps)


def archived(issuer: Issuer, keys: IssuingKeys, status: OwnStatus, stamps: TimeStamper, name: str) -> bytes:
    signed = issuer.sign_statement(CASES[name])
    proof = LEDGER.prove(signed.statement, signed.sha256)
    sealed = issuer.render_pdf(signed, proof=proof)
    return make_archive_copy(sealed, trust=keys.trust(), status=status, stamper=stamps, now=ISSUED_AT)


@pytest.fixture(scope="module")
def forged(stolen: Stolen) -> dict[str, bytes]:
    return {name: make(stolen) for name, make in FORGERIES.items()}


def test_there_are_enough_kinds_and_each_is_another_file(stolen: Stolen, forged: dict[str, bytes]) -> None:
    assert len(forged) >= 40
    genuine = {stolen.pdf, stolen.other, stolen.archive, stolen.renewed, stolen.other_archive}
    assert len(genuine | set(forged.values())) == len(genuine) + len(forged)


def test_the_portal_refuses_every_kind(
    forged: dict[str, bytes],
    trust: Trust,
    renderer: PdfRenderer,
) -> None:
    portal = Verifier(trust, None, renderer)
    for name, pdf in forged.items():
        found = portal.judge_pdf(pdf, now=datetime.now(UTC))
        assert found.verdict is Verdict.NOT_AUTHENTIC, name
        assert found.statement is None, name
        assert [reason.code in REASONS for reason in found.reasons] == [True], name


def test_the_standalone_verifier_refuses_every_kind(
    stolen: Stolen,
    forged: dict[str, bytes],
    key_dir: Path,
    tmp_path: Path,
) -> None:
    genuine = {"genuine": stolen.pdf, "archived": stolen.archive, "archived anew": stolen.renewed}
    files = {name: tmp_path / f"{name}.pdf" for name in (*genuine, *forged)}
    for name, file in files.items():
        file.write_bytes(genuine.get(name) or forged[name])
    judged = dict(zip(files, judge_all(list(files.values()), key_dir / "trust"), strict=True))
    assert [judged.pop(name).code for name in genuine] == [0, 0, 0]
    accepted = {
        name: one.lines for name, one in judged.items() if (one.code, one.verdict) != (1, "NOT AUTHENTIC")
    }
    assert accepted == {}


def clean(issuer: Issuer, number: int) -> bytes:
    name = list(CASES)[number % len(CASES)]
    one = (
        CASES[name]
        if number < len(CASES)
        else record(register_number=f"108{number:09d}", number=f"EX{number:07d}")
    )
    return issuer.render_pdf(issuer.sign_statement(one))


def accept(
    count: int, issuer: Issuer, trust: Trust, renderer: PdfRenderer, folder: Path, tmp_path: Path
) -> None:
    portal, files = Verifier(trust, None, renderer), []
    (anchors,) = folder.glob("*.pem")
    for number in range(count):
        pdf = clean(issuer, number)
        found = portal.judge_pdf(pdf, now=datetime.now(UTC))
        assert found.verdict is Verdict.AUTHENTIC, (number, found.reasons)
        files.append(tmp_path / f"{number}.pdf")
        files[-1].write_bytes(pdf)
        assert pdfsig_says_valid(pdf, tmp_path), number
        assert openssl_says_valid(pdf, anchors, int(ISSUED_AT.timestamp()) + 60, tmp_path) == (True, True), (
            number
        )
    assert [one.code for one in judge_all(files, folder)] == [0] * count


def test_clean_ones_are_accepted_by_both(
    issuer: Issuer,
    trust: Trust,
    renderer: PdfRenderer,
    key_dir: Path,
    tmp_path: Path,
) -> None:
    accept(5, issuer, trust, renderer, key_dir / "trust", tmp_path)


@pytest.mark.proof
def test_a_thousand_clean_ones_are_accepted_by_both(
    issuer: Issuer,
    trust: Trust,
    renderer: PdfRenderer,
    key_dir: Path,
    tmp_path: Path,
) -> None:
    accept(1000, issuer, trust, renderer, key_dir / "trust", tmp_path)


def test_no_algorithm_in_a_signature_can_be_named_otherwise(
    stolen: Stolen, trust: Trust, renderer: PdfRenderer, key_dir: Path, tmp_path: Path
) -> None:
    """What a certificate says outside its signed part is compared with what it says inside, by both."""
    start, end = span_of(stolen.pdf)
    named = re.compile(b"2A864886F70D01010B|2A8648CE3D040303|2A8648CE3D040302")  # RSA and ECDSA with SHA-2
    places = [start + found.end() - 1 for found in named.finditer(stolen.pdf[start:end])]
    assert len(places) >= 6
    portal, files = Verifier(trust, None, renderer), []
    for place in places:
        changed = stolen.pdf[:place] + (b"C" if stolen.pdf[place : place + 1] != b"C" else b"B")
        changed += stolen.pdf[place + 1 :]
        assert portal.judge_pdf(changed, now=datetime.now(UTC)).verdict is Verdict.NOT_AUTHENTIC, place
        files.append(tmp_path / f"{place}.pdf")
        files[-1].write_bytes(changed)
    assert {one.verdict for one in judge_all(files, key_dir / "trust")} == {"NOT AUTHENTIC"}
