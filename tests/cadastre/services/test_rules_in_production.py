"""Every rule of the register speaks in production: provoked through the services on a real database.

A rule is told with the journal entry, stops the application, is met before the engine is asked, or is found by
the nightly sweep; what can only be proposed in a fixture says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import pytest
from shapely import box
from sqlalchemy import text

from cadastre.db.unit_of_work import Database
from cadastre.domain.case import StepKind
from cadastre.domain.filing import (
    ApplicationOrder,
    CasePartyRole,
    NamedDocument,
    NamedParty,
    NamedProperty,
)
from cadastre.domain.party import PartyKind
from cadastre.domain.share import WHOLE
from cadastre.kernel.errors import CadastreError, InvalidInput
from cadastre.rules.engine import Report
from cadastre.rules.rulebook import load_rulebook
from cadastre.services.sweep import sweep
from tests.cadastre.services.counter import CHIEF, COURT, DECIDER, NOTARY
from tests.cadastre.services.newcomers import Newcomers
from tests.cadastre.services.provoking import (
    COUNTER,
    DAY,
    HALF,
    Scene,
    attorney,
    days,
    divide,
    is_told,
    loan,
    neighbours,
    one_home,
    split,
    stage,
)
from tests.cadastre.services.provoking_restating import (
    cancels_from_under_a_buyer,
    corrects_an_arrest,
    corrects_behind_the_bank,
    renames_to_another_kind,
    succeeds_a_person,
)
from tests.database import TestCluster
from tests.register import Register

Role, Kind = CasePartyRole, PartyKind


@dataclass(frozen=True)
class Told:
    """The rule is in the findings of the answer."""

    provoke: Callable[[Scene], Report]


@dataclass(frozen=True)
class Stopped:
    """The call is refused, and its error names the rule."""

    provoke: Callable[[Scene], object]


@dataclass(frozen=True)
class Guarded:
    """The call is refused before the engine is asked, by this code, and why."""

    code: str
    why: str
    provoke: Callable[[Scene], object]


@dataclass(frozen=True)
class Swept:
    """No service lets it come about; what a fault or a restore leaves behind is found at night."""

    provoke: Callable[[Scene], str]


@dataclass(frozen=True)
class Pure:
    """It can be proposed in a fixture only."""

    why: str


def arrested(scene: Scene, kind: str) -> Report:
    number, owner = one_home(scene)
    scene.burden(number, kind)
    return scene.told(scene.sell(number, owner))


def lends_on_taken_rank(scene: Scene) -> Report:
    number, owner = one_home(scene)
    scene.burden(number, "mortgage", scene.person(Role.MORTGAGEE), rank=1)
    return scene.told(loan(scene, number, owner, rank=1))


def pushes_back(scene: Scene) -> Report:
    number, _ = one_home(scene)
    first, second = (
        scene.burden(number, "mortgage", scene.person(Role.MORTGAGEE), rank=rank) for rank in (1, 2)
    )
    ranks = [
        {"registration_number": first, "rank": 2},
        {"registration_number": second, "rank": 1},
    ]
    return scene.told(scene.ask("mortgage_rank", number, paper="mortgage_contract", terms={"ranks": ranks}))


def sells_mortgaged(scene: Scene) -> Report:
    number, owner = one_home(scene)
    scene.burden(number, "mortgage", scene.person(Role.MORTGAGEE), rank=1)
    return scene.told(scene.sell(number, owner))


def sells_without_spouse(scene: Scene) -> Report:
    number, owner = one_home(scene)
    spouse = scene.person(Role.CONSENTING)
    return scene.told(scene.sell(number, replace(owner, spouse=spouse.fin), spouse))


def sells_share_to_stranger(scene: Scene) -> Report:
    one, other = scene.person(), scene.person()
    number = scene.home(one, other)
    buyer = scene.person(Role.ACQUIRER, share=HALF)
    return scene.told(scene.sell(number, replace(one, share=HALF), buyer=buyer))


def sells_too_much(scene: Scene) -> Report:
    one, other = scene.person(), scene.person()
    number = scene.home(one, other)
    return scene.told(scene.sell(number, replace(one, share=WHOLE)))


def shifts_boundary(scene: Scene) -> Report:
    one, other, west, east = neighbours(scene)
    left, bottom, middle, top = west.bounds
    shapes = ((one, (left, middle + 1)), (other, (middle + 1, east.bounds[2])))
    outlines = [
        {"cadastral_number": f"R-{number}", "outline": box_wkt(low, bottom, high, top)}
        for number, (low, high) in shapes
    ]
    return scene.told(
        scene.ask(
            "boundary_change",
            one,
            other,
            paper="survey_document",
            capacity="registry_officer",
            by=COUNTER,
            terms={"outlines": outlines},
        ),
        COUNTER,
    )


def box_wkt(west: float, south: float, east: float, north: float) -> str:
    return f"POLYGON (({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"


def merges_far_apart(scene: Scene) -> Report:
    owner, row = scene.person(), next(scene.serial)
    near, far = scene.ground(row=row, width_m=20), scene.ground(row=row, east_m=100, width_m=20)
    one, other = scene.home(owner, shape=near), scene.home(owner, shape=far)
    return scene.told(
        scene.ask(
            "merger",
            one,
            other,
            paper="survey_document",
            capacity="registry_officer",
            by=COUNTER,
            terms={"outline": near.wkt},
        ),
        COUNTER,
    )


def divides_twice(scene: Scene) -> Report:
    shape = scene.ground()
    number, _ = one_home(scene, shape=shape)
    west, south, east, north = shape.bounds
    halves = [box(west, south, west + 20, north), box(west + 20, south, east, north)]
    scene.file(divide(scene, number, *halves), COUNTER)
    return scene.told(divide(scene, number, *halves), COUNTER)


def divides_indivisible(scene: Scene) -> Report:
    order = split(scene)
    query = text("UPDATE cadastre.property SET divisible = false WHERE register_number = :number")
    number = order.properties[0].register_number
    scene.as_owner(query, {"number": number})
    return scene.told(order, COUNTER)


def cuts_a_crumb(scene: Scene) -> Report:
    shape = scene.ground()
    number, _ = one_home(scene, shape=shape)
    west, south, east, north = shape.bounds
    edge = west + 0.01
    crumb, rest = box(west, south, edge, north), box(edge, south, east, north)
    return scene.told(divide(scene, number, crumb, rest), COUNTER)


def sells_land_of_other_category(scene: Scene) -> Report:
    number, owner = one_home(scene, shape=scene.ground())
    order = scene.sell(number, owner)
    stated = replace(order.documents[0], land_category="1")
    return scene.told(replace(order, documents=(stated,)))


def releases_arrest_as_lease(scene: Scene) -> Report:
    number, _ = one_home(scene)
    entry = scene.burden(number, "arrest")
    return scene.told(
        scene.ask("right_end", number, paper="servitude_contract", terms={"registration_number": entry})
    )


def sells_disputed(scene: Scene) -> Report:
    number, owner = one_home(scene)
    scene.burden(number, "court_dispute")
    return scene.told(scene.sell(number, owner))


def sells_investigated(scene: Scene) -> Report:
    number, owner = one_home(scene)
    property_id = scene.id_of(number)

    def flag(register: Register) -> None:
        register.connection.execute(
            text("""INSERT INTO registry.investigation (property_id, attribute, reason, valid_from, recorded_leaf)
                    VALUES (:property, 'area', 'Sınaq', '2026-01-01', :leaf)"""),
            {"property": property_id, "leaf": register.leaf()},
        )

    scene.write(flag)
    return scene.told(scene.sell(number, owner))


def borrows_too_much(scene: Scene) -> Report:
    number, owner = one_home(scene)
    return scene.told(loan(scene, number, owner, property_value="40000.00"))


def minor_sells(scene: Scene) -> Report:
    number, owner = one_home(scene)
    return scene.told(scene.sell(number, replace(owner, born_on=days(-10 * 365))))


def company_sells_alone(scene: Scene) -> Report:
    company = scene.person(kind=Kind.LEGAL, voen=f"15{next(scene.serial):06d}71")
    return scene.told(scene.sell(scene.home(company), company))


def sells_to_himself(scene: Scene) -> Report:
    one, other = scene.person(), scene.person()
    number = scene.home(one, other)
    buyer = scene.person(Role.ACQUIRER, share=HALF, represented_by=one.fin)
    return scene.told(scene.sell(number, replace(one, share=HALF), buyer=buyer))


def estate_sells(scene: Scene) -> Report:
    estate = scene.person(kind=Kind.ESTATE)
    return scene.told(scene.sell(scene.home(estate), estate))


def foreigner_buys_land(scene: Scene) -> Report:
    number, owner = one_home(scene, shape=scene.ground())
    buyer = scene.person(Role.ACQUIRER, kind=Kind.FOREIGN_NATURAL, share=WHOLE)
    return scene.told(scene.sell(number, owner, buyer=buyer))


def foreigner_inherits(scene: Scene) -> Report:
    number, owner = one_home(scene, shape=scene.ground())
    heir = scene.person(Role.ACQUIRER, kind=Kind.FOREIGN_NATURAL, share=WHOLE)
    order = scene.ask("inheritance", number, paper="inheritance_certificate", parties=(owner, heir))
    return scene.decided(order)


def files_future_paper(scene: Scene) -> object:
    number, owner = one_home(scene)
    order = scene.sell(number, owner)
    return scene.file(replace(order, documents=(replace(order.documents[0], dated=days(1)),)))


def files_illegible_paper(scene: Scene) -> object:
    number, owner = one_home(scene)
    order = scene.sell(number, owner)
    return scene.file(replace(order, documents=(replace(order.documents[0], legible=False),)))


def files_two_grounds(scene: Scene) -> object:
    number, owner = one_home(scene)
    gift = NamedDocument(scene.paper("gift_contract"), "basis", "18", DAY)
    return scene.file(scene.sell(number, owner, papers=(gift,)))


def leases_into_the_past(scene: Scene) -> Report:
    number, owner = one_home(scene)
    lessor, lessee = replace(owner, role=Role.LESSOR), scene.person(Role.LESSEE)
    return scene.told(
        scene.ask(
            "lease",
            number,
            paper="lease_contract",
            parties=(lessor, lessee),
            terms={"until": days(-1).isoformat()},
        )
    )


def queues(scene: Scene) -> Report:
    number, owner = one_home(scene)
    scene.file(scene.sell(number, owner))
    return scene.told(scene.sell(number, owner))


def goes_against_notice(scene: Scene) -> object:
    number, owner = one_home(scene)
    property_id = scene.id_of(number)
    scene.write(lambda register: register.notice(property_id, "notary-9"))
    return scene.file(scene.sell(number, owner))


def decides_on_changed_section(scene: Scene) -> Report:
    number, owner = one_home(scene)
    version = scene.version(scene.id_of(number))
    lender = scene.person(Role.MORTGAGEE)
    order = loan(scene, number, owner)
    first = scene.ready(replace(order, parties=(order.parties[0], lender)))
    seen = replace(scene.sell(number, owner), properties=(NamedProperty(number, version),))
    second = scene.ready(seen)
    scene.step(first, StepKind.REGISTER, DECIDER)
    report = scene.step(second, StepKind.REGISTER, DECIDER).report
    assert report is not None
    return report


def files_on_stale_version(scene: Scene) -> object:
    number, owner = one_home(scene)
    return scene.file(replace(scene.sell(number, owner), properties=(NamedProperty(number, 99),)))


def notary_elsewhere(scene: Scene) -> object:
    number, owner = one_home(scene)
    elsewhere = replace(NOTARY, subject="notary-of-sumqayit")
    scene.competence("notary", elsewhere.subject, "GA")
    return scene.file(scene.sell(number, owner, by=elsewhere), elsewhere)


def bailiff_forgot(scene: Scene) -> Report:
    number, owner = one_home(scene)
    entry = scene.burden(number, "court_dispute")
    scene.as_owner(
        text("""UPDATE cadastre.restriction SET confirm_by = '2026-05-01T08:00:00+04'
                 WHERE registration_number = :entry"""),
        {"entry": entry},
    )
    return scene.told(scene.sell(number, owner))


def writes_too_much(scene: Scene) -> object:
    number, _ = one_home(scene)
    ruling = NamedDocument(scene.paper("court_ruling", COURT), "basis")
    order = ApplicationOrder(
        "arrest",
        "court",
        properties=(NamedProperty(number),),
        documents=(ruling,),
        terms={"authority": "M" * 301},
    )
    return scene.file(order, COURT)


def names_odd_number(scene: Scene) -> Report:
    company = scene.person(kind=Kind.LEGAL, voen=f"14{next(scene.serial):06d}79")
    return scene.told(scene.sell(scene.home(company), company))


def completes_unfinished(scene: Scene) -> Report:
    number, _ = one_home(scene)
    stage(scene, number, "planned")
    registrar = replace(DECIDER, subject="registrar-7")
    order = scene.ask("completion", number, paper="acceptance_act", capacity="registry_officer", by=registrar)
    return scene.told(order, registrar)


def files_without_paper(scene: Scene) -> object:
    number, owner = one_home(scene)
    filed = scene.file(replace(scene.sell(number, owner), documents=()))
    raise InvalidInput(", ".join(filed.missing_documents), code=filed.state.value)


def buys_closed(scene: Scene) -> object:
    number, owner = one_home(scene)
    order = scene.sell(number, owner)
    scene.as_owner(
        text("""INSERT INTO cadastre.property_closure (property_id, closed_on, reason, case_id, recorded_leaf)
                SELECT property_id, '2026-01-01', 'merger', gen_random_uuid(), recorded_leaf
                  FROM cadastre.property WHERE register_number = :number"""),
        {"number": number},
    )
    return scene.file(order)


def ends_nothing(scene: Scene) -> object:
    number, _ = one_home(scene)
    terms = {"registration_number": "2326999999"}
    return scene.file(scene.ask("right_end", number, paper="servitude_contract", terms=terms))


def owners_of(scene: Scene, *shares: tuple[int, int] | None) -> str:
    """A section whose ownership is as a fault or a restore may leave it."""
    number = scene.home(*(scene.person() for _ in shares))
    given = [None if share is None else list(share) for share in shares]
    for place, share in enumerate(given):
        scene.as_owner(
            text("""
                UPDATE cadastre.property_right
                   SET share_numerator = :numerator, share_denominator = :denominator, joint = :joint
                 WHERE right_id = (SELECT r.right_id FROM cadastre.property_right r
                                     JOIN cadastre.property p USING (property_id)
                                    WHERE p.register_number = :number ORDER BY 1 OFFSET :place LIMIT 1)"""),
            {
                "numerator": share and share[0],
                "denominator": share and share[1],
                "joint": share is None,
                "number": number,
                "place": place,
            },
        )
    return number


def change_rights(scene: Scene, change: str, *owners: NamedParty) -> str:
    number = scene.home(*owners)
    scene.as_owner(
        text(f"UPDATE cadastre.property_right SET {change} WHERE property_id = :id"),
        {"id": scene.id_of(number)},
    )
    return number


def holds_twice(scene: Scene) -> str:
    one, other = scene.person(), scene.person()
    number = scene.home(one, other)
    scene.as_owner(
        text("""INSERT INTO registry.party_link (from_party_id, to_party_id, manner, evidence, proposed_by,
                                                 decided_by, recorded_leaf)
                SELECT :one, :other, 'same', 'court_decision', 'a', 'b', min(leaf_id) FROM ledger.leaf"""),
        {"one": scene.record(one), "other": scene.record(other)},
    )
    return number


def claims_what_is_owned(scene: Scene) -> str:
    number = scene.home(scene.person(), scene.person())
    scene.as_owner(
        text("""UPDATE cadastre.property_right SET kind = 'future_ownership'
                 WHERE right_id = (SELECT max(right_id) FROM cadastre.property_right WHERE property_id = :id)"""),
        {"id": scene.id_of(number)},
    )
    return number


def lease_runs_out(scene: Scene) -> str:
    number, _ = one_home(scene)
    lessee = scene.record(scene.person(Role.LESSEE))
    scene.as_owner(
        text("""INSERT INTO cadastre.property_right (property_id, kind, party_id, joint, registration_number,
                       registration_date, valid_from, until, recorded_leaf)
                SELECT property_id, 'lease', :lessee, false, '2326900001', registration_date, valid_from,
                       '2026-05-01', recorded_leaf
                  FROM cadastre.property_right WHERE property_id = :id"""),
        {"id": scene.id_of(number), "lessee": lessee},
    )
    return number


def registers_house(scene: Scene, *papers: str, **changes: Any) -> Report:
    """A house with its plot; built in 2020, so that a permit is asked for."""
    desk = Newcomers(scene.database)
    parcel_id, parcel = desk.parcel()
    _, building = desk.building(parcel_id, kind="individual_house")
    house = {"built_year": 2020, "height_m": "7.5", "storeys": 2, "span_m": "5.0", "residential": True}
    terms = {"parcels": [parcel], "buildings": [building], "house": house, **changes.pop("terms", {})}
    return scene.told(desk.order("individual_house", *papers, terms=terms, **changes), CHIEF)


PROVOKED: Final[Mapping[str, Told | Stopped | Guarded | Swept | Pure]] = {
    "shares-sum": Swept(lambda scene: owners_of(scene, (1, 2), (1, 3))),
    "joint-one-holder": Swept(lambda scene: owners_of(scene, None)),
    "joint-mixed": Swept(lambda scene: owners_of(scene, None, (1, 2))),
    "holder-repeated": Swept(holds_twice),
    "section-without-right": Swept(
        lambda scene: change_rights(scene, "superseded_leaf = recorded_leaf", scene.person())
    ),
    "second-primary-right": Swept(claims_what_is_owned),
    "entry-term-over": Swept(lease_runs_out),
    "taking-exceeds-share": Told(sells_too_much),
    "arrest-blocks": Told(lambda scene: arrested(scene, "arrest")),
    "prohibition-blocks": Told(lambda scene: arrested(scene, "prohibition")),
    "release-by-authority": Told(releases_arrest_as_lease),
    "court-dispute-noted": Told(sells_disputed),
    "under-investigation": Told(sells_investigated),
    "areas-balance": Told(lambda scene: scene.told(split(scene, gap_m=1.0), COUNTER)),
    "pieces-cover-original": Told(lambda scene: scene.told(split(scene, gap_m=0.5), COUNTER)),
    "outline-off-grid": Stopped(lambda scene: scene.file(split(scene, off_mm=0.3), COUNTER)),
    "merged-is-one-polygon": Told(merges_far_apart),
    "pending-change-on-parcel": Told(divides_twice),
    "parcel-indivisible": Told(divides_indivisible),
    "piece-below-minimum": Told(cuts_a_crumb),
    "land-category-mismatch": Told(sells_land_of_other_category),
    "mortgage-rank-taken": Told(lends_on_taken_rank),
    "mortgage-value-exceeds-property": Told(borrows_too_much),
    "mortgage-rank-consent": Told(pushes_back),
    "mortgagee-consent-on-transfer": Told(sells_mortgaged),
    "spouse-consent": Told(sells_without_spouse),
    "co-owner-preemption": Told(sells_share_to_stranger),
    "boundary-agreement": Told(shifts_boundary),
    "guardian-permission": Told(minor_sells),
    "poa-scope": Told(lambda scene: scene.told(attorney(scene))),
    "poa-expired": Told(lambda scene: scene.told(attorney(scene, until=days(-9), reason="expired"))),
    "poa-revoked": Told(lambda scene: scene.told(attorney(scene, until=days(-9), reason="revoked"))),
    "signatory-of-company": Told(company_sells_alone),
    "both-sides-one-person": Told(sells_to_himself),
    "estate-disposes": Told(estate_sells),
    "foreign-land-lease-only": Told(foreigner_buys_land),
    "foreign-heir-deadline": Told(foreigner_inherits),
    "document-future-dated": Stopped(files_future_paper),
    "document-illegible": Stopped(files_illegible_paper),
    "basis-kind-fits-operation": Stopped(files_two_grounds),
    "first-registration-papers": Told(registers_house),
    "title-not-listed": Told(lambda scene: registers_house(scene, terms={"title_kind": "handshake"})),
    "household-book-after-2001": Told(
        lambda scene: registers_house(scene, basis="household_book_extract", dated=date(2005, 3, 1))
    ),
    "term-past": Told(leases_into_the_past),
    "building-stage": Told(completes_unfinished),
    "priority-taken": Stopped(goes_against_notice),
    "earlier-case-open": Told(queues),
    "version-stale": Told(decides_on_changed_section),
    "bailiff-unconfirmed-24h": Told(bailiff_forgot),
    "text-unreadable": Stopped(writes_too_much),
    "identifier-unproven": Told(names_odd_number),
    "document-missing": Guarded(
        "returned", "an incomplete application is entered and returned at once", files_without_paper
    ),
    "section-closed": Guarded("section-closed", "nobody applies about a closed section", buys_closed),
    "cancel-needs-entry": Guarded(
        "entry-not-found",
        "an application names entries by number: one that is not there is not read",
        ends_nothing,
    ),
    "correction-relied-on": Told(corrects_behind_the_bank),
    "correction-of-authority-act": Told(corrects_an_arrest),
    "cancellation-chain": Told(cancels_from_under_a_buyer),
    "renamed-is-same-party": Told(renames_to_another_kind),
    "succession-of-legal-persons": Told(succeeds_a_person),
    "outside-competence": Guarded("outside-competence", "asked before anything is read", notary_elsewhere),
    "usufruct-transferred": Pure("an application of a transfer moves ownership only"),
    "rights-accounted-for": Pure("no planner drops a right; the rule watches the planners"),
    "restrictions-accounted-for": Pure("no planner drops a restriction; the rule watches the planners"),
    "burdened-ground-lost": Pure("no planner leaves a burden behind; the rule watches the planners"),
    "document-not-scanned": Pure("a document of a case is named by its scan"),
}


@pytest.fixture(scope="module")
def scene(test_cluster: TestCluster) -> Iterator[Scene]:
    """One register for all rules: each has people and properties of its own."""
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    made = Scene(database, superuser_url=copy.superuser_url)
    yield made
    database.close()
    test_cluster.drop_copy(copy)


@pytest.mark.parametrize("rule", [rule for rule, how in PROVOKED.items() if isinstance(how, Told)])
def test_it_is_told_with_the_answer_in_three_languages(scene: Scene, rule: str) -> None:
    how = PROVOKED[rule]
    assert isinstance(how, Told)
    report = how.provoke(scene)
    assert is_told(report, rule), [item.rule.id for item in report.judged]
    (told, *_) = [item for item in report.judged if item.rule.id == rule]
    texts = {told.tell(language)["text"] for language in ("az", "en", "ru")}
    assert len(texts) == 3
    assert not told.unknown


@pytest.mark.parametrize("rule", [rule for rule, how in PROVOKED.items() if isinstance(how, Stopped)])
def test_it_stops_the_application_and_names_itself(scene: Scene, rule: str) -> None:
    how = PROVOKED[rule]
    assert isinstance(how, Stopped)
    with pytest.raises(CadastreError) as refused:
        how.provoke(scene)
    assert refused.value.facts["rule"] == rule


@pytest.mark.parametrize("rule", [rule for rule, how in PROVOKED.items() if isinstance(how, Guarded)])
def test_it_is_met_before_the_engine_is_asked(scene: Scene, rule: str) -> None:
    how = PROVOKED[rule]
    assert isinstance(how, Guarded)
    with pytest.raises(CadastreError) as refused:
        how.provoke(scene)
    assert (refused.value.code, bool(how.why)) == (how.code, True)


def test_what_no_service_lets_happen_is_found_by_the_sweep(scene: Scene) -> None:
    faulty = {rule: how.provoke(scene) for rule, how in PROVOKED.items() if isinstance(how, Swept)}
    swept = sweep(scene.database, scene.clock)
    query = text("""SELECT f.rule, p.register_number FROM staging.sweep_finding f
                      JOIN cadastre.property p USING (property_id)""")
    rows = scene.database.run(lambda uow: uow.connection.execute(query).all())
    found = {(rule, number) for rule, number in rows}
    assert set(faulty.items()) <= found
    assert swept.opened == swept.found


def test_no_rule_is_missing_from_the_table() -> None:
    assert set(PROVOKED) == {rule.id for rule in load_rulebook()}


def test_the_few_that_cannot_be_provoked_say_why() -> None:
    pure = {rule: how.why for rule, how in PROVOKED.items() if isinstance(how, Pure)}
    assert len(pure) == 5
    assert all(len(why) > 20 for why in pure.values())
