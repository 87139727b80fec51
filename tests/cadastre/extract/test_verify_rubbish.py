"""What is no extract at all, files that were mangled, and JSON bundles: whatever comes, a verdict is given."""

import copy
import json
import time
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cadastre.extract import (
    IssuingKeys,
    Trust,
    Verdict,
    canonical_bytes,
    sign_detached,
    verify_bundle,
    verify_pdf,
)
from cadastre.extract.seal_check import _signature_span, read_gap
from cadastre.extract.verify import MAX_PDF_BYTES
from tests.cadastre.extract.conftest import Check, Issued

# ---- rubbish


def bomb() -> bytes:
    body = zlib.compress(b"\0" * 200_000_000, 9)
    return b"%%PDF-1.7\n1 0 obj<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream endobj\n%%%%EOF\n" % (
        len(body),
        body,
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"PK\x03\x04" + b"\0" * 100, "not-a-pdf"),
        (b"\x89PNG\r\n\x1a\n", "not-a-pdf"),
        (b'{"statement": {}}', "not-a-pdf"),
        (b"%PDF-1.7\n", "truncated"),
        (b"%PDF-1.7\n%%EOF", "no-seal"),
        (b"%PDF-1.7\n/ByteRange [0 9 9 99]\n%%EOF", "truncated"),
        (b"%PDF-1.7\n/ByteRange [0 0 0 0]\n%%EOF", "changed-after-seal"),
        (b"%PDF-1.7\n" + b"[" * 1_000_000 + b"%%EOF", "no-seal"),
        (b"%PDF-1.7\n" + b"/ByteRange [0 1 2 3]" * 100_000 + b"\n%%EOF", "changed-after-seal"),
    ],
)
def test_what_is_no_extract(check: Check, data: bytes, code: str):
    assert check(data) == [code]


def test_a_bomb_is_refused_unopened(check: Check):
    packed = bomb()
    before = time.process_time()
    assert check(packed) == ["no-seal"]
    assert time.process_time() - before < 0.5


def test_a_file_that_is_too_large(trust: Trust):
    found = verify_pdf(b"%PDF-" + bytes(MAX_PDF_BYTES), trust)
    assert [r.code for r in found.reasons] == ["too-large"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(check: Check, data: bytes):
    check(data)
    check(b"%PDF-1.7\n" + data + b"\n%%EOF")


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=200))
def test_any_cms_gets_an_answer(check: Check, plain: bytes, data: bytes):
    start, end = _signature_span(plain)
    cms = (b"\x30\x82" + len(data).to_bytes(2, "big") + data).hex().upper().encode()
    check(plain[:start] + b"<" + cms.ljust(end - start - 2, b"0") + b">" + plain[end:])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(4, 2000), st.integers(0, 255), st.sampled_from(["set", "del", "add"])),
        min_size=1,
        max_size=4,
    )
)
def test_a_mangled_cms_gets_an_answer(trust: Trust, plain: bytes, edits: list[tuple[int, int, str]]):
    """A genuine CMS object with bytes set, removed and added: whatever the parsers raise, a verdict comes."""
    start, end = _signature_span(plain)
    original = read_gap(plain[start:end])
    der = bytearray(original)
    for place, value, edit in edits:
        if edit == "set":
            der[place] = value
        elif edit == "del":
            del der[place]
        else:
            der.insert(place, value)
    der[2:4] = (len(der) - 4).to_bytes(2, "big")
    spelled = bytes(der).hex().upper().encode()
    found = verify_pdf(
        plain[:start] + b"<" + spelled.ljust(end - start - 2, b"0") + b">" + plain[end:], trust
    )
    assert (found.verdict is Verdict.AUTHENTIC) == (der == original)


# ---- JSON bundles


def bundle(one: Issued, **changes: Any) -> dict[str, Any]:
    return {
        "id": one.signed.statement["id"],
        "issued_at": "2026-11-22T10:15:30.123456Z",
        "statement": one.signed.statement,
        "jws": one.signed.jws,
        "proof": None,
        "pdf": "/v1/extracts/x",
        **changes,
    }


def test_a_bundle_is_authentic_in_any_spelling(issued: dict[str, Issued], trust: Trust):
    body = bundle(issued["burdened"])
    for given_body in (
        body,
        json.dumps(body).encode(),
        json.dumps(body, indent=3, ensure_ascii=False).encode(),
    ):
        assert verify_bundle(given_body, trust).verdict is Verdict.AUTHENTIC


def leaves(value: Any, path: tuple[Any, ...] = ()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


def test_every_single_fact_is_signed(issued: dict[str, Issued], trust: Trust):
    statement = issued["burdened"].signed.statement
    for path, value in leaves(statement):
        forged = copy.deepcopy(statement)
        at = forged
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = {bool: lambda v: not v, int: lambda v: v + 1, str: lambda v: v + " "}.get(
            type(value), lambda v: "x"
        )(value)
        found = verify_bundle({"statement": forged, "jws": issued["burdened"].signed.jws}, trust)
        assert [r.code for r in found.reasons] == ["jws-mismatch"], path


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"statement": None}, "bad-bundle"),
        ({"statement": []}, "bad-bundle"),
        ({"jws": 5}, "bad-bundle"),
        ({"jws": ""}, "bad-jws"),
        ({"id": "another"}, "bundle-mismatch"),
        ({"issued_at": "2026-11-22T10:15:31Z"}, "bundle-mismatch"),
        ({"issued_at": "yesterday"}, "bundle-mismatch"),
        ({"issued_at": "2026-11-22T10:15:30.123456"}, "bundle-mismatch"),
        ({"statement": {"schema": "x"}}, "jws-mismatch"),
    ],
)
def test_bundles_that_are_none(issued: dict[str, Issued], trust: Trust, change: dict[str, Any], code: str):
    found = verify_bundle(json.dumps(bundle(issued["plain"], **change)).encode(), trust)
    assert (found.verdict, [r.code for r in found.reasons]) == (Verdict.NOT_AUTHENTIC, [code])


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"{" * 100_000, b'{"statement":{"a":1.5},"jws":"x"}'])
def test_raw_rubbish(trust: Trust, raw: bytes):
    assert [r.code for r in verify_bundle(raw, trust).reasons] == ["bad-bundle"]


def test_a_duplicate_key_is_seen_in_raw_bytes(issued: dict[str, Issued], trust: Trust):
    raw = json.dumps(bundle(issued["plain"])).encode()
    doubled = raw.replace(b'"synthetic": true', b'"synthetic": false, "synthetic": true')
    assert doubled != raw
    assert [r.code for r in verify_bundle(doubled, trust).reasons] == ["bad-bundle"]


def test_a_statement_of_another_schema(issued: dict[str, Issued], trust: Trust, keys: IssuingKeys):
    other = {**issued["plain"].signed.statement, "schema": "urn:kadastr:statement:9"}
    jws = sign_detached(canonical_bytes(other), keys.jws_key)
    assert [r.code for r in verify_bundle({"statement": other, "jws": jws}, trust).reasons] == [
        "unknown-schema"
    ]
