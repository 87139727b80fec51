"""Layout 2 of printed documents: plans on A4, A3 or a series of sheets, every sheet tied to its document."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import Any, Final

from cadastre.extract.layout_2.codes import draw_codes
from cadastre.extract.layout_2.parcels import print_parcel
from cadastre.extract.view import build_view as build_common
from cadastre.extract.view_forms import told

_SOURCES: Final = (
    *(
        f"layout_2/{name}"
        for name in (
            "template.typ",
            "__init__.py",
            "codes.py",
            "drawing.py",
            "frame.py",
            "ground.py",
            "labels.py",
            "parcels.py",
            "plan.py",
        )
    ),
    "pdf.py",
    "text.py",
    "view.py",
    "view_description.py",
    "view_entries.py",
    "view_forms.py",
    "view_parcels.py",
    "view_state.py",
    "view_translation.py",
)
"""All that shapes the page; it may change until a document has left the house that bears the name."""


def name_layout() -> str:
    """Name the layout by its sources."""
    package = resources.files("cadastre.extract")
    sources = b"\0".join(package.joinpath(name).read_bytes() for name in _SOURCES)
    return f"extract-2/{hashlib.sha256(sources).hexdigest()[:12]}"


def build_view(statement: dict[str, Any], *, digest: str) -> dict[str, Any]:
    """Give every string and drawing of the printed document."""
    parcels = [print_parcel(parcel, statement) for parcel in told(statement, "parcels")]
    short = " ".join(digest[i : i + 4] for i in range(0, 16, 4))
    return build_common(statement, digest=digest, parcels=parcels, by_holder=True) | {"short_digest": short}


__all__ = ["build_view", "draw_codes", "name_layout"]
