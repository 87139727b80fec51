"""Forged extracts: signatures cut, replayed and imitated, bytes changed in place, files made anew."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable

import pikepdf
import pypdfium2

from tests.proof.forged_looks import overlay_of_text
from tests.proof.forgery import (
    FORGERIES,
    JSON,
    JWS,
    RANGE,
    Stolen,
    attached,
    forgery,
    printed_part,
    revised,
    span_of,
)

# ---- signatures: cut, moved, replayed, made by himself


@forgery
def seal_cut_off(stolen: Stolen) -> bytes:
    return printed_part(stolen.pdf) + b"\n"


@forgery
def seal_blanked(stolen: Stolen) -> bytes:
    start, end = span_of(stolen.pdf)
    return stolen.pdf[:start] + b"<" + b"0" * (end - start - 2) + b">" + stolen.pdf[end:]


@forgery
def signature_replayed_from_another(stolen: Stolen) -> bytes:
    (a, b), (c, d) = span_of(stolen.pdf), span_of(stolen.other)
    return stolen.pdf[:a] + stolen.other[c:d] + stolen.pdf[b:]


@forgery
def sealing_revision_replayed_from_another(stolen: Stolen) -> bytes:
    return printed_part(stolen.pdf) + stolen.other[len(printed_part(stolen.other)) :]


@forgery
def signature_in_small_letters(stolen: Stolen) -> bytes:
    start, end = span_of(stolen.pdf)
    return stolen.pdf[:start] + stolen.pdf[start:end].lower() + stolen.pdf[end:]


@forgery
def signature_with_something_after_it(stolen: Stolen) -> bytes:
    _, end = span_of(stolen.pdf)
    return stolen.pdf[: end - 9] + b"DEADBEEF" + stolen.pdf[end - 1 :]


@forgery
def signature_truncated(stolen: Stolen) -> bytes:
    start, end = span_of(stolen.pdf)
    kept = stolen.pdf[start : start + 1200]
    return stolen.pdf[:start] + kept + b"0" * (end - start - 1201) + b">" + stolen.pdf[end:]


def ranged(name: str, numbers: Callable[[int, int, int], tuple[int, int, int, int]]) -> None:
    def made(stolen: Stolen) -> bytes:
        match = RANGE.search(stolen.pdf)
        assert match is not None
        text = b"/ByteRange [%d %d %d %d]" % numbers(int(match[2]), int(match[3]), int(match[4]))
        room = stolen.pdf[match.start() :].index(b"/", 1)
        return stolen.pdf[: match.start()] + text.ljust(room)[:room] + stolen.pdf[match.start() + room :]

    FORGERIES[name] = made


ranged("byte_range_with_a_larger_hole", lambda a, b, c: (0, a - 5000, b, c))
ranged("byte_range_that_ends_early", lambda a, b, c: (0, a, b, c - 50))
ranged("byte_range_that_begins_late", lambda a, b, c: (40, a - 40, b, c))
ranged("byte_range_without_a_hole", lambda a, b, c: (0, a, a, c + b - a))


@forgery
def byte_range_named_twice(stolen: Stolen) -> bytes:
    start, end = span_of(stolen.pdf)
    decoy = b"\n%%/ByteRange [0 %d %d %d]\n%%%%EOF\n"
    tail = len(stolen.pdf) - end
    return stolen.pdf + decoy % (start, end, tail + len(decoy % (start, end, tail)))


@forgery
def certificate_of_the_forger_under_our_signature(stolen: Stolen) -> bytes:
    return stolen.forger.reseal(stolen.pdf, keep_signature=True)


@forgery
def seal_of_a_ca_with_our_name(stolen: Stolen) -> bytes:
    return stolen.forger.reseal(stolen.pdf)


@forgery
def seal_of_a_ca_with_our_name_over_an_overlay(stolen: Stolen) -> bytes:
    return stolen.forger.sign(revised(printed_part(stolen.pdf) + b"\n", overlay_of_text), "ElektronMohur")


@forgery
def second_signature_by_a_ca_with_our_name(stolen: Stolen) -> bytes:
    return stolen.forger.sign(stolen.pdf, "Second")


@forgery
def second_signature_over_another_statement(stolen: Stolen) -> bytes:
    return stolen.forger.sign(FORGERIES["statement_with_another_owner"](stolen), "Second")


# ---- bytes changed in place


@forgery
def certification_that_allows_changes(stolen: Stolen) -> bytes:
    return re.sub(rb"(/TransformParams\s*/(?:V ?/1.2\s*/P) )1", rb"\g<1>3", stolen.pdf, count=1)


@forgery
def date_of_the_seal_changed(stolen: Stolen) -> bytes:
    return re.sub(rb"(/M ?\(D:?(?:\\072)?)2026", rb"\g<1>2031", stolen.pdf, count=1)


@forgery
def date_of_making_changed(stolen: Stolen) -> bytes:
    return re.sub(rb"(/CreationDate ?\(D:)2026", rb"\g<1>2031", stolen.pdf, count=1)


@forgery
def one_bit_of_the_page(stolen: Stolen) -> bytes:
    middle = len(printed_part(stolen.pdf)) // 2
    return stolen.pdf[:middle] + bytes([stolen.pdf[middle] ^ 1]) + stolen.pdf[middle + 1 :]


@forgery
def trailing_line(stolen: Stolen) -> bytes:
    return stolen.pdf + b"\n"


@forgery
def trailing_words(stolen: Stolen) -> bytes:
    return stolen.pdf + b"% Yukden azaddir\n%%EOF\n"


@forgery
def leading_header(stolen: Stolen) -> bytes:
    return b"%PDF-1.7\n" + stolen.pdf


@forgery
def truncated_download(stolen: Stolen) -> bytes:
    return stolen.pdf[: len(stolen.pdf) * 9 // 10]


# ---- the file made anew from what it shows


def saved(pdf: bytes, **options: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, **options)
    return out.getvalue()


@forgery
def saved_anew(stolen: Stolen) -> bytes:
    return saved(stolen.pdf)


@forgery
def saved_for_the_web(stolen: Stolen) -> bytes:
    return saved(stolen.pdf, linearize=True)


@forgery
def saved_with_object_streams(stolen: Stolen) -> bytes:
    return saved(stolen.pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)


@forgery
def saved_encrypted(stolen: Stolen) -> bytes:
    return saved(stolen.pdf, encryption=pikepdf.Encryption(owner="x", user=""))


@forgery
def pages_put_together_from_two_extracts(stolen: Stolen) -> bytes:
    out = io.BytesIO()
    with (
        pikepdf.open(io.BytesIO(stolen.pdf)) as document,
        pikepdf.open(io.BytesIO(stolen.other)) as other,
        warnings.catch_warnings(action="ignore"),  # that the field of the seal is not copied
    ):
        document.pages[0] = other.pages[0]
        document.save(out)
    return out.getvalue()


@forgery
def picture_of_the_page_with_genuine_attachments(stolen: Stolen) -> bytes:
    shown = pypdfium2.PdfDocument(stolen.pdf)
    picture, out = io.BytesIO(), io.BytesIO()
    shown[0].render(scale=0.5).to_pil().save(picture, "PDF")
    shown.close()
    with pikepdf.open(picture) as document:
        for name in (JSON, JWS):
            document.attachments[name] = pikepdf.AttachedFileSpec(
                document, attached(stolen.pdf, name), filename=name
            )
        document.save(out)
    return out.getvalue()
