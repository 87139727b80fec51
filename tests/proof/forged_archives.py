"""Forged archive copies: revisions cut, swapped, replayed and rewritten, mostly under genuine time stamps.

A time-stamp service stamps whatever it is given, so the forger has ours at hand: a stamp says when, never what.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from unittest.mock import patch

from cadastre.extract import archive_form
from cadastre.extract.archive_form import Evidence, archive_revision, peel
from cadastre.extract.pdf_revision import GAP, NotOurPdf, PdfText, read_text, write_revision
from tests.proof.forged_looks import overlay_of_text, overlay_that_covers_a_line
from tests.proof.forgery import FORGERIES, Stolen, forgery, printed_part, revised

Objects = dict[int, bytes]


def parts_of(pdf: bytes) -> tuple[bytes, bytes, Evidence]:
    """The file before its last archive revision, that revision, and the evidence in it."""
    peeled = peel(pdf)
    assert peeled is not None
    return pdf[: peeled.begin], pdf[peeled.begin :], peeled.evidence


def gap_of(pdf: bytes) -> int:
    peeled = peel(pdf)
    assert peeled is not None
    return peeled.gap


def stamped_with(name: str, change: Callable[[PdfText, Objects], None]) -> None:
    """Enter a kind: one more archive revision, with genuine evidence and stamp, that changes something else too."""

    def made(stolen: Stolen) -> bytes:
        def write(text: PdfText, objects: Objects) -> bytes:
            change(text, objects)
            return write_revision(text, objects)

        _, _, evidence = parts_of(stolen.archive)
        with patch.object(archive_form, "write_revision", write):
            return archive_revision(stolen.archive, evidence, stolen.stamps.stamp)

    FORGERIES[name] = made


def replacing(mark: bytes, old: bytes, new: bytes) -> Callable[[PdfText, Objects], None]:
    """Change that object of a revision in which a mark stands."""

    def change(_: PdfText, objects: Objects) -> None:
        (number,) = (number for number, body in objects.items() if mark in body)
        assert old in objects[number]
        objects[number] = objects[number].replace(old, new, 1)

    return change


def contents(text: PdfText, objects: Objects) -> None:
    match = re.search(rb"/Contents (\d+) 0 R", text.body(text.first_page()))
    assert match is not None
    objects[int(match[1])] = b"<</Length 3>>\nstream\nq Q\nendstream"


def statement(text: PdfText, objects: Objects) -> None:
    match = re.search(rb"/F\(statement.json\)/UF\(statement.json\)/EF<</F (\d+) 0 R", text.data)
    assert match is not None
    objects[int(match[1])] = b"<</Length 2/Type/EmbeddedFile>>\nstream\n{}\nendstream"


stamped_with("stamped_page_without_contents", contents)
stamped_with("stamped_statement_swapped", statement)
stamped_with(
    "stamped_page_cropped", replacing(b"/MediaBox", b"/MediaBox", b"/CropBox[0 400 595 842]/MediaBox")
)
stamped_with("stamped_page_turned", replacing(b"/MediaBox", b"/MediaBox", b"/Rotate 180/MediaBox"))
stamped_with(
    "stamped_field_that_shows", replacing(b"/TU <FEFF0041", b"/Rect[0 0 0 0]", b"/Rect[60 500 260 540]")
)
stamped_with("stamped_field_with_a_look", replacing(b"/TU <FEFF0041", b"/F 132", b"/F 132/AP<</N 3 0 R>>"))
stamped_with(
    "stamped_field_with_an_action", replacing(b"/TU <FEFF0041", b"/F 132", b"/F 132/A<</S/URI/URI(x)>>")
)
stamped_with(
    "stamped_catalog_with_a_script", replacing(b"/DSS ", b"/DSS ", b"/OpenAction<</S/JavaScript/JS(1)>>/DSS ")
)
stamped_with("stamped_catalog_without_attachments", replacing(b"/DSS ", b"/Names", b"/Nomes"))
stamped_with("stamped_catalog_without_certification", replacing(b"/DSS ", b"/Perms", b"/Porms"))
stamped_with(
    "stamped_form_that_is_drawn_anew", replacing(b"/Fields[", b"/Fields[", b"/NeedAppearances true/Fields[")
)


@forgery
def archive_cut_in_the_middle(stolen: Stolen) -> bytes:
    base, revision, _ = parts_of(stolen.archive)
    return base + revision[: len(revision) // 2]


@forgery
def archive_cut_at_an_object(stolen: Stolen) -> bytes:
    """The certificates are gone, the stamp stays where it was."""
    base, revision, _ = parts_of(stolen.archive)
    store = revision.index(b"<</Type/DSS")
    return (
        base
        + revision[: revision.rindex(b"\n", 0, store) + 1]
        + revision[revision.rindex(b"xref\n", 0, -40) :]
    )


@forgery
def first_of_two_archive_revisions_cut_out(stolen: Stolen) -> bytes:
    base, _, _ = parts_of(stolen.archive)
    return base + stolen.renewed[len(stolen.archive) :]


@forgery
def archive_revisions_swapped(stolen: Stolen) -> bytes:
    base, first, _ = parts_of(stolen.archive)
    return base + stolen.renewed[len(stolen.archive) :] + first


@forgery
def archive_revision_twice(stolen: Stolen) -> bytes:
    _, revision, _ = parts_of(stolen.archive)
    return stolen.archive + revision


@forgery
def archive_revision_of_another(stolen: Stolen) -> bytes:
    return parts_of(stolen.archive)[0] + parts_of(stolen.other_archive)[1]


@forgery
def archive_stamp_of_another(stolen: Stolen) -> bytes:
    mine, his = gap_of(stolen.archive), gap_of(stolen.other_archive)
    return stolen.archive[:mine] + stolen.other_archive[his : his + GAP] + stolen.archive[mine + GAP :]


@forgery
def archive_stamp_blanked(stolen: Stolen) -> bytes:
    gap = gap_of(stolen.archive)
    return stolen.archive[:gap] + b"<" + b"0" * (GAP - 2) + b">" + stolen.archive[gap + GAP :]


@forgery
def archive_stamp_of_the_forger(stolen: Stolen) -> bytes:
    base, _, _ = parts_of(stolen.archive)
    return stolen.forger.time_stamped(base)


@forgery
def appended_after_the_last_stamp(stolen: Stolen) -> bytes:
    return revised(stolen.archive, overlay_that_covers_a_line)


@forgery
def appended_and_stamped_by_our_service(stolen: Stolen) -> bytes:
    _, _, evidence = parts_of(stolen.archive)
    return restamped(stolen, revised(stolen.archive, overlay_of_text), evidence)


@forgery
def overlaid_before_it_was_archived(stolen: Stolen) -> bytes:
    _, _, evidence = parts_of(stolen.archive)
    return restamped(stolen, revised(stolen.pdf, overlay_of_text), evidence)


@forgery
def archived_without_a_seal(stolen: Stolen) -> bytes:
    """What was printed, under a genuine time stamp alone."""
    _, _, evidence = parts_of(stolen.archive)
    return restamped(stolen, printed_part(stolen.archive) + b"\n", evidence)


@forgery
def archived_under_the_seal_of_the_forger(stolen: Stolen) -> bytes:
    _, _, evidence = parts_of(stolen.archive)
    return restamped(stolen, stolen.forger.reseal(stolen.pdf), evidence)


@forgery
def evidence_swapped_under_the_old_stamp(stolen: Stolen) -> bytes:
    """The certificates of the store are the forger's; the stamp is the genuine one."""
    base, revision, evidence = parts_of(stolen.archive)
    held = evidence.certificates[-1]
    assert held in revision
    return base + revision.replace(held, held[::-1])


@forgery
def evidence_of_another_under_the_old_stamp(stolen: Stolen) -> bytes:
    base, revision, evidence = parts_of(stolen.archive)
    _, _, other = parts_of(stolen.other_archive)
    for mine, his in zip(evidence.ocsp, other.ocsp, strict=True):
        revision = revision.replace(mine, his.ljust(len(mine))[: len(mine)])
    return base + revision


@forgery
def byte_range_of_the_stamp_narrowed(stolen: Stolen) -> bytes:
    end = gap_of(stolen.archive) + GAP
    head, tail = stolen.archive[:end], stolen.archive[end:]
    return head + re.sub(rb"(/ByteRange\[0 \d+ \d+ \d*)\d\]", rb"\g<1>0]", tail, count=1)


def restamped(stolen: Stolen, pdf: bytes, evidence: Evidence) -> bytes:
    """Put a further archive revision on a file of any layout, or what comes nearest to one."""
    try:
        read_text(pdf)
        return archive_revision(pdf, evidence, stolen.stamps.stamp)
    except NotOurPdf:
        _, revision, _ = parts_of(stolen.archive)
        return pdf + revision


__all__ = ["parts_of"]
