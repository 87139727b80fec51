"""Random operations on the land of one row, decided by the service that ships: histories that tests and proofs read."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from shapely import Polygon, box

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
from cadastre.domain.property_state import Encumbrance, PropertyState, Terms
from cadastre.kernel.errors import CadastreError
from cadastre.services.registration import Registered
from tests.cadastre.services.registering import Office
from tests.cadastre.services.test_land_registration import successors


@dataclass
class History:
    """Random operations on the land of one row; each step gives the sections that it concerned."""

    office: Office
    row: int
    chance: random.Random
    people: list[UUID]
    living: list[int]
    court: str = "Sınaq məhkəməsi"
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
        seizure = Encumbrance("arrest", authority=self.court)
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


__all__ = ["History"]
