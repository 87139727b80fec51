"""Scans over HTTP: kept once and for ever, refused when unfit, opened by the entitled only, on record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from cadastre.domain.document import MAX_DOCUMENT_BYTES
from tests.api.planting import CANARY_FIN, REGISTER_NUMBER
from tests.api.server import require_problem
from tests.database import Database
from tests.register import Register

Sign = Callable[..., httpx.Client]
ADDRESS = "/v1/documents"
NAME = "Alqı-satqı müqaviləsi №7.pdf"
LOOK = {"purpose": "disposal"}


def pdf(mark: str) -> bytes:
    """Bytes that begin and end as a PDF does, with zeros and non-text in between (synthetic)."""
    return b"%PDF-1.7\n" + mark.encode() + bytes(range(256)) + b"\n%%EOF\n"


def put(client: httpx.Client, content: bytes, *, key: str | None = None, **changed: str) -> httpx.Response:
    """Hand in a scan."""
    headers = {
        "Idempotency-Key": key or str(uuid4()),
        "Content-Type": changed.get("media_type", "application/pdf"),
        "Content-Disposition": changed.get("name", f"attachment; filename*=UTF-8''{quote(NAME)}"),
    }
    params = {"kind": changed.get("kind", "sale_contract"), "pages": changed.get("pages", "3")}
    return client.post(ADDRESS, content=content, params=params, headers=headers)


@pytest.fixture
def notary(client_as: Sign) -> httpx.Client:
    return client_as("notary", "notary-scan")


def test_a_scan_comes_back_byte_for_byte(notary: httpx.Client) -> None:
    content = pdf("whole")
    kept = put(notary, content)
    assert kept.status_code == 201, kept.text
    body = kept.json()
    digest = hashlib.sha256(content).hexdigest()
    assert (body["sha256"], body["size_bytes"], body["pages"]) == (digest, len(content), 3)
    assert (body["file_name"], body["kind"], body["media_type"]) == (NAME, "sale_contract", "application/pdf")
    assert kept.headers["location"] == f"{ADDRESS}/{body['id']}"
    opened = notary.get(kept.headers["location"], params=LOOK)
    assert opened.content == content
    assert opened.headers["content-type"] == "application/pdf"
    assert opened.headers["etag"] == f'"{digest}"'
    assert opened.headers["content-disposition"] == f"inline; filename*=UTF-8''{quote(NAME, safe='')}"
    assert "no-store" in opened.headers["cache-control"]
    assert opened.headers["x-content-type-options"] == "nosniff"


def test_a_scan_sent_twice_is_one_document_and_the_bytes_are_kept_once(
    notary: httpx.Client, planted_database: Database
) -> None:
    content, key = pdf("twice"), str(uuid4())
    first, again, other = put(notary, content, key=key), put(notary, content, key=key), put(notary, content)
    assert first.content == again.content
    assert other.json()["id"] != first.json()["id"]
    require_problem(put(notary, pdf("another"), key=key), 422, "idempotency-key-reused")
    digest = hashlib.sha256(content).digest()
    engine = create_engine(planted_database.superuser_url, poolclass=NullPool)
    with engine.connect() as connection:
        counts = [
            connection.execute(
                text(f"SELECT count(*) FROM {table} WHERE sha256 = :d"), {"d": digest}
            ).scalar_one()
            for table in ("party.document_content", "registry.document")
        ]
    engine.dispose()
    assert counts == [1, 2]


def test_thirty_two_mebibytes_are_kept_and_one_byte_more_is_refused(notary: httpx.Client) -> None:
    largest = b"%PDF-" + bytes(MAX_DOCUMENT_BYTES - 10) + b"%%EOF"
    kept = put(notary, largest)
    assert (kept.status_code, kept.json()["size_bytes"]) == (201, MAX_DOCUMENT_BYTES)
    opened = notary.get(kept.headers["location"], params=LOOK)
    assert hashlib.sha256(opened.content).hexdigest() == kept.json()["sha256"]
    require_problem(put(notary, largest + b"\n"), 413, "payload-too-large")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"media_type": "text/html"}, 415, "unsupported-media-type"),
        ({"media_type": "application/json"}, 415, "unsupported-media-type"),
        ({"media_type": "image/png"}, 422, "document-unreadable"),
        ({"kind": "no_such_kind"}, 400, "unknown-document-kind"),
        ({"name": "attachment; filename*=UTF-8''..%2F..%2Fpasswd"}, 400, "file-name-unfit"),
        ({"name": "attachment; filename*=UTF-8''a%00.pdf"}, 400, "text-control-character"),
        ({"name": "attachment; filename*=UTF-8''%FF.pdf"}, 400, "file-name-unfit"),
        ({"name": f'attachment; filename="{"x" * 9000}"'}, 400, "file-name-unfit"),
        ({"pages": "0"}, 422, "invalid-request"),
    ],
)
def test_what_is_unfit_is_refused(
    notary: httpx.Client, changed: dict[str, str], status: int, code: str
) -> None:
    require_problem(put(notary, pdf("unfit"), **changed), status, code)


def test_nothing_and_half_a_scan_are_refused(notary: httpx.Client) -> None:
    require_problem(put(notary, b""), 422, "document-unreadable")
    require_problem(put(notary, pdf("half")[:-8]), 422, "document-unreadable")


def test_a_scan_without_a_name_is_called_after_its_kind(notary: httpx.Client) -> None:
    assert put(notary, pdf("nameless"), name="attachment").json()["file_name"] == "sale_contract.pdf"


def test_only_the_signed_in_bring_and_open(
    public: httpx.Client, client_as: Sign, notary: httpx.Client
) -> None:
    location = put(notary, pdf("door")).headers["location"]
    require_problem(put(public, pdf("door")), 401)
    require_problem(put(client_as("auditor"), pdf("door")), 403)
    require_problem(public.get(location, params=LOOK), 401)
    require_problem(notary.get(location, params={"purpose": "curiosity"}), 400, "unknown-purpose")
    require_problem(notary.get(location), 422, "invalid-request")


def test_strangers_find_no_document_and_offices_do(client_as: Sign, notary: httpx.Client) -> None:
    location = put(notary, pdf("strangers")).headers["location"]
    for role, subject in (("notary", "notary-other"), ("owner", "owner-1"), ("bank", "bank-1")):
        require_problem(client_as(role, subject).get(location, params=LOOK), 404, "document-not-found")
    for role in ("registrar", "court", "auditor"):
        assert client_as(role, f"{role}-1").get(location, params=LOOK).status_code == 200
    require_problem(notary.get(f"{ADDRESS}/{uuid4()}", params=LOOK), 404, "document-not-found")


def test_a_party_of_the_case_opens_what_its_applicant_brought(
    client_as: Sign, notary: httpx.Client, planted_database: Database
) -> None:
    owner = client_as("owner", "owner-party", fin=CANARY_FIN)
    brought, strange = (put(client, pdf("party")) for client in (notary, client_as("notary", "notary-9")))
    for kept in (brought, strange):
        require_problem(owner.get(kept.headers["location"], params=LOOK), 404)
    file_case(planted_database, "notary-scan", [brought.json()["id"], strange.json()["id"]])
    assert owner.get(brought.headers["location"], params=LOOK).status_code == 200
    (
        require_problem(owner.get(strange.headers["location"], params=LOOK), 404),
        "naming it in a case opens nothing",
    )


def file_case(database: Database, applicant: str, document_ids: list[str]) -> None:
    """File a case with the planted owner as a party and these documents."""
    engine = create_engine(database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        register = Register(connection)
        leaf = register.leaf()
        property_id = connection.execute(
            text("SELECT property_id FROM cadastre.property WHERE register_number = :n"),
            {"n": REGISTER_NUMBER},
        ).scalar_one()
        case_id: UUID = register.file("sale", property_id, applicant=applicant)
        connection.execute(
            text("""INSERT INTO registry.case_party (case_id, party_id, role, recorded_leaf)
                    SELECT :case, party_id, 'disposer', :leaf FROM party.party WHERE fin = :fin"""),
            {"case": case_id, "leaf": leaf, "fin": CANARY_FIN},
        )
        for number, document_id in enumerate(document_ids):
            connection.execute(
                text("INSERT INTO registry.case_document VALUES (:case, :document, :role, :leaf)"),
                {"case": case_id, "document": document_id, "role": f"paper_{'ab'[number]}", "leaf": leaf},
            )
    engine.dispose()


def test_every_look_leaves_a_trace_even_one_in_vain(
    client_as: Sign, notary: httpx.Client, planted_database: Database
) -> None:
    document_id = put(notary, pdf("trace")).json()["id"]
    notary.get(f"{ADDRESS}/{document_id}", params=LOOK)
    client_as("notary", "notary-nosy").get(f"{ADDRESS}/{document_id}", params=LOOK)
    engine = create_engine(planted_database.superuser_url, poolclass=NullPool)
    with engine.connect() as connection:
        rows = connection.execute(
            text("""SELECT kind, actor FROM ledger.leaf
                     WHERE payload::jsonb ->> 'document_id' = :id ORDER BY leaf_id"""),
            {"id": document_id},
        ).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [
        ("case.document", "notary-scan"),
        ("access.document", "notary-scan"),
        ("access.document", "notary-nosy"),
    ]


def test_the_database_itself_keeps_scans_shut_and_unchanged(planted_database: Database) -> None:
    """Whoever has not written that he looks sees none; nobody changes or removes one."""
    engine = create_engine(planted_database.app_url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        assert connection.execute(text("SELECT count(*) FROM party.document_content")).scalar_one() == 0
    for statement in (
        "UPDATE party.document_content SET content = 'x'",
        "DELETE FROM party.document_content",
        "DELETE FROM registry.document",
        "INSERT INTO party.document_content VALUES (sha256('a'), 'application/pdf', 'b')",
    ):
        assert refused(engine, statement), statement
    engine.dispose()


def refused(engine: Engine, statement: str) -> bool:
    """Whether the database refuses a statement of the application's role."""
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
            connection.execute(text(statement))
    except DBAPIError:
        return True
    return False
