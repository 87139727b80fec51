"""How the rules about corrections, cancellations, new names and successors are provoked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import text

from cadastre.domain.case import StepKind
from cadastre.domain.filing import ApplicationOrder, NamedParty
from cadastre.domain.share import WHOLE
from cadastre.rules.engine import Report
from tests.cadastre.services.counter import DECIDER
from tests.cadastre.services.provoking import COUNTER, Kind, Role, Scene, one_home


def ask(scene: Scene, service: str, number: str, paper: str, **values: Any) -> ApplicationOrder:
    """An application by the office."""
    return scene.ask(service, number, paper=paper, capacity="registry_officer", by=COUNTER, **values)


def entry_of(scene: Scene, number: str) -> str:
    """Registration number of the first right of a section."""
    query = text("""SELECT r.registration_number FROM cadastre.property_right r
                      JOIN cadastre.property p USING (property_id)
                     WHERE p.register_number = :number AND r.superseded_leaf IS NULL ORDER BY right_id LIMIT 1""")
    return scene.database.run(lambda uow: str(uow.connection.execute(query, {"number": number}).scalar_one()))


def corrects_behind_the_bank(scene: Scene) -> Report:
    """A lender has relied on the owner whom a correction replaces."""
    number, _ = one_home(scene)
    scene.burden(number, "mortgage", scene.person(Role.MORTGAGEE), rank=1)
    fix = {"registration_number": entry_of(scene, number), "party": 1}
    right = scene.person(Role.HOLDER)
    order = ask(
        scene, "correction", number, "executive_order", parties=(right,), terms={"corrections": [fix]}
    )
    return scene.told(order, COUNTER)


def corrects_an_arrest(scene: Scene) -> Report:
    """The office corrects what a court imposed, by itself."""
    number, _ = one_home(scene)
    fix = {"registration_number": scene.burden(number, "arrest"), "authority": "Başqa məhkəmə"}
    order = ask(scene, "correction", number, "executive_order", terms={"corrections": [fix]})
    return scene.told(order, COUNTER)


def cancels_from_under_a_buyer(scene: Scene) -> Report:
    """A sale is cancelled after the buyer has sold on."""
    number, owner = one_home(scene)
    buyer = scene.person(Role.ACQUIRER, share=WHOLE)
    sold = scene.ready(scene.sell(number, owner, buyer=buyer))
    scene.step(sold, StepKind.REGISTER, DECIDER)
    resold = scene.ready(scene.sell(number, replace(buyer, share=None)))
    scene.step(resold, StepKind.REGISTER, DECIDER)
    order = ask(scene, "cancellation", number, "court_decision", terms={"case_id": str(sold)})
    return scene.told(order, COUNTER)


def renames_to_another_kind(scene: Scene) -> Report:
    """A person becomes a firm by a change of name."""
    number, owner = one_home(scene)
    return scene.told(follow(scene, "renaming", number, owner, "name_change_document"), COUNTER)


def succeeds_a_person(scene: Scene) -> Report:
    """A firm succeeds to a natural person."""
    number, owner = one_home(scene)
    return scene.told(follow(scene, "succession", number, owner, "succession_act"), COUNTER)


def follow(scene: Scene, service: str, number: str, owner: NamedParty, paper: str) -> ApplicationOrder:
    """An application by which a firm takes the place of an owner."""
    firm = NamedParty(Role.ACQUIRER, Kind.LEGAL, f"Firma {next(scene.serial)}")
    return ask(scene, service, number, paper, parties=(replace(owner, role=Role.HOLDER), firm))
