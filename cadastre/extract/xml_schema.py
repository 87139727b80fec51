"""The XML Schema of statements, derived from their JSON Schema: the two cannot come apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, Final

from cadastre.extract.statement import KNOWN_SCHEMAS
from cadastre.extract.xml import POSITIONS
from cadastre.extract.xml_names import element_name, item_name, namespace_of
from cadastre.kernel.errors import NotFound

Json = dict[str, Any]
_SIMPLE: Final = {"string": "xs:string", "integer": "xs:integer", "boolean": "xs:boolean"}


@cache
def read_json_schema(version: int) -> bytes:
    """Give the published JSON Schema of a version of the statement.

    Raises
    ------
    NotFound
        No statement of this version was ever signed.
    """
    if f"urn:kadastr:statement:{version}" not in KNOWN_SCHEMAS:
        raise NotFound("There is no such version of the statement.", code="schema-not-found")
    return resources.files("cadastre.extract").joinpath(f"schema/statement-{version}.json").read_bytes()


@cache
def write_xml_schema(version: int) -> bytes:
    """Give the XML Schema of what ``write_xml`` makes of a version of the statement.

    Raises
    ------
    NotFound
        No statement of this version was ever signed.
    """
    schema: Json = json.loads(read_json_schema(version))
    namespace = namespace_of(schema["$id"])
    types = "".join(_type(f' name="{name}"', node, 1) for name, node in sorted(schema["$defs"].items()))
    attributes = "".join(
        f'    <xs:attribute name="{name}" type="xs:string" use="required"/>\n'
        for name in ("statementSchema", "statementSha256")
    )
    root = _complex("", schema, 2, attributes)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{namespace}" '
        f'targetNamespace="{namespace}" elementFormDefault="qualified">\n'
        f'  <xs:element name="Extract">\n{root}  </xs:element>\n{types}</xs:schema>\n'
    ).encode()


def _type(name: str, node: Json, depth: int) -> str:
    """Write a named or local type."""
    pad = "  " * depth
    if "properties" in node:
        return _complex(name, node, depth, "")
    base = _SIMPLE.get(str(node.get("type", "string")), "xs:string")
    return f'{pad}<xs:simpleType{name}><xs:restriction base="{base}"/></xs:simpleType>\n'


def _complex(name: str, node: Json, depth: int, attributes: str) -> str:
    pad = "  " * depth
    members = "".join(_members(node, depth + 2))
    return (
        f"{pad}<xs:complexType{name}>\n{pad}  <xs:sequence>\n{members}{pad}  </xs:sequence>\n"
        f"{attributes}{pad}</xs:complexType>\n"
    )


def _members(node: Json, depth: int) -> Iterator[str]:
    required = set(node.get("required", ()))
    for key in sorted(node["properties"]):
        told, may_be_null = _without_null(node["properties"][key])
        least = ' minOccurs="0"' if may_be_null or key not in required else ""
        yield _element(element_name(key), told, depth, least, item_name(key))
    if "points" in node["properties"]:
        yield _element(POSITIONS, {"type": "string"}, depth, "", "item")


def _without_null(node: Json) -> tuple[Json, bool]:
    """Give what a value is when it is there, and whether it may be null."""
    if isinstance(node.get("type"), list):
        return {**node, "type": next(t for t in node["type"] if t != "null")}, "null" in node["type"]
    options = [one for one in node.get("anyOf", ()) if one.get("type") != "null"]
    if not options:
        return node, False
    told, inner = _without_null(options[0])
    return told, inner or len(options) < len(node["anyOf"])


def _element(name: str, node: Json, depth: int, occurs: str, item: str) -> str:
    pad = "  " * depth
    if "$ref" in node:
        return f'{pad}<xs:element name="{name}" type="{node["$ref"].rpartition("/")[2]}"{occurs}/>\n'
    if node.get("type") == "array":
        told, _ = _without_null(node["items"])
        each = _element(item, told, depth + 3, ' minOccurs="0" maxOccurs="unbounded"', "item")
        return (
            f'{pad}<xs:element name="{name}"{occurs}>\n{pad}  <xs:complexType>\n{pad}    <xs:sequence>\n'
            f"{each}{pad}    </xs:sequence>\n{pad}  </xs:complexType>\n{pad}</xs:element>\n"
        )
    if "properties" in node:
        inner = _complex("", node, depth + 1, "")
        return f'{pad}<xs:element name="{name}"{occurs}>\n{inner}{pad}</xs:element>\n'
    kind = _SIMPLE.get(str(node.get("type", "string")), "xs:string")
    return f'{pad}<xs:element name="{name}" type="{kind}"{occurs}/>\n'


__all__ = ["read_json_schema", "write_xml_schema"]
