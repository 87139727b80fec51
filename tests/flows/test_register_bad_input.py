"""Bad input at the register's counter, over HTTP: refused with rule, source and what to do, in the language asked.

Nothing of it is entered: the registration journal stands where it stood. What the law wants entered though it
is doubtful (a number of an unproven pattern) or incomplete is entered, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Connection, text

from tests.api.offices import act
from tests.api.server import require_problem
from tests.flows.refusing import LANGUAGES, journal, office, refuse
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

__all__ = ["journal", "notary", "office", "officers", "refuse", "section"]
Sign = Callable[..., httpx.Client]
TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
UNREAL = "203099999999"


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
