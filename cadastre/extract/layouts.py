"""The layouts that documents were ever printed with, each by the name that its statements bear.

A statement names what prints it: ``LAYOUT ENGINE FONTS``. Old layouts stay, so that every document can be
printed again as it was issued and compared with what somebody holds; only the last one is given to new ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, Protocol

from cadastre.extract import layout_1, layout_2


class BuildView(Protocol):
    """Gives every string and drawing of a printed document."""

    def __call__(self, statement: dict[str, Any], *, digest: str) -> dict[str, Any]:
        """Read a statement of our own; ``digest`` is that of its canonical bytes."""
        ...


class DrawCodes(Protocol):
    """Draws the QR codes of a document, by the names that the template knows them by."""

    def __call__(self, code: str, url: str) -> dict[str, str]:
        """``code`` is what the signed one says; where there is none, the address."""
        ...


@dataclass(frozen=True, slots=True)
class Layout:
    """How documents are laid out: a Typst template, and what fills it."""

    name: str
    folder: str
    build_view: BuildView
    draw_codes: DrawCodes

    def read_template(self) -> bytes:
        """Give the Typst source."""
        return _read(f"{self.folder}/template.typ")


def _read(name: str) -> bytes:
    return resources.files("cadastre.extract").joinpath(name).read_bytes()


_FIRST: Final = Layout(layout_1.NAME, "layout_1", layout_1.build_view, layout_1.draw_codes)
CURRENT: Final = Layout(layout_2.name_layout(), "layout_2", layout_2.build_view, layout_2.draw_codes)
LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType({layout.name: layout for layout in (_FIRST, CURRENT)})


__all__ = ["CURRENT", "LAYOUTS", "Layout"]
