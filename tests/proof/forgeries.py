"""Kinds of forged extracts, each a function over any sealed PDF of ours; none needs a key of the register.

``Stolen`` is what a forger has: a genuine file, another genuine file, and a CA of his own under our names.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
import pypdfium2
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.proof.forger import Forger

Change = Callable[[IncrementalPdfFileWriter], None]
_RANGE = re.compile(rb"/ByteRange ?\[(\d+) (\d+) (\d+) (\d+)\]")


@dataclass(frozen=True)
class Stolen:
    """What a forger has in hand."""

    pdf: bytes
    other: bytes
    forger: Forger


Forgery = Callable[[Stolen], bytes]
FORGERIES: dict[str, Forgery] = {}


def forgery(made: Forgery) -> Forgery:
    """Enter a kind under its name."""
    FORGERIES[made.__name__] = made
    return made


def appended(change: Change) -> Change:
    """Enter a kind that adds a revision."""

    def made(stolen: Stolen) -> bytes:
        return revised(stolen.pdf, change)

    FORGERIES[change.__name__] = made
    return change


def revised(pdf: bytes, change: Change) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def span_of(pdf: bytes) -> tuple[int, int]:
    """Offsets of the first signature, delimiters included."""
    match = _RANGE.search(pdf)
    assert match is not None
    return int(match[2]), int(match[3])


def printed_part(pdf: bytes) -> bytes:
    return pdf[: pdf.index(b"%%EOF") + 5]


def attached(pdf: bytes, name: str) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return document.attachments[name].get_file().read_bytes()


def replaced_in_place(pdf: bytes, old: bytes, new: bytes) -> bytes:
    assert pdf.count(old) >= 1, old
    return pdf.replace(old, new.ljust(len(old))[: len(old)], 1)


# ---- what is shown: overlays, fonts, pages, fields


def page_of(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    return writer.root["/Pages"]["/Kids"][0].get_object()  # type: ignore[no-any-return]


def add_content(writer: IncrementalPdfFileWriter, drawn: bytes) -> None:
    page = page_of(writer)
    stream = writer.add_object(generic.StreamObject(stream_data=drawn))
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), stream])
    writer.update_container(page)


@appended
def overlay_that_covers_a_line(writer: IncrementalPdfFileWriter) -> None:
    add_content(writer, b"q 1 1 1 rg 60 500 300 40 re f Q")


@appended
def overlay_of_text(writer: IncrementalPdfFileWriter) -> None:
    add_content(writer, b"BT /F0 12 Tf 60 500 Td (Saxtakarov Saxta) Tj ET")


@appended
def overlay_of_another_qr_code(writer: IncrementalPdfFileWriter) -> None:
    modules = b"".join(b"%d %d 2 2 re " % (480 + 2 * (n % 29), 700 + 2 * (n // 29)) for n in range(0, 841, 3))
    add_content(writer, b"q 1 1 1 rg 470 690 90 90 re f 0 0 0 rg " + modules + b"f Q")


@appended
def page_without_its_contents(writer: IncrementalPdfFileWriter) -> None:
    page = page_of(writer)
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"q Q"))
    writer.update_container(page)


@appended
def page_removed(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"] = generic.ArrayObject([pages["/Kids"].raw_get(0)])
    pages["/Count"] = generic.NumberObject(1)
    writer.update_container(pages)


@appended
def page_doubled(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].append(pages["/Kids"].raw_get(0))
    pages["/Count"] = generic.NumberObject(len(pages["/Kids"]))
    writer.update_container(pages)


@appended
def page_cropped(writer: IncrementalPdfFileWriter) -> None:
    page = page_of(writer)
    page["/CropBox"] = generic.ArrayObject(map(generic.NumberObject, (0, 400, 595, 842)))
    writer.update_container(page)


@appended
def page_turned_over(writer: IncrementalPdfFileWriter) -> None:
    page = page_of(writer)
    page["/Rotate"] = generic.NumberObject(180)
    writer.update_container(page)


def first_font(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    fonts = page_of(writer)["/Resources"]["/Font"]
    return fonts[next(iter(fonts))].get_object()  # type: ignore[no-any-return]


@appended
def font_whose_text_reads_otherwise(writer: IncrementalPdfFileWriter) -> None:
    """The page looks the same, copied text says something else."""
    font = first_font(writer)
    cmap = b"1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0041> endbfrange"
    font["/ToUnicode"] = writer.add_object(generic.StreamObject(stream_data=cmap))
    writer.update_container(font)


@appended
def font_whose_glyphs_are_moved(writer: IncrementalPdfFileWriter) -> None:
    """The text stays, the page shows other letters."""
    font = first_font(writer)["/DescendantFonts"][0].get_object()
    swapped = b"".join((number ^ 1).to_bytes(2, "big") for number in range(600))
    font["/CIDToGIDMap"] = writer.add_object(generic.StreamObject(stream_data=swapped))
    writer.update_container(font)


@appended
def font_with_other_widths(writer: IncrementalPdfFileWriter) -> None:
    font = first_font(writer)["/DescendantFonts"][0].get_object()
    font["/W"] = generic.ArrayObject()
    font["/DW"] = generic.NumberObject(0)
    writer.update_container(font)


def annotate(writer: IncrementalPdfFileWriter, entries: dict[str, generic.PdfObject]) -> None:
    page = page_of(writer)
    note = generic.DictionaryObject({pdf_name(name): value for name, value in entries.items()})
    note[pdf_name("/Type")] = pdf_name("/Annot")
    note[pdf_name("/Rect")] = generic.ArrayObject(map(generic.NumberObject, (60, 500, 260, 540)))
    page.setdefault(pdf_name("/Annots"), generic.ArrayObject())
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page)


@appended
def note_on_the_page(writer: IncrementalPdfFileWriter) -> None:
    contents = generic.TextStringObject("Yükdən azaddır")
    annotate(writer, {"/Subtype": pdf_name("/FreeText"), "/Contents": contents})


@appended
def stamp_on_the_page(writer: IncrementalPdfFileWriter) -> None:
    annotate(writer, {"/Subtype": pdf_name("/Stamp"), "/Name": pdf_name("/Approved")})


@appended
def link_to_another_site(writer: IncrementalPdfFileWriter) -> None:
    action = generic.DictionaryObject(
        {
            pdf_name("/S"): pdf_name("/URI"),
            pdf_name("/URI"): generic.pdf_string("https://reyestr.example.org"),
        }
    )
    annotate(writer, {"/Subtype": pdf_name("/Link"), "/A": action})


@appended
def form_field_with_a_value(writer: IncrementalPdfFileWriter) -> None:
    value = generic.TextStringObject("Saxtakarov Saxta")
    annotate(writer, {"/Subtype": pdf_name("/Widget"), "/FT": pdf_name("/Tx"), "/V": value})


@appended
def seal_field_with_a_picture(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0].get_object()
    drawn = generic.StreamObject(
        {pdf_name("/Subtype"): pdf_name("/Form")}, stream_data=b"0 1 0 rg 0 0 99 99 re f"
    )
    field["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(drawn)})
    field["/Rect"] = generic.ArrayObject(map(generic.NumberObject, (60, 500, 260, 540)))
    writer.update_container(field)


@appended
def hidden_layer(writer: IncrementalPdfFileWriter) -> None:
    layer = writer.add_object(
        generic.DictionaryObject(
            {pdf_name("/Type"): pdf_name("/OCG"), pdf_name("/Name"): generic.pdf_string("x")}
        )
    )
    off = generic.DictionaryObject({pdf_name("/OFF"): generic.ArrayObject([layer])})
    writer.root["/OCProperties"] = generic.DictionaryObject(
        {pdf_name("/OCGs"): generic.ArrayObject([layer]), pdf_name("/D"): off}
    )
    writer.update_root()


@appended
def script_that_runs_at_opening(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.TextStringObject("app.alert(1)")}
    )
    writer.update_root()


@appended
def title_changed(writer: IncrementalPdfFileWriter) -> None:
    info = writer.trailer["/Info"]
    info["/Title"] = generic.TextStringObject("Başqa çıxarış")
    writer.update_container(info)


@appended
def metadata_changed(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Metadata"] = writer.add_object(
        generic.StreamObject(
            {pdf_name("/Type"): pdf_name("/Metadata"), pdf_name("/Subtype"): pdf_name("/XML")},
            stream_data=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
        )
    )
    writer.update_root()


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


NAME, JSON, JWS, CODE = "Sınaqov", "statement.json", "statement.jws", "verification-code.txt"
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
        match = _RANGE.search(stolen.pdf)
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
