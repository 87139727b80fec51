"""The QR codes of a document: the signed one on its first page, its address at the foot of every other.

Which of the eight masks a symbol takes is left to its maker; trying them all is most of the work of making
one, and the digits of a signature are as even as any mask could make them.
"""

from __future__ import annotations

import io
import json
from typing import Any, Final

import segno

_MASK: Final = 3


def draw_codes(code: str, url: str) -> dict[str, str]:
    """Give ``qr`` as SVG, and ``foot`` as the bytes of a PNG written as a JSON array.

    Examples
    --------
    >>> drawn = draw_codes("https://example.org/verify/abc#123", "https://example.org/verify/abc")
    >>> drawn["qr"][:4], bytes(json.loads(drawn["foot"]))[1:4]
    ('<svg', b'PNG')
    """
    large, small = io.BytesIO(), io.BytesIO()
    signed_symbol(code).save(
        large, kind="svg", border=4, xmldecl=False, svgns=True, dark="#000000", light="#ffffff", nl=False
    )
    address = segno.make(url, error="l", micro=False, boost_error=False, mask=_MASK)
    address.save(small, kind="png", border=2, scale=4)
    return {"qr": large.getvalue().decode(), "foot": json.dumps(list(small.getvalue()))}


def signed_symbol(payload: str) -> segno.QRCode:
    """Make the symbol of the signed code: the address as bytes, and the number after it as digits."""
    address, mark, digits = payload.partition("#")
    if not digits.isascii() or not digits.isdigit():
        return segno.make(payload, error="m", micro=False, boost_error=False, mask=_MASK)
    parts: Any = [(address + mark, segno.consts.MODE_BYTE), (digits, segno.consts.MODE_NUMERIC)]
    return segno.make(parts, error="m", micro=False, boost_error=False, mask=_MASK)


__all__ = ["draw_codes", "signed_symbol"]
