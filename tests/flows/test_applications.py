"""The life of a case over HTTP: filed once, distributed, prepared, suspended, refused, decided by other eyes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from api.app import create_app
from api.auth import open_tokens
from api.auth.tokens import make_caller
from api.settings import ApiSettings
from cadastre.domain.codelist import load_codelist
from cadastre.kernel.clock import FixedClock
from tests.api.server import bearer, open_client, require_problem, running_server
from tests.database import Database
from tests.register import Register

Sign = Callable[..., httpx.Client]
SELLER, BUYER = {"name": "Əli Məmmədov", "fin": "4ZK1M0A"}, {"name": "Leyla Həsənova", "fin": "4AB2C3D"}
SERIAL = itertools.count(1)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def notary(client_as: Sign) -> httpx.Client:
    return client_as("notary", "notary-of-cases", name="Nigar Quliyeva")


@pytest.fixture
def officers(client_as: Sign) -> list[httpx.Client]:
    return [client_as("registrar", f"registrar-{n}", name="Qeydiyyatçı") for n in (1, 2, 3)]


@pytest.fixture
def section(planted_database: Database) -> str:
    """Register number of a property that one person owns."""
    number = f"203099{next(SERIAL):06d}"
    engine = create_engine(planted_database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        register = Register(connection, serial=next(SERIAL) * 1000)
        register.leaf()
        found = connection.exec_driver_sql(
            "SELECT party_id FROM party.party WHERE fin = %s", (SELLER["fin"],)
        ).scalar_one_or_none()
        register.right(register.property(number), found or register.party(SELLER["name"], fin=SELLER["fin"]))
    engine.dispose()
    return number


def etag_of(client: httpx.Client, number: str) -> str:
    answer = client.get(f"/v1/properties/{number}?purpose=disposal")
    assert answer.status_code == 200, answer.text
    return str(answer.headers["etag"])


def upload(client: httpx.Client, kind: str = "sale_contract") -> str:
    headers = {"Content-Type": "application/pdf", "Idempotency-Key": str(uuid4())}
    answer = client.post(f"/v1/documents?kind={kind}", content=PDF, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def sale(number: str, document: str | None, **changes: Any) -> dict[str, Any]:
    return {
        "service": "sale",
        "capacity": "notary",
        "properties": [{"register_number": number}],
        "parties": [
            {"role": "disposer", "kind": "natural", **SELLER},
            {"role": "acquirer", "kind": "natural", **BUYER, "share": "1/1"},
        ],
        "documents": [{"document_id": document, "role": "basis", "number": "17", "dated": "2026-03-02"}]
        if document
        else [],
        **changes,
    }


def file(
    client: httpx.Client, body: dict[str, Any], etag: str | None = None, key: str | None = None
) -> httpx.Response:
    headers = {"Idempotency-Key": key or str(uuid4())}
    if etag is not None:
        headers["If-Match"] = etag
    return client.post("/v1/applications", json=body, headers=headers)


def step(client: httpx.Client, case: str, kind: str, etag: str | None = None, **body: Any) -> httpx.Response:
    tag = etag or client.get(f"/v1/applications/{case}").headers["etag"]
    return client.post(
        f"/v1/applications/{case}/steps", json={"kind": kind, **body}, headers={"If-Match": tag}
    )


@pytest.fixture
def case(notary: httpx.Client, section: str) -> str:
    """A sale that was accepted."""
    answer = file(notary, sale(section, upload(notary)), etag_of(notary, section))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
def prepared(case: str, officers: list[httpx.Client]) -> str:
    """The same, prepared by the second officer."""
    assert step(officers[0], case, "assign", assignee="registrar-2").status_code == 201
    assert step(officers[1], case, "prepare").status_code == 201
    return case


def test_the_whole_life_of_a_sale(
    notary: httpx.Client, officers: list[httpx.Client], section: str, client_as: Sign
) -> None:
    before = etag_of(notary, section)
    answer = file(notary, sale(section, upload(notary)), before)
    entry = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/applications/{entry['id']}"
    assert (entry["state"], entry["fee"]) == ("accepted", {"amount": "30.00", "currency": "AZN"})
    assert entry["properties"][0]["place"] == entry["journal_number"]
    case = entry["id"]
    given = step(officers[0], case, "assign", assignee="registrar-2")
    assert (given.status_code, given.json()["assignee"]) == (201, "registrar-2")
    assert step(officers[1], case, "prepare").json()["state"] == "prepared"
    require_problem(step(officers[1], case, "register"), 403, "four-eyes")
    done = step(officers[2], case, "register")
    assert done.status_code == 201, done.text
    assert len(done.json()["registration_numbers"]) == 1
    shown = client_as("owner", BUYER["fin"], fin=BUYER["fin"]).get(f"/v1/applications/{case}")
    body = shown.json()
    assert [item["kind"] for item in body["steps"]] == ["receive", "accept", "assign", "prepare", "register"]
    assert all(float(item["duration_s"]) >= 0 for item in body["steps"])
    assert body["registration_numbers"] == done.json()["registration_numbers"]
    assert shown.headers["etag"] == f'"{case}.5"'
    assert etag_of(notary, section) != before, "the section has changed"
    holders = notary.get(f"/v1/properties/{section}?purpose=disposal").json()["rights"]
    assert [right["party_name"] for right in holders] == [BUYER["name"]]
    require_problem(step(officers[0], case, "refuse", ground="not_entitled", reason="x"), 409)


def test_the_version_is_required_and_must_be_current(notary: httpx.Client, section: str) -> None:
    body = sale(section, upload(notary))
    require_problem(file(notary, body), 428, "version-required")
    require_problem(file(notary, body, f'"{section}.99"'), 412, "stale-version")
    require_problem(file(notary, body, '"203015000123.1"'), 400, "if-match-other-property")
    require_problem(file(notary, body, "*"), 400, "if-match-malformed")
    beside = {**body, "properties": [{"register_number": section, "version": 1}]}
    assert file(notary, beside).status_code == 201


def test_a_key_gives_one_case_however_often_it_is_sent(notary: httpx.Client, section: str) -> None:
    body, etag, key = sale(section, upload(notary)), etag_of(notary, section), str(uuid4())
    first, second = file(notary, body, etag, key), file(notary, body, etag, key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    require_problem(file(notary, {**body, "tier": "days_2"}, etag, key), 422)
    bare = notary.post("/v1/applications", json=body, headers={"If-Match": etag})
    require_problem(bare, 400, "idempotency-key-missing")


def test_a_step_names_the_case_as_it_was_read(case: str, officers: list[httpx.Client]) -> None:
    seen = officers[0].get(f"/v1/applications/{case}").headers["etag"]
    bare = officers[0].post(f"/v1/applications/{case}/steps", json={"kind": "assign", "assignee": "r"})
    require_problem(bare, 428, "version-required")
    assert step(officers[0], case, "assign", seen, assignee="registrar-2").status_code == 201
    require_problem(step(officers[2], case, "assign", seen, assignee="registrar-3"), 412, "stale-version")
    require_problem(step(officers[0], case, "prepare"), 403, "not-your-case")
    require_problem(step(officers[2], case, "register"), 409, "case-step-impossible")


def test_a_step_with_a_key_is_answered_again(case: str, officers: list[httpx.Client]) -> None:
    seen = officers[0].get(f"/v1/applications/{case}").headers["etag"]
    headers = {"If-Match": seen, "Idempotency-Key": str(uuid4())}
    body = {"kind": "assign", "assignee": "registrar-2"}
    first, second = (
        officers[0].post(f"/v1/applications/{case}/steps", json=body, headers=headers) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"] == f'"{case}.3"'
    assert second.headers["idempotency-replayed"] == "true"
    assert len(officers[0].get(f"/v1/applications/{case}").json()["steps"]) == 3


def test_suspended_resumed_and_refused(prepared: str, officers: list[httpx.Client]) -> None:
    require_problem(
        step(officers[0], prepared, "suspend", ground="serious_doubt", reason="x", until="2099-01-01"),
        400,
        "suspension-too-long",
    )
    rested = step(officers[0], prepared, "suspend", ground="serious_doubt", reason="İmza fərqlidir.").json()
    assert rested["state"] == "suspended"
    assert rested["notify_by"]
    assert rested["due_on"]
    require_problem(step(officers[2], prepared, "register"), 409, "case-step-impossible")
    assert step(officers[0], prepared, "resume").json()["state"] == "accepted"
    require_problem(
        step(officers[0], prepared, "suspend", ground="serious_doubt", reason="x"), 409, "suspension-repeated"
    )
    require_problem(step(officers[0], prepared, "refuse", reason="x"), 400, "ground-missing")
    require_problem(
        step(officers[1], prepared, "refuse", ground="forged_documents", reason="x"), 403, "four-eyes"
    )
    done = step(officers[0], prepared, "refuse", ground="forged_documents", reason="Ekspert rəyi.").json()
    assert (done["state"], done["ground"]) == ("refused", "forged_documents: Ekspert rəyi.")


def test_withdrawn_by_the_applicant_only(case: str, notary: httpx.Client, client_as: Sign) -> None:
    other = client_as("notary", "another-notary")
    require_problem(other.get(f"/v1/applications/{case}"), 404, "case-not-found")
    require_problem(step(other, case, "withdraw", f'"{case}.2"'), 404, "case-not-found")
    require_problem(step(notary, case, "assign", assignee="notary"), 404, "case-not-found")
    assert step(notary, case, "withdraw").json()["state"] == "withdrawn"


def test_incomplete_papers_are_entered_and_returned(notary: httpx.Client, section: str) -> None:
    answer = file(notary, sale(section, None), etag_of(notary, section))
    body = answer.json()
    assert (answer.status_code, body["state"], body["missing_documents"]) == (201, "returned", ["basis"])
    gift = upload(notary, "gift_contract")
    wrong = file(notary, sale(section, gift), etag_of(notary, section)).json()
    assert (wrong["state"], wrong["missing_documents"]) == ("returned", ["basis"])


def test_lists(case: str, notary: httpx.Client, officers: list[httpx.Client], client_as: Sign) -> None:
    assert step(officers[0], case, "assign", assignee="registrar-of-lists").status_code == 201
    rows = officers[0].get("/v1/applications?assignee=registrar-of-lists&state=assigned").json()
    assert [row["id"] for row in rows["cases"]] == [case]
    assert "parties" not in rows["cases"][0]
    mine = notary.get("/v1/applications?limit=200").json()["cases"]
    assert case in {row["id"] for row in mine}
    assert client_as("bank", "bank-of-lists").get("/v1/applications").json() == {"cases": [], "after": None}
    require_problem(officers[0].get("/v1/applications?limit=0"), 422)


def test_handed_over_at_a_service_point(
    officers: list[httpx.Client], section: str, notary: httpx.Client
) -> None:
    body = sale(section, upload(officers[0]), capacity="registry_officer", channel="service_point")
    answer = file(officers[0], body, etag_of(officers[0], section))
    assert answer.status_code == 201, answer.text
    shown = officers[1].get(answer.headers["location"]).json()
    assert (shown["channel"], shown["office_code"]) == ("service_point", "23")
    pretended = sale(section, None, channel="office")
    require_problem(file(notary, pretended, etag_of(notary, section)), 403, "channel-not-entitled")


@pytest.fixture
def before_novruz(
    planted_database: Database, api_settings: ApiSettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[httpx.Client]:
    """A notary at a server whose clock stands on the eve of Novruz 2025, at ten in Baku."""
    for name, value in planted_database.environ.items():
        monkeypatch.setenv(name, value)
    eve = FixedClock(datetime(2025, 3, 19, 6, tzinfo=UTC))
    monkeypatch.setattr("api.composition.SystemClock", lambda: eve)
    # the database lives today: held against its clock, this one would not be believed
    monkeypatch.setattr("api.desks.watch_clock", lambda clock, _: clock)
    token = open_tokens(api_settings).issue(make_caller("notary", "notary-of-cases", "Nigar Quliyeva"))
    with (
        running_server(create_app(api_settings)) as url,
        open_client(url, headers=bearer(token)) as client,
    ):
        yield client


def test_a_deadline_over_novruz_and_ramazan(before_novruz: httpx.Client, section: str) -> None:
    for tier, due_on in (("standard", "2025-04-28"), ("days_2", "2025-04-02")):
        body = sale(section, upload(before_novruz), tier=tier)
        body["documents"][0]["dated"] = "2025-03-18"
        entry = file(before_novruz, body, etag_of(before_novruz, section)).json()
        assert (entry["due_on"], entry["due_on_certain"]) == (due_on, True)
    body["documents"][0]["dated"] = "2025-03-20"
    late = file(before_novruz, body, etag_of(before_novruz, section))
    require_problem(late, 409, "document-future-dated")


def test_who_may_not(section: str, public: httpx.Client, client_as: Sign, notary: httpx.Client) -> None:
    body = sale(section, None)
    require_problem(file(public, body), 401)
    require_problem(file(client_as("auditor"), body), 403)
    bank = file(client_as("bank", "bank-1"), body, f'"{section}.1"')
    require_problem(bank, 403, "service-not-entitled")
    surveyor = {**body, "capacity": "owner"}
    require_problem(file(client_as("surveyor"), surveyor, f'"{section}.1"'), 403, "service-not-entitled")
    require_problem(
        file(notary, {**body, "capacity": "court"}, f'"{section}.1"'), 403, "capacity-not-entitled"
    )


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"service": "barter"}, 400),
        ({"service": "Sale; DROP"}, 422),
        ({"tier": "days_1"}, 400),
        ({"properties": []}, 400),
        ({"parties": []}, 400),
        ({"owner": "x"}, 422),
        ({"terms": {"price": 1.5}}, 422),
        ({"parties": [{"role": "disposer", "kind": "natural", "name": "x" * 1001}]}, 422),
        ({"parties": [{"role": "king", "kind": "natural", "name": "x"}]}, 422),
        ({"documents": [{"document_id": str(uuid4()), "role": "basis"}]}, 400),
    ],
)
def test_faulty_applications_are_problems(
    notary: httpx.Client, section: str, change: dict[str, Any], status: int
) -> None:
    answer = file(
        notary, sale(section, None, **change), f'"{section}.1"' if change != {"properties": []} else None
    )
    require_problem(answer, status)


def test_ten_megabytes_of_a_name_and_control_characters(notary: httpx.Client, section: str) -> None:
    long = sale(section, None)
    long["parties"][0]["name"] = "x" * 10_000_000
    require_problem(file(notary, long, f'"{section}.1"'), 413, "payload-too-large")
    hidden = sale(section, None)
    hidden["parties"][0]["name"] = "Əli\u202eMəmmədov"
    require_problem(file(notary, hidden, f'"{section}.1"'), 400)
    share = sale(section, None)
    share["parties"][1]["share"] = "3/2"
    require_problem(file(notary, share, f'"{section}.1"'), 400, "share-out-of-range")


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\u202e"])
def test_signs_that_no_paper_prints_are_refused_everywhere(
    notary: httpx.Client, officers: list[httpx.Client], case: str, section: str, sign: str
) -> None:
    nested = sale(section, None, terms={"pieces": [{"purpose": f"x{sign}y"}]})
    require_problem(file(notary, nested, f'"{section}.1"'), 400)
    numbered = sale(section, upload(notary))
    numbered["documents"][0]["issuer"] = f"x{sign}y"
    require_problem(file(notary, numbered, f'"{section}.1"'), 400)
    require_problem(step(officers[0], case, "assign", assignee=f"x{sign}y"), 400)
    require_problem(step(officers[0], case, "withdraw", reason=f"x{sign}y"), 400)
    listed = officers[0].get("/v1/applications", params={"assignee": f"x{sign}y"})
    assert listed.status_code in (200, 422), listed.text
    jws = sale(section, None, signed_payload=f"a{sign}b")
    require_problem(file(notary, jws, f'"{section}.1"'), 422)


def test_the_owner_sees_who_filed_and_not_what_the_register_did_upon_it(
    notary: httpx.Client, section: str, client_as: Sign
) -> None:
    """One leaf holds that a case was received and what came of it at once, by the register itself."""
    entry = file(notary, sale(section, None), etag_of(notary, section)).json()
    owner = client_as("owner", SELLER["fin"], name=SELLER["name"])
    told = owner.get("/v1/persons/me/looks")
    assert told.status_code == 200, told.text
    of_case = [look["who"]["role"]["code"] for look in told.json()["looks"] if look["case_id"] == entry["id"]]
    assert of_case == ["notary"]
    assert load_codelist("caller_roles").latest("system").code == "system", "so are steps recorded"
