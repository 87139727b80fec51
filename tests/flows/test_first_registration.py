"""From a state act to a section, from a contract with a builder to a flat that is owned, from paper to record, over HTTP."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.api.server import require_problem
from tests.database import Database
from tests.flows.test_applications import etag_of, file, step, upload
from tests.register import DAY, Register, square

Sign = Callable[..., httpx.Client]
SERIAL = itertools.count(1)
HOLDER = {"name": "Rəna Quliyeva", "fin": "7QK1M0C"}
BUYER = {"name": "Tural Əliyev", "fin": "8AB2C3F"}


@pytest.fixture
def officers(client_as: Sign) -> list[httpx.Client]:
    return [client_as("registrar", f"registrar-{n}", name="Qeydiyyatçı") for n in (1, 2, 3)]


@pytest.fixture
def ground(planted_database: Database) -> dict[str, str]:
    """A plot with a house, and a building with one measured flat; nothing of it has a section."""
    serial = next(SERIAL)
    numbers = {"plot": f"FLOW-{serial}", "house": f"FH-{serial}", "block": f"FB-{serial}"}
    insert = text("""INSERT INTO cadastre.building (building_number, parcel_id, kind, floors, valid_from, recorded_leaf)
                     VALUES (:number, :parcel, 'building', 3, :day, :leaf)""")
    engine = create_engine(planted_database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        register = Register(connection)
        leaf = register.leaf()
        parcel = register.parcel(numbers["plot"], square(25.0 * serial, -900.0))
        for name in ("house", "block"):
            row = {"number": numbers[name], "parcel": parcel, "day": DAY, "leaf": leaf}
            connection.execute(insert, row)
    engine.dispose()
    return numbers


def application(
    client: httpx.Client, service: str, *papers: tuple[str, str], **changes: Any
) -> dict[str, Any]:
    documents = [
        {"document_id": upload(client, kind), "role": role, "dated": "1998-06-01"} for role, kind in papers
    ]
    return {
        "service": service,
        "capacity": "registry_officer",
        "parties": [{"role": "holder", "kind": "natural", **HOLDER, "share": "1/1"}],
        "documents": documents,
        **changes,
    }


def register(officers: list[httpx.Client], case: str) -> httpx.Response:
    """Bring a case to its decision by other eyes."""
    assert step(officers[0], case, "assign", assignee="registrar-2").status_code == 201
    assert step(officers[1], case, "prepare").status_code == 201
    return step(officers[2], case, "register")


def section_of(officers: list[httpx.Client], case: str) -> str:
    properties = officers[0].get(f"/v1/applications/{case}").json()["properties"]
    return str(properties[0]["register_number"])


def entered(officers: list[httpx.Client], body: dict[str, Any], etag: str | None = None) -> str:
    """File at the office and register."""
    answer = file(officers[0], body, etag)
    assert answer.status_code == 201, answer.text
    done = register(officers, answer.json()["id"])
    assert done.status_code == 201, done.text
    return str(answer.json()["id"])


def extract_of(client: httpx.Client, number: str) -> dict[str, Any]:
    """The statement of an extract of the section, as it is now."""
    order = {
        "register_number": number,
        "kind": "extract",
        "capacity": "registry_officer",
        "basis": "Sınaq",
        "purpose": "official_duty",
    }
    answer = client.post("/v1/extracts", json=order)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["statement"])


def test_an_owner_has_plot_and_house_registered_as_one(
    officers: list[httpx.Client], client_as: Sign, ground: dict[str, str]
) -> None:
    owner = client_as("owner", HOLDER["fin"], fin=HOLDER["fin"], name=HOLDER["name"])
    papers = [("basis", "state_act"), ("plan", "plan"), ("sketch_design", "sketch_design")]
    terms = {
        "object_kind": "individual_house",
        "parcels": [ground["plot"]],
        "buildings": [ground["house"]],
        "house": {"built_year": 1975, "height_m": "6.5", "storeys": 2, "span_m": "5"},
    }
    body = application(owner, "first_registration", *papers, terms=terms, capacity="owner")
    answer = file(owner, body)
    entry = answer.json()
    assert answer.status_code == 201, answer.text
    assert (entry["state"], entry["properties"], entry["findings"]) == ("accepted", [], [])
    assert {(part["kind"], part["number"]) for part in entry["objects"]} == {
        ("parcel", ground["plot"]),
        ("building", ground["house"]),
    }
    assert register(officers, entry["id"]).status_code == 201
    number = section_of(officers, entry["id"])
    shown = owner.get(f"/v1/properties/{number}?purpose=own_information").json()
    assert shown["object_kind"] == "individual_house"
    assert (shown["cadastral_numbers"], shown["building_numbers"]) == ([ground["plot"]], [ground["house"]])
    assert [(right["kind"], right["party_name"]) for right in shown["rights"]] == [
        ("ownership", HOLDER["name"])
    ]
    statement = extract_of(officers[0], number)
    assert statement["property"]["object_kind"]["code"] == "individual_house"
    assert [parcel["cadastral_number"] for parcel in statement["parcels"]] == [ground["plot"]]
    again = application(officers[0], "first_registration", *papers, terms=terms)
    require_problem(file(officers[0], again), 409, "object-registered")


def test_a_house_without_its_papers_is_told_so_and_not_registered(
    officers: list[httpx.Client], ground: dict[str, str]
) -> None:
    terms = {
        "object_kind": "individual_house",
        "parcels": [ground["plot"]],
        "buildings": [ground["house"]],
        "house": {"built_year": 2018, "height_m": "14", "storeys": 4, "span_m": "7"},
    }
    papers = [("basis", "state_act"), ("plan", "plan"), ("sketch_design", "sketch_design")]
    answer = file(officers[0], application(officers[0], "first_registration", *papers, terms=terms))
    findings = {finding["rule"] for finding in answer.json()["findings"]}
    assert findings == {"first-registration-papers"}
    facts = require_problem(register(officers, answer.json()["id"]), 409, "rule-broken")["facts"]
    assert isinstance(facts, dict)
    assert facts["rule"] == "first-registration-papers"
    assert "8.0.10" in facts["source"]


def test_a_flat_is_claimed_sold_as_a_claim_and_owned_when_the_building_is_accepted(
    officers: list[httpx.Client], client_as: Sign, ground: dict[str, str]
) -> None:
    papers = [("basis", "sale_contract"), ("building_permit", "building_permit")]
    unit = {
        "building": ground["block"],
        "number": "7",
        "entrance": 1,
        "floor": 3,
        "rooms": 2,
        "total_area_m2": "64.10",
    }
    terms = {"object_kind": "flat", "unit": unit}
    case = entered(officers, application(officers[0], "future_unit", *papers, terms=terms))
    number = section_of(officers, case)
    twice = application(officers[0], "future_unit", *papers, terms=terms)
    require_problem(file(officers[0], twice), 409, "object-registered")
    shown = officers[0].get(f"/v1/properties/{number}?purpose=official_duty").json()
    assert [right["kind"] for right in shown["rights"]] == ["future_ownership"]
    assert (shown["units"][0]["floor"], shown["units"][0]["room_count"]) == (3, 2)
    assert [right["kind"]["code"] for right in extract_of(officers[0], number)["rights"]] == [
        "future_ownership"
    ]
    notary = client_as("notary", "notary-of-claims", name="Nigar Quliyeva")
    sale = {
        "service": "sale",
        "capacity": "notary",
        "properties": [{"register_number": number}],
        "parties": [
            {"role": "disposer", "kind": "natural", **HOLDER},
            {"role": "acquirer", "kind": "natural", **BUYER, "share": "1/1"},
        ],
        "documents": [
            {"document_id": upload(notary), "role": "basis", "number": "17", "dated": "2026-03-02"}
        ],
    }
    sold = file(notary, sale, etag_of(notary, number))
    assert register(officers, sold.json()["id"]).status_code == 201
    accepted = {
        "service": "completion",
        "capacity": "registry_officer",
        "properties": [{"register_number": number}],
        "documents": [{"document_id": upload(officers[0], "acceptance_act"), "role": "basis"}],
    }
    entered(officers, accepted, etag_of(notary, number))
    rights = officers[0].get(f"/v1/properties/{number}?purpose=official_duty").json()["rights"]
    assert [(right["kind"], right["party_name"]) for right in rights] == [("ownership", BUYER["name"])]
    assert [right["kind"]["code"] for right in extract_of(officers[0], number)["rights"]] == ["ownership"]


def test_a_paper_extract_is_found_converted_and_shown(
    officers: list[httpx.Client], ground: dict[str, str]
) -> None:
    papers = [("basis", "registration_card"), ("plan", "plan")]
    terms: dict[str, Any] = {"object_kind": "land_parcel", "parcels": [ground["plot"]]}
    number = section_of(
        officers, entered(officers, application(officers[0], "first_registration", *papers, terms=terms))
    )
    paper = f"RX 77{next(SERIAL):05d}"
    conversion = {
        "service": "paper_conversion",
        "capacity": "registry_officer",
        "properties": [{"register_number": number}],
        "documents": [{"document_id": upload(officers[0], "paper_extract"), "role": "basis"}],
        "terms": {"paper": paper, "issued_on": "2009-03-03"},
    }
    entered(officers, conversion, etag_of(officers[0], number))
    found = officers[0].get("/v1/properties", params={"paper": paper, "purpose": "official_duty"})
    assert [each["register_number"] for each in found.json()["properties"]] == [number]
    shown = officers[0].get(f"/v1/properties/{number}?purpose=official_duty").json()
    assert shown["papers"] == [
        {"series": "RX", "number": paper[3:], "state": "converted", "issued_on": "2009-03-03"}
    ]
    again = file(officers[0], conversion, etag_of(officers[0], number))
    require_problem(again, 409, "paper-converted-already")


@pytest.mark.parametrize(
    ("terms", "status", "code"),
    [
        ({}, 400, "object-missing"),
        ({"object_kind": "land_parcel", "parcels": ["NO-SUCH-PLOT"]}, 404, "parcel-not-found"),
        ({"object_kind": "castle", "parcels": ["{plot}"]}, 400, "unknown-object-kind"),
        ({"object_kind": "flat", "unit": {"building": "{block}", "number": "№ 4"}}, 400, None),
        ({"object_kind": "land_parcel", "parcels": ["x" * 100]}, 400, None),
        ({"object_kind": "land_parcel", "parcels": ["{plot}"] * 60}, 400, "term-malformed"),
        ({"object_kind": ["flat"], "parcels": ["{plot}"]}, 400, "unknown-object-kind"),
    ],
)
def test_faulty_objects_are_problems(
    officers: list[httpx.Client], ground: dict[str, str], terms: dict[str, Any], status: int, code: str | None
) -> None:
    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [fill(item) for item in value]
        return str(value).format(**ground)

    papers = [("basis", "state_act"), ("plan", "plan")]
    body = application(officers[0], "first_registration", *papers, terms=fill(terms))
    require_problem(file(officers[0], body), status, code)
