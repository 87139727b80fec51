"""The statement: what an extract says, as canonical JSON (RFC 8785).

Rules that keep the bytes stable: every key is always present (``null`` when
empty), strings are NFC, numbers other than counts are decimal *strings* (areas
two decimals in m² and four in ha, money two, coordinates and lengths three:
millimetres), instants carry microseconds and the offset of Azerbaijan.  There is
no float in a statement.  ``schema/statement-4.json`` describes it; the earlier ones describe what was issued
before number, registrar and buildings (1), terms, parts, flags and closing (2), and the servitudes that
serve the land (3) were said.
"""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785

from cadastre.extract.labels import Coder, Labels, optional, text3
from cadastre.extract.land import write_parcel, write_property
from cadastre.extract.record import ExtractRecord, RequestRecord, StatementKind
from cadastre.extract.rights import write_restrictions, write_rights, write_servitudes
from cadastre.extract.text import instant, nfc
from cadastre.kernel.errors import InvalidInput

Statement = dict[str, Any]

SCHEMA = "urn:kadastr:statement:4"
KNOWN_SCHEMAS = frozenset(f"urn:kadastr:statement:{version}" for version in (1, 2, 3, 4))
"""Statements that were ever signed; a document does not stop being genuine when a new form comes."""


def canonical_bytes(statement: Statement) -> bytes:
    """RFC 8785 bytes of a statement; these are signed, hashed and embedded."""
    return rfc8785.dumps(statement)


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
        "parcels": [write_parcel(p, coded) for p in record.parcels],
        "rights": write_rights(record.rights, record.restrictions, record.identifiers, coded),
        "restrictions": write_restrictions(record.rights, record.restrictions, record.identifiers, coded),
        "servitudes": write_servitudes(record.servitudes, coded),
    }


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
    empty = record.kind is StatementKind.NOT_IN_REGISTER
    told = (record.property, record.parcels, record.rights, record.restrictions, record.servitudes)
    if empty and any(told):
        raise InvalidInput("A not-in-register statement carries no property.", code="incoherent-record")
    if not empty and (record.property is None or not record.rights):
        raise InvalidInput(
            "Without a registered right the only answer is a not-in-register statement.",
            code="incoherent-record",
        )
