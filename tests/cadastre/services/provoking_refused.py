"""Applications that are refused, and faults that only a restore or a program error leaves in a register."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import text

from cadastre.domain.filing import (
    ApplicationOrder,
    CasePartyRole,
    NamedDocument,
    NamedParty,
    NamedProperty,
)
from cadastre.domain.party import PartyKind
from cadastre.kernel.errors import InvalidInput
from cadastre.rules.engine import Report
from tests.cadastre.services.counter import CHIEF, COURT, DECIDER, NOTARY
from tests.cadastre.services.newcomers import Newcomers
from tests.cadastre.services.provoking import (
    DAY,
    Scene,
    days,
    one_home,
    stage,
)

Role, Kind = CasePartyRole, PartyKind


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


def goes_against_notice(scene: Scene) -> object:
    number, owner = one_home(scene)
    property_id = scene.id_of(number)
    scene.write(lambda register: register.notice(property_id, "notary-9"))
    return scene.file(scene.sell(number, owner))


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
        terms={"authority": "Məhkəmə", "remark": "M" * 301},
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
