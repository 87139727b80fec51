"""Random histories of a section: whatever any read said after any step, it says again for ever, byte for byte."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from shapely import Polygon, box

from address_registry import AddressBook
from cadastre.db.places import font_dir
from cadastre.db.unit_of_work import Database
from cadastre.domain.commands import (
    Acquisition,
    ChangeRanks,
    Command,
    Divide,
    EndEntry,
    GrantRight,
    Impose,
    Merge,
    Piece,
    RegisterMortgage,
    Taking,
    Transfer,
)
from cadastre.domain.moment import AskedMoment
from cadastre.domain.property_state import Encumbrance, PropertyState, Terms
from cadastre.domain.search import ByParty
from cadastre.extract.issue import Issuer
from cadastre.extract.pdf import PdfRenderer
from cadastre.extract.pki import load_or_create_keys
from cadastre.extract.record import IssuingOffice, Text3
from cadastre.kernel.clock import SystemClock
from cadastre.kernel.errors import CadastreError, NotFound
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.kernel.person_numbers import parse_fin
from cadastre.services.extract_decision import DeskParts
from cadastre.services.registration import Registered
from tests.cadastre.services.conftest import CodelistLabels
from tests.cadastre.services.registering import Office
from tests.cadastre.services.remembering import Memory, Reader
from tests.cadastre.services.test_land_registration import settle, successors
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


@dataclass
class History:
    """Random operations on the land of one row; each step gives the sections that it concerned."""

    office: Office
    row: int
    chance: random.Random
    people: list[UUID]
    living: list[int]
    done: list[str] = field(default_factory=list)

    def step(self) -> tuple[str, list[int]]:
        """Do something that the register admits as it stands."""
        operations = (
            self.sell,
            self.sell_half,
            self.mortgage,
            self.swap_ranks,
            self.lease,
            self.end_something,
            self.arrest,
            self.divide,
            self.merge,
        )
        for operation in self.chance.sample(operations, len(operations)) * 3:
            try:
                concerned = operation()
            except CadastreError:
                continue
            if concerned:
                self.done.append(operation.__name__)
                return operation.__name__, concerned
        raise AssertionError("nothing can be done any more")

    def _register(self, service: str, *commands: Command, properties: Sequence[int] = ()) -> Registered:
        """Decide a case; one that is refused is withdrawn, so that nothing waits behind it."""
        named = properties or [command.property_id for command in commands]  # type: ignore[union-attr]
        case_id = self.office.file(service, *named)
        try:
            return self.office.decide(case_id, *commands)
        except CadastreError:
            self.office.withdraw(case_id)
            raise

    def _any(self) -> PropertyState:
        return self.office.state(self.chance.choice(self.living))

    def sell(self) -> list[int]:
        here, buyer = self._any(), self.chance.choice(self.people)
        if len(here.owners) > 1:
            return []
        takings = (Taking(here.owners[0].party_id),)
        whole = Acquisition(buyer, here.owners[0].share)
        self._register("sale", Transfer(here.property_id, takings, (whole,)))
        return [here.property_id]

    def sell_half(self) -> list[int]:
        here, buyer = self._any(), self.chance.choice(self.people)
        owner = here.owners[0]
        if owner.share is None or owner.share.denominator > 4 or owner.party_id == buyer:
            return []
        half = type(owner.share)(owner.share.numerator, owner.share.denominator * 2)
        self._register(
            "gift", Transfer(here.property_id, (Taking(owner.party_id, half),), (Acquisition(buyer, half),))
        )
        return [here.property_id]

    def mortgage(self) -> list[int]:
        here = self._any()
        loan = Encumbrance(
            "mortgage",
            self.people[0],
            amount=Decimal(self.chance.randrange(1000, 90_000)),
            currency="AZN",
            interest_rate=Decimal("7.25"),
            note_number="K-1",
            note_dated=self.office.today(),
        )
        self._register("mortgage", RegisterMortgage(here.property_id, loan))
        return [here.property_id]

    def swap_ranks(self) -> list[int]:
        here = self._any()
        loans = [each for each in here.restrictions if each.contents.kind == "mortgage"]
        if len(loans) < 2:
            return []
        first, second = loans[:2]
        ranks = (first.restriction_id, second.contents.rank), (second.restriction_id, first.contents.rank)
        self._register("mortgage_rank", ChangeRanks(here.property_id, ranks))  # type: ignore[arg-type]
        return [here.property_id]

    def lease(self) -> list[int]:
        here = self._any()
        west, south, *_ = here.parcels[0].outline.bounds  # type: ignore[union-attr]
        terms = Terms(
            until=self.office.today() + timedelta(days=400),
            rent=Decimal("120.50"),
            rent_currency="AZN",
            rent_period="month",
            part=box(west, south, west + 2, south + 9),
        )
        lessee = self.chance.choice(self.people)
        self._register("lease", GrantRight(here.property_id, "lease", lessee, terms))
        return [here.property_id]

    def end_something(self) -> list[int]:
        here = self._any()
        leases = [right for right in here.rights if right.kind == "lease"]
        arrests = [each for each in here.restrictions if each.contents.kind == "arrest"]
        if arrests:
            command = EndEntry(here.property_id, restriction_id=arrests[0].restriction_id)
            self._register("arrest_release", command)
        elif not leases:
            return []
        else:
            self._register("lease_end", EndEntry(here.property_id, right_id=leases[0].right_id))
        return [here.property_id]

    def arrest(self) -> list[int]:
        here = self._any()
        seizure = Encumbrance("arrest", authority="Sınaq məhkəməsi")
        self._register("arrest", Impose(here.property_id, seizure))
        return [here.property_id]

    def divide(self) -> list[int]:
        here = self._any()
        outline = here.parcels[0].outline
        assert outline is not None
        west, south, east, north = outline.bounds
        if east - west < 8:
            return []
        cut = round(west + (east - west) / 2, 3)
        pieces = (Piece(box(west, south, cut, north)), Piece(box(cut, south, east, north)))
        done = self._register("division", Divide(here.property_id, here.parcels[0].parcel_id, pieces))
        made = successors(done)
        self._replace([here.property_id], made)
        return [here.property_id, *made]

    def merge(self) -> list[int]:
        states = sorted((self.office.state(each) for each in self.living), key=_west)
        for left, right in itertools.pairwise(states):
            both = (left.property_id, right.property_id)
            try:
                done = self._register("merger", Merge(both, _union(left, right)), properties=both)
            except CadastreError:
                continue
            made = successors(done)
            self._replace(list(both), made)
            return [*both, *made]
        return []

    def _replace(self, old: list[int], new: list[int]) -> None:
        self.living = [each for each in self.living if each not in old] + new


def _west(state: PropertyState) -> float:
    return float(state.parcels[0].outline.bounds[0])  # type: ignore[union-attr]


def _union(left: PropertyState, right: PropertyState) -> Polygon:
    west, south, _, _ = left.parcels[0].outline.bounds  # type: ignore[union-attr]
    _, _, east, north = right.parcels[0].outline.bounds  # type: ignore[union-attr]
    return box(west, south, east, north)


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
