"""Many buyers of the same flats in an unfinished building at once: each flat is claimed once, by who came first."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database
from cadastre.domain.filing import CasePartyRole, NamedParty
from cadastre.domain.party import PartyKind
from cadastre.domain.share import WHOLE
from cadastre.kernel.errors import CadastreError
from tests.cadastre.services.newcomers import Newcomers
from tests.database import TestCluster

CLIENTS, FLATS = 6, ("1", "2", "3")
TOO_LATE = {"object-registered", "out-of-turn"}

_CLAIMS = text("""
    SELECT u.unit_number, p.name, c.place FROM cadastre.building_unit u
      JOIN cadastre.property_object o USING (unit_id)
      JOIN cadastre.property_right r ON r.property_id = o.property_id AND r.superseded_leaf IS NULL
      JOIN party.party p USING (party_id)
      JOIN registry.case_object c ON c.case_id = r.case_id
     WHERE u.building_id = :building AND o.superseded_leaf IS NULL
""")


@pytest.fixture
def counter(test_cluster: TestCluster) -> Iterator[Newcomers]:
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=CLIENTS)
    yield Newcomers(database)
    database.close()
    test_cluster.drop_copy(copy)


def buyer(number: int) -> NamedParty:
    """One of the buyers (synthetic)."""
    return NamedParty(
        CasePartyRole.HOLDER,
        PartyKind.NATURAL,
        f"Sınaq Alıcı {number}",
        fin=f"9QK1M{number:02d}",
        share=WHOLE,
    )


def compete(
    counter: Newcomers,
    building: str,
    number: int,
    filed: dict[str, list[tuple[int, str]]],
    told: Counter[str],
) -> None:
    """One buyer: files for every flat, then has each of his cases decided until it is settled."""
    cases: list[UUID] = []
    for flat in FLATS:
        order = replace(counter.claim(building, flat), parties=(buyer(number),))
        try:
            cases.append(counter.waiting(order))
        except CadastreError as error:
            told[error.code] += 1
            continue
        view = counter.view(cases[-1])
        filed[flat].append((view.case.journal_number, buyer(number).name))
    for case_id in cases:
        for _ in range(200):
            try:
                counter.decide(case_id)
                told["registered"] += 1
                break
            except CadastreError as error:
                told[error.code] += 1
                if error.code == "object-registered":
                    counter.refuse(case_id)
                    break


def test_each_flat_goes_to_the_first_who_filed(counter: Newcomers) -> None:
    parcel, _ = counter.parcel()
    building_id, building = counter.building(parcel)
    filed: dict[str, list[tuple[int, str]]] = defaultdict(list)
    told: Counter[str] = Counter()
    buyers = [
        threading.Thread(target=compete, args=(counter, building, number, filed, told))
        for number in range(CLIENTS)
    ]
    for thread in buyers:
        thread.start()
    for thread in buyers:
        thread.join()
    assert told["registered"] == len(FLATS)
    assert set(told) <= TOO_LATE | {"registered"}
    rows = counter.write(
        lambda register: register.connection.execute(_CLAIMS, {"building": building_id}).all()
    )
    assert {row.unit_number: (row.place, row.name) for row in rows} == {
        flat: min(filed[flat]) for flat in FLATS
    }
    assert len(rows) == len(FLATS)
    assert counter.stage_of(building_id) == "under_construction"
