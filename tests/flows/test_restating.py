"""Corrections, cancellations, new names and successors over HTTP: filed, prepared, decided by other eyes, shown."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.api.server import require_problem
from tests.database import Database
from tests.flows.test_applications import etag_of, file, sale, step, upload
from tests.register import Register, square

Sign = Callable[..., httpx.Client]
SERIAL = itertools.count(1)
OWNER, BUYER = {"name": "Əli Məmmədov", "fin": "4ZK1M0A"}, {"name": "Leyla Həsənova", "fin": "4AB2C3D"}
BANK = {"name": "Sınaq Bank", "voen": "1401555071"}


@pytest.fixture
def notary(client_as: Sign) -> httpx.Client:
    return client_as("notary", "notary-of-errors", name="Nigar Quliyeva")


@pytest.fixture
def officers(client_as: Sign) -> list[httpx.Client]:
    return [client_as("registrar", f"registrar-{n}", name="Qeydiyyatçı") for n in (1, 2, 3)]


@pytest.fixture
def plant(planted_database: Database) -> Callable[..., str]:
    """Function that makes a property of parties (with numbers) in equal shares; gives its register number."""
    engine = create_engine(planted_database.app_url, poolclass=NullPool)

    def make(
        *owners: dict[str, str],
        kind: str = "natural",
        land: bool = False,
        lender: dict[str, str] | None = None,
    ) -> str:
        at = next(SERIAL)
        number = f"203096{at:06d}"
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
            register = Register(connection, serial=600_000 + at * 100)
            register.leaf()
            parcels = (register.parcel(f"ERR-{at}", square(35_000 + 40.0 * at, 0.0)),) if land else ()
            here = register.property(number, *parcels)
            for owner in owners:
                register.right(here, record_of(register, owner, kind), (1, len(owners)))
            if lender is not None:
                bank = record_of(register, lender, "legal")
                register.restriction(here, "mortgage", bank, amount=50_000, currency="AZN", rank=1)
        return number

    return make


def record_of(register: Register, named: dict[str, str], kind: str) -> UUID:
    """The record of a party, entered when it is new."""
    found = register.connection.exec_driver_sql(
        "SELECT party_id FROM party.party WHERE fin = %s OR voen = %s", (named.get("fin"), named.get("voen"))
    ).scalar_one_or_none()
    numbers = {key: named[key] for key in ("fin", "voen") if key in named}
    return found or register.party(named["name"], kind=kind, **numbers)


def apply(
    officers: list[httpx.Client], service: str, *numbers: str, basis: str, **body: Any
) -> httpx.Response:
    """File an application by an officer."""
    document = upload(officers[0], basis)
    papers = [{"document_id": document, "role": "basis", "number": "5", "dated": "2026-03-02"}]
    asked = {
        "service": service,
        "capacity": "registry_officer",
        "properties": [{"register_number": number} for number in numbers],
        "documents": papers + body.pop("papers", []),
        **body,
    }
    tags = ", ".join(etag_of(officers[0], number) for number in numbers)
    return file(officers[0], asked, tags)


def decide(officers: list[httpx.Client], case: str) -> httpx.Response:
    """Prepare by one officer, decide by another."""
    assert step(officers[0], case, "assign", assignee="registrar-2").status_code == 201
    assert step(officers[1], case, "prepare").status_code == 201
    require_problem(step(officers[1], case, "register"), 403, "four-eyes")
    return step(officers[2], case, "register")


def done(officers: list[httpx.Client], service: str, *numbers: str, **body: Any) -> str:
    """An application that was registered; gives its case."""
    filed = apply(officers, service, *numbers, **body)
    assert filed.status_code == 201, filed.text
    entry = filed.json()
    assert entry["state"] == "accepted", entry
    decided = decide(officers, entry["id"])
    assert decided.status_code == 201, decided.text
    return str(entry["id"])


def sell(notary: httpx.Client, officers: list[httpx.Client], number: str) -> str:
    """Sell a property to the buyer; gives the case."""
    body = sale(number, upload(notary))
    answer = file(notary, body, etag_of(notary, number))
    assert answer.status_code == 201, answer.text
    case = str(answer.json()["id"])
    assert decide(officers, case).status_code == 201
    return case


def rights_of(client: httpx.Client, number: str) -> list[tuple[str, str]]:
    rows = client.get(f"/v1/properties/{number}?purpose=disposal").json()["rights"]
    return [(row["party_name"], row["share"]) for row in rows]


def entry_of(client: httpx.Client, number: str, kind: str = "rights", at: int = 0) -> str:
    rows = client.get(f"/v1/properties/{number}?purpose=disposal").json()[kind]
    return str(rows[at]["registration_number"])


def test_shares_are_corrected_and_the_number_stays(
    officers: list[httpx.Client], plant: Callable[..., str]
) -> None:
    number = plant(OWNER, BUYER)
    entries = [entry_of(officers[0], number, at=at) for at in (0, 1)]
    fixes = [
        {"registration_number": entries[0], "share": "1/3"},
        {"registration_number": entries[1], "share": "2/3"},
    ]
    done(officers, "correction", number, basis="executive_order", terms={"corrections": fixes})
    assert [share for _, share in rights_of(officers[0], number)] == ["1/3", "2/3"]
    assert [entry_of(officers[0], number, at=at) for at in (0, 1)] == entries


def test_whoever_relied_on_the_error_is_told_first(
    officers: list[httpx.Client], plant: Callable[..., str]
) -> None:
    number = plant(OWNER, lender=BANK)
    right = {"role": "holder", "kind": "natural", **BUYER}
    fix = {"terms": {"corrections": [{"registration_number": entry_of(officers[0], number), "party": 1}]}}
    told = apply(officers, "correction", number, basis="executive_order", parties=[right], **fix)
    assert told.status_code == 201, told.text
    assert "correction-relied-on" in {finding["rule"] for finding in told.json()["findings"]}
    refused = decide(officers, told.json()["id"])
    facts = require_problem(refused, 409, "rule-broken")["facts"]
    assert facts["rule"] == "correction-relied-on"  # type: ignore[index]
    assert step(
        officers[2], told.json()["id"], "refuse", ground="contradicts_register", reason="x"
    ).is_success
    notice = {
        "document_id": upload(officers[0], "correction_notice"),
        "role": "correction_notice",
        "dated": "2026-03-02",
        "concerns": BANK["voen"],
    }
    bank = {"role": "consenting", "kind": "legal", **BANK}
    done(
        officers,
        "correction",
        number,
        basis="executive_order",
        parties=[right, bank],
        papers=[notice],
        **fix,
    )
    assert rights_of(officers[0], number) == [(BUYER["name"], "1/1")]


def test_what_is_recorded_of_the_land_is_corrected(
    officers: list[httpx.Client], public: httpx.Client, plant: Callable[..., str]
) -> None:
    number = plant(OWNER, land=True)
    shown = officers[0].get(f"/v1/properties/{number}?purpose=disposal").json()
    (land,) = shown["cadastral_numbers"]
    fix = {"cadastral_number": land, "purpose": "bağçılıq", "documentary_area_m2": "399.00"}
    done(officers, "correction", number, basis="executive_order", terms={"corrections": [fix]})
    lineage = public.get(f"/v1/parcels/{land}/lineage").json()
    assert [step_["manner"] for step_ in lineage["steps"]] == ["correction"]


def test_a_cancelled_sale_gives_the_seller_back(
    officers: list[httpx.Client], notary: httpx.Client, client_as: Sign, plant: Callable[..., str]
) -> None:
    number = plant(OWNER)
    before = entry_of(notary, number)
    case = sell(notary, officers, number)
    assert rights_of(notary, number) == [(BUYER["name"], "1/1")]
    sold_at = notary.get(f"/v1/properties/{number}?purpose=disposal").json()["ledger_index"]
    require_problem(
        apply(officers, "cancellation", number, basis="court_decision", terms={"case_id": "x"}), 400
    )
    done(officers, "cancellation", number, basis="court_decision", terms={"case_id": case})
    assert rights_of(notary, number) == [(OWNER["name"], "1/1")]
    assert entry_of(notary, number) == before
    known = notary.get(f"/v1/properties/{number}?purpose=disposal&known_at={sold_at}").json()
    assert [right["party_name"] for right in known["rights"]] == [BUYER["name"]], "as it was known then"
    long_ago = notary.get(f"/v1/properties/{number}?purpose=disposal&as_of=2025-01-01").json()
    assert [right["party_name"] for right in long_ago["rights"]] == [OWNER["name"]]


def test_a_court_applies_and_the_office_carries_it_out(
    officers: list[httpx.Client], notary: httpx.Client, client_as: Sign, plant: Callable[..., str]
) -> None:
    number = plant(OWNER)
    case = sell(notary, officers, number)
    court = client_as("court", "court-of-errors", name="Sınaq məhkəməsi")
    ruling = {"document_id": upload(court, "court_decision"), "role": "basis", "dated": "2026-03-02"}
    asked = {
        "service": "cancellation",
        "capacity": "court",
        "properties": [{"register_number": number}],
        "documents": [ruling],
        "terms": {"case_id": case},
    }
    answer = file(court, asked)
    assert answer.status_code == 201, answer.text
    assert decide(officers, answer.json()["id"]).status_code == 201
    assert rights_of(notary, number) == [(OWNER["name"], "1/1")]
    require_problem(file(notary, {**asked, "capacity": "notary"}), 403, "service-not-entitled")


def test_what_rests_on_a_sale_is_named_at_intake_and_stops_the_decision(
    officers: list[httpx.Client], notary: httpx.Client, plant: Callable[..., str]
) -> None:
    number = plant(OWNER)
    first = sell(notary, officers, number)
    lease = {
        "service": "lease",
        "capacity": "notary",
        "properties": [{"register_number": number}],
        "parties": [
            {"role": "lessor", "kind": "natural", **BUYER},
            {"role": "lessee", "kind": "natural", "name": "Kirayəçi", "fin": "4TT5T5T"},
        ],
        "documents": [
            {"document_id": upload(notary, "lease_contract"), "role": "basis", "dated": "2026-03-02"}
        ],
    }
    let = file(notary, lease, etag_of(notary, number))
    assert let.status_code == 201, let.text
    assert decide(officers, let.json()["id"]).status_code == 201
    asked = apply(officers, "cancellation", number, basis="court_decision", terms={"case_id": first})
    assert "cancellation-chain" in {finding["rule"] for finding in asked.json()["findings"]}
    facts = require_problem(decide(officers, asked.json()["id"]), 409, "later-entries-rest-on-it")["facts"]
    assert facts["cases"] == [let.json()["id"]]  # type: ignore[index]
    chain = {"case_ids": [first, let.json()["id"]]}
    done(officers, "cancellation", number, basis="court_decision", terms=chain)
    assert rights_of(notary, number) == [(OWNER["name"], "1/1")]


def test_a_firm_goes_on_under_its_new_name(
    officers: list[httpx.Client], client_as: Sign, plant: Callable[..., str]
) -> None:
    firm = {"name": "Alfa MMC", "voen": "1700767721"}
    number = plant(firm, kind="legal")
    parties = [
        {"role": "holder", "kind": "legal", **firm},
        {"role": "acquirer", "kind": "legal", "name": "Beta MMC", "voen": firm["voen"]},
    ]
    before = entry_of(officers[0], number)
    done(officers, "renaming", number, basis="name_change_document", parties=parties)
    assert rights_of(officers[0], number) == [("Beta MMC", "1/1")]
    assert entry_of(officers[0], number) == before
    owner = client_as("owner", "firm-account", name="Beta MMC", voen=firm["voen"])
    assert rights_of(owner, number) == [("Beta MMC", "1/1")], "the firm sees its own under the new name"
    asked = {
        "register_number": number,
        "kind": "extract",
        "capacity": "registry_officer",
        "purpose": "disposal",
    }
    issued = officers[0].post("/v1/extracts", json={**asked, "basis": "Müraciət 5"})
    assert issued.status_code == 201, issued.text
    path = f"/v1/extracts/{issued.json()['id']}"
    statement = officers[0].get(path, headers={"Accept": "application/json"}).text
    assert firm["voen"] in statement, "the paper prints the number that the new name stands for"
    found = officers[0].get("/v1/properties", params={"voen": firm["voen"], "purpose": "disposal"}).json()
    assert number in {row["register_number"] for row in found["properties"]}


def test_a_successor_takes_over_several_sections_in_one_case(
    officers: list[httpx.Client], plant: Callable[..., str]
) -> None:
    old, new = {"name": "Birləşən MMC", "voen": "1700767731"}, {"name": "Qalan MMC", "voen": "1700767741"}
    here, there = plant(old, kind="legal"), plant(old, new, kind="legal")
    parties = [{"role": "holder", "kind": "legal", **old}, {"role": "acquirer", "kind": "legal", **new}]
    done(officers, "succession", here, there, basis="succession_act", parties=parties)
    assert rights_of(officers[0], here) == [(new["name"], "1/1")]
    assert rights_of(officers[0], there) == [(new["name"], "1/1")]


@pytest.mark.parametrize(
    ("fix", "code"),
    [
        ({"registration_number": "2399999999", "share": "1/1"}, "entry-not-found"),
        ({"registration_number": None, "share": "1/1"}, "entry-not-named"),
        ({"registration_number": "OWN", "share": "5/3"}, "share-out-of-range"),
        ({"registration_number": "OWN", "rank": 1}, "term-unknown"),
        ({"registration_number": "OWN", "party": 7}, "term-malformed"),
        ({"registration_number": "OWN", "until": "soon"}, "term-malformed"),
        ({"cadastral_number": "NOWHERE-1", "purpose": "x"}, "parcel-not-in-case"),
        ({"registration_number": "OWN", "share": "x" * 400}, "share-malformed"),
    ],
)
def test_faulty_corrections_are_problems(
    officers: list[httpx.Client], plant: Callable[..., str], fix: dict[str, Any], code: str
) -> None:
    number = plant(OWNER)
    if fix.get("registration_number") == "OWN":
        fix = {**fix, "registration_number": entry_of(officers[0], number)}
    answer = apply(officers, "correction", number, basis="executive_order", terms={"corrections": [fix]})
    require_problem(answer, 400, code)
