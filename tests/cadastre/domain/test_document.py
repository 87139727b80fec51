"""Scans as they are handed in: kinds, names, bytes."""

from __future__ import annotations

from datetime import date

import pytest

from cadastre.domain.document import FORMATS, NewDocument, require_document, require_file_name
from cadastre.kernel.errors import InvalidInput, UnreadableInput

TODAY = date(2026, 1, 5)
WHOLE = {
    "application/pdf": b"%PDF-1.7\n...\n%%EOF\n",
    "image/png": b"\x89PNG\r\n\x1a\n...IEND\xaeB`\x82",
    "image/jpeg": b"\xff\xd8\xff\xe0 exif\xff\xd9",
    "image/tiff": b"II*\x00...",
}


def scan(
    media_type: str = "application/pdf", content: bytes | None = None, kind: str = "sale_contract"
) -> NewDocument:
    return NewDocument(kind, "a.pdf", media_type, WHOLE[media_type] if content is None else content)


@pytest.mark.parametrize("media_type", FORMATS)
def test_whole_scans_are_taken(media_type: str) -> None:
    assert require_document(scan(media_type), TODAY).content == WHOLE[media_type]


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("content", [b"", b"<html>%PDF-</html>%%EOF", b"\x00" * 100])
def test_bytes_that_are_something_else_are_refused(media_type: str, content: bytes) -> None:
    with pytest.raises(UnreadableInput) as refused:
        require_document(scan(media_type, content), TODAY)
    assert refused.value.code == "document-unreadable"


@pytest.mark.parametrize("media_type", [name for name, kind in FORMATS.items() if kind.ends])
def test_a_scan_that_breaks_off_is_refused(media_type: str) -> None:
    with pytest.raises(UnreadableInput, match="breaks off"):
        require_document(scan(media_type, WHOLE[media_type][:-6]), TODAY)


def test_a_locked_pdf_is_refused_and_one_that_tells_of_locks_is_not() -> None:
    locked = b"%PDF-1.6\ntrailer\n<< /Root 1 0 R /Encrypt 12 0 R >>\nstartxref\n9\n%%EOF\n"
    with pytest.raises(UnreadableInput, match="locked"):
        require_document(scan(content=locked), TODAY)
    require_document(scan(content=locked.replace(b"/Encrypt 12 0 R", b"/Title (Encrypt)")), TODAY)


@pytest.mark.parametrize("kind", ["mortgage_note", "sale_contract"])
def test_kinds_of_both_lists_are_known(kind: str) -> None:
    assert require_document(scan(kind=kind), TODAY).kind == kind


@pytest.mark.parametrize("kind", ["", "Sale", "nothing"])
def test_a_kind_that_is_not_in_force_is_refused(kind: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_document(scan(kind=kind), TODAY)
    assert refused.value.code == "unknown-document-kind"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "file-name-unfit"),
        (" \u200b ", "file-name-unfit"),
        ("../../etc/passwd", "file-name-unfit"),
        ("C:\\scan.pdf", "file-name-unfit"),
        ("x" * 201, "file-name-unfit"),
        ("x" * 10_000_000, "file-name-unfit"),
        ("a\x00.pdf", "text-control-character"),
        ("a\n.pdf", "text-control-character"),
        ("fdp.\u202eexe", "text-control-character"),
    ],
)
def test_names_that_are_no_names_are_refused(name: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_file_name(name)
    assert refused.value.code == code
    assert len(refused.value.message) < 300


def test_a_name_is_composed() -> None:
    assert require_file_name(" I" + chr(0x307) + "pəkli.pdf ") == "İpəkli.pdf"
