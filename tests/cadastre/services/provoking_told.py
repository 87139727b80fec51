"""Applications that provoke rules which are told with the journal entry, one function each."""

from __future__ import annotations

from dataclasses import replace

from shapely import box
from sqlalchemy import text

from cadastre.domain.case import StepKind
from cadastre.domain.filing import (
    CasePartyRole,
    NamedProperty,
)
from cadastre.domain.party import PartyKind
from cadastre.domain.share import WHOLE
from cadastre.rules.engine import Report
from tests.cadastre.services.counter import DECIDER
from tests.cadastre.services.provoking import (
    COUNTER,
    HALF,
    Scene,
    days,
    divide,
    loan,
    neighbours,
    one_home,
    split,
)
from tests.register import Register

Role, Kind = CasePartyRole, PartyKind


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
