"""Many decide about the same few properties at once: nothing is sold twice, the journal's order is kept."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database
from cadastre.domain.commands import Acquisition, Taking, Transfer
from cadastre.domain.share import WHOLE
from cadastre.kernel.errors import CadastreError
from tests.cadastre.services.registering import Office
from tests.database import TestCluster

CLIENTS, ROUNDS = 8, 10
TOO_LATE = {"giver-holds-no-right", "out-of-turn"}
"""What the loser of a race is told: the seller has sold, or somebody came before."""


@pytest.fixture
def office(test_cluster: TestCluster) -> Iterator[Office]:
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=CLIENTS)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


def compete(office: Office, properties: list[int], people: list[UUID], seed: int, told: Counter[str]) -> None:
    """One client: files a sale of what he sees, decides it, and withdraws what cannot be."""
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        here = chance.choice(properties)
        seller = next(iter(office.holdings(here)))
        buyer = chance.choice([person for person in people if person != seller])
        case = office.file("sale", here)
        sale = Transfer(here, (Taking(seller, WHOLE),), (Acquisition(buyer, WHOLE),))
        try:
            office.decide(case, sale)
            told["registered"] += 1
        except CadastreError as error:
            told[error.code] += 1
            office.withdraw(case)


def test_contested_properties_are_sold_one_by_one(office: Office) -> None:
    people = office.people(*"ABCDEFGH")
    properties = [office.section({people[0]: (1, 1)}) for _ in range(3)]
    told: Counter[str] = Counter()
    clients = [
        threading.Thread(target=compete, args=(office, properties, people, seed, told))
        for seed in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()

    assert sum(told.values()) == CLIENTS * ROUNDS
    assert told["registered"] > 0
    assert set(told) <= {"registered", *TOO_LATE}
    for here in properties:
        require_one_chain(office, here)
    assert registered_out_of_turn(office) == 0


def require_one_chain(office: Office, here: int) -> None:
    """Every owner but the last has sold, once, to the next one, in the order in which the leaves closed."""
    chain = office.database.run(
        lambda uow: uow.connection.execute(
            text("""SELECT r.party_id, entered.closing_number AS entered, closed.closing_number AS closed
                      FROM cadastre.property_right r
                      JOIN ledger.leaf entered ON entered.leaf_id = r.recorded_leaf
                      LEFT JOIN ledger.leaf closed ON closed.leaf_id = r.superseded_leaf
                     WHERE r.property_id = :here AND r.valid_to IS NULL ORDER BY 2"""),
            {"here": here},
        ).all()
    )
    assert [owner.closed for owner in chain[:-1]] == [owner.entered for owner in chain[1:]]
    assert chain[-1].closed is None
    assert office.holdings(here) == {chain[-1].party_id: "1/1"}


def registered_out_of_turn(office: Office) -> int:
    """How many cases were registered before an earlier one of their property."""
    query = text("""
        SELECT count(*) FROM (
            SELECT p.place, lag(p.place) OVER (PARTITION BY p.property_id ORDER BY l.closing_number) AS former
              FROM registry.case_property p JOIN registry.case_step s USING (case_id)
              JOIN ledger.leaf l ON l.leaf_id = s.recorded_leaf WHERE s.kind = 'register') AS turns
         WHERE place < former""")
    return office.database.run(lambda uow: int(uow.connection.execute(query).scalar_one()))
