"""One issuer with throw-away keys for all extract tests."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cadastre.db.places import font_dir
from cadastre.extract import (
    Issuer,
    IssuingKeys,
    PdfRenderer,
    SignedStatement,
    Trust,
    Verdict,
    load_or_create_keys,
    verify_pdf,
)
from tests.cadastre.extract.builders import CASES, ISSUED_AT, LABELS
from tests.signing import seal_with

Check = Callable[[bytes], list[str]]


@pytest.fixture(scope="session")
def renderer() -> PdfRenderer:
    return PdfRenderer(font_dir())


@pytest.fixture(scope="session")
def key_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki") / "deep" / "keys"
    load_or_create_keys(folder, now=ISSUED_AT)
    return folder


@pytest.fixture(scope="session")
def keys(key_dir: Path) -> IssuingKeys:
    return load_or_create_keys(key_dir, now=ISSUED_AT)


@pytest.fixture(scope="session")
def other_key_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A forger's own CA with the same names."""
    folder = tmp_path_factory.mktemp("forger") / "keys"
    load_or_create_keys(folder, now=ISSUED_AT)
    return folder


@pytest.fixture(scope="session")
def other_keys(other_key_dir: Path) -> IssuingKeys:
    return load_or_create_keys(other_key_dir, now=ISSUED_AT)


@pytest.fixture(scope="session")
def trust(keys: IssuingKeys) -> Trust:
    return keys.trust()


@pytest.fixture(scope="session")
def issuer(renderer: PdfRenderer, keys: IssuingKeys) -> Issuer:
    return Issuer(renderer, seal_with(keys, ISSUED_AT), keys.jws_key, LABELS)


@dataclass(frozen=True)
class Issued:
    signed: SignedStatement
    pdf: bytes


@pytest.fixture(scope="session")
def issued(issuer: Issuer) -> dict[str, Issued]:
    """Every synthetic case, issued once."""
    found = {}
    for name, record in CASES.items():
        signed = issuer.sign_statement(record)
        found[name] = Issued(signed, issuer.render_pdf(signed))
    return found


@pytest.fixture(scope="session")
def check(trust: Trust, renderer: PdfRenderer) -> Check:
    """Verify and give the reason codes; fails when the file is taken for authentic."""

    def refused(pdf: bytes) -> list[str]:
        found = verify_pdf(pdf, trust, renderer=renderer)
        assert found.verdict is Verdict.NOT_AUTHENTIC, found.reasons
        assert found.statement is None, "a refused document yields no facts"
        return [r.code for r in found.reasons]

    return refused


@pytest.fixture(scope="session")
def plain(issued: dict[str, Issued]) -> bytes:
    return issued["plain"].pdf
