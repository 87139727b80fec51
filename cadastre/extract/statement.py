"""The statement: what an extract says, as canonical JSON (RFC 8785).

Rules that keep the bytes stable: every key is always present (``null`` when
empty), strings are NFC, numbers other than counts are decimal *strings* (areas
two decimals in m² and four in ha, money two, coordinates and lengths three:
millimetres), instants carry microseconds and the offset of Azerbaijan.  There is
no float in a statement.  ``schema/statement-5.json`` describes it; the earlier ones describe what was issued
before number, registrar and buildings (1), terms, parts, flags and closing (2), the servitudes that
serve the land (3), and the neighbours (4) were said. What a product is not about is ``null``; what it
found none of is empty.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from cadastre.extract.kinds import PARTS, Part
from cadastre.extract.labels import Coder, Labels, optional, text3
from cadastre.extract.land import write_parcel, write_property
from cadastre.extract.record import ExtractRecord, RequestRecord, StatementKind
from cadastre.extract.rights import write_restrictions, write_rights, write_servitudes
from cadastre.extract.special import write_existence, write_terminated
from cadastre.extract.text import instant, nfc
from cadastre.kernel.canonical import canonical_json
from cadastre.kernel.errors import InvalidInput

Statement = dict[str, Any]

SCHEMA = "urn:kadastr:statement:5"
KNOWN_SCHEMAS = frozenset(f"urn:kadastr:statement:{version}" for version in (1, 2, 3, 4, 5))
"""Statements that were ever signed; a document does not stop being genuine when a new form comes."""


def canonical_bytes(statement: Statement) -> bytes:
    """RFC 8785 bytes of a statement; these are signed, hashed and embedded."""
    return canonical_json(statement)


def digest(canonical: bytes) -> str:
    """SHA-256 of canonical bytes, lower-case hex."""
    return hashlib.sha256(canonical).hexdigest()


def build_statement(record: ExtractRecord, labels: Labels, *, rendering: str) -> Statement:
    """Turn a record into its statement.

    Parameters
    ----------
    record
        Complete facts; checked for the one contradiction that would make an
        empty certificate possible.
    labels
        Codelist labels (az/en/ru).
    rendering
        Fingerprint of the renderer (template, engine, fonts) that prints it.
    """
    _require_coherent(record)
    coded = Coder(labels)
    return {
        "schema": SCHEMA,
        "rendering": rendering,
        "kind": record.kind.value,
        "asked_kind": (record.asked_kind or record.kind).value,
        "id": record.id,
        "number": record.number,
        "issued_at": instant(record.issued_at),
        "synthetic": record.synthetic,
        "registrar": {
            "name": text3(record.registrar.name),
            "authority": text3(record.registrar.authority),
        },
        "office": {
            "code": record.office.code,
            "name": text3(record.office.name),
            "head": optional(record.office.head, nfc),
            "executor": optional(record.office.executor, nfc),
        },
        "register_number": nfc(record.register_number),
        "request": _request(record.request, coded),
        "state": {
            "valid_time": instant(record.state.valid_time),
            "ledger_index": record.state.ledger_index,
            "recorded_time": instant(record.state.recorded_time),
            "historic": record.state.historic,
        },
        "verification": {"token": record.token, "url": record.verify_url},
        "validity": optional(record.validity, text3),
        "property": optional(record.property, lambda p: write_property(p, coded)),
        **_parts(record, coded),
        "existence": optional(record.existence, lambda e: write_existence(e, record.identifiers, coded)),
    }


def _parts(record: ExtractRecord, coded: Coder) -> dict[str, Any]:
    """Write the parts that the product is about; the others are null, which is not the same as empty."""
    entries = (record.rights, record.restrictions, record.identifiers, coded)
    parts: dict[str, Callable[[], list[dict[str, Any]]]] = {
        Part.PARCELS: lambda: [write_parcel(p, coded) for p in record.parcels],
        Part.RIGHTS: lambda: write_rights(*entries),
        Part.RESTRICTIONS: lambda: write_restrictions(*entries),
        Part.SERVITUDES: lambda: write_servitudes(record.servitudes, coded),
        Part.TERMINATED: lambda: write_terminated(record.terminated, record.identifiers, coded),
    }
    told = PARTS[record.kind]
    return {str(part): write() if part in told else None for part, write in parts.items()}


def _request(request: RequestRecord, coded: Coder) -> dict[str, Any]:
    return {
        "number": request.number,
        "subject": nfc(request.subject),
        "name": nfc(request.name),
        "capacity": coded("capacity", request.capacity),
        "acting_for": optional(request.acting_for, nfc),
        "basis": nfc(request.basis),
        "purpose": nfc(request.purpose),
        "requested_at": instant(request.requested_at),
    }


def _require_coherent(record: ExtractRecord) -> None:
    is_existence = record.kind is StatementKind.EXISTENCE
    if is_existence != (record.existence is not None):
        raise InvalidInput(
            "A certificate of existence, and no other, is about a person.", code="incoherent-record"
        )
    empty = record.kind is StatementKind.NOT_IN_REGISTER or is_existence
    told = (record.property, record.parcels, record.rights, record.restrictions, record.servitudes)
    if empty and any(told):
        raise InvalidInput("A not-in-register statement carries no property.", code="incoherent-record")
    named = record.rights or record.kind is StatementKind.ARCHIVE
    if not empty and (record.property is None or not named):
        raise InvalidInput(
            "Without a registered right the only answer is a not-in-register statement.",
            code="incoherent-record",
        )
