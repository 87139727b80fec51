"""Claims given back and uses of public land over HTTP: told in the language asked, shown in the section, signed."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.server import require_problem
from tests.flows.test_applications import etag_of, file, step
from tests.flows.test_first_registration import (
    BUYER,
    HOLDER,
    application,
    entered,
    extract_of,
    ground,
    officers,
    register,
    section_of,
    upload,
)

__all__ = ["ground", "officers"]
TOWN = {"role": "holder", "kind": "municipality", "name": "Sınaq Bələdiyyəsi", "share": "1/1"}


def given_back(client: httpx.Client, number: str, *holders: dict[str, str]) -> dict[str, Any]:
    return {
        "service": "claim_dissolution",
        "capacity": "registry_officer",
        "properties": [{"register_number": number}],
        "parties": [{"role": "disposer", "kind": "natural", **holder} for holder in holders],
        "documents": [{"document_id": upload(client, "dissolution_agreement"), "role": "basis"}],
    }


def test_a_claim_is_given_back_and_the_flat_claimed_by_another(
    officers: list[httpx.Client], ground: dict[str, str]
) -> None:
    office = officers[0]
    papers = [("basis", "sale_contract"), ("building_permit", "building_permit")]
    terms = {"object_kind": "flat", "unit": {"building": ground["block"], "number": "9"}}
    number = section_of(officers, entered(officers, application(office, "future_unit", *papers, terms=terms)))
    texts = {}
    for language in ("ru", "en", "az"):
        office.headers["Accept-Language"] = language
        stranger = file(office, given_back(office, number, BUYER), etag_of(office, number))
        (told,) = [f for f in stranger.json()["findings"] if f["rule"] == "claim-given-back-by-holders"]
        texts[language] = told["text"]
        case = stranger.json()["id"]
        facts = require_problem(register(officers, case), 409, "rule-broken")["facts"]
        assert isinstance(facts, dict)
        assert facts["rule"] == "claim-given-back-by-holders"
        back = step(officers[2], case, "refuse", ground="not_entitled", reason="Sınaq.")
        assert back.status_code == 201, back.text
    assert texts["az"].startswith("Tələbi onun bütün sahibləri")
    assert len(set(texts.values())) == 3
    entered(officers, given_back(office, number, HOLDER), etag_of(office, number))
    closed = office.get(f"/v1/properties/{number}?purpose=official_duty").json()
    assert (closed["closing"]["reason"], closed["rights"]) == ("dissolution", [])
    party = {"role": "holder", "kind": "natural", **BUYER, "share": "1/1"}
    anew = application(office, "future_unit", *papers, terms=terms, parties=[party])
    assert section_of(officers, entered(officers, anew)) != number


def test_a_lease_of_municipal_land_enters_with_its_owner(
    officers: list[httpx.Client], ground: dict[str, str]
) -> None:
    office = officers[0]
    papers = [("basis", "lease_contract"), ("plan", "plan")]
    terms = {
        "object_kind": "land_parcel",
        "parcels": [ground["plot"]],
        "right": "lease",
        "until": "2070-01-01",
        "rent": "300.00",
        "rent_currency": "AZN",
        "rent_period": "year",
    }
    parties = [TOWN, {"role": "lessee", "kind": "natural", **HOLDER}]
    number = section_of(
        officers,
        entered(officers, application(office, "first_registration", *papers, terms=terms, parties=parties)),
    )
    shown = office.get(f"/v1/properties/{number}?purpose=official_duty").json()
    assert [(right["kind"], right["party_name"], right["until"]) for right in shown["rights"]] == [
        ("ownership", TOWN["name"], None),
        ("lease", HOLDER["name"], "2070-01-01"),
    ]
    signed = extract_of(office, number)
    assert [right["kind"]["code"] for right in signed["rights"]] == ["ownership", "lease"]
    assert [(each["kind"]["code"], each["origin"]) for each in signed["restrictions"]] == [("lease", "right")]
    assert signed["rights"][1]["rent"]["value"] == "300.00"
