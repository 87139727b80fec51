import io
import re
from dataclasses import replace
from datetime import date

import pikepdf
import pikepdf.pdfa
import pypdfium2
import pytest
import zxingcpp

from cadastre.db.places import font_dir
from cadastre.extract import Issuer, PdfRenderer, Text3, Trust, build_statement, canonical_bytes
from cadastre.extract.font_cover import covered_characters
from cadastre.extract.layout_2.plan import draw_plan
from cadastre.extract.record import RestrictionRecord, StatementKind
from cadastre.extract.verification_code import read_code, require_code_of
from cadastre.kernel.errors import Unavailable
from tests.cadastre.extract.builders import (
    CASES,
    LABELS,
    PLOT,
    SOLE,
    HolderRecord,
    Share,
    circle_ring,
    ownership,
    parcel,
    person,
    property_,
    record,
)
from tests.cadastre.extract.conftest import Issued


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
    finally:
        document.close()


def first_page_picture(pdf: bytes):
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[0].render(scale=2).to_pil()
    finally:
        document.close()


def printed(renderer: PdfRenderer, rec) -> bytes:
    return renderer.render(
        canonical_bytes(build_statement(rec, LABELS, rendering=renderer.fingerprint)), "a..b"
    )


@pytest.mark.parametrize("name", CASES)
def test_the_qr_opens_the_verification_page(issued: dict[str, Issued], trust: Trust, name: str):
    (code,) = zxingcpp.read_barcodes(first_page_picture(issued[name].pdf))
    assert code.text.partition("#")[0] == CASES[name].verify_url
    facts = read_code(code.text, trust.jws_keys)
    require_code_of(issued[name].signed.statement, facts)
    assert facts.register_number == CASES[name].register_number


def test_azerbaijani_letters_survive_as_text(issued: dict[str, Issued]):
    text = text_of(issued["owners"].pdf)
    for words in (
        "Hüquqların dövlət qeydiyyatı haqqında daşınmaz əmlakın dövlət reyestrindən",
        "ÇIXARIŞ",
        "Sınaqova Şəhla İlqar qızı",
        "Nümunəyev Çingiz Əli oğlu",
        "Məhdudiyyətlər (yüklülük)",
    ):
        assert words in text


def test_the_manat_sign_and_upper_case_are_printed(renderer: PdfRenderer):
    text = text_of(printed(renderer, record(parcels=(parcel(purpose="1 ₼ · İIıi ƏəĞğ"),))))
    assert "1 ₼ · İIıi ƏəĞğ" in text


def test_every_field_of_the_extract_is_printed(issued: dict[str, Issued]):
    text = text_of(issued["plain"].pdf)
    for words in (
        "Hüququ rəsmiləşdirilən şəxs Sınaqov Əli Ömər oğlu",
        "Daşınmaz əmlakın növü fərdi yaşayış evi",
        "Ünvanı (olduğu yer) Bakı şəhəri, Xəzər rayonu, Mərdəkan qəsəbəsi, Sınaq küçəsi, ev 14A",
        "Əvvəlki ünvanı",
        "Daşınmaz əmlakın mülkiyyət növü xüsusi",
        "Daşınmaz əmlak üzərində hüququn növü mülkiyyət hüququ",
        "Ümumi sahəsi (kvadratmetrlə) sənəd üzrə 184,50 m²; faktiki 186,10 m²",
        "Torpaq sahəsinin mülkiyyət növü xüsusi",
        "Torpaq sahəsi üzərində hüququn növü",
        "Kateqoriyası yaşayış məntəqələrinin torpaqları",
        "Məqsədli təyinatı fərdi yaşayış evinin tikintisi",
        "Ölçüsü (hektarla) sənəd üzrə 0,0650 ha; faktiki 0,0652 ha",
        "Daşınmaz əmlakın reyestr nömrəsi 108000123456",
        "Sıra №",
        "Hüquq sahibinin adı",
        "Payı",
        "Qeydiyyat nömrəsi",
        "Qeydiyyat tarixi",
        "127 nömrəli reyestr kitabının 45 nömrəli vərəqində qeydiyyata alınmışdır",
        "Ərazi İdarəsinin rəisi: Rəis Sınaqov",
        "Qeydiyyat icraçısı: İcraçı Nümunəyeva",
        "22.11.2026 14:15:30 (UTC+04:00)",
        "reyestr jurnalının indeksi: 812345",
        "Miqyas 1:250",
        "Səhifə 1 / 3",
        "Sintetik nümunə",
    ):
        assert words in text, words
    assert issued["plain"].signed.sha256 in text


def test_the_certificate_has_three_blocks_and_no_clean_page_hides_a_lease(issued: dict[str, Issued]):
    text = text_of(issued["burdened"].pdf)
    blocks = [
        "1. Daşınmaz əmlakın təsviri",
        "2. Qeydiyyata alınmış hüquqlar",
        "3. Hüquqların məhdudlaşdırılması (yüklülüyü)",
    ]
    places = [text.index(block) for block in blocks]
    assert places == sorted(places)
    third = text[places[2] :]
    for words in ("icarə hüququ", "01.05.2034", "ipoteka", "125 000,00 AZN", "həbs", "Xəzər Rayon Məhkəməsi"):
        assert words in third.replace("\u00a0", " "), words
    assert "ümumi birgə" in text_of(issued["joint"].pdf)


def test_servitudes_that_serve_the_land_are_printed_with_the_rights(issued: dict[str, Issued]):
    text = text_of(issued["terms"].pdf)
    assert "Əmlakın xeyrinə başqa əmlakların yüklülüyü" in text
    assert "yüklü əmlakın reyestr nömrəsi 108000124000 qeydiyyat nömrəsi 0125000602, 02.06.2025" in text
    assert "Əmlakın xeyrinə" not in text_of(issued["plain"].pdf)


def test_not_in_register_says_so_and_claims_nothing(issued: dict[str, Issued]):
    text = text_of(issued["absent"].pdf)
    assert "REYESTRDƏ YOXDUR" in text
    assert "999000000001" in text
    assert "yükdən azad olduğunu təsdiq etmir" in text
    assert "qeydiyyata alınmamışdır" in text
    assert "Məhdudiyyətlər" not in text


def test_every_turning_point_is_in_the_table(issued: dict[str, Issued]):
    text = text_of(issued["many"].pdf).replace("\u00a0", " ")
    points = issued["many"].signed.statement["parcels"][0]["rings"][0]["points"]
    assert len(points) == 400
    for point in points:
        northing = f"{int(float(point['northing'])):,}".replace(",", " ")
        assert northing in text
    assert len(re.findall(r"\b\d{1,3}–\d{1,3}\b", text)) == 400
    assert text.count("Uzunluq, m") >= 5, "the header is repeated on every page and column"


def test_a_table_of_very_many_corners_is_left_to_the_embedded_statement(renderer: PdfRenderer):
    rec = record(parcels=(parcel(rings=(circle_ring(6_001, 6_000.0),), buildings=()),))
    text = text_of(printed(renderer, rec))
    assert "Dönüş nöqtələrinin sayı 6001 olduğundan cədvəl çap edilmir" in text
    assert "Səhifə 3 / 3" in text


def test_a_flat_without_geometry_has_no_plan(issued: dict[str, Issued]):
    text = text_of(issued["flat"].pdf)
    assert "Miqyas" not in text
    assert "108000123456-00042" in text
    assert "KX-1-B1" in text
    assert "Mənzilin (sahənin) nömrəsi" in text


@pytest.mark.parametrize("name", CASES)
def test_the_same_statement_prints_the_same_bytes(issuer: Issuer, issued: dict[str, Issued], name: str):
    assert issued[name].pdf.startswith(issuer.print_pdf(issued[name].signed))


def test_sealing_twice_gives_the_same_file(issuer, issued: dict[str, Issued]):
    again, first = issuer.render_pdf(issued["plain"].signed), issued["plain"].pdf
    gap = first.index(b"/Contents<"), first.index(b">/ByteRange")
    assert again[: gap[0]] == first[: gap[0]]
    assert again[gap[1] :] == first[gap[1] :], "all but the time stamp"


@pytest.mark.parametrize("name", ["plain", "many", "absent"])
def test_structure_of_pdf_a_3(issued: dict[str, Issued], name: str):
    """Built as PDF/A-3b and PDF/UA-1; sealing must leave that untouched."""
    with pikepdf.open(io.BytesIO(issued[name].pdf)) as document:
        assert document.pdf_version == "1.7"
        assert "/Version" not in document.Root
        (intent,) = document.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1"
        with document.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "B")
            assert meta["pdfuaid:part"] == "1"
        assert str(document.Root.Lang) == "az"
        assert document.Root.MarkInfo.Marked
        assert sorted(document.attachments) == ["statement.json", "statement.jws", "verification-code.txt"]
        assert document.attachments["statement.json"].get_file().read_bytes() == issued[name].signed.canonical
        assert (
            document.attachments["statement.jws"].get_file().read_bytes().decode() == issued[name].signed.jws
        )
        relations = {str(f.F): str(f.AFRelationship) for f in document.Root.AF}
        assert relations == {
            "statement.json": "/Source",
            "statement.jws": "/Supplement",
            "verification-code.txt": "/Supplement",
        }
        for page in document.pages:
            assert all(
                f.FontDescriptor.get("/FontFile2") or f.FontDescriptor.get("/FontFile3") for f in _fonts(page)
            )
        (widget,) = document.Root.AcroForm.Fields
        assert int(widget.F) & 4, "PDF/A wants the Print flag on every annotation"
        assert document.Root.Perms.DocMDP.Reference[0].TransformParams.P == 1


def _fonts(page):
    for font in (page.Resources.get("/Font") or {}).values():
        yield from font.get("/DescendantFonts", [font])


_FALSE_ALARMS = (
    # the validator's allowlist, not faults: extension schemas, PDF/UA id and page count are declared in the XMP
    re.compile(r"XMP (namespace|property) (xmpTPg|pdfaExtension|pdfaSchema|pdfaProperty|pdfuaid)[:=]"),
    # it wants destinations written out; an indirect reference is as good
    re.compile(r"OutlineItem.* /Dest"),
)


@pytest.mark.parametrize("name", CASES)
def test_the_pdf_a_validator_finds_nothing_but_known_false_alarms(issued: dict[str, Issued], name: str):
    report = pikepdf.pdfa.validate_written(io.BytesIO(issued[name].pdf), "3b")
    faults = [str(f) for f in report.findings if str(f).startswith("[violation]")]
    assert [f for f in faults if not any(p.search(f) for p in _FALSE_ALARMS)] == []


def test_hostile_text_is_printed_as_text(renderer: PdfRenderer):
    """Typst markup, code, bidi controls and foreign scripts in register data stay data."""
    evil = '#panic("x") *b* $x$ `r` <a> @ref // \\ \u202emal\u202c 名 #sys.inputs'
    holder = HolderRecord(person(evil), share=Share(1, 1))
    text = text_of(
        printed(
            renderer, record(rights=(ownership(holder),), property=property_(address=Text3('#import "x"')))
        )
    )
    assert '#panic("x") *b* $x$ `r` <a> @ref // \\ [U+202E]mal[U+202C] [U+540D] #sys.inputs' in text
    assert '#import "x"' in text


def test_long_and_odd_data_still_print(renderer: PdfRenderer):
    many = tuple(
        HolderRecord(person(f"Sınaqov {i} Çox Uzun Adlı Nümunə oğlu"), share=Share(1, 300))
        for i in range(300)
    )
    text = text_of(
        printed(renderer, record(rights=(ownership(*many),), property=property_(book=None, address=None)))
    )
    assert "Sınaqov 299" in text
    assert text.count("Hüquq sahibinin adı") > 3


def test_not_synthetic_has_no_watermark(renderer: PdfRenderer):
    pdf = printed(renderer, replace(record(), synthetic=False))
    assert "Sintetik" not in text_of(pdf)


def test_missing_and_broken_fonts_are_one_sentence(tmp_path):
    with pytest.raises(Unavailable, match="make setup"):
        PdfRenderer(tmp_path)
    for name in ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"):
        (tmp_path / name).write_bytes(b"no font")
    with pytest.raises(Unavailable, match="cannot be read"):
        PdfRenderer(tmp_path)


def test_font_covers_the_alphabet():
    covered = covered_characters((font_dir() / "NotoSans-Regular.ttf").read_bytes())
    assert set("AaBbCcÇçDdEeƏəFfGgĞğHhXxIıİiJjKkQqLlMmNnOoÖöPpRrSsŞşTtUuÜüVvYyZz₼ЖжЪъ№«»—–²") <= covered
    assert "名" not in covered


def test_two_parcels_of_one_property_appear_on_each_others_plan(renderer: PdfRenderer):
    east = tuple(p._replace(easting=p.easting + 40) for p in PLOT)
    rec = record(
        parcels=(parcel(), parcel(cadastral_number="0108-0004-00128", rings=(east,), buildings=())),
        rights=(SOLE,),
    )
    text = text_of(printed(renderer, rec))
    assert text.count("Torpaq sahəsinin planı və ölçüsü") == 2
    parcels = build_statement(rec, LABELS, rendering="t")["parcels"]
    plan = draw_plan(parcels[0], parcels[1:])
    assert plan is not None
    assert len(plan["sheets"][0]["others"]) == 1


def test_a_plan_names_the_neighbours_and_no_other_document_does(issued: dict[str, Issued]):
    text = text_of(issued["plan"].pdf)
    for words in (
        "Qonşu torpaq sahələri",
        "1–2 0108-0004-00126",
        "2–4 0108-0004-00131",
        "4–1 0108-0004-00090",
    ):
        assert words in text, words
    assert "Qonşu torpaq" not in text_of(issued["plain"].pdf)


def test_every_sheet_says_which_document_it_is_of(issued: dict[str, Issued]):
    """Number, identifier, digest, page of how many, and the address: in words, and as a code from page 2 on."""
    document = pypdfium2.PdfDocument(issued["many"].pdf)
    signed = issued["many"].signed
    short = " ".join(signed.sha256[i : i + 4] for i in range(0, 16, 4))
    for number, page in enumerate(document, 1):
        text = " ".join(page.get_textpage().get_text_range().split())
        for words in ("EX № 0000431", signed.statement["id"], short, f"Səhifə {number} / {len(document)}"):
            assert words in text, (number, words)
        assert CASES["many"].verify_url in text
    (code,) = zxingcpp.read_barcodes(document[2].render(scale=3).to_pil())
    assert code.text == CASES["many"].verify_url
    document.close()


def test_a_series_of_sheets_is_on_a3_with_a_key_before_it(issued: dict[str, Issued]):
    document = pypdfium2.PdfDocument(issued["many"].pdf)
    sizes = [tuple(round(side / 72 * 25.4) for side in page.get_size()) for page in document]
    document.close()
    wide = [i for i, size in enumerate(sizes) if size in {(420, 297), (297, 420)}]
    assert wide == list(range(2, 2 + len(wide)))
    assert all(size == (210, 297) for i, size in enumerate(sizes) if i not in wide)
    text = text_of(issued["many"].pdf)
    assert "vərəqlərin sxemi" in text
    assert f"plan vərəqi {len(wide)} / {len(wide)}" in text


def test_five_hundred_owners_are_listed_once_each(renderer: PdfRenderer):
    many = tuple(HolderRecord(person(f"Sınaqov-{i} Nümunə oğlu"), share=Share(1, 500)) for i in range(500))
    text = text_of(printed(renderer, record(rights=(ownership(*many),), parcels=())))
    assert "və daha 488 şəxs (hüquq sahiblərinin cədvəlində)" in text
    for i in range(12, 500):
        assert text.count(f"Sınaqov-{i} Nümunə") == 3, "in the table and in two translations"
    assert text.count("Hüquq sahibinin adı") > 5


def test_a_note_of_ten_thousand_letters_is_broken_over_pages(renderer: PdfRenderer):
    words = ("bənd " * 2_000)[:10_000].strip()
    entries = tuple(
        RestrictionRecord("servitude", f"012400055{i}", date(2024, 1, 15), scope=scope)
        for i, scope in enumerate((words, "X" * 10_000))
    )
    pdf = printed(renderer, record(restrictions=entries, kind=StatementKind.CERTIFICATE))
    text = text_of(pdf)
    assert text.count("bənd") == 2_000
    assert "".join(text.split()).count("X") >= 10_000
    assert text.count("növü və məzmunu") > 3, "the header stands on every page"


def structure(element: pikepdf.Object, found: list[pikepdf.Object]) -> list[pikepdf.Object]:
    """Every element of a structure tree."""
    if isinstance(element, pikepdf.Dictionary) and "/S" in element:
        found.append(element)
    kids = element.get("/K") if isinstance(element, pikepdf.Dictionary) else None
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids] if kids is not None else []:
        if isinstance(kid, pikepdf.Dictionary):
            structure(kid, found)
    return found


@pytest.mark.parametrize("name", ["terms", "many", "plan", "archive", "existence"])
def test_tables_have_headers_and_plans_say_what_they_show(issued: dict[str, Issued], name: str):
    with pikepdf.open(io.BytesIO(issued[name].pdf)) as document:
        elements = structure(document.Root.StructTreeRoot, [])
        figures = [element for element in elements if element.S == "/Figure"]
        assert figures
        assert all(str(figure.get("/Alt", "")).strip() for figure in figures)
        plans = [str(figure.Alt) for figure in figures if "kadastr nömrəsi" in str(figure.Alt)]
        sheets = sum(page.MediaBox[2] > 600 for page in document.pages)
        told = bool(issued[name].signed.statement["parcels"])
        assert len(plans) == told + sheets
        assert all("miqyas 1:" in alt for alt in plans)
        headed = [e for e in elements if e.S == "/Table" and any(c.S == "/TH" for c in structure(e, []))]
        assert len(headed) >= (1 if name == "existence" else 2)
        levels = [str(e.S) for e in elements if str(e.S) in {"/H1", "/H2", "/H3"}]
        assert levels[0] == "/H1"
        assert levels.count("/H1") == 1
