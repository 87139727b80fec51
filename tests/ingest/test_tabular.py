from __future__ import annotations

import random
import zipfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from cadastre.kernel.errors import InvalidInput, UnreadableInput
from ingest.tabular import TableRow, open_table


def read_all(path: Path, sheet: str | None = None) -> tuple[tuple[str, ...], list[TableRow]]:
    with open_table(path, sheet=sheet) as table:
        return table.columns, list(table.rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_csv_is_read_with_any_delimiter_with_and_without_byte_order_mark(
    tmp_path: Path, delimiter: str, mark: bytes
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(mark + f'ad{delimiter}nömrə\n"Əli{delimiter} Vəli"{delimiter}0012\n\n'.encode())
    columns, rows = read_all(path)
    assert columns == ("ad", "nömrə")
    assert rows == [TableRow(1, [f"Əli{delimiter} Vəli", "0012"])]


def test_csv_rows_of_another_width_are_marked_not_dropped(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1\n1,2,3\n1,2\n", encoding="utf-8")
    _, rows = read_all(path)
    assert [row.fault for row in rows] == [
        ("row-ragged", "1 cells under 2 columns"),
        ("row-ragged", "3 cells under 2 columns"),
        None,
    ]
    assert [len(row.cells) for row in rows] == [2, 2, 2]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("ad\nƏli\n".encode("utf-16"), "t.csv is text in UTF-16; save it as UTF-8."),
        (
            "ad\nşəki\n".encode() + "Gəncə".encode("cp1254", "replace") + b"\xfc\n",
            "t.csv is not in UTF-8",
        ),
        (b"", "t.csv is empty."),
        (b"\xef\xbb\xbf\n", "t.csv is empty."),
        (b"%PDF-1.7", "t.csv is a PDF; this command reads CSV (UTF-8), XLSX and Parquet."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "t.csv is an old Excel or Word file; save it as .xlsx"),
        (b"a,b\n\x00\x01\n", "t.csv is no table that this program knows"),
        (b'a,b\n"1,2\n', "t.csv, line"),
        (b"PK\x03\x04garbage", "t.csv is a damaged archive"),
        (b"PAR1garbage", "t.csv is a damaged Parquet file"),
        (b"a,b,a\n", "t.csv names a column twice: a."),
        (b'{"type": 1}', "t.csv is JSON"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        read_all(path)
    assert caught.value.message.startswith(sentence)
    assert "\n" not in caught.value.message


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"nothing\.csv does not exist"):
        read_all(tmp_path / "nothing.csv")
    with pytest.raises(UnreadableInput, match="is a folder"):
        read_all(tmp_path)


def test_workbook_keeps_leading_zeros_dates_and_names_formulas(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["number", "padded", "day", "flag", "share"])
    sheet.append(["012345678901", 12345678901, date(2020, 1, 31), True, 0.5])
    sheet["B2"].number_format = "000000000000"
    sheet.append([203015000123, None, None, None, "=1+1"])
    sheet.append([None, None, None, None, None])
    book.create_sheet("second").append(["only"])
    path = tmp_path / "t.xlsx"
    book.save(path)
    columns, rows = read_all(path)
    assert columns == ("number", "padded", "day", "flag", "share")
    assert rows[0].cells == ["012345678901", "012345678901", "2020-01-31", "true", "0.5"]
    assert rows[1] == TableRow(2, ["203015000123", "", "", "", "=1+1"], ("row-formula", "cell E3"))
    assert len(rows) == 2
    assert read_all(path, "second") == (("only",), [])
    with pytest.raises(InvalidInput, match="has no sheet 'third'; it has Sheet, second"):
        read_all(path, "third")


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path, shared_data) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnreadableInput, match="is an archive but no XLSX workbook"):
        read_all(shared_data("hostile/zip-slip.zip"))


def test_damaged_workbooks_are_refused_or_read_and_never_crash(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["a", "b"])
    sheet.append(["x", 1])
    book.save(tmp_path / "whole.xlsx")
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    chance = random.Random(7)
    told: list[str] = []
    for name in parts:
        for _ in range(12):
            damaged = bytearray(parts[name])
            start = chance.randrange(len(damaged))
            del damaged[start : start + chance.randint(1, 80)]
            path = tmp_path / "damaged.xlsx"
            with zipfile.ZipFile(path, "w") as archive:
                for other, content in {**parts, name: bytes(damaged)}.items():
                    archive.writestr(other, content)
            try:
                read_all(path)
            except InvalidInput as error:
                told.append(error.message)
    assert len(told) > 20
    assert not [message for message in told if "\n" in message]


def test_entities_of_a_workbook_are_neither_read_nor_multiplied(tmp_path: Path) -> None:
    canary = tmp_path / "canary.txt"
    canary.write_text("CANARY", encoding="utf-8")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["secret"])
    book.save(tmp_path / "whole.xlsx")
    doctype = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{canary.as_uri()}">]>'.encode()
    path = tmp_path / "hostile.xlsx"
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as whole, zipfile.ZipFile(path, "w") as hostile:
        for name in whole.namelist():
            content = whole.read(name)
            if name.endswith(("sharedStrings.xml", "sheet1.xml")):
                content = doctype + content.replace(b"secret", b"&x;")
            hostile.writestr(name, content)
    with pytest.raises(UnreadableInput) as caught:
        read_all(path)
    assert "CANARY" not in caught.value.message


def test_an_endless_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "x" * 1_000_001, encoding="utf-8")
    with pytest.raises(UnreadableInput, match="a line longer than"):
        read_all(path)


def test_parquet_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = pa.table({"n": ["001", None], "k": [1, 2], "d": [date(2020, 1, 2), None], "b": [True, False]})
    pq.write_table(table, path)
    columns, rows = read_all(path)
    assert columns == ("n", "k", "d", "b")
    assert [row.cells for row in rows] == [["001", "1", "2020-01-02", "true"], ["", "2", "", "false"]]
    with pytest.raises(InvalidInput, match="is no workbook and has no sheets"):
        read_all(path, "x")
