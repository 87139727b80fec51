"""Reads and writes PDF revisions as text: enough for files of our own printing, standard library only.

A revision that seals or archives a file is written here from its free parts
alone, so whoever checks it writes it again and compares every byte.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

SEAL_FIELD = "ElektronMohur"
STAMP_FIELD = "ArxivVaxt"
OLD_GAP, GAP = 8194, 16386
"""Length of a signature in the file, with its delimiters: without a time stamp, and with one."""
_START = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_SECTION = re.compile(rb"(\d{1,10}) (\d{1,10})\s*\n")
_OBJECT = re.compile(rb"(\d{1,10}) 0 obj\n")
_MOST_OBJECTS = 2_000_000
_PLACE = b"0000000000 0000000000 0000000000 0000000000]"


class NotOurPdf(ValueError):
    """The file does not have the shape that our own printing gives."""


@dataclass(frozen=True, slots=True)
class PdfText:
    """A file as its last cross-reference table shows it."""

    data: bytes
    offsets: dict[int, int]
    size: int
    root: int
    info: int
    first_id: bytes
    start: int

    def body(self, number: int) -> bytes:
        """Give the text of an object between its first and its last line."""
        match = _OBJECT.match(self.data, self.offsets.get(number, len(self.data)))
        if match is None or int(match[1]) != number:
            raise NotOurPdf(f"object {number}")
        end = self.data.find(b"\nendobj", match.end())
        if end < 0:
            raise NotOurPdf(f"object {number}")
        return self.data[match.end() : end]

    def first_page(self) -> int:
        """Number of the first page's object."""
        number = _reference(self.body(self.root), b"Pages")
        for _ in range(20):
            body = self.body(number)
            if re.search(rb"/Type ?/Page(?![a-z])", body):
                return number
            kids = re.search(rb"/Kids ?\[\s*(\d+) 0 R", body)
            if kids is None:
                break
            number = int(kids[1])
        raise NotOurPdf("no first page")


def read_text(data: bytes) -> PdfText:
    """Read the cross-reference tables of a file, newest first.

    Raises
    ------
    NotOurPdf
        The file has no such tables, as files of others may have none.
    """
    match = _START.search(data, max(0, len(data) - 64))
    if match is None:
        raise NotOurPdf("no startxref")
    start, offsets, seen = int(match[1]), dict[int, int](), set[int]()
    place: int | None = start
    newest: bytes | None = None
    while place is not None:
        if place in seen or place >= len(data):
            raise NotOurPdf("cross-reference tables in a circle")
        seen.add(place)
        trailer = _read_table(data, place, offsets)
        newest = trailer if newest is None else newest
        previous = re.search(rb"/Prev (\d{1,10})", trailer)
        place = None if previous is None else int(previous[1])
    trailer = newest or b""
    identifier = re.search(rb"/ID ?\[ ?(<[0-9a-fA-F]*>|\([^()\\]*\))", trailer)
    size = re.search(rb"/Size (\d{1,10})", trailer)
    if identifier is None or size is None:
        raise NotOurPdf("trailer")
    return PdfText(
        data,
        offsets,
        int(size[1]),
        _reference(trailer, b"Root"),
        _reference(trailer, b"Info"),
        identifier[1],
        start,
    )


def _read_table(data: bytes, place: int, offsets: dict[int, int]) -> bytes:
    if not data.startswith(b"xref\n", place):
        raise NotOurPdf("no cross-reference table")
    place += 5
    while (match := _SECTION.match(data, place)) is not None:
        first, count = int(match[1]), int(match[2])
        place = match.end()
        if count > _MOST_OBJECTS or place + 20 * count > len(data):
            raise NotOurPdf("cross-reference table")
        for number in range(count):
            entry = data[place + 20 * number : place + 20 * number + 18]
            if entry[17:18] == b"n" and entry[:10].isdigit():
                offsets.setdefault(first + number, int(entry[:10]))
        place += 20 * count
    end = data.find(b"startxref", place, place + 4_000)
    if not data.startswith(b"trailer", place) or end < 0:
        raise NotOurPdf("no trailer")
    return data[place:end]


def _reference(text: bytes, name: bytes) -> int:
    match = re.search(rb"/" + name + rb" (\d{1,10}) 0 R", text)
    if match is None:
        raise NotOurPdf(f"no {name.decode()}")
    return int(match[1])


def write_revision(text: PdfText, objects: dict[int, bytes]) -> bytes:
    """Append objects as one incremental update; the same input gives the same file."""
    parts, offsets = [text.data], dict[int, int]()
    length = len(text.data)
    if not text.data.endswith(b"\n"):
        parts.append(b"\n")
        length += 1
    for number, body in objects.items():
        offsets[number] = length
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        length += len(parts[-1])
    parts.append(b"xref\n")
    for first, run in _runs(sorted(offsets)):
        parts.append(b"%d %d\n" % (first, len(run)))
        parts += [b"%010d 00000 n \n" % offsets[number] for number in run]
    digest = hashlib.sha256(text.data).hexdigest()[:32].encode()
    parts.append(
        b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[%s<%s>]/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
        % (
            max(text.size, max(offsets) + 1),
            text.root,
            text.info,
            text.first_id,
            digest,
            text.start,
            length,
        )
    )
    return b"".join(parts)


def _runs(numbers: Sequence[int]) -> list[tuple[int, list[int]]]:
    runs: list[tuple[int, list[int]]] = []
    for number in numbers:
        if runs and runs[-1][0] + len(runs[-1][1]) == number:
            runs[-1][1].append(number)
        else:
            runs.append((number, [number]))
    return runs


def with_gap(revision: bytes, begin: int) -> tuple[bytearray, int]:
    """Write the byte range of the one signature dictionary after ``begin``; give the file and its gap."""
    mark = b"/Contents<" + b"0" * (GAP - 2) + b">/ByteRange["
    place = revision.find(mark, begin)
    if place < 0:
        raise NotOurPdf("no room for a signature")
    first = place + len(b"/Contents")
    numbers = b"0 %d %d %d" % (first, first + GAP, len(revision) - first - GAP)
    file = bytearray(revision)
    start = place + len(mark)
    file[start : start + len(_PLACE)] = (numbers + b"]").ljust(len(_PLACE))
    return file, first


def digest_around(file: bytes | bytearray, first: int, length: int = GAP) -> bytes:
    """SHA-256 of a file without the signature's gap."""
    view = memoryview(file)
    digest = hashlib.sha256(view[:first])
    digest.update(view[first + length :])
    return digest.digest()


def fill_gap(file: bytearray, first: int, der: bytes) -> bytes:
    """Put a signature into its gap, in the one spelling: upper case, filled with zeros."""
    digits = der.hex().upper().encode()
    if len(digits) > GAP - 2:
        raise NotOurPdf("the signature is larger than the room kept for it")
    file[first + 1 : first + 1 + len(digits)] = digits
    return bytes(file)


def empty_signature(entries: bytes, kind: bytes = b"Sig") -> bytes:
    """Write a signature dictionary with an empty gap."""
    return b"<</Type/" + kind + b"/Contents<%s>/ByteRange[%s%s>>" % (b"0" * (GAP - 2), _PLACE, entries)


def insert(dictionary: bytes, entries: bytes) -> bytes:
    """Put entries at the end of a dictionary."""
    if not dictionary.endswith(b">>"):
        raise NotOurPdf("no dictionary")
    return dictionary[:-2] + entries + b">>"


def add_annotation(page: bytes, number: int) -> bytes:
    """Add an annotation to a page."""
    if b"/Annots" not in page:
        return insert(page, b"/Annots[%d 0 R]" % number)
    changed, count = re.subn(rb"/Annots\[([^\]]*)\]", rb"/Annots[\1 %d 0 R]" % number, page)
    if count != 1:
        raise NotOurPdf("annotations")
    return changed


def field(name: str, page: int, value: int, label: bytes) -> bytes:
    """Write an invisible signature field with its widget."""
    return b"<</FT/Sig/T(%s)/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]/P %d 0 R/TU %s/V %d 0 R>>" % (
        name.encode("ascii"),
        page,
        label,
        value,
    )


__all__ = [
    "GAP",
    "OLD_GAP",
    "SEAL_FIELD",
    "STAMP_FIELD",
    "NotOurPdf",
    "PdfText",
    "add_annotation",
    "digest_around",
    "empty_signature",
    "field",
    "fill_gap",
    "insert",
    "read_text",
    "with_gap",
    "write_revision",
]
