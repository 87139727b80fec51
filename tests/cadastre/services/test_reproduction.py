"""Random histories of a section: whatever any read said after any step, it says again for ever, byte for byte."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from address_registry import AddressBook
from cadastre.db.places import font_dir
from cadastre.db.unit_of_work import Database
from cadastre.domain.moment import AskedMoment
from cadastre.domain.search import ByParty
from cadastre.extract.issue import Issuer
from cadastre.extract.pdf import PdfRenderer
from cadastre.extract.pki import load_or_create_keys
from cadastre.extract.record import IssuingOffice, Text3
from cadastre.kernel.clock import SystemClock
from cadastre.kernel.errors import NotFound
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.kernel.person_numbers import parse_fin
from cadastre.services.extract_decision import DeskParts
from tests.cadastre.services.conftest import CodelistLabels
from tests.cadastre.services.land_history import History
from tests.cadastre.services.registering import Office
from tests.cadastre.services.remembering import Memory, Reader
from tests.cadastre.services.test_land_registration import settle
from tests.database import TestCluster
from tests.signing import seal_with

STEPS = 7


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    """One register for all histories: each has land of its own."""
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


@pytest.fixture(scope="module")
def reader(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Reads of every kind; the desk decides statements and never prints them."""
    clock = SystemClock()
    keys = load_or_create_keys(tmp_path_factory.mktemp("keys") / "pki", now=datetime.now(UTC))
    seal = seal_with(keys, clock)
    parts = DeskParts(
        database=office.database,
        issuer=Issuer(PdfRenderer(font_dir()), seal, keys.jws_key, CodelistLabels()),
        clock=clock,
        ids=TimeOrderedIds(clock),
        office=IssuingOffice("23", Text3("Sınaq Ərazi İdarəsi")),
        verify_base_url="http://127.0.0.1:8000/verify",
        addresses=AddressBook(),
    )
    return Reader(office, parts)


@pytest.mark.parametrize("seed", range(3))
def test_every_past_state_comes_back_byte_for_byte(office: Office, reader: Reader, seed: int) -> None:
    people = office.people(*(f"Şəxs {seed}-{n}" for n in range(4)))
    (here,) = settle(office, people[0], seed + 1, 0)
    first = office.state(here).register_number
    history = History(office, seed + 1, random.Random(seed), people, [here])
    memory = Memory(reader)
    memory.remember("settled", first)
    yesterday = AskedMoment(as_of=office.today() - timedelta(days=1))
    stood = _without_index(reader.section(first, yesterday))
    for place in range(STEPS):
        name, concerned = history.step()
        for property_id in concerned:
            memory.remember(f"step {place}, {name}", office.state(property_id).register_number)
    assert memory.list_forgotten() == [], history.done
    assert _without_index(reader.section(first, yesterday)) == stood, history.done
    with pytest.raises(NotFound):
        reader.section(office.state(history.living[-1]).register_number, AskedMoment(known_at=0))


def _without_index(section: bytes) -> str:
    """A view as of a day, whatever has been recorded since."""
    head, _, rest = section.decode().partition('"ledger_index":')
    return head + rest.partition(",")[2]


def test_records_that_are_merged_later_are_not_one_party_before(office: Office, reader: Reader) -> None:
    legacy, owner = office.people("Мамедов Али", "Başqa Sahib")
    settle(office, owner, 8, 0)
    (here,) = settle(office, legacy, 9, 0)
    number = office.state(here).register_number
    fin = parse_fin("5ZZ7A1B")
    known = office._write(lambda register: register.party("Məmmədov Əli", fin=fin))
    before = office.head()
    office.link(legacy, known)
    office.head()
    question = ByParty(fin=fin)
    assert number in reader.search(question).decode()
    assert number not in reader.search(question, AskedMoment(known_at=before)).decode()


def test_a_closed_section_is_extracted_as_it_stood_at_its_end(office: Office, reader: Reader) -> None:
    (owner,) = office.people("Sahib On")
    (here,) = settle(office, owner, 12, 0)
    number = office.state(here).register_number
    before = reader.statement(number, AskedMoment())
    history = History(office, 12, random.Random(1), [owner], [here])
    history.divide()
    closed = reader.statement(number, AskedMoment()).decode()
    successors_of = [office.state(each).register_number for each in history.living]
    assert all(each in closed for each in successors_of)
    assert '"reason":{"code":"division"' in closed
    assert "Sahib On" in closed
    assert "Sahib On" in before.decode()


def test_a_leased_part_is_in_extracts_while_it_lasts_and_in_the_archive_afterwards(
    office: Office, reader: Reader
) -> None:
    owner, lessee = office.people("Sahib On Bir", "İcarəçi On Bir")
    (here,) = settle(office, owner, 14, 0)
    number = office.state(here).register_number
    history = History(office, 14, random.Random(1), [lessee], [here])
    history.lease()
    (lease,) = (
        right for right in json.loads(reader.statement(number))["rights"] if right["kind"]["code"] == "lease"
    )
    assert lease["part"]["srid"] == 32639
    history.end_something()
    (ended,) = json.loads(reader.statement(number, kind="archive"))["terminated"]
    assert ended["right"]["part"] == lease["part"]
