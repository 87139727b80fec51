"""Forged extracts: what machines read is changed, or hidden by revisions and cross-references."""

from __future__ import annotations

import re
from collections.abc import Callable

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.proof.forged_looks import overlay_of_text, overlay_that_covers_a_line
from tests.proof.forgery import (
    CODE,
    FORGERIES,
    JSON,
    JWS,
    NAME,
    Stolen,
    appended,
    attached,
    forgery,
    revised,
)

# ---- what machines read: attachments


def specs_of(writer: IncrementalPdfFileWriter) -> dict[str, generic.DictionaryObject]:
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    return {str(names[place]): names[place + 1].get_object() for place in range(0, len(names), 2)}


def swap_file(writer: IncrementalPdfFileWriter, name: str, data: bytes) -> None:
    spec = specs_of(writer)[name]
    stream = generic.StreamObject({pdf_name("/Type"): pdf_name("/EmbeddedFile")}, stream_data=data)
    spec["/EF"][pdf_name("/F")] = spec["/EF"][pdf_name("/UF")] = writer.add_object(stream)
    writer.update_container(spec["/EF"])


def swapping(name: str, files: Callable[[Stolen], dict[str, bytes]]) -> None:
    def made(stolen: Stolen) -> bytes:
        def change(writer: IncrementalPdfFileWriter) -> None:
            for file, data in files(stolen).items():
                swap_file(writer, file, data)

        return revised(stolen.pdf, change)

    FORGERIES[name] = made


def edited(stolen: Stolen, old: str, new: str) -> dict[str, bytes]:
    statement = attached(stolen.pdf, "statement.json").decode()
    assert old in statement, old
    return {"statement.json": statement.replace(old, new, 1).encode()}


swapping("statement_with_another_owner", lambda s: edited(s, NAME, "Saxtakar"))
swapping("statement_with_the_name_decomposed", lambda s: edited(s, "Ömər", "O\u0308mər"))
swapping("statement_with_a_letter_that_looks_alike", lambda s: edited(s, NAME, "Sınаqov"))
swapping("statement_with_an_invisible_letter", lambda s: edited(s, NAME, "Sınaq\u200bov"))
swapping("statement_with_another_date", lambda s: edited(s, '"issued_at":"2026', '"issued_at":"2028'))
swapping("statement_with_a_key_twice", lambda s: edited(s, '"kind":', '"kind":"plan","kind":'))
swapping("statement_spelled_otherwise", lambda s: edited(s, '"synthetic":', ' "synthetic": '))
swapping("statement_of_another_extract", lambda s: {JSON: attached(s.other, JSON)})
swapping("signature_of_another_extract", lambda s: {JWS: attached(s.other, JWS)})
swapping("statement_and_signature_of_another", lambda s: {n: attached(s.other, n) for n in (JSON, JWS)})
swapping("statement_signed_by_the_forger", lambda s: s.forger.resign(edited(s, NAME, "Saxtakar")[JSON]))
swapping("qr_data_of_another_extract", lambda s: {CODE: attached(s.other, CODE)})
swapping(
    "qr_data_for_another_site",
    lambda s: {CODE: attached(s.pdf, CODE).replace(b"//", b"//xn--", 1)},
)


@appended
def attachments_under_each_others_name(writer: IncrementalPdfFileWriter) -> None:
    specs = specs_of(writer)
    for spec, name in ((specs[JSON], JWS), (specs[JWS], JSON)):
        spec["/F"] = spec["/UF"] = generic.pdf_string(name)
        writer.update_container(spec)


@appended
def attachment_more(writer: IncrementalPdfFileWriter) -> None:
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    names.append(generic.pdf_string("statement2.json"))
    names.append(names.raw_get(1))
    writer.update_root()


@appended
def attachments_hidden(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Names"]
    writer.update_root()


@appended
def associated_files_renamed(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/AG"] = writer.root["/AF"]
    del writer.root["/AF"]
    writer.update_root()


@appended
def portfolio_that_opens_an_attachment(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Collection"] = generic.DictionaryObject({pdf_name("/D"): generic.pdf_string(JSON)})
    writer.update_root()


# ---- shadows and cross-reference tricks


@appended
def certification_dropped(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Perms"]
    writer.update_root()


@appended
def seal_field_forgotten(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/AcroForm"]
    writer.update_root()


def offsets_of(pdf: bytes, number: int) -> list[int]:
    return [match.start() for match in re.finditer(rb"(?<=\n)%d 0 obj\b" % number, pdf)]


def trailer_of(pdf: bytes) -> bytes:
    found = re.findall(rb"/Root (\d+) 0 R", pdf)
    return b"/Root %s 0 R/Size 9999" % found[-1]


def start_of(pdf: bytes) -> int:
    return int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])


def with_table(pdf: bytes, entries: dict[int, bytes], more: bytes = b"") -> bytes:
    """Append a cross-reference table and nothing else."""
    table = b"".join(b"%d 1\n%s\n" % (number, entry) for number, entry in entries.items())
    place = len(pdf)
    return pdf + b"xref\n%strailer\n<<%s/Prev %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        table, trailer_of(pdf), start_of(pdf), more, place,
    )  # fmt: skip


def number_of(pdf: bytes, mark: bytes) -> int:
    """Number of the last object before a mark."""
    return int(re.findall(rb"\n(\d+) 0 obj", pdf[: pdf.index(mark)])[-1])


@forgery
def shadow_that_hides(stolen: Stolen) -> bytes:
    """The page's contents are freed: what was signed is there and shown no more."""
    contents = re.findall(rb"/Contents (\d+) 0 R", stolen.pdf)[-1]
    return with_table(stolen.pdf, {int(contents): b"0000000000 65535 f "})


@forgery
def shadow_that_replaces(stolen: Stolen) -> bytes:
    """The page's contents are those of another page, by the table alone."""
    first, second = re.findall(rb"/Contents (\d+) 0 R", stolen.pdf)[:2]
    return with_table(stolen.pdf, {int(first): b"%010d 00000 n " % offsets_of(stolen.pdf, int(second))[-1]})


@forgery
def shadow_that_hides_and_replaces(stolen: Stolen) -> bytes:
    """The page goes back to how it was before the seal, and its old form is drawn over."""
    number = int(re.findall(rb"\n(\d+) 0 obj\n<<\s*/Type ?/Page\b(?!s)", stolen.pdf)[0])
    return with_table(
        revised(stolen.pdf, overlay_of_text), {number: b"%010d 00000 n " % offsets_of(stolen.pdf, number)[0]}
    )


@forgery
def rolled_back_to_before_the_seal(stolen: Stolen) -> bytes:
    first = int(re.findall(rb"startxref\s+(\d+)", stolen.pdf)[0])
    return stolen.pdf + b"startxref\n%d\n%%%%EOF\n" % first


@forgery
def objects_in_an_object_stream(stolen: Stolen) -> bytes:
    """The page is defined anew inside an object stream, found by a cross-reference stream."""
    number = int(re.findall(rb"\n(\d+) 0 obj\n<<\s*/Type ?/Page\b(?!s)", stolen.pdf)[-1])
    inside = b"%d 0 <</Type/Page/MediaBox[0 0 595 842]/Parent 1 0 R>>" % number
    place = len(stolen.pdf)
    head = len(b"%d 0 " % number)
    stream = b"9000 0 obj\n<</Type/ObjStm/N 1/First %d/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (
        head, len(inside), inside,
    )  # fmt: skip
    start = place + len(stream)
    rows = b"\2" + (9000).to_bytes(4, "big") + b"\0"
    rows += b"\1" + place.to_bytes(4, "big") + b"\0" + b"\1" + start.to_bytes(4, "big") + b"\0"
    return (
        stolen.pdf
        + stream
        + (
            b"9001 0 obj\n<</Type/XRef/W[1 4 1]/Index[%d 1 9000 2]%s/Prev %d/Length %d>>\nstream\n%s\nendstream\nendobj\n"
            b"startxref\n%d\n%%%%EOF\n"
            % (number, trailer_of(stolen.pdf), start_of(stolen.pdf), len(rows), rows, start)
        )
    )


@forgery
def hybrid_cross_references(stolen: Stolen) -> bytes:
    return with_table(stolen.pdf, {0: b"0000000000 65535 f "}, more=b"/XRefStm %d" % (len(stolen.pdf) - 400))


@forgery
def usage_rights_added(stolen: Stolen) -> bytes:
    body = b"9000 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/Reference[<</TransformMethod/UR3>>]>>\nendobj\n"
    at = len(stolen.pdf)
    return with_table(stolen.pdf + body, {9000: b"%010d 00000 n " % at})


@forgery
def archive_stamp_that_is_none(stolen: Stolen) -> bytes:
    """An overlay under the looks of an archive revision: a document time stamp of the forger's."""
    return stolen.forger.time_stamped(revised(stolen.pdf, overlay_that_covers_a_line))
