"""A statement as XML, derived from it alone: the same statement gives the same bytes.

Elements stand in the order of the statement's keys; what is null is left out, an empty list is an empty
element. Each ring has its corners once more as a GML-like ``posList`` (northing easting, closed). What is
signed is the JSON; its SHA-256 stands in the root element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from cadastre.extract.statement import Statement, canonical_bytes, digest
from cadastre.extract.xml_names import element_name, item_name, namespace_of

POSITIONS: Final = "posList"
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xml(statement: Statement) -> bytes:
    """Write a statement as XML 1.0, UTF-8."""
    schema = statement["schema"]
    root = (
        f'<Extract xmlns="{namespace_of(schema)}" statementSchema={quoteattr(schema)} '
        f'statementSha256="{digest(canonical_bytes(statement))}">'
    )
    body = "".join(_members(statement))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}{body}</Extract>\n'.encode()


def _members(value: dict[str, Any]) -> Iterator[str]:
    for key in sorted(value):
        if value[key] is not None:
            yield _element(element_name(key), value[key], item_name(key))
    if "points" in value:
        yield f"<{POSITIONS}>{_positions(value['points'])}</{POSITIONS}>"


def _element(name: str, value: Any, item: str) -> str:
    if isinstance(value, dict):
        content = "".join(_members(value))
    elif isinstance(value, list):
        content = "".join(_element(item, each, "item") for each in value if each is not None)
    elif isinstance(value, bool):
        content = "true" if value else "false"
    else:
        content = escape(_NO_XML.sub(lambda c: f"[U+{ord(c[0]):04X}]", str(value)))
    return f"<{name}>{content}</{name}>"


def _positions(points: list[dict[str, Any]]) -> str:
    corners = [f"{point['northing']} {point['easting']}" for point in points]
    return " ".join((*corners, *corners[:1]))


__all__ = ["POSITIONS", "write_xml"]
