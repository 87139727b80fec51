"""Forged extracts: what is shown is changed, and so what fonts say, fields, layers and scripts."""

from __future__ import annotations

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.proof.forgery import (
    appended,
)

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
