"""Draws what somebody might ask of the register: a service and its commands, from what stands and a few numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import shapely
from shapely import Polygon

from cadastre.domain.carrying import Entry
from cadastre.domain.commands import (
    Acquisition,
    AssignMortgage,
    ChangeRanks,
    Command,
    Divide,
    EndEntry,
    GrantRight,
    Impose,
    Merge,
    Piece,
    RegisterMortgage,
    ShiftBoundary,
    Taking,
    Transfer,
)
from cadastre.domain.property_state import Encumbrance, PropertyState, RestrictionState, RightState, Terms
from cadastre.domain.shares import of_value
from cadastre.domain.succession import OWNING_KINDS
from cadastre.kernel.overlay import difference_of
from cadastre.kernel.width import list_wide_polygons
from tests.cadastre.domain.operations.land_machine import choose, cut, holding, join, outline_of
from tests.cadastre.domain.operations.land_world import WIDTH_M
from tests.proof.register_model import RegisterModel

MOST_SECTIONS = 9
_LEAST_M2 = 4.0
_FINEST = 10_000
_TRANSFERS = (
    "sale",
    "gift",
    "inheritance",
    "court_transfer",
    "auction",
    "privatisation",
    "executive_transfer",
)
_GRANTS = (
    ("lease", "lease"),
    ("use", "permanent_use"),
    ("use", "temporary_use"),
    ("usufruct", "usufruct"),
    ("trust", "trust_management"),
    ("superficies", "superficies"),
)
_IMPOSED = ("arrest", "prohibition", "court_dispute")


@dataclass(frozen=True, slots=True)
class Asked:
    """A case: its service, what it asks for, the properties that it names, and objects without a section."""

    service: str
    commands: tuple[Command, ...]
    properties: tuple[int, ...]
    objects: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line across land: a point in thousandths of its box, and a slant."""

    easting: int
    northing: int
    slant: int


class Digits:
    """Digits of one number: choices that shrink together towards the first of everything."""

    def __init__(self, number: int) -> None:
        self._rest = number

    def below(self, count: int) -> int:
        """One of the numbers from 0, ``count`` of them."""
        self._rest, digit = divmod(self._rest, count)
        return digit

    def flag(self) -> bool:
        """True or False, the second for small numbers."""
        return self.below(2) == 1

    def people(self, people: Sequence[UUID], count: int) -> list[UUID]:
        """Some people, nobody twice."""
        left = list(people)
        return [left.pop(self.below(len(left))) for _ in range(count)]


def draw_sale(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """Somebody gives all or some of his share, or joint owners the whole, to one or two others."""
    state = choose(world.open_states(), digits.below(16))
    service = choose(_TRANSFERS, digits.below(len(_TRANSFERS)))
    command = _transfer(state, people, digits)
    return Asked(service, (command,), (state.property_id,))


def _transfer(state: PropertyState, people: Sequence[UUID], digits: Digits) -> Transfer:
    owners = state.owners
    if owners[0].share is None:
        takings: tuple[Taking, ...] = tuple(Taking(owner.party_id) for owner in owners)
        given = Fraction(1)
    else:
        giver = choose(owners, digits.below(8))
        part = choose((None, Fraction(1, 2), Fraction(2, 3)), digits.below(3))
        assert giver.share is not None
        given = giver.share.value if part is None else giver.share.value * part
        if given.denominator > _FINEST:
            given, part = giver.share.value, None
        takings = (Taking(giver.party_id, None if part is None else of_value(given)),)
    givers = {taking.party_id for taking in takings}
    others = [person for person in people if person not in givers or owners[0].share is None]
    takers = digits.people(others, 1 + digits.below(2))
    parts = [given] if len(takers) == 1 or given.denominator > _FINEST / 3 else [given / 3, given * 2 / 3]
    acquisitions = tuple(
        Acquisition(taker, of_value(part)) for taker, part in zip(takers, parts, strict=False)
    )
    return Transfer(state.property_id, takings, acquisitions, owners[0].kind)


def draw_joint_sale(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """All owners give the whole to two or three who own it jointly."""
    state = choose(world.open_states(), digits.below(16))
    takers = digits.people(people, 2 + digits.below(2))
    command = Transfer(
        state.property_id,
        tuple(Taking(owner.party_id) for owner in state.owners),
        tuple(Acquisition(taker, None, joint=True) for taker in takers),
        state.owners[0].kind,
    )
    return Asked("sale", (command,), (state.property_id,))


def draw_exchange(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """Two owners exchange their shares of two properties."""
    states = [state for state in world.open_states() if state.owners[0].share is not None]
    if len(states) < 2:
        return None
    here = states.pop(digits.below(len(states)))
    there = states.pop(digits.below(len(states)))
    ours, theirs = (choose(state.owners, digits.below(4)) for state in (here, there))
    if ours.party_id == theirs.party_id or ours.share is None or theirs.share is None:
        return None
    legs = (
        Transfer(
            here.property_id, (Taking(ours.party_id),), (Acquisition(theirs.party_id, ours.share),), ours.kind
        ),
        Transfer(
            there.property_id,
            (Taking(theirs.party_id),),
            (Acquisition(ours.party_id, theirs.share),),
            theirs.kind,
        ),
    )
    return Asked("exchange", legs, (here.property_id, there.property_id))


def draw_mortgage(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """A mortgage of the whole or of one share, at the next rank or a later one."""
    state = choose(world.open_states(), digits.below(16))
    ranks = [mortgage.contents.rank or 0 for mortgage in list_mortgages(state)]
    rank = choose((None, max(ranks, default=0) + 2), digits.below(2))
    burdened = digits.flag() and state.owners[0].share is not None
    contents = Encumbrance(
        "mortgage",
        choose(people, digits.below(8)),
        choose(state.owners, digits.below(4)).party_id if burdened else None,
        amount=Decimal(1000 + digits.below(50)).quantize(Decimal("0.01")),
        currency="AZN",
        interest_rate=choose((None, Decimal("8.250")), digits.below(2)),
        rank=rank if rank is None or rank < 90 else None,
    )
    return Asked("mortgage", (RegisterMortgage(state.property_id, contents),), (state.property_id,))


def draw_ranks(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """The mortgages of a property change places, or one goes behind all others."""
    states = [state for state in world.open_states() if list_mortgages(state)]
    if not states:
        return None
    state = choose(states, digits.below(16))
    mortgages = list_mortgages(state)
    ranks = [mortgage.contents.rank or 1 for mortgage in mortgages]
    turned = ranks[1:] + ranks[:1] if len(ranks) > 1 and not digits.flag() else [max(ranks) + 1, *ranks[1:]]
    given = tuple((one.restriction_id, rank) for one, rank in zip(mortgages, turned, strict=True))
    return Asked("mortgage_rank", (ChangeRanks(state.property_id, given),), (state.property_id,))


def draw_assignment(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """Another creditor steps into a mortgage."""
    found = _find(world, digits, ("mortgage",))
    if found is None:
        return None
    state, mortgage = found
    others = [person for person in people if person != mortgage.contents.beneficiary]
    command = AssignMortgage(state.property_id, mortgage.restriction_id, choose(others, digits.below(8)))
    return Asked("mortgage_assignment", (command,), (state.property_id,))


def draw_end(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """A mortgage is discharged, an arrest released, a lease, servitude or other right ends."""
    entries: list[tuple[PropertyState, Entry]] = [
        (state, entry)
        for state in world.open_states()
        for entry in (*state.restrictions, *state.rights)
        if isinstance(entry, RestrictionState) or entry.kind not in OWNING_KINDS
    ]
    if not entries:
        return None
    state, entry = choose(entries, digits.below(64))
    if isinstance(entry, RightState):
        service = "lease_end" if entry.kind == "lease" else "right_end"
        command = EndEntry(state.property_id, right_id=entry.right_id)
    else:
        kind = entry.contents.kind
        service = {"mortgage": "mortgage_discharge", "servitude": "right_end"}.get(kind, "arrest_release")
        command = EndEntry(state.property_id, restriction_id=entry.restriction_id)
    return Asked(service, (command,), (state.property_id,))


def draw_grant(world: RegisterModel, people: Sequence[UUID], digits: Digits, line: Line) -> Asked | None:
    """A lease, use, usufruct, trust or building right, of the whole or of a part."""
    state = choose(list_landed(world), digits.below(16))
    service, kind = choose(_GRANTS, digits.below(len(_GRANTS)))
    holder = choose(people, digits.below(8))
    if any((right.kind, right.party_id) == (kind, holder) for right in state.rights):
        return None
    with_rent = kind in ("lease", "temporary_use", "superficies")
    terms = Terms(
        until=world.today + timedelta(days=400) if digits.flag() else None,
        rent=Decimal("120.00") if with_rent else None,
        rent_currency="AZN" if with_rent else None,
        rent_period="month" if with_rent else None,
        part=_part(state, digits, line) if digits.flag() else None,
    )
    return Asked(service, (GrantRight(state.property_id, kind, holder, terms),), (state.property_id,))


def draw_servitude(world: RegisterModel, people: Sequence[UUID], digits: Digits, line: Line) -> Asked | None:
    """A way across one part of the land, for a person."""
    state = choose(list_landed(world), digits.below(16))
    terms = Terms(part=_part(state, digits, line))
    command = GrantRight(state.property_id, "servitude", choose(people, digits.below(8)), terms)
    return Asked("servitude", (command,), (state.property_id,))


def draw_act(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """A court or bailiff arrests, prohibits or notes, the whole or one holder's right; a ruling confirms."""
    state = choose(world.open_states(), digits.below(16))
    kind = choose(_IMPOSED, digits.below(3))
    burdened = choose(state.owners, digits.below(4)).party_id if digits.flag() else None
    contents = Encumbrance(kind, burdened=burdened, authority="Sınaq məhkəməsi")
    standing = [entry for entry in state.restrictions if entry.contents.kind == kind]
    confirmed = choose(standing, digits.below(4)).restriction_id if standing and digits.flag() else None
    urgent = confirmed is None and kind != "court_dispute" and digits.flag()
    command = Impose(state.property_id, contents, urgent, confirmed)
    return Asked(kind, (command,), (state.property_id,))


def draw_division(world: RegisterModel, people: Sequence[UUID], digits: Digits, line: Line) -> Asked | None:
    """A parcel is cut along a line."""
    state = choose(list_landed(world), digits.below(16))
    parcel = choose(state.parcels, digits.below(4))
    pieces = cut(outline_of(parcel), line.easting, line.northing, line.slant)
    if len(world.open_states()) >= MOST_SECTIONS or len(pieces) < 2:
        return None
    command = Divide(state.property_id, parcel.parcel_id, tuple(Piece(piece) for piece in pieces))
    return Asked("division", (command,), (state.property_id,))


def draw_merger(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """Two neighbouring properties of the same holders become one."""
    pairs = list(_list_mergeable(world))
    if not pairs:
        return None
    one, other, outline = choose(pairs, digits.below(16))
    ids = (one, other) if digits.flag() else (other, one)
    return Asked("merger", (Merge(ids, outline),), ids)


def _list_mergeable(world: RegisterModel) -> Iterator[tuple[int, int, Polygon]]:
    states = list_landed(world)
    for at, one in enumerate(states):
        for other in states[at + 1 :]:
            if holding(one) == holding(other) and one.object_kind == other.object_kind:
                land, more = world.land_of(one), world.land_of(other)
                joined = join(land, more) if shapely.intersects(land, more) else ()
                if len(joined) == 1:
                    yield one.property_id, other.property_id, joined[0]


def draw_shift(world: RegisterModel, people: Sequence[UUID], digits: Digits, line: Line) -> Asked | None:
    """A strip of one parcel goes to a neighbour, of the same or another holder."""
    parcels = [(state.property_id, parcel) for state in world.open_states() for parcel in state.parcels]
    giver_id, giver = parcels.pop(digits.below(len(parcels)))
    partial = digits.flag()
    for strip in cut(outline_of(giver), line.easting, line.northing, line.slant):
        near = [(at, each) for at, each in parcels if shapely.intersects(strip, outline_of(each))]
        if not near:
            continue
        taker_id, taker = choose(near, digits.below(8))
        joined = join(outline_of(taker), strip)
        left = list_wide_polygons(difference_of(outline_of(giver), strip), WIDTH_M)
        if len(joined) == len(left) == 1 and left[0].area > _LEAST_M2:
            command = ShiftBoundary(((giver.parcel_id, left[0]), (taker.parcel_id, joined[0])), partial)
            named = tuple(dict.fromkeys((giver_id, taker_id)))
            return Asked("partial_transfer" if partial else "boundary_change", (command,), named)
    return None


def list_landed(world: RegisterModel) -> list[PropertyState]:
    """The open sections with land."""
    return [state for state in world.open_states() if state.parcels]


def list_mortgages(state: PropertyState) -> list[RestrictionState]:
    """The mortgages of a property."""
    return [entry for entry in state.restrictions if entry.contents.kind == "mortgage"]


def _find(
    world: RegisterModel, digits: Digits, kinds: Sequence[str]
) -> tuple[PropertyState, RestrictionState] | None:
    found = [
        (state, entry)
        for state in world.open_states()
        for entry in state.restrictions
        if entry.contents.kind in kinds
    ]
    return choose(found, digits.below(32)) if found else None


def _part(state: PropertyState, digits: Digits, line: Line) -> Polygon:
    """Some of the land of a property."""
    parcel = choose(state.parcels, digits.below(4))
    pieces = cut(outline_of(parcel), line.easting, line.northing, line.slant)
    return choose(pieces, digits.below(2))
