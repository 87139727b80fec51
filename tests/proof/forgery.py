"""Kinds of forged extracts, each a function over any sealed PDF of ours; none needs a key of the register.

``Stolen`` is what a forger has: a genuine file, another genuine file, and a CA of his own under our names.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from cadastre.extract.time_stamp import TimeStamper
from tests.proof.forger import Forger

NAME, JSON, JWS, CODE = "Sınaqov", "statement.json", "statement.jws", "verification-code.txt"
Change = Callable[[IncrementalPdfFileWriter], None]
RANGE = re.compile(rb"/ByteRange ?\[(\d+) (\d+) (\d+) (\d+)\]")


@dataclass(frozen=True)
class Stolen:
    """What a forger has in hand: genuine files, archive copies (one of them renewed), stamps for the asking."""

    pdf: bytes
    other: bytes
    archive: bytes
    renewed: bytes
    other_archive: bytes
    forger: Forger
    stamps: TimeStamper


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
    match = RANGE.search(pdf)
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
