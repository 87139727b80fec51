"""The signed QR code: what it says, in print, to two decoders; and what is refused."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal

import cv2
import numpy as np
import pytest
import segno
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cadastre.extract import IssuingKeys, JwsKey, Trust, build_statement
from cadastre.extract.layout_2.codes import signed_symbol
from cadastre.extract.qr import make_symbol
from cadastre.extract.reasons import Rejected
from cadastre.extract.verification_code import LABEL, CodeFacts, read_code, require_code_of, write_code
from tests.cadastre.extract.builders import CASES, LABELS
from tests.cadastre.extract.conftest import Issued

PRINTED_MM = 30.0


@pytest.fixture(scope="module")
def settled_code() -> str:
    """A code that is the same at every run: OpenCV cannot read one symbol in thirty, however large and clean."""
    key = JwsKey.of(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    return write_code(build_statement(CASES["plain"], LABELS, rendering="test"), key)


@pytest.fixture(scope="module")
def code(issued: dict[str, Issued], keys: IssuingKeys) -> str:
    return write_code(issued["plain"].signed.statement, keys.jws_key)


def scanned(symbol: segno.QRCode, dpi: int, seed: int, noise: float) -> np.ndarray:
    """The symbol as a scanner sees it: printed at its size, at a resolution, with noise, on white paper."""
    matrix = np.array(
        [[0 if dark else 255 for dark in row] for row in symbol.matrix_iter(border=4)], np.uint8
    )
    fine = np.kron(matrix, np.ones((24, 24), np.uint8))
    side = round(PRINTED_MM / 25.4 * dpi)
    picture = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)
    paper = cv2.copyMakeBorder(picture, 30, 30, 30, 30, cv2.BORDER_CONSTANT, value=255)
    draw = np.random.default_rng(seed).normal(0, noise, paper.shape)
    return np.clip(paper + draw, 0, 255).astype(np.uint8)


def read_by_zxing(picture: np.ndarray) -> str:
    found = zxingcpp.read_barcodes(picture)
    return found[0].text if found else ""


def read_by_opencv(picture: np.ndarray) -> str:
    """Try a few sizes, as programs that scan do."""
    calm = cv2.GaussianBlur(picture, (3, 3), 0)
    for larger in (1, 2, 3, 4):
        tried = cv2.resize(calm, None, fx=larger, fy=larger, interpolation=cv2.INTER_CUBIC)
        if text := cv2.QRCodeDetector().detectAndDecode(tried)[0]:
            return str(text)
    return ""


@pytest.mark.parametrize("decoder", [read_by_zxing, read_by_opencv], ids=["zxing", "opencv"])
@pytest.mark.parametrize(("dpi", "noise"), [(600, 0.0), (300, 10.0), (150, 20.0)])
@pytest.mark.parametrize("make", [make_symbol, signed_symbol], ids=["layout 1", "layout 2"])
def test_two_decoders_read_it_from_paper(settled_code: str, decoder, make, dpi: int, noise: float) -> None:
    assert decoder(scanned(make(settled_code), dpi, seed=1, noise=noise)) == settled_code


def test_a_module_is_large_enough_to_print(code: str) -> None:
    (modules, _) = make_symbol(code).symbol_size(border=4)
    assert PRINTED_MM / modules >= 0.4
    longest = f"https://registry.cadastre.gov.az/verify/{'f' * 32}#{'9' * 400}"
    assert PRINTED_MM / make_symbol(longest).symbol_size(border=4)[0] >= 0.4


def test_it_says_what_the_statement_says(issued: dict[str, Issued], code: str, trust: Trust) -> None:
    signed = issued["plain"].signed
    facts = read_code(code, trust.jws_keys)
    require_code_of(signed.statement, facts)
    assert facts == CodeFacts(
        url=signed.statement["verification"]["url"],
        token=signed.statement["verification"]["token"],
        id=signed.statement["id"],
        register_number=signed.statement["register_number"],
        ledger_index=812345,
        issued_at=datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC),
        area_m2=Decimal("184.50"),
        sha256=signed.sha256,
    )
    for other in ("owners", "absent"):
        with pytest.raises(Rejected):
            require_code_of(issued[other].signed.statement, facts)


def mutants(code: str, other: str, count: int) -> list[str]:
    """Codes changed in a digit, cut, moved, mixed, and set on other hosts."""
    draw = random.Random(2026)
    (address, digits), (_, strange) = code.split("#"), other.split("#")
    found = {
        f"{address}#{strange}",
        f"{address.replace('https', 'http')}#{digits}",
        f"{address.replace('kadastr', 'kadasrt')}#{digits}",
        f"{address}/#{digits}",
        f"{address}?x#{digits}",
        f"{address[:-1]}B#{digits}",
        f"{address}#0{digits}",
        f"{address}#{digits}0",
        f"{address}#-{digits}",
        f"{address}#{digits} ",
        f"{address}#{'٣' + digits[1:]}",
        f"{address}#{digits}#{digits}",
        f"{address}#",
        address,
        digits,
        "",
    }
    raw = bytearray(int(digits).to_bytes((int(digits).bit_length() + 7) // 8, "big"))
    while len(found) < count:
        kind, place = draw.randrange(5), draw.randrange(len(digits))
        if kind == 0:
            found.add(
                f"{address}#{digits[:place]}{(int(digits[place]) + draw.randrange(1, 10)) % 10}{digits[place + 1 :]}"
            )
        elif kind == 1:
            found.add(f"{address}#{digits[:place]}{digits[place + 1 :]}")
        elif kind == 2:
            changed = bytearray(raw)
            changed[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
            found.add(f"{address}#{int.from_bytes(changed, 'big')}")
        elif kind == 3:
            found.add(f"{address}#{digits[:place]}{strange[place:]}")
        else:
            at = draw.randrange(len(address))
            found.add(f"{address[:at]}{draw.choice('abcxyz/.-')}{address[at + 1 :]}#{digits}")
    return sorted(found - {code, other})[:count]


def test_a_thousand_changed_codes_are_refused(
    issued: dict[str, Issued], keys: IssuingKeys, code: str, trust: Trust
) -> None:
    other = write_code(issued["owners"].signed.statement, keys.jws_key)
    changed = mutants(code, other, 1010)
    assert len(changed) >= 1000
    for text in changed:
        with pytest.raises(Rejected):
            read_code(text, trust.jws_keys)


def test_a_signature_of_another_use_is_no_code(code: str, keys: IssuingKeys, trust: Trust) -> None:
    """The key signs statements too: without the label of codes its signature counts for nothing here."""
    address, _, digits = code.partition("#")
    raw = int(digits).to_bytes((int(digits).bit_length() + 7) // 8, "big")
    payload = raw[:-64]
    for signed in (payload, address.encode() + b"\n" + payload, LABEL + payload):
        forged = payload + keys.jws_key.private.sign(signed)
        with pytest.raises(Rejected) as refused:
            read_code(f"{address}#{int.from_bytes(forged, 'big')}", trust.jws_keys)
        assert refused.value.code == "code-mismatch"


def test_a_code_of_another_register_is_by_an_unknown_key(
    issued: dict[str, Issued], other_keys: IssuingKeys, trust: Trust
) -> None:
    with pytest.raises(Rejected) as refused:
        read_code(write_code(issued["plain"].signed.statement, other_keys.jws_key), trust.jws_keys)
    assert refused.value.code == "unknown-key"
