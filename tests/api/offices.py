"""What tests of the notary, bank and court channels do alike over HTTP: sections, scans, applications."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.database import Database
from tests.register import Register

OWNER, OWNER_FIN = "Sınaq Sahibi", "5ZK1M0A"
BUYER, BUYER_FIN = "Sınaq Alıcısı", "6AB2C3D"
_NUMBERS = itertools.count(203015700001)


def plant_section(database: Database) -> str:
    """Enter a property wholly owned by one person; give its register number."""
    number = str(next(_NUMBERS))
    engine = create_engine(database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        register = Register(connection)
        register.leaf()
        owner = connection.execute(
            text("SELECT party_id FROM party.party WHERE fin = :fin"), {"fin": OWNER_FIN}
        ).scalar_one_or_none()
        register.right(register.property(number), owner or register.party(OWNER, fin=OWNER_FIN))
    engine.dispose()
    return number


def post(client: httpx.Client, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
    """Send a request under a key of its own."""
    return client.post(path, json=body, headers={"Idempotency-Key": key or str(uuid4())})


def put_scan(client: httpx.Client, kind: str) -> str:
    """Hand in a scan; give its id."""
    content = f"%PDF-1.7\n{uuid4()}\n%%EOF\n".encode()
    headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/pdf"}
    answer = client.post("/v1/documents", content=content, params={"kind": kind}, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def take(client: httpx.Client, number: str, *, key: str | None = None, **changed: str) -> httpx.Response:
    """Ask for a place before a property."""
    body = {"register_number": number, "service": "sale", **changed}
    return post(client, "/v1/priority-notices", body, key=key)


def sell(client: httpx.Client, number: str, version: int, notice_id: str | None = None) -> httpx.Response:
    """Apply for the sale of a property from its owner to the buyer."""
    deed = {"document_id": put_scan(client, "sale_contract"), "role": "basis", "number": "17"}
    body = {
        "service": "sale",
        "capacity": "notary",
        "properties": [{"register_number": number, "version": version, "notice_id": notice_id}],
        "parties": [
            {"role": "disposer", "kind": "natural", "name": OWNER, "fin": OWNER_FIN},
            {"role": "acquirer", "kind": "natural", "name": BUYER, "fin": BUYER_FIN, "share": "1/1"},
        ],
        "documents": [deed],
    }
    return post(client, "/v1/applications", body)


def act(client: httpx.Client, service: str, number: str, **changed: Any) -> httpx.Response:
    """Send an act of a court."""
    capacity = changed.pop("capacity", "court")
    kind = "bailiff_act" if capacity == "bailiff" else "court_ruling"
    body = {
        "service": service,
        "capacity": capacity,
        "properties": [{"register_number": number}],
        "documents": [{"document_id": put_scan(client, kind), "role": "basis"}],
        **changed,
    }
    return post(client, "/v1/authority-acts", body)


__all__ = ["BUYER", "OWNER", "act", "plant_section", "post", "put_scan", "sell", "take"]
