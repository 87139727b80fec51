"""Every rule of the register speaks in production: provoked through the services on a real database.

A rule is told with the journal entry, stops the application, is met before the engine is asked, or is found by
the nightly sweep; what can only be proposed in a fixture says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database
from cadastre.domain.party import PartyKind
from cadastre.kernel.errors import CadastreError
from cadastre.rules.engine import Report
from cadastre.rules.rulebook import load_rulebook
from cadastre.services.sweep import sweep
from tests.cadastre.services.provoking import (
    COUNTER,
    Scene,
    attorney,
    days,
    is_told,
    split,
)
from tests.cadastre.services.provoking_claims import (
    gives_back_mortgaged,
    grants_first,
    merges_arrested,
    one_of_two_gives_back,
)
from tests.cadastre.services.provoking_refused import (
    bailiff_forgot,
    buys_closed,
    change_rights,
    claims_what_is_owned,
    completes_unfinished,
    ends_nothing,
    files_future_paper,
    files_illegible_paper,
    files_two_grounds,
    files_without_paper,
    goes_against_notice,
    holds_twice,
    lease_runs_out,
    names_odd_number,
    notary_elsewhere,
    owners_of,
    registers_house,
    writes_too_much,
)
from tests.cadastre.services.provoking_restating import (
    cancels_from_under_a_buyer,
    corrects_an_arrest,
    corrects_behind_the_bank,
    renames_to_another_kind,
    succeeds_a_person,
)
from tests.cadastre.services.provoking_told import (
    arrested,
    borrows_too_much,
    company_sells_alone,
    cuts_a_crumb,
    decides_on_changed_section,
    divides_indivisible,
    divides_twice,
    estate_sells,
    foreigner_buys_land,
    foreigner_inherits,
    leases_into_the_past,
    lends_on_taken_rank,
    merges_far_apart,
    minor_sells,
    pushes_back,
    queues,
    releases_arrest_as_lease,
    sells_disputed,
    sells_investigated,
    sells_land_of_other_category,
    sells_mortgaged,
    sells_share_to_stranger,
    sells_to_himself,
    sells_too_much,
    sells_without_spouse,
    shifts_boundary,
)
from tests.database import TestCluster


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
    "title-gives-right": Told(lambda scene: grants_first(scene, PartyKind.STATE, "registration_card")),
    "owner-of-granted-public": Told(lambda scene: grants_first(scene, PartyKind.NATURAL, "executive_order")),
    "household-book-after-2001": Told(
        lambda scene: registers_house(scene, basis="household_book_extract", dated=date(2005, 3, 1))
    ),
    "term-past": Told(leases_into_the_past),
    "building-stage": Told(completes_unfinished),
    "claim-burdened": Told(gives_back_mortgaged),
    "claim-given-back-by-holders": Told(one_of_two_gives_back),
    "merger-of-blocked": Told(merges_arrested),
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
