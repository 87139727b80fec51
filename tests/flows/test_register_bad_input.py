"""Bad input at the register's counter, over HTTP: refused with rule, source and what to do, in the language asked.

Nothing of it is entered: the registration journal stands where it stood. What the law wants entered though it
is doubtful (a number of an unproven pattern) or incomplete is entered, and says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from tests.api.offices import act
from tests.api.server import require_problem
from tests.database import Database
from tests.flows.test_applications import (
    BUYER,
    SELLER,
    etag_of,
    file,
    notary,
    officers,
    sale,
    section,
    step,
    upload,
)
from tests.register import Register

__all__ = ["notary", "officers", "section"]
Sign = Callable[..., httpx.Client]
LANGUAGES = ("az", "en", "ru")
TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
UNREAL = "203099999999"


@pytest.fixture(scope="module")
def office(planted_database: Database) -> Iterator[Connection]:
    """A connection that reads the journal and closes sections, as the application's login."""
    engine = create_engine(planted_database.app_url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def journal(office: Connection) -> Callable[[], int]:
    """How many entries the registration journal has."""

    def count() -> int:
        with office.begin():
            office.exec_driver_sql("SET LOCAL ROLE cadastre_write")
            query = text("SELECT count(*) FROM registry.registration_journal")
            return int(office.execute(query).scalar_one())

    return count


@pytest.fixture
def refuse(notary: httpx.Client, section: str, journal: Callable[[], int]) -> Callable[..., dict[str, Any]]:
    """Function that sends an application in three languages and checks each refusal; gives the English one."""
    tag = etag_of(notary, section)

    def check(body: Any, status: int, code: str, *, etag: str | None = tag, rule: str | None = None) -> Any:
        return check_refused(lambda: send(notary, body, etag), journal, status, code, rule)

    return check


def send(client: httpx.Client, body: Any, etag: str | None) -> Callable[[str], httpx.Response]:
    """A request that can be asked for in a language; a body that is bytes is sent as it is."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def ask(language: str) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid4()), "Accept-Language": language}
        headers |= {"Content-Type": "application/json"} | ({"If-Match": etag} if etag else {})
        return client.post("/v1/applications", content=content, headers=headers)

    return ask


def check_refused(
    asked: Callable[[], Callable[[str], httpx.Response]],
    journal: Callable[[], int],
    status: int,
    code: str,
    rule: str | None = None,
) -> dict[str, Any]:
    """Ask in each language: a problem that explains itself in it, and nothing entered."""
    before = journal()
    answers: dict[str, dict[str, Any]] = {}
    for language in LANGUAGES:
        answer = asked()(language)
        answers[language] = require_problem(answer, status, code)
        assert answer.headers["content-language"] == language
        assert len(answer.content) < 10_000, "what was sent is not sent back"
    facts = [body["facts"] for body in answers.values()]
    assert all(set(told) >= {"rule", "source", "what_to_do"} for told in facts), facts
    assert all(told["source"] and told["what_to_do"] for told in facts)
    for key in ("title", "detail"):
        assert len({str(body[key]) for body in answers.values()}) == 3, (key, answers)
    assert len({told["what_to_do"] for told in facts}) == 3
    if rule is not None:
        assert {told["rule"] for told in facts} == {rule}
    assert journal() == before, "nothing was entered"
    return answers["en"]


class TestIdentifiers:
    def test_an_unknown_property(self, refuse: Callable[..., Any]) -> None:
        refuse(sale(UNREAL, None), 404, "property-not-found", etag=f'"{UNREAL}.1"')

    def test_a_closed_section(
        self, refuse: Callable[..., Any], notary: httpx.Client, office: Connection, section: str
    ) -> None:
        tag = etag_of(notary, section)
        with office.begin():
            close(office, section)
        told = refuse(sale(section, None), 409, "section-closed", etag=tag)
        assert told["facts"]["register_number"] == section

    @pytest.mark.parametrize(
        "number",
        [
            "2O3015000123",  # the letter O
            "203015ООО123",  # Cyrillic look-alikes
            "20301500012",
            "2030150001234",
            "203015000123-1",
            "٢٠٣٠١٥٠٠٠١٢٣",
            "'; DROP TABLE",
            "",
        ],
    )
    def test_a_register_number_that_is_none(self, refuse: Callable[..., Any], number: str) -> None:
        named = [{"register_number": number, "version": 1}]
        refuse(sale(number, None, properties=named), 400, "register-number-malformed", etag=None)

    def test_blanks_and_invisible_signs_around_a_number_are_no_other_number(
        self, notary: httpx.Client, section: str
    ) -> None:
        body = sale(
            f" {section} ", upload(notary), properties=[{"register_number": f" {section} ", "version": 1}]
        )
        answer = file(notary, body)
        assert answer.status_code in (201, 412), answer.text

    def test_the_same_property_twice(self, refuse: Callable[..., Any], section: str) -> None:
        twice = [{"register_number": section, "version": 1}, {"register_number": f" {section}", "version": 1}]
        refuse(sale(section, None, properties=twice), 400, "property-repeated", etag=None)

    def test_no_property(self, refuse: Callable[..., Any]) -> None:
        refuse(sale(UNREAL, None, properties=[]), 400, "property-missing", etag=None)

    def test_the_same_document_twice(
        self, refuse: Callable[..., Any], notary: httpx.Client, section: str
    ) -> None:
        scan = upload(notary)
        twice = [{"document_id": scan, "role": role} for role in ("basis", "plan")]
        refuse(sale(section, None, documents=twice), 400, "document-repeated")

    def test_a_document_of_somebody_else(
        self, refuse: Callable[..., Any], client_as: Sign, section: str
    ) -> None:
        strange = upload(client_as("notary", "notary-other"))
        refuse(sale(section, strange), 400, "unknown-document")

    @pytest.mark.parametrize("fin", ["7ZK1MOA", "7ИВ1М0А", "123", "7zk1m0а", "7ZK1M0A7ZK1M0A"])
    def test_a_fin_of_an_unproven_pattern_is_warned_about_or_refused_by_rule(
        self, notary: httpx.Client, section: str, journal: Callable[[], int], fin: str
    ) -> None:
        parties = [{"role": "disposer", "kind": "natural", **SELLER}]
        parties.append(
            {"role": "acquirer", "kind": "natural", "name": "Sınaq Alıcı", "fin": fin, "share": "1/1"}
        )
        before = journal()
        answer = file(notary, sale(section, upload(notary), parties=parties), etag_of(notary, section))
        if answer.status_code == 201:
            told = answer.json()["warnings"]
            assert any(code.startswith("fin-") for code in told), told
        else:
            body = require_problem(answer, 400)
            assert str(body["code"]).startswith("fin-")
            assert journal() == before

    def test_a_voen_whose_check_digit_fails_is_entered_and_warned_about(
        self, notary: httpx.Client, section: str
    ) -> None:
        parties = [{"role": "disposer", "kind": "natural", **SELLER}]
        buyer = {
            "role": "acquirer",
            "kind": "legal",
            "name": "Sınaq MMC",
            "voen": "1401555081",
            "share": "1/1",
        }
        answer = file(
            notary, sale(section, upload(notary), parties=[*parties, buyer]), etag_of(notary, section)
        )
        assert answer.status_code == 201, answer.text
        assert "voen-check-digit" in answer.json()["warnings"]

    def test_a_voen_that_is_no_number(self, refuse: Callable[..., Any], section: str) -> None:
        buyer = {
            "role": "acquirer",
            "kind": "legal",
            "name": "Sınaq MMC",
            "voen": "14O1555071",
            "share": "1/1",
        }
        seller = {"role": "disposer", "kind": "natural", **SELLER}
        refuse(sale(section, None, parties=[seller, buyer]), 400, "voen-malformed")

    def test_a_number_that_this_kind_of_party_does_not_have(
        self, refuse: Callable[..., Any], section: str
    ) -> None:
        company = {"role": "acquirer", "kind": "legal", **BUYER, "share": "1/1"}
        seller = {"role": "disposer", "kind": "natural", **SELLER}
        refuse(sale(section, None, parties=[seller, company]), 400, "party-number-misfit")


class TestSubstance:
    @pytest.mark.parametrize(
        "share", ["0", "3/2", "1/0", "-1/2", "1/2/3", "half", "½", "0.5", "9" * 30 + "/1"]
    )
    def test_a_share_that_is_none(self, notary: httpx.Client, section: str, share: str) -> None:
        body = sale(section, None)
        body["parties"][1]["share"] = share
        problem = require_problem(file(notary, body, etag_of(notary, section)), 400)
        assert str(problem["code"]).startswith("share"), problem

    def test_shares_that_do_not_sum(
        self,
        notary: httpx.Client,
        officers: list[httpx.Client],
        section: str,
        journal: Callable[[], int],
    ) -> None:
        """Told at intake, and refused at the decision."""
        body = sale(section, upload(notary))
        body["parties"][1]["share"] = "2/3"
        answer = file(notary, body, etag_of(notary, section))
        if answer.status_code != 201:
            require_problem(answer, 409)
            return
        case = answer.json()["id"]
        step(officers[0], case, "assign", assignee="registrar-2")
        step(officers[1], case, "prepare")
        before = etag_of(notary, section)
        refused = require_problem(step(officers[2], case, "register"), 400)
        assert refused["code"] == "shares-do-not-balance"
        assert set(refused["facts"]) >= {"rule", "source", "what_to_do"}  # type: ignore[call-overload]
        assert etag_of(notary, section) == before

    def test_a_mortgage_on_an_arrested_property(
        self, notary: httpx.Client, officers: list[httpx.Client], client_as: Sign, section: str
    ) -> None:
        assert act(client_as("court", "court-1"), "arrest", section).status_code == 201
        answer = file(
            notary, mortgage(section, upload(notary, "mortgage_contract")), etag_of(notary, section)
        )
        assert answer.status_code == 201, "it keeps its place until the arrest is lifted"
        assert "arrest-blocks" in {item["rule"] for item in answer.json()["findings"]}
        case = answer.json()["id"]
        step(officers[0], case, "assign", assignee="registrar-2")
        step(officers[1], case, "prepare")
        tag = officers[2].get(f"/v1/applications/{case}").headers["etag"]
        for language in LANGUAGES:
            headers = {"If-Match": tag, "Accept-Language": language}
            refused = officers[2].post(
                f"/v1/applications/{case}/steps", json={"kind": "register"}, headers=headers
            )
            facts = require_problem(refused, 409, "rule-broken")["facts"]
            assert facts["rule"] == "arrest-blocks"  # type: ignore[index]
            assert facts["source"]  # type: ignore[index]

    def test_a_priority_that_another_holds(
        self, refuse: Callable[..., Any], client_as: Sign, section: str
    ) -> None:
        first = client_as("notary", "notary-first")
        taken = first.post(
            "/v1/priority-notices",
            json={"register_number": section, "service": "sale"},
            headers={"Idempotency-Key": str(uuid4())},
        )
        assert taken.status_code == 201, taken.text
        told = refuse(sale(section, None), 409, "priority-taken", rule="priority-taken")
        assert told["facts"]["journal_number"] == taken.json()["journal_number"]

    def test_a_version_that_has_passed_and_one_that_was_not_named(
        self, refuse: Callable[..., Any], section: str
    ) -> None:
        told = refuse(sale(section, None), 412, "stale-version", etag=f'"{section}.99"')
        assert isinstance(told["facts"]["current_version"], int)
        refuse(sale(section, None), 428, "version-required", etag=None)
        refuse(sale(section, None), 400, "if-match-malformed", etag="*")
        refuse(sale(section, None), 400, "if-match-malformed", etag=f'W/"{section}.1"')

    def test_one_person_on_both_sides(
        self, notary: httpx.Client, section: str, officers: list[httpx.Client]
    ) -> None:
        body = sale(section, upload(notary))
        body["parties"][1] = {"role": "acquirer", "kind": "natural", **SELLER, "share": "1/1"}
        answer = file(notary, body, etag_of(notary, section))
        assert answer.status_code == 201, answer.text
        assert "both-sides-one-person" in {item["rule"] for item in answer.json()["findings"]}
        case = answer.json()["id"]
        step(officers[0], case, "assign", assignee="registrar-2")
        step(officers[1], case, "prepare")
        problem = require_problem(step(officers[2], case, "register"), 400, "transfer-changes-nothing")
        assert set(problem["facts"]) >= {"rule", "source", "what_to_do"}  # type: ignore[call-overload]

    def test_a_document_of_tomorrow(
        self, refuse: Callable[..., Any], notary: httpx.Client, section: str
    ) -> None:
        dated = [{"document_id": upload(notary), "role": "basis", "dated": TOMORROW}]
        body = sale(section, None, documents=dated)
        refuse(body, 409, "document-future-dated", rule="document-future-dated")

    @pytest.mark.parametrize(
        "day", ["2026-02-30", "31.03.2026", "0000-00-00", "soon", "2026-03-31T25:00", True]
    )
    def test_a_day_that_is_none(
        self, refuse: Callable[..., Any], notary: httpx.Client, section: str, day: object
    ) -> None:
        dated = [{"document_id": upload(notary), "role": "basis", "dated": day}]
        refuse(sale(section, None, documents=dated), 422, "invalid-request")

    def test_a_lease_whose_term_is_over(
        self, notary: httpx.Client, section: str, officers: list[httpx.Client]
    ) -> None:
        body = lease(section, upload(notary, "lease_contract"), until="2020-12-31")
        answer = file(notary, body, etag_of(notary, section))
        if answer.status_code == 201:
            assert "term-past" in {item["rule"] for item in answer.json()["findings"]}
            case = answer.json()["id"]
            step(officers[0], case, "assign", assignee="registrar-2")
            step(officers[1], case, "prepare")
            answer = step(officers[2], case, "register")
        assert require_problem(answer, answer.status_code)["code"] in ("term-has-passed", "rule-broken")
        assert answer.status_code in (400, 409)

    @pytest.mark.parametrize("until", ["2020-02-30", "yesterday", 7, True, [], {}])
    def test_a_term_that_is_no_day(
        self, refuse: Callable[..., Any], notary: httpx.Client, section: str, until: object
    ) -> None:
        refuse(lease(section, upload(notary, "lease_contract"), until=until), 400, "term-malformed")

    def test_incomplete_papers_are_entered_and_returned(
        self, notary: httpx.Client, section: str, journal: Callable[[], int]
    ) -> None:
        before = journal()
        answer = file(notary, sale(section, None), etag_of(notary, section))
        assert (answer.status_code, answer.json()["state"]) == (201, "returned")
        assert journal() == before + 1, "what arrives is entered, so that the order of arrival is whole"


class TestForm:
    """What no paper could print, or no two readers would read alike."""

    def test_ten_megabytes_of_a_name(self, refuse: Callable[..., Any], section: str) -> None:
        body = sale(section, None)
        body["parties"][0]["name"] = "Ə" * 10_000_000
        refuse(body, 413, "payload-too-large")

    def test_a_name_of_a_thousand_letters(self, refuse: Callable[..., Any], section: str) -> None:
        body = sale(section, None)
        body["parties"][0]["name"] = "Ə" * 301
        refuse(body, 400, "text-too-long")
        body["parties"][0]["name"] = "Ə" * 1001
        refuse(body, 422, "invalid-request")

    @pytest.mark.parametrize(
        "sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ue000", "\uffff"]
    )
    def test_signs_that_no_paper_prints(self, refuse: Callable[..., Any], section: str, sign: str) -> None:
        body = sale(section, None)
        body["parties"][0]["name"] = f"Əli{sign}Məmmədov"
        refuse(body, 400, "text-control-character")
        told = sale(section, None, terms={"note": f"x{sign}y"})
        refuse(told, 400, "text-control-character")

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b'{"service": "sale", "service": "gift"}', "duplicate-key"),
            (b'{"terms": {"a": 1, "a": 2}}', "duplicate-key"),
            (b'{"terms": {"a": NaN}}', "json-float"),
            (b'{"terms": {"a": -Infinity}}', "json-float"),
            (b'{"terms": {"a": 1e400}}', "json-float"),
            (b'{"terms": {"a": 1.5}}', "json-float"),
            (b'{"terms": {"a": ' + b"9" * 5000 + b"}}", "json-integer"),
            (b'{"terms": {"a": 9007199254740993}}', "json-integer"),
            (b'{"terms": ' + b'{"a":' * 40 + b"1" + b"}" * 41, "json-too-deep"),
            (b'{"terms": {"a": ' + b"[" * 100_000, "json-too-deep"),
            (b'{"terms": {"a": "\\ud800"}}', "json-surrogate"),
            (b'{"terms": {"\\udfff": 1}}', "json-surrogate"),
            (b'{"service": "\xff\xfe"}', "json-not-utf8"),
            (b'{"service": "sale"', "json-malformed"),
            (b"{'service': 'sale'}", "json-malformed"),
            (b"[]", "json-not-an-object"),
            (b"null", "json-not-an-object"),
        ],
    )
    def test_json_that_two_readers_read_differently(
        self, refuse: Callable[..., Any], content: bytes, code: str
    ) -> None:
        refuse(content, 422, code)

    @pytest.mark.parametrize(
        "media", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]
    )
    def test_another_media_type(
        self, notary: httpx.Client, section: str, journal: Callable[[], int], media: str
    ) -> None:
        def ask(language: str) -> httpx.Response:
            headers = {"Idempotency-Key": str(uuid4()), "Accept-Language": language, "Content-Type": media}
            return notary.post(
                "/v1/applications", content=json.dumps(sale(section, None)).encode(), headers=headers
            )

        check_refused(lambda: ask, journal, 415, "unsupported-media-type")

    @pytest.mark.parametrize(
        "change",
        [
            {"owner": "x"},
            {"service": 7},
            {"parties": {}},
            {"parties": [{"role": "king", "kind": "natural", "name": "x"}]},
            {"properties": [{"register_number": UNREAL, "version": -1}]},
            {"properties": [{"register_number": UNREAL, "version": "1; DROP"}]},
            {"properties": [{"register_number": UNREAL, "notice_id": "x"}]},
            {"documents": [{"document_id": "x", "role": "basis"}]},
        ],
    )
    def test_fields_that_do_not_fit(
        self, refuse: Callable[..., Any], section: str, change: dict[str, Any]
    ) -> None:
        refuse(sale(section, None, **change), 422, "invalid-request")

    @pytest.mark.parametrize("key", [None, "short", "x" * 300, "a b c d e f g h", "ключ-ключ"])
    def test_a_request_without_a_key_of_its_own(
        self, notary: httpx.Client, section: str, journal: Callable[[], int], key: str | None
    ) -> None:
        before = journal()
        headers = {b"If-Match": f'"{section}.1"'.encode()}
        headers |= {b"Idempotency-Key": key.encode()} if key else {}
        answer = notary.post("/v1/applications", json=sale(section, None), headers=headers)
        require_problem(answer, 400)
        assert journal() == before


def mortgage(number: str, document: str, **terms: object) -> dict[str, Any]:
    """A mortgage of the whole by its owner, for a synthetic bank."""
    return sale(number, document) | {
        "service": "mortgage",
        "parties": [
            {"role": "mortgagor", "kind": "natural", **SELLER},
            {"role": "mortgagee", "kind": "legal", "name": "Sınaq Bank ASC", "voen": "1401555071"},
        ],
        "terms": {"amount": "50000.00", "currency": "AZN", **terms},
    }


def lease(number: str, document: str | None, **terms: object) -> dict[str, Any]:
    """A lease of the whole by its owner."""
    return sale(number, document) | {
        "service": "lease",
        "parties": [
            {"role": "lessor", "kind": "natural", **SELLER},
            {"role": "lessee", "kind": "natural", **BUYER},
        ],
        "terms": terms,
    }


def close(connection: Connection, number: str) -> None:
    """Close a section on a case, after ending what stands in it."""
    connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
    register = Register(connection)
    leaf = register.leaf()
    find = text("SELECT property_id FROM cadastre.property WHERE register_number = :number")
    property_id = int(connection.execute(find, {"number": number}).scalar_one())
    case = register.case("division", property_id, decided_by="registrar-2")
    connection.execute(
        text("UPDATE cadastre.property_right SET superseded_leaf = :leaf WHERE property_id = :id"),
        {"leaf": leaf, "id": property_id},
    )
    connection.execute(
        text("""INSERT INTO cadastre.property_closure (property_id, closed_on, reason, case_id, recorded_leaf)
                VALUES (:id, ledger.today(), 'division', :case, :leaf)"""),
        {"id": property_id, "case": case, "leaf": leaf},
    )
