"""Forgeries: every one must be refused, with the reason that helps whoever holds it."""

import concurrent.futures
import copy
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from cadastre.extract import (
    Issuer,
    IssuingKeys,
    PdfRenderer,
    Trust,
    Verdict,
    canonical_bytes,
    sign_detached,
    verify_pdf,
)
from cadastre.extract.off_loop import off_loop
from cadastre.extract.reasons import REASONS
from cadastre.extract.seal_check import _signature_span
from tests.cadastre.extract.builders import CASES, ISSUED_AT, LABELS, record
from tests.cadastre.extract.conftest import Check, Issued
from tests.cadastre.extract.sealing import PyHankoSigner, seal_any
from tests.signing import seal_with


def incremental(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# ---- genuine ones


@pytest.mark.parametrize("name", CASES)
def test_what_we_issue_is_authentic(
    issued: dict[str, Issued], trust: Trust, renderer: PdfRenderer, name: str
):
    found = verify_pdf(issued[name].pdf, trust, renderer=renderer)
    assert found.verdict is Verdict.AUTHENTIC
    past = ["historic-state"] if CASES[name].state.historic else []
    assert [r.code for r in found.reasons] == [
        "seal-valid",
        "statement-signed",
        "page-matches",
        "proof-absent",
        *past,
    ]
    assert found.statement == issued[name].signed.statement
    assert found.issued_at == ISSUED_AT


def test_without_the_renderer_the_page_is_not_compared_and_it_says_so(plain: bytes, trust: Trust):
    assert "page-not-compared" in [r.code for r in verify_pdf(plain, trust).reasons]


def test_superseded_is_said_by_the_service(plain: bytes, trust: Trust):
    found = verify_pdf(plain, trust).superseded()
    assert found.verdict is Verdict.SUPERSEDED
    assert found.reasons[-1].code == "superseded"
    refused = verify_pdf(b"", trust)
    assert refused.superseded() is refused


def test_every_reason_is_told_in_three_languages():
    for code, text in REASONS.items():
        assert text.az, code
        assert text.en, code
        assert text.ru, code


def test_words_of_a_signature_in_a_text_do_not_confuse(issuer: Issuer, trust: Trust, renderer: PdfRenderer):
    odd = record(register_number="/ByteRange [0 1 2 3] /Encrypt %%EOF")
    assert (
        verify_pdf(issuer.render_pdf(issuer.sign_statement(odd)), trust, renderer=renderer).verdict
        == "AUTHENTIC"
    )


def before_seal(pdf: bytes) -> bytes:
    """All up to the signature, in which the time stamp's number differs from one time to the next."""
    return pdf[: _signature_span(pdf)[0]]


def test_threads_share_one_issuer(
    issuer: Issuer, issued: dict[str, Issued], trust: Trust, renderer: PdfRenderer
):
    def work(name: str) -> bool:
        pdf = issuer.render_pdf(issuer.sign_statement(CASES[name]))
        return (
            before_seal(pdf) == before_seal(issued[name].pdf)
            and verify_pdf(pdf, trust, renderer=renderer).verdict is Verdict.AUTHENTIC
        )

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, ["plain", "owners", "flat", "absent"] * 3))


# ---- one byte


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_one_changed_byte_anywhere(check: Check, plain: bytes, data: st.DataObject):
    offset = data.draw(st.integers(0, len(plain) - 1))
    mask = data.draw(st.integers(1, 255))
    check(plain[:offset] + bytes([plain[offset] ^ mask]) + plain[offset + 1 :])


def test_every_byte_of_the_signature_itself(check: Check, plain: bytes):
    start, end = _signature_span(plain)
    used = len(plain[start:end].rstrip(b">").rstrip(b"0")) + start
    for offset in [*range(start, used + 40, 7), end - 2, end - 1]:
        for mask in (1, 0x20):
            check(plain[:offset] + bytes([plain[offset] ^ mask]) + plain[offset + 1 :])


def test_a_bit_that_is_called_unused(check: Check, plain: bytes):
    """Where the last bit of a certificate's signature is zero, the bytes of the signature stay what they were."""
    start, end = _signature_span(plain)
    ecdsa_sha384 = b"06082A8648CE3D040303"
    found = re.finditer(ecdsa_sha384 + b"03[0-9A-F]{2}00", plain[start:end])
    places = [start + signature.end() - 1 for signature in found]
    assert len(places) > 1
    for place in places:
        check(plain[:place] + b"1" + plain[place + 1 :])


def test_hex_in_another_spelling(check: Check, plain: bytes):
    start, end = _signature_span(plain)
    assert check(plain[:start] + plain[start:end].lower() + plain[end:]) == ["seal-malformed"]


# ---- added revisions


def overlay(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    stream = generic.StreamObject(stream_data=b"q 1 0 0 rg 60 500 200 40 re f Q")
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), writer.add_object(stream)])
    writer.update_container(page)


def swap_statement(writer: IncrementalPdfFileWriter) -> None:
    spec = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1].get_object()
    forged = generic.StreamObject(
        dict_data={
            pdf_name("/Type"): pdf_name("/EmbeddedFile"),
            pdf_name("/Subtype"): pdf_name("/application#2Fjson"),
        },
        stream_data=b'{"forged":true}',
    )
    spec["/EF"]["/F"] = writer.add_object(forged)
    writer.update_container(spec["/EF"])


def retitle(writer: IncrementalPdfFileWriter) -> None:
    info = writer.trailer["/Info"]
    info["/Title"] = generic.TextStringObject("Başqa çıxarış")
    writer.update_container(info)


def annotate(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (60, 500, 260, 540))),
            pdf_name("/Contents"): generic.TextStringObject("Yükdən azaddır"),
        }
    )
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page)


def remove_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"] = generic.ArrayObject([pages["/Kids"].raw_get(0)])
    pages["/Count"] = generic.NumberObject(1)
    writer.update_container(pages)


def script(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.TextStringObject("app.alert(1)")}
    )
    writer.update_root()


def third_attachment(writer: IncrementalPdfFileWriter) -> None:
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    names.append(generic.TextStringObject("statement2.json"))
    names.append(names.raw_get(1))
    writer.update_root()


@pytest.mark.parametrize(
    "change",
    [overlay, swap_statement, retitle, annotate, remove_page, script, third_attachment],
    ids=lambda f: f.__name__,
)
def test_an_appended_revision(check: Check, plain: bytes, change):
    assert check(incremental(plain, change)) == ["changed-after-seal"]


@pytest.mark.parametrize("change", [overlay, swap_statement, third_attachment], ids=lambda f: f.__name__)
def test_an_appended_revision_sealed_by_a_forger(check: Check, plain: bytes, other_keys: IssuingKeys, change):
    changed = incremental(plain, change)
    assert changed.count(b"/DocMDP") > 1
    uncertified = changed.replace(b"/DocMDP", b"/DocMDX")  # else pyHanko declines to sign
    forged = _seal_field_renamed(uncertified, other_keys)
    assert check(forged) == ["seal-untrusted"]


def _seal_field_renamed(pdf: bytes, keys: IssuingKeys) -> bytes:
    from pyhanko.sign import fields, signers

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    out = io.BytesIO()
    signer = signers.PdfSigner(
        signers.PdfSignatureMetadata(
            field_name="Second", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
        ),
        PyHankoSigner(keys.seal),
    )
    off_loop(lambda: signer.sign_pdf(writer, output=out, bytes_reserved=8192))
    return out.getvalue()


@pytest.mark.parametrize("tail", [b"\n", b" ", b"%", b"\n%%EOF\n", b"\0" * 10, b"trailing words\n%%EOF"])
def test_trailing_bytes(check: Check, plain: bytes, tail: bytes):
    assert check(plain + tail)[0] in {"changed-after-seal", "truncated"}


def test_leading_bytes(check: Check, plain: bytes):
    assert check(b"\n" + plain) == ["not-a-pdf"]
    check(b"%PDF-1.7\n" + plain)


# ---- cut, moved, replayed


def test_the_seal_cut_off(check: Check, issued: dict[str, Issued], renderer: PdfRenderer):
    signed = issued["plain"].signed
    assert check(renderer.render(signed.canonical, signed.jws)) == ["no-seal"]


@pytest.mark.parametrize("share", [0.0001, 0.1, 0.5, 0.9, 0.9999])
def test_truncated_downloads(check: Check, plain: bytes, share: float):
    codes = check(plain[: int(len(plain) * share)])
    assert codes[0] in {"truncated", "no-seal", "not-a-pdf"}


def test_the_seal_of_another_extract(check: Check, issued: dict[str, Issued], renderer: PdfRenderer):
    """Both the whole sealing revision and the bare CMS object, moved to another document."""
    plain, other = issued["plain"], issued["owners"]
    printed = len(renderer.render(other.signed.canonical, other.signed.jws))
    check(renderer.render(plain.signed.canonical, plain.signed.jws) + other.pdf[printed:])
    (a, b), (c, d) = _signature_span(plain.pdf), _signature_span(other.pdf)
    assert check(plain.pdf[:a] + other.pdf[c:d] + plain.pdf[b:]) == ["seal-broken"]


def test_a_blank_signature(check: Check, plain: bytes):
    start, end = _signature_span(plain)
    assert check(plain[:start] + b"<" + b"0" * (end - start - 2) + b">" + plain[end:]) == ["seal-malformed"]


def test_a_byte_range_that_leaves_more_out(check: Check, plain: bytes):
    match = re.search(rb"/ByteRange\[(\d+) (\d+) (\d+) (\d+)", plain)
    assert match is not None
    _, length, second, rest = map(int, match.groups())
    for values in (
        (0, length - 5000, second, rest),
        (0, length, second + 100, rest - 100),
        (10, length - 10, second, rest),
        (0, length, second, rest - 50),
        (0, length, second, rest + 50),
        (0, 0, 0, len(plain)),
        (0, length, length, len(plain) - length),
    ):
        text = b"/ByteRange[%d %d %d %d" % values
        check(plain.replace(match.group(0), text.ljust(len(match.group(0))), 1))


def test_a_file_saved_anew(check: Check, plain: bytes):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as document:
        document.save(out)
    check(out.getvalue())


def test_an_encrypted_copy(check: Check, issued: dict[str, Issued], renderer: PdfRenderer):
    out = io.BytesIO()
    signed = issued["plain"].signed
    with pikepdf.open(io.BytesIO(renderer.render(signed.canonical, signed.jws))) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="x", user=""))
    assert check(out.getvalue()) == ["encrypted"]


# ---- other keys, and one of our two keys in wrong hands


def forged_statement(issued: dict[str, Issued]) -> bytes:
    statement = copy.deepcopy(issued["plain"].signed.statement)
    statement["rights"][0]["holders"][0]["party"]["name"] = "Saxtakarov Saxta"
    return canonical_bytes(statement)


def test_a_forger_with_his_own_ca_of_the_same_name(
    check: Check, renderer: PdfRenderer, other_keys: IssuingKeys
):
    forger = Issuer(renderer, seal_with(other_keys, ISSUED_AT), other_keys.jws_key, LABELS)
    assert check(forger.render_pdf(forger.sign_statement(record()))) == ["seal-untrusted"]


def test_our_seal_over_a_statement_signed_by_a_stranger(
    check: Check, renderer: PdfRenderer, keys: IssuingKeys, other_keys: IssuingKeys
):
    rogue = Issuer(renderer, seal_with(keys, ISSUED_AT), other_keys.jws_key, LABELS)
    assert check(rogue.render_pdf(rogue.sign_statement(record()))) == ["unknown-key"]


def seal_of(keys: IssuingKeys, printed: bytes) -> bytes:
    return seal_any(keys, printed)


def test_our_seal_over_a_changed_statement_with_the_old_signature(
    check: Check, renderer: PdfRenderer, keys: IssuingKeys, issued: dict[str, Issued]
):
    printed = renderer.render(forged_statement(issued), issued["plain"].signed.jws)
    assert check(seal_of(keys, printed)) == ["jws-mismatch"]


def repacked(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        document.save(out)
    return out.getvalue()


def test_our_seal_over_another_page(
    check: Check, renderer: PdfRenderer, keys: IssuingKeys, issued: dict[str, Issued]
):
    """The page of a forged statement with the genuine statement and JWS attached."""
    signed = issued["plain"].signed

    def attach_genuine(document: pikepdf.Pdf) -> None:
        for name, data in (("statement.json", signed.canonical), ("statement.jws", signed.jws.encode())):
            document.attachments[name] = pikepdf.AttachedFileSpec(document, data, filename=name)

    page = renderer.render(forged_statement(issued), signed.jws)
    assert check(seal_of(keys, repacked(page, attach_genuine))) == ["page-differs"]


def test_our_seal_over_other_attachments(
    check: Check, renderer: PdfRenderer, keys: IssuingKeys, issued: dict[str, Issued]
):
    signed = issued["plain"].signed
    page = renderer.render(signed.canonical, signed.jws)

    def add(document: pikepdf.Pdf) -> None:
        document.attachments["x.json"] = pikepdf.AttachedFileSpec(document, b"{}", filename="x.json")

    def drop(document: pikepdf.Pdf) -> None:
        del document.attachments["statement.jws"]

    for change in (add, drop):
        assert check(seal_of(keys, repacked(page, change))) == ["attachments"]


def test_our_keys_over_a_statement_that_is_not_canonical(
    check: Check, keys: IssuingKeys, renderer: PdfRenderer, issued: dict[str, Issued]
):
    statement = issued["plain"].signed.statement
    for spelled in (
        json.dumps(statement, ensure_ascii=False).encode(),
        canonical_bytes(statement)[:-1] + b',"id":"2"}',
    ):
        jws = sign_detached(spelled, keys.jws_key)

        def attach(document: pikepdf.Pdf, data: bytes = spelled, jws: str = jws) -> None:
            document.attachments["statement.json"] = pikepdf.AttachedFileSpec(
                document, data, filename="statement.json"
            )
            document.attachments["statement.jws"] = pikepdf.AttachedFileSpec(
                document, jws.encode(), filename="statement.jws"
            )

        page = renderer.render(issued["plain"].signed.canonical, jws)
        assert check(seal_of(keys, repacked(page, attach))) == ["not-canonical"]


@pytest.mark.parametrize("days", [-366 * 20, 366 * 6])
def test_a_seal_out_of_time(check: Check, renderer: PdfRenderer, keys: IssuingKeys, days: int):
    moment = ISSUED_AT + timedelta(days=days)
    issuer = Issuer(renderer, seal_with(keys, moment), keys.jws_key, LABELS)
    signed = issuer.sign_statement(replace(record(), issued_at=moment))
    assert check(issuer.render_pdf(signed, at=ISSUED_AT)) == ["seal-out-of-time"]


def test_a_seal_older_than_what_it_seals(check: Check, issuer: Issuer):
    later = replace(record(), issued_at=ISSUED_AT + timedelta(minutes=6))
    assert check(issuer.render_pdf(issuer.sign_statement(later))) == ["seal-out-of-time"]
