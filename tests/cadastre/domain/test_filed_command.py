"""Commands read from filed applications."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from cadastre.domain.caller import CallerRole
from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import (
    Acquisition,
    AssignMortgage,
    CancelEntries,
    ChangeRanks,
    Divide,
    EndEntry,
    GrantRight,
    Impose,
    Merge,
    RegisterMortgage,
    Rename,
    ShiftBoundary,
    Taking,
    Transfer,
)
from cadastre.domain.filed_command import read_commands
from cadastre.domain.filing import (
    ApplicationOrder,
    CasePartyRole,
    Channel,
    FiledApplication,
    FiledParty,
    NamedParty,
    NamedProperty,
    channel_of,
    read_filed,
    write_filed,
)
from cadastre.domain.party import PartyKind
from cadastre.domain.property_state import (
    Encumbrance,
    ParcelState,
    PropertyState,
    RestrictionState,
    RightState,
)
from cadastre.domain.share import WHOLE, Share
from cadastre.kernel.errors import Denied, InvalidInput

DAY = date(2026, 1, 5)
ANN, BOB, CEM = (UUID(int=n) for n in (1, 2, 3))
RENT = {"rent": "10", "rent_currency": "AZN", "rent_period": "month"}
SQUARE = "POLYGON ((0 0, 0 10, 10 10, 10 0, 0 0))"

OWNED = RightState(5, "ownership", ANN, WHOLE, "2324000001", DAY, DAY, None)
MORTGAGED = RestrictionState(
    7, Encumbrance("mortgage", beneficiary=CEM, rank=1), "2324000002", DAY, DAY, None
)
LEASED = RightState(6, "lease", BOB, None, "2324000003", DAY, DAY, None)
GROUND = ParcelState(9, 19, 29, "585-03-36-001", None, 32639, None, None, {})
SECTION = PropertyState(
    11, "203015000123", "land_parcel", "BAK-XEZ", 4, None, (OWNED, LEASED), (MORTGAGED,), (GROUND,)
)


def filed(
    service: str, *parties: tuple[CasePartyRole, UUID], properties: tuple[int, ...] = (11,), **terms: Any
) -> FiledApplication:
    named = tuple(FiledParty(party, role) for role, party in parties)
    return FiledApplication(service, properties, named, terms)


def command(operation: str, application: FiledApplication, section: PropertyState = SECTION) -> object:
    return read_commands(application, operation, {11: section})[0]


def test_a_sale_names_who_gives_and_who_takes() -> None:
    half = Share(1, 2)
    parties = (
        FiledParty(ANN, CasePartyRole.DISPOSER, half),
        FiledParty(BOB, CasePartyRole.ACQUIRER, half),
        FiledParty(CEM, CasePartyRole.CONSENTING),
    )
    application = FiledApplication("sale", (11,), parties, {})
    assert command("transfer", application) == Transfer(11, (Taking(ANN, half),), (Acquisition(BOB, half),))


def test_an_exchange_has_a_leg_for_each_property() -> None:
    parties = (
        FiledParty(ANN, CasePartyRole.DISPOSER, property_id=11),
        FiledParty(BOB, CasePartyRole.ACQUIRER, property_id=11),
        FiledParty(BOB, CasePartyRole.DISPOSER, property_id=12),
        FiledParty(ANN, CasePartyRole.ACQUIRER, property_id=12),
    )
    legs = read_commands(FiledApplication("exchange", (11, 12), parties, {}), "transfer", {})
    assert legs == (
        Transfer(11, (Taking(ANN),), (Acquisition(BOB, None),)),
        Transfer(12, (Taking(BOB),), (Acquisition(ANN, None),)),
    )
    unnamed = tuple(replace(party, property_id=None) for party in parties)
    with pytest.raises(InvalidInput, match="name it beside"):
        read_commands(FiledApplication("exchange", (11, 12), unnamed, {}), "transfer", {})


def test_a_mortgage_burdens_one_holder_only_where_there_are_several() -> None:
    application = filed(
        "mortgage",
        (CasePartyRole.MORTGAGOR, ANN),
        (CasePartyRole.MORTGAGEE, CEM),
        amount="50000.00",
        currency="AZN",
        interest_rate="12.5",
        until="2036-01-05",
    )
    read = command("mortgage_registration", application)
    assert isinstance(read, RegisterMortgage)
    assert read.contents == Encumbrance(
        "mortgage",
        CEM,
        amount=Decimal("50000.00"),
        currency="AZN",
        interest_rate=Decimal("12.5"),
        until=date(2036, 1, 5),
    )
    other = replace(OWNED, right_id=8, party_id=BOB)
    shared = command("mortgage_registration", application, replace(SECTION, rights=(OWNED, other)))
    assert isinstance(shared, RegisterMortgage)
    assert shared.contents.burdened == ANN


def test_entries_are_named_by_their_registration_numbers() -> None:
    assert command("end", filed("right_end", registration_number="2324000003")) == EndEntry(11, right_id=6)
    assert command("end", filed("mortgage_discharge", registration_number="2324000002")) == EndEntry(11, 7)
    ranked = filed("mortgage_rank", ranks=[{"registration_number": "2324000002", "rank": 2}])
    assert command("mortgage_rank", ranked) == ChangeRanks(11, ((7, 2),))
    assigned = filed("mortgage_assignment", (CasePartyRole.MORTGAGEE, BOB), registration_number="2324000002")
    assert command("mortgage_assignment", assigned) == AssignMortgage(11, 7, BOB)


def test_grants_acts_and_land() -> None:
    lease = command("grant", filed("lease", (CasePartyRole.LESSEE, BOB), **RENT))
    assert isinstance(lease, GrantRight)
    assert (lease.kind, lease.party_id, lease.terms.rent) == ("lease", BOB, Decimal(10))
    use = command("grant", filed("use", (CasePartyRole.HOLDER, BOB), kind="temporary_use", part=SQUARE))
    assert isinstance(use, GrantRight)
    assert use.terms.part is not None
    arrest = command("impose", filed("arrest", (CasePartyRole.DEBTOR, ANN), authority="Məhkəmə", urgent=True))
    assert arrest == Impose(11, Encumbrance("arrest", burdened=ANN, authority="Məhkəmə"), urgent=True)
    cut = command(
        "division", filed("division", cadastral_number="585-03-36-001", pieces=[{"outline": SQUARE}])
    )
    assert isinstance(cut, Divide)
    assert (cut.parcel_id, len(cut.pieces)) == (9, 1)
    assert isinstance(command("merger", filed("merger", outline=SQUARE)), Merge)
    shift = filed("partial_transfer", outlines=[{"cadastral_number": "585-03-36-001", "outline": SQUARE}])
    moved = command("boundary_change", shift)
    assert isinstance(moved, ShiftBoundary)
    assert moved.is_partial_transfer
    renamed = filed("renaming", (CasePartyRole.HOLDER, ANN), (CasePartyRole.ACQUIRER, BOB))
    assert command("renaming", renamed) == Rename(11, ANN, BOB)
    assert command("cancellation", filed("cancellation", case_id=str(CEM))) == CancelEntries((11,), (CEM,))


def test_a_piece_says_which_buildings_it_takes() -> None:
    built = replace(SECTION, building_ids=(77, 78), building_numbers=("B-1", "B-2"))

    def cut(**piece: object) -> Divide:
        asked = filed("division", cadastral_number="585-03-36-001", pieces=[{"outline": SQUARE, **piece}])
        found = command("division", asked, built)
        assert isinstance(found, Divide)
        return found

    (piece,) = cut(buildings=["B-2"], documentary_area_m2="0,06 ha", purpose="bağ").pieces
    assert (piece.building_ids, piece.documentary_area_m2, piece.purpose) == ((78,), "600.00", "bağ")
    for wrong, code in (
        ({"buildings": ["B-3"]}, "building-not-in-property"),
        ({"buildings": "B-1"}, "term-malformed"),
        ({"purpose": 7}, "term-malformed"),
        ({"documentary_area_m2": "many"}, "area-malformed"),
    ):
        with pytest.raises(InvalidInput) as caught:
            cut(**wrong)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("operation", "application", "code"),
    [
        ("transfer", filed("sale"), "party-missing"),
        ("mortgage_registration", filed("mortgage"), "one-party"),
        ("end", filed("right_end"), "term-missing"),
        ("end", filed("right_end", registration_number="2324999999"), "entry-not-found"),
        ("impose", filed("arrest", until="tomorrow"), "term-malformed"),
        ("impose", filed("arrest", amount="much"), "term-malformed"),
        ("impose", filed("arrest", amount="Infinity"), "term-malformed"),
        ("mortgage_rank", filed("mortgage_rank", ranks=["1"]), "term-malformed"),
        ("mortgage_rank", filed("mortgage_rank", ranks=[{"rank": 1}]), "term-malformed"),
        ("grant", filed("use", (CasePartyRole.HOLDER, ANN), kind="ownership"), "term-malformed"),
        (
            "division",
            filed("division", cadastral_number="1", pieces=[{"outline": SQUARE}]),
            "parcel-not-in-case",
        ),
        ("merger", filed("merger", outline="POINT (0 0)"), "term-malformed"),
        ("merger", filed("merger", outline="nonsense"), "term-malformed"),
        ("cancellation", filed("cancellation", case_id="x"), "term-malformed"),
        ("correction", filed("correction"), "term-missing"),
    ],
)
def test_what_cannot_be_read_is_named(operation: str, application: FiledApplication, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        command(operation, application)
    assert caught.value.code == code


def test_what_is_kept_reads_back() -> None:
    order = ApplicationOrder(
        "sale",
        "notary",
        properties=(NamedProperty("203015000123", 4),),
        parties=(NamedParty(CasePartyRole.DISPOSER, PartyKind.NATURAL, "Əli", share=Share(2, 4)),),
        terms={"price": "1"},
    )
    kept = read_filed(write_filed(order, [11], [ANN]))
    assert kept.property_ids == (11,)
    named = FiledParty(ANN, CasePartyRole.DISPOSER, Share(2, 4), is_numbered=False)
    assert kept.parties == (named,)
    assert str(kept.parties[0].share) == "2/4"


def test_only_the_office_says_over_which_counter() -> None:
    assert channel_of(CallerRole.REGISTRAR, "registry_officer", None) is Channel.OFFICE
    assert channel_of(CallerRole.COURT, "bailiff", None) is Channel.BAILIFF
    assert channel_of(CallerRole.OWNER, "owner", Channel.PORTAL) is Channel.PORTAL
    with pytest.raises(Denied):
        channel_of(CallerRole.NOTARY, "notary", Channel.OFFICE)


def test_every_role_that_a_service_needs_is_one_of_a_case() -> None:
    needed = {role for service in load_codelist("services") for role in service.texts("parties")}
    assert needed <= {role.value for role in CasePartyRole}
