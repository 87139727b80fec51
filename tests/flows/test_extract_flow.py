"""The main job over HTTP: a kupça is issued, handed out again, verified, and refused when touched."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.api.planting import (
    BARE_PARCEL,
    CANARY_BENEFICIARY,
    CANARY_FIN,
    CANARY_NAME,
    OWNED_PARCEL,
    REGISTER_NUMBER,
    UNKNOWN_NUMBER,
)
from tests.api.server import require_problem
from tests.database import Database

ORDER = {
    "register_number": REGISTER_NUMBER,
    "kind": "extract",
    "capacity": "notary",
    "basis": "Power of attorney 1Z-441 of 03.02.2026",
    "purpose": "disposal",
}
Sign = Callable[..., httpx.Client]


@pytest.fixture
def notary(client_as: Sign) -> httpx.Client:
    return client_as("notary", "notary-7", name="Nigar Quliyeva")


@pytest.fixture
def issued(notary: httpx.Client) -> dict[str, Any]:
    answer = notary.post("/v1/extracts", json=ORDER)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_issue_says_everything_and_where_it_stays(notary: httpx.Client) -> None:
    answer = notary.post("/v1/extracts", json=ORDER, headers={"Prefer": "wait"})
    body = answer.json()
    assert answer.status_code == 201
    assert set(body) == {"id", "issued_at", "statement", "jws", "proof", "promise", "pdf"}
    assert answer.headers["location"].endswith(f"/v1/extracts/{body['id']}")
    assert answer.headers["cache-control"] == "private, no-store"
    assert body["statement"]["kind"] == "extract"
    assert body["statement"]["id"] == body["id"]
    assert body["issued_at"] == body["statement"]["issued_at"]
    assert body["jws"].count("..") == 1
    assert body["proof"].startswith("c2sp.org/tlog-proof@v1\n")
    assert body["promise"] is None
    assert answer.headers["preference-applied"] == "wait"
    assert CANARY_NAME in json.dumps(body["statement"], ensure_ascii=False)
    assert CANARY_BENEFICIARY in json.dumps(body["statement"], ensure_ascii=False)
    again = notary.get(answer.headers["location"])
    assert again.json() == body


def test_pdf_by_address_and_by_accept(notary: httpx.Client, issued: dict[str, Any]) -> None:
    by_address = notary.get(issued["pdf"])
    by_accept = notary.get(f"/v1/extracts/{issued['id']}", headers={"Accept": "application/pdf"})
    for answer in (by_address, by_accept):
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-1.7")
    assert by_address.content == by_accept.content
    refused = notary.get(f"/v1/extracts/{issued['id']}", headers={"Accept": "text/html"})
    require_problem(refused, 406, "not-acceptable")


@pytest.mark.parametrize("kind", ["certificate", "plan"])
def test_other_kinds(notary: httpx.Client, kind: str) -> None:
    body = notary.post("/v1/extracts", json={**ORDER, "kind": kind}).json()
    assert body["statement"]["kind"] == kind


def test_body_verifies_for_anybody_and_one_changed_byte_does_not(
    public: httpx.Client, issued: dict[str, Any]
) -> None:
    verdict = public.post("/v1/verify", json=issued).json()
    assert verdict["verdict"] == "AUTHENTIC"
    assert verdict["superseded_by"] is None
    assert "statement-signed" in verdict["reason_codes"]
    changed = copy.deepcopy(issued)
    changed["statement"]["register_number"] = "203015000124"
    refused = public.post("/v1/verify", json=changed).json()
    assert refused["verdict"] == "NOT AUTHENTIC"
    assert refused["issued_at"] is None
    spaced = json.dumps(issued, indent=3, sort_keys=True)
    answer = public.post("/v1/verify", content=spaced, headers={"Content-Type": "application/json"})
    assert answer.json()["verdict"] == "AUTHENTIC", "spelling of the transport is not part of the statement"


def test_pdf_verifies_and_one_changed_byte_does_not(
    public: httpx.Client, notary: httpx.Client, issued: dict[str, Any]
) -> None:
    pdf = notary.get(issued["pdf"]).content
    headers = {"Content-Type": "application/pdf", "Accept-Language": "ru"}
    verdict = public.post("/v1/verify", content=pdf, headers=headers).json()
    assert verdict["verdict"] == "AUTHENTIC"
    assert any("печать" in reason for reason in verdict["reasons"])
    for place in (20, len(pdf) // 3, len(pdf) // 2, len(pdf) - 30):
        changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
        refused = public.post("/v1/verify", content=changed, headers=headers).json()
        assert refused["verdict"] == "NOT AUTHENTIC", place


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", b""),
        ("application/json", b"[]"),
        ("application/json", b"{}"),
        ("application/json", b'{"statement": {}, "jws": "a..b"}'),
        ("application/json", b"[" * 100_000),
        ("application/json", b"\xff\xfe"),
        ("application/pdf", b""),
        ("application/pdf", b"%PDF-1.7\n%%EOF"),
        ("application/pdf", b"not a document"),
    ],
)
def test_any_bytes_get_a_verdict(public: httpx.Client, kind: str, content: bytes) -> None:
    answer = public.post("/v1/verify", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    assert answer.json()["verdict"] == "NOT AUTHENTIC"
    assert answer.json()["reasons"]


def test_other_media_types_are_not_read(public: httpx.Client, notary: httpx.Client) -> None:
    answer = public.post("/v1/verify", content=b"x", headers={"Content-Type": "text/plain"})
    assert require_problem(answer, 415, "unsupported-media-type")["facts"]
    require_problem(public.post("/v1/verify"), 415)
    form = notary.post("/v1/extracts", data=ORDER)
    require_problem(form, 415, "unsupported-media-type")


def test_unknown_number_is_answered_signed_to_the_entitled_only(
    notary: httpx.Client, client_as: Sign, public: httpx.Client
) -> None:
    order = {**ORDER, "register_number": UNKNOWN_NUMBER}
    body = notary.post("/v1/extracts", json=order).json()
    assert body["statement"]["kind"] == "not-in-register"
    assert public.post("/v1/verify", json=body).json()["verdict"] == "AUTHENTIC"
    owner = client_as("owner", "5ZK1M0A")
    own = {**order, "capacity": "owner", "purpose": "own_information"}
    require_problem(owner.post("/v1/extracts", json=own), 404, "property-not-found")
    require_problem(public.post("/v1/extracts", json=order), 401, "not-authenticated")


def test_a_parcel_is_answered_for_by_its_cadastral_number(
    notary: httpx.Client, client_as: Sign, public: httpx.Client
) -> None:
    owned = notary.post("/v1/extracts", json={**ORDER, "register_number": OWNED_PARCEL}).json()
    assert owned["statement"]["register_number"] == REGISTER_NUMBER
    assert CANARY_NAME in json.dumps(owned["statement"], ensure_ascii=False)
    for number in (BARE_PARCEL, "585-03-36-999/4"):
        body = notary.post("/v1/extracts", json={**ORDER, "register_number": number}).json()
        assert body["statement"]["kind"] == "not-in-register"
        assert body["statement"]["register_number"] == number
        assert public.post("/v1/verify", json=body).json()["verdict"] == "AUTHENTIC"
        page = public.get(body["statement"]["verification"]["url"].partition("8000")[2] + "?lang=en")
        assert (page.status_code, "Cadastral number" in page.text) == (200, True)
        assert "Not in the register" in page.text
        pdf = notary.get(body["pdf"])
        assert pdf.headers["content-disposition"].count('"') == 2
        assert "/" not in pdf.headers["content-disposition"]
    mine, theirs = client_as("owner", CANARY_FIN), client_as("owner", "5ZK1M0A")
    own = {**ORDER, "capacity": "owner", "purpose": "own_information"}
    assert mine.post("/v1/extracts", json={**own, "register_number": OWNED_PARCEL}).status_code == 201
    answers = [
        require_problem(theirs.post("/v1/extracts", json={**own, "register_number": number}), 404)
        for number in (OWNED_PARCEL, BARE_PARCEL, "585-03-36-999", REGISTER_NUMBER, UNKNOWN_NUMBER)
    ]
    assert {answer["detail"] for answer in answers} == {answers[0]["detail"]}
    strange = notary.post("/v1/extracts", json={**ORDER, "register_number": "12№7"})
    require_problem(strange, 400, "property-number-malformed")


def test_owner_gets_his_own_and_nobody_elses(client_as: Sign) -> None:
    order = {**ORDER, "capacity": "owner", "basis": "identity card", "purpose": "own_information"}
    mine = client_as("owner", CANARY_FIN)
    theirs = client_as("owner", "5ZK1M0A")
    assert mine.post("/v1/extracts", json=order).status_code == 201
    require_problem(theirs.post("/v1/extracts", json=order), 404, "property-not-found")


def test_extract_is_handed_to_the_applicant_and_the_supervisors(
    issued: dict[str, Any], client_as: Sign, public: httpx.Client
) -> None:
    address = f"/v1/extracts/{issued['id']}"
    require_problem(public.get(address), 401)
    require_problem(client_as("notary", "another").get(address), 404, "extract-not-found")
    require_problem(client_as("surveyor").get(address), 403, "role-not-entitled")
    for role in ("registrar", "court", "auditor"):
        assert client_as(role).get(address).status_code == 200
    require_problem(client_as("registrar").get("/v1/extracts/no-uuid"), 422, "invalid-request")


def test_past_state_is_reproduced_and_the_future_refused(notary: httpx.Client) -> None:
    body = notary.post("/v1/extracts", json={**ORDER, "as_of": "2020-12-31"}).json()
    assert CANARY_BENEFICIARY not in json.dumps(body["statement"], ensure_ascii=False), "mortgage of 2021"
    assert CANARY_NAME in json.dumps(body["statement"], ensure_ascii=False)
    before = notary.post("/v1/extracts", json={**ORDER, "known_at": 0}).json()
    assert before["statement"]["kind"] == "not-in-register"
    require_problem(
        notary.post("/v1/extracts", json={**ORDER, "as_of": "2999-01-01"}), 400, "moment-in-future"
    )
    require_problem(notary.post("/v1/extracts", json={**ORDER, "known_at": 10**9}), 400, "moment-in-future")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"register_number": "12"}, 400, "register-number-malformed"),
        ({"register_number": "2030\x0015000123"}, 422, "invalid-request"),
        ({"kind": "deed"}, 422, "invalid-request"),
        ({"capacity": "uncle"}, 400, "unknown-capacity"),
        ({"capacity": "court"}, 403, "capacity-not-entitled"),
        ({"purpose": "curiosity"}, 400, "unknown-purpose"),
        ({"basis": "   "}, 422, "invalid-request"),
        ({"basis": "x" * 301}, 422, "invalid-request"),
        ({"as_of": "yesterday"}, 422, "invalid-request"),
        ({"known_at": -1}, 400, "moment-too-early"),
        ({"owner": CANARY_NAME}, 422, "invalid-request"),
    ],
)
def test_faulty_applications_say_what_is_wrong(
    notary: httpx.Client, change: dict[str, Any], status: int, code: str
) -> None:
    body = require_problem(notary.post("/v1/extracts", json={**ORDER, **change}), status, code)
    assert CANARY_NAME not in json.dumps(body, ensure_ascii=False)


def test_broken_json_is_a_problem(notary: httpx.Client) -> None:
    for content in (b"", b"{", b"[" * 150_000, b"\xff", b"null", b'"x"'):
        answer = notary.post("/v1/extracts", content=content, headers={"Content-Type": "application/json"})
        require_problem(answer, answer.status_code)
        assert answer.status_code in {400, 422}, content[:10]


def test_oversized_bodies_are_refused_declared_or_not(public: httpx.Client, notary: httpx.Client) -> None:
    json_type = {"Content-Type": "application/json"}
    big = b" " * 300_000
    require_problem(public.post("/v1/verify", content=big, headers=json_type), 413, "payload-too-large")
    require_problem(notary.post("/v1/extracts", content=big, headers=json_type), 413, "payload-too-large")
    pdf = {"Content-Type": "application/pdf"}
    require_problem(public.post("/v1/verify", content=b"x" * 4_000_001, headers=pdf), 413)
    chunks = (b" " * 50_000 for _ in range(8))
    require_problem(public.post("/v1/verify", content=chunks, headers=json_type), 413, "payload-too-large")


def test_failure_at_commit_is_an_error_and_never_201(
    notary: httpx.Client, planted_database: Database
) -> None:
    engine = create_engine(planted_database.superuser_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(_FAIL_AT_COMMIT))
    try:
        answer = notary.post("/v1/extracts", json=ORDER)
        require_problem(answer, 409, "backdated")
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP TRIGGER tg_test_commit ON evidence.extract"))
            connection.execute(text("DROP FUNCTION public.fail_at_commit()"))
        engine.dispose()
    assert notary.post("/v1/extracts", json=ORDER).status_code == 201


_FAIL_AT_COMMIT = """
    CREATE FUNCTION public.fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'not today' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_recorded_now';
    END $$;
    CREATE CONSTRAINT TRIGGER tg_test_commit AFTER INSERT ON evidence.extract
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fail_at_commit();
"""
