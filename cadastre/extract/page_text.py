"""The text of printed pages, to compare documents whose bytes another engine or font file has made."""

from __future__ import annotations

import threading

import pypdfium2

from cadastre.extract.reasons import Rejected

_ONE_AT_A_TIME = threading.Lock()
"""PDFium must not be entered by two threads."""


def text_of_pages(pdf: bytes) -> list[str]:
    """Give the text of every page without its white space, which engines place as they like.

    Raises
    ------
    Rejected
        ``structure``: the file cannot be read as a PDF.
    """
    with _ONE_AT_A_TIME:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError:
            raise Rejected("structure") from None
        try:
            return ["".join(page.get_textpage().get_text_range().split()) for page in document]
        finally:
            document.close()


def same_text(pdf: bytes, printed: bytes) -> bool:
    """Tell whether two documents say the same, page by page."""
    return text_of_pages(pdf) == text_of_pages(printed)


__all__ = ["same_text", "text_of_pages"]
