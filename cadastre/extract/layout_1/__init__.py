"""Layout 1 of printed documents, frozen: what was printed with it is printed again byte for byte.

Nothing here, and nothing of what it shares with later layouts, may change in what it prints; a test holds
the bytes. What a later layout draws otherwise is written anew in that layout's folder.
"""

from __future__ import annotations

from typing import Any

from cadastre.extract.layout_1.parcels import print_parcel
from cadastre.extract.qr import qr_svg
from cadastre.extract.view import build_view as build_common
from cadastre.extract.view_forms import told

NAME = "extract/9bf8f03cd0c5"
"""What statements call it: the digest of its sources as they stood when it was in use."""


def build_view(statement: dict[str, Any], *, digest: str) -> dict[str, Any]:
    """Give every string and drawing of the printed document."""
    parcels = [print_parcel(parcel, statement) for parcel in told(statement, "parcels")]
    return build_common(statement, digest=digest, parcels=parcels)


def draw_codes(code: str, url: str) -> dict[str, str]:
    """Give the signed QR code of the first page; this layout has no other."""
    return {"qr": qr_svg(code)}


__all__ = ["NAME", "build_view", "draw_codes"]
