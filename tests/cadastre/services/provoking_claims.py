"""Applications that provoke the rules about claims, granted rights, and mergers of what is blocked."""

from __future__ import annotations

from dataclasses import replace

from cadastre.domain.filing import ApplicationOrder, CasePartyRole, NamedParty
from cadastre.domain.party import PartyKind
from cadastre.domain.share import WHOLE
from cadastre.rules.engine import Report
from tests.cadastre.services.counter import CHIEF
from tests.cadastre.services.newcomers import Newcomers
from tests.cadastre.services.provoking import COUNTER, Scene


def gives_back(scene: Scene, number: str, *holders: NamedParty) -> ApplicationOrder:
    """Holders give a claim back at the counter."""
    return scene.ask(
        "claim_dissolution",
        number,
        paper="dissolution_agreement",
        capacity="registry_officer",
        by=COUNTER,
        parties=tuple(replace(holder, role=CasePartyRole.DISPOSER) for holder in holders),
    )


def gives_back_mortgaged(scene: Scene) -> Report:
    holder = scene.person()
    number = scene.home(holder, held_as="future_ownership")
    scene.burden(number, "mortgage", scene.person(CasePartyRole.MORTGAGEE), rank=1)
    return scene.told(gives_back(scene, number, holder), COUNTER)


def one_of_two_gives_back(scene: Scene) -> Report:
    one, other = scene.person(), scene.person()
    number = scene.home(one, other, held_as="future_ownership")
    return scene.told(gives_back(scene, number, one), COUNTER)


def merges_arrested(scene: Scene) -> Report:
    owner, row = scene.person(), next(scene.serial)
    west, east = scene.ground(row=row, width_m=20), scene.ground(row=row, east_m=20, width_m=20)
    one, other = scene.home(owner, shape=west), scene.home(owner, shape=east)
    scene.burden(one, "arrest")
    asked = scene.ask(
        "merger",
        one,
        other,
        paper="survey_document",
        capacity="registry_officer",
        by=COUNTER,
        terms={"outline": west.union(east).wkt},
    )
    return scene.told(asked, COUNTER)


def grants_first(scene: Scene, owner: PartyKind, basis: str) -> Report:
    """A use of a plot that nobody registered yet."""
    desk = Newcomers(scene.database)
    _, parcel = desk.parcel()
    order = desk.order("land_parcel", basis=basis, terms={"parcels": [parcel], "right": "permanent_use"})
    parties = (
        scene.person(CasePartyRole.HOLDER, kind=owner, share=WHOLE),
        scene.person(CasePartyRole.ACQUIRER),
    )
    return scene.told(replace(order, parties=parties), CHIEF)
