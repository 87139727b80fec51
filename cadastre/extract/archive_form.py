"""The archive revision of a sealed file (PAdES B-LTA), byte for byte: revocation evidence under a time stamp.

DocMDP 1 allows nothing else after the seal: a document security store and a
document time stamp.  Both go into one revision, uncompressed, so that whoever
checks it can write it again from the evidence in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from cadastre.extract.pdf_revision import (
    GAP,
    STAMP_FIELD,
    NotOurPdf,
    PdfText,
    add_annotation,
    digest_around,
    empty_signature,
    field,
    fill_gap,
    insert,
    read_text,
    with_gap,
    write_revision,
)

_LABEL = b"<FEFF00410072007800690076>"  # Arxiv
_ENTRIES = b"/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"
_STREAM = re.compile(rb"(\d{1,10}) 0 obj\n<</Length (\d{1,7})>>\nstream\n")
_STORE = re.compile(rb"<</Type/DSS/Certs\[([0-9 R]*)\]/OCSPs\[([0-9 R]*)\]/CRLs\[([0-9 R]*)\]>>\nendobj\n")
_KIND = b"DocTimeStamp"
_MARK = b"<</Type/DocTimeStamp"
_TAIL = b"%%EOF\n"
_MOST_EVIDENCE = 64


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that the certificates held when they were used (DER)."""

    certificates: tuple[bytes, ...]
    ocsp: tuple[bytes, ...]
    lists: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Peeled:
    """An archive revision in a file: where it lies, where its signature's gap is, what evidence it holds."""

    begin: int
    end: int
    gap: int
    evidence: Evidence


def archive_revision(pdf: bytes, evidence: Evidence, stamp: Callable[[bytes], bytes]) -> bytes:
    """Append an archive revision; ``stamp`` gives the time-stamp token over a digest."""
    file, first = unsigned_archive(pdf, evidence)
    return fill_gap(file, first, stamp(digest_around(file, first)))


def rebuild(pdf: bytes, evidence: Evidence, token: bytes) -> bytes:
    """Write the archive revision that holds this evidence and this token."""
    file, first = unsigned_archive(pdf, evidence)
    return fill_gap(file, first, token)


def unsigned_archive(pdf: bytes, evidence: Evidence) -> tuple[bytearray, int]:
    """Write the revision with an empty gap; gives the file and where the gap begins."""
    text = read_text(pdf)
    catalog = text.body(text.root)
    form = _reference(catalog, b"AcroForm")
    page, widget = text.first_page(), text.size
    value, store, blobs = widget + 1, widget + 2, widget + 3
    streams = _streams(evidence, blobs)
    objects = {
        page: add_annotation(text.body(page), widget),
        text.root: _with_store(catalog, store),
        form: _with_field(text.body(form), widget),
        widget: field(f"{STAMP_FIELD}{_count_fields(text, form)}", page, value, _LABEL),
        value: empty_signature(_ENTRIES, _KIND),
        store: _store(evidence, blobs),
        **streams,
    }
    return with_gap(write_revision(text, objects), len(pdf))


def peel(pdf: bytes) -> Peeled | None:
    """Find the last revision of a file if it is an archive revision; nothing in it is believed yet."""
    begin = pdf.rfind(_TAIL, 0, len(pdf) - len(_TAIL)) + len(_TAIL)
    last = pdf[begin:]
    place = last.find(_MARK)
    store = _STORE.search(last, place + GAP) if place > 0 else None
    if begin <= len(_TAIL) or store is None or not last.endswith(_TAIL):
        return None
    counts = [text.count(b"R") for text in store.groups()]
    blobs, position = list[bytes](), store.end()
    while len(blobs) < min(sum(counts), _MOST_EVIDENCE):
        match = _STREAM.match(last, position)
        if match is None:
            return None
        blobs.append(last[match.end() : match.end() + int(match[2])])
        position = match.end() + int(match[2]) + len(b"\nendstream\nendobj\n")
    certificates, answers = counts[0], counts[0] + counts[1]
    evidence = Evidence(
        tuple(blobs[:certificates]), tuple(blobs[certificates:answers]), tuple(blobs[answers:])
    )
    return Peeled(begin, len(pdf), place + len(_MARK) + len(b"/Contents"), evidence)


def _streams(evidence: Evidence, first: int) -> dict[int, bytes]:
    blobs = (*evidence.certificates, *evidence.ocsp, *evidence.lists)
    return {
        first + place: b"<</Length %d>>\nstream\n%s\nendstream" % (len(blob), blob)
        for place, blob in enumerate(blobs)
    }


def _store(evidence: Evidence, first: int) -> bytes:
    counts = (len(evidence.certificates), len(evidence.ocsp), len(evidence.lists))
    references = []
    for count in counts:
        references.append(b" ".join(b"%d 0 R" % number for number in range(first, first + count)))
        first += count
    return b"<</Type/DSS/Certs[%s]/OCSPs[%s]/CRLs[%s]>>" % tuple(references)


def _with_store(catalog: bytes, store: int) -> bytes:
    if b"/DSS " not in catalog:
        return insert(catalog, b"/DSS %d 0 R" % store)
    return re.sub(rb"/DSS \d+ 0 R", b"/DSS %d 0 R" % store, catalog, count=1)


def _with_field(form: bytes, widget: int) -> bytes:
    changed, count = re.subn(rb"/Fields\[([^\]]*)\]", rb"/Fields[\1 %d 0 R]" % widget, form)
    if count != 1:
        raise NotOurPdf("fields")
    return changed


def _count_fields(text: PdfText, form: int) -> int:
    match = re.search(rb"/Fields\[([^\]]*)\]", text.body(form))
    if match is None:
        raise NotOurPdf("fields")
    return match[1].count(b"R")


def _reference(dictionary: bytes, name: bytes) -> int:
    match = re.search(rb"/" + name + rb" (\d{1,10}) 0 R", dictionary)
    if match is None:
        raise NotOurPdf(f"no {name.decode()}")
    return int(match[1])


__all__ = ["Evidence", "Peeled", "archive_revision", "peel", "rebuild", "unsigned_archive"]
