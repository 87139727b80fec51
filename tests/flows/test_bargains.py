"""Who may burden what, over HTTP: owners, all of them or one with a share; servitudes of two plots; leased parts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.api.offices import act, post, put_scan
from tests.api.server import require_problem
from tests.database import Database
from tests.flows.test_applications import etag_of, file, notary, officers, step
from tests.register import Register, square

__all__ = ["notary", "officers"]
Sign = Callable[..., httpx.Client]
SERIAL = itertools.count(1)
ALI = {"name": "Əli Sınaqov", "fin": "8ZK1M0A"}
LEYLA = {"name": "Leyla Sınaqova", "fin": "8AB2C3D"}
STRANGER = {"name": "Vəli Sınaqlı", "fin": "8CD4E5F"}
LENDER = {"name": "Borc Verən", "fin": "8EF6G7H"}
BANK = {"name": "Sınaq Bank ASC", "voen": "1401555071"}
EXTRACT = {"kind": "extract", "capacity": "notary", "basis": "contract", "purpose": "disposal"}
Plant = Callable[..., str]


@pytest.fixture
def plant(planted_database: Database) -> Plant:
    """Function that enters a plot with its owners (share None: joint); gives the register number."""

    def enter(owners: Sequence[tuple[dict[str, str], tuple[int, int] | None]]) -> str:
        serial = next(SERIAL)
        number = f"203098{serial:06d}"
        engine = create_engine(planted_database.app_url, poolclass=NullPool)
        with engine.begin() as connection:
            register = Register(connection, serial=500_000 + 100 * serial)
            register.leaf()
            land = register.parcel(f"BG-{serial}", square(5_000.0 + 40.0 * serial, 9_000.0, 30.0))
            property_id = register.property(number, land)
            for owner, share in owners:
                found = connection.execute(
                    text("SELECT party_id FROM party.party WHERE fin = :fin"), {"fin": owner["fin"]}
                ).scalar_one_or_none()
                register.right(property_id, found or register.party(owner["name"], fin=owner["fin"]), share)
        engine.dispose()
        return number

    return enter


@pytest.fixture
def decide(officers: list[httpx.Client]) -> Callable[[httpx.Response], httpx.Response]:
    """Function that brings a filed application to its decision."""

    def through(filed: httpx.Response) -> httpx.Response:
        assert filed.status_code == 201, filed.text
        case = filed.json()["id"]
        assert step(officers[0], case, "assign", assignee="registrar-2").status_code == 201
        assert step(officers[1], case, "prepare").status_code == 201
        return step(officers[2], case, "register")

    return through


def application(
    client: httpx.Client, service: str, kind: str, numbers: Sequence[str], **more: Any
) -> httpx.Response:
    """File an application resting on a scan of its own, on the versions read now."""
    body = {
        "service": service,
        "capacity": more.pop("capacity", "notary"),
        "properties": [{"register_number": number} for number in numbers],
        "documents": [{"document_id": put_scan(client, kind), "role": "basis", "number": "17"}],
        **more,
    }
    return file(client, body, ", ".join(etag_of(client, number) for number in numbers))


def mortgage(client: httpx.Client, number: str, *givers: dict[str, str]) -> httpx.Response:
    """A mortgage given by these people, for somebody who signs for himself."""
    parties = [{"role": "mortgagor", "kind": "natural", **giver} for giver in givers]
    parties.append({"role": "mortgagee", "kind": "natural", **LENDER})
    terms = {"amount": "50000.00", "currency": "AZN"}
    return application(client, "mortgage", "mortgage_contract", [number], parties=parties, terms=terms)


def entries(client: httpx.Client, number: str) -> list[dict[str, Any]]:
    """Restrictions of a property."""
    answer = client.get(f"/v1/properties/{number}?purpose=disposal")
    return list(answer.json()["restrictions"])


class TestMortgage:
    def test_whoever_does_not_own_mortgages_nothing(
        self, notary: httpx.Client, plant: Plant, decide: Callable[..., httpx.Response]
    ) -> None:
        number = plant([(ALI, (1, 1))])
        problem = require_problem(decide(mortgage(notary, number, STRANGER)), 409, "mortgagor-not-owner")
        assert set(problem["facts"]) >= {"rule", "source", "what_to_do"}  # type: ignore[call-overload]
        assert entries(notary, number) == []

    def test_a_share_of_joint_ownership_is_not_mortgaged_and_the_whole_is_by_all(
        self, notary: httpx.Client, plant: Plant, decide: Callable[..., httpx.Response]
    ) -> None:
        number = plant([(ALI, None), (LEYLA, None)])
        alone = decide(mortgage(notary, number, ALI))
        require_problem(alone, 409, "joint-share-not-mortgaged")
        waiting = notary.get("/v1/applications?limit=200").json()["cases"]
        case = next(line["id"] for line in reversed(waiting) if line["state"] == "prepared")
        assert step(notary, case, "withdraw").status_code == 201
        both = decide(mortgage(notary, number, ALI, LEYLA))
        assert both.status_code == 201, both.text
        assert [entry["burdened"] for entry in entries(notary, number)] == [None]

    def test_one_of_several_owners_mortgages_his_share(
        self, notary: httpx.Client, plant: Plant, decide: Callable[..., httpx.Response]
    ) -> None:
        number = plant([(ALI, (1, 2)), (LEYLA, (1, 2))])
        done = decide(mortgage(notary, number, LEYLA))
        assert done.status_code == 201, done.text
        assert [entry["burdened"] for entry in entries(notary, number)] == [LEYLA["name"]]


class TestServitude:
    def servitude(self, client: httpx.Client, numbers: Sequence[str], benefits: str | None) -> httpx.Response:
        holder = {"role": "holder", "kind": "natural", **LEYLA}
        terms = {} if benefits is None else {"benefits": benefits}
        return application(client, "servitude", "servitude_contract", numbers, parties=[holder], terms=terms)

    def test_it_burdens_one_plot_for_another(
        self, notary: httpx.Client, plant: Plant, decide: Callable[..., httpx.Response]
    ) -> None:
        serving, dominant = plant([(ALI, (1, 1))]), plant([(LEYLA, (1, 1))])
        order = EXTRACT | {"register_number": dominant}
        before = notary.post("/v1/extracts", json=order).json()
        assert before["statement"]["servitudes"] == []
        done = decide(self.servitude(notary, [serving, dominant], dominant))
        assert done.status_code == 201, done.text
        assert [entry["benefits_register_number"] for entry in entries(notary, serving)] == [dominant]
        shown = notary.get(f"/v1/properties/{dominant}?purpose=disposal").json()
        assert shown["restrictions"] == [], "it burdens the other one only"
        assert [(each["kind"], each["register_number"]) for each in shown["servitudes"]] == [
            ("servitude", serving)
        ]
        after = notary.post("/v1/extracts", json=order).json()["statement"]
        (told,) = after["servitudes"]
        assert (told["register_number"], told["kind"]["code"]) == (serving, "servitude")
        assert after["restrictions"] == []
        verdict = notary.post("/v1/verify", json=before).json()
        assert verdict["verdict"] == "SUPERSEDED", (
            "what serves the land is said by its extract, and has changed"
        )

    def test_the_dominant_plot_is_one_that_the_application_names(
        self, notary: httpx.Client, plant: Plant
    ) -> None:
        serving, other = plant([(ALI, (1, 1))]), plant([(LEYLA, (1, 1))])
        require_problem(self.servitude(notary, [serving], other), 400, "term-malformed")
        require_problem(self.servitude(notary, [serving], serving), 400, "one-property")
        require_problem(self.servitude(notary, [serving, other], None), 400, "one-property")


class TestLeasedParts:
    def lease(self, client: httpx.Client, number: str, east: float, side: float = 10.0) -> httpx.Response:
        serial = int(number[6:])
        part = square(5_000.0 + 40.0 * serial + east, 9_000.0, side).wkt
        parties = [
            {"role": "lessor", "kind": "natural", **ALI},
            {"role": "lessee", "kind": "natural", **LEYLA},
        ]
        return application(client, "lease", "lease_contract", [number], parties=parties, terms={"part": part})

    def test_one_lessee_leases_two_parts_and_not_one_part_twice(
        self, notary: httpx.Client, plant: Plant, decide: Callable[..., httpx.Response]
    ) -> None:
        number = plant([(ALI, (1, 1))])
        for east in (0.0, 10.0):
            done = decide(self.lease(notary, number, east))
            assert done.status_code == 201, done.text
        shown = notary.get(f"/v1/properties/{number}?purpose=disposal").json()
        assert [right["kind"] for right in shown["rights"]].count("lease") == 2
        problem = require_problem(decide(self.lease(notary, number, 5.0)), 409, "rule-broken")
        assert "holder-repeated" in problem["facts"]["findings"]  # type: ignore[index]


class TestBankBeforeItsFirstMortgage:
    def ask(
        self, bank: httpx.Client, number: str, fin: str | None, kind: str = "owner_consent"
    ) -> httpx.Response:
        consent = None if fin is None else {"document_id": put_scan(bank, kind), "owner_fin": fin}
        body = {"register_number": number, "service": "mortgage", "consent": consent}
        return post(bank, "/v1/priority-notices", body)

    def test_it_takes_a_place_with_the_owners_consent_and_reads_as_long_as_that_lives(
        self, client_as: Sign, plant: Plant
    ) -> None:
        bank = client_as("bank", "bank-of-bargains", voen=BANK["voen"])
        number = plant([(ALI, (1, 1))])
        read = f"/v1/properties/{number}?purpose=disposal"
        require_problem(bank.get(read), 404)
        require_problem(self.ask(bank, number, None), 404, "property-not-found")
        require_problem(self.ask(bank, number, STRANGER["fin"]), 404, "property-not-found")
        require_problem(self.ask(bank, number, ALI["fin"], "other_paper"), 400, "unknown-document")
        taken = self.ask(bank, number, ALI["fin"])
        assert taken.status_code == 201, taken.text
        assert taken.json()["holds"] is True
        assert bank.get(read).status_code == 200
        filed = file(
            bank,
            {
                "service": "mortgage",
                "capacity": "mortgagee",
                "properties": [{"register_number": number, "notice_id": taken.json()["id"]}],
                "parties": [
                    {"role": "mortgagor", "kind": "natural", **ALI},
                    {"role": "mortgagee", "kind": "legal", **BANK},
                ],
                "documents": [{"document_id": put_scan(bank, "mortgage_contract"), "role": "basis"}],
                "terms": {"amount": "1000.00", "currency": "AZN"},
            },
            taken.headers["etag"],
        )
        assert filed.status_code == 201, filed.text
        require_problem(bank.get(read), 404)


class TestDebtorKnownByName:
    def arrest(
        self, court: httpx.Client, number: str, name: str, born_on: str | None = None
    ) -> httpx.Response:
        debtor = {"role": "debtor", "kind": "natural", "name": name, "born_on": born_on}
        return act(court, "arrest", number, parties=[debtor])

    def test_one_holder_of_that_name_is_meant_and_that_is_told(
        self, notary: httpx.Client, client_as: Sign, plant: Plant
    ) -> None:
        number = plant([(ALI, (1, 2)), (LEYLA, (1, 2))])
        done = self.arrest(client_as("court", "court-1"), number, "Алы СЫНАГОВ", "1980-02-01")
        assert done.status_code == 201, done.text
        assert "debtor-not-identified" in done.json()["warnings"]
        done = self.arrest(client_as("court", "court-1"), number, "ELİ SINAQOV", "1980-02-01")
        assert done.status_code == 201, done.text
        assert "party-matched-by-name" in done.json()["warnings"]
        assert [entry["burdened"] for entry in entries(notary, number)] == [None, ALI["name"]]

    def test_two_of_one_name_are_not_guessed_between(
        self, notary: httpx.Client, client_as: Sign, plant: Plant
    ) -> None:
        namesake = {"name": ALI["name"], "fin": "8GH7J8K"}
        number = plant([(ALI, (1, 2)), (namesake, (1, 2))])
        done = self.arrest(client_as("court", "court-1"), number, ALI["name"])
        assert done.status_code == 201, done.text
        assert "debtor-not-identified" in done.json()["warnings"]
        assert [entry["burdened"] for entry in entries(notary, number)] == [None]

    def test_a_number_that_holds_nothing_here_is_refused(
        self, notary: httpx.Client, client_as: Sign, plant: Plant
    ) -> None:
        number = plant([(ALI, (1, 1))])
        debtor = {"role": "debtor", "kind": "natural", **STRANGER}
        refused = act(client_as("court", "court-1"), "arrest", number, parties=[debtor])
        require_problem(refused, 409, "debtor-holds-nothing")
        assert entries(notary, number) == []
