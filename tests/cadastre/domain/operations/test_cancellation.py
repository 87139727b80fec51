"""Plans of cancellations: everything of the cases voided, what they closed restored, refused where others rest."""

from __future__ import annotations

from uuid import UUID

import pytest

from cadastre.domain.case_effects import (
    CaseEffects,
    Dependant,
    FormerVersion,
    PlacedRestriction,
    PlacedRight,
)
from cadastre.domain.commands import CancelEntries
from cadastre.domain.operations import plan_of
from cadastre.domain.plan import (
    CloseProperty,
    ReopenProperty,
    RestoreMembership,
    RestoreParcel,
    RestoreRestriction,
    RestoreRight,
    VoidObjects,
    VoidRestriction,
    VoidRight,
)
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.errors import CadastreError
from tests.cadastre.domain.operations.section import TODAY, A, B, mortgage, right, section

CASE = UUID(int=77)


def cancel(effects: CaseEffects | None, *states: PropertyState) -> tuple[object, ...]:
    command = CancelEntries((1,), (CASE,), effects)
    return plan_of(command, {state.property_id: state for state in states}, TODAY).acts


def refused(effects: CaseEffects | None, *states: PropertyState) -> CadastreError:
    with pytest.raises(CadastreError) as caught:
        cancel(effects, *states)
    return caught.value


def test_voids_come_before_what_stands_again() -> None:
    seller, ended, buyer = right(A, "1/1"), right(A, "1/1"), right(B, "1/1")
    debt, paid = mortgage(1), mortgage(1)
    effects = CaseEffects(
        rights=(PlacedRight(1, ended, ended=True), PlacedRight(1, buyer)),
        former_rights=(PlacedRight(1, seller),),
        restrictions=(PlacedRestriction(1, paid, ended=True),),
        former_restrictions=(PlacedRestriction(1, debt),),
        memberships=(5,),
        former_memberships=(4,),
        versions=(71, 72),
        former_versions=(FormerVersion(70, (71, 72)),),
        opened=(2, 3),
        closed=(1,),
    )
    assert cancel(effects, section([buyer])) == (
        VoidRight(ended),
        VoidRight(buyer),
        VoidRestriction(paid),
        VoidObjects((5,), (71, 72)),
        CloseProperty(2, "cancellation"),
        CloseProperty(3, "cancellation"),
        ReopenProperty(1),
        RestoreParcel(70, (71, 72)),
        RestoreMembership(4),
        RestoreRight(1, seller),
        RestoreRestriction(1, debt),
    )


def test_later_entries_are_named_and_stop_it() -> None:
    resting = Dependant(UUID(int=5), 44, "mortgage", ("0125000002",))
    error = refused(CaseEffects(rights=(PlacedRight(1, right(B, "1/1")),), dependants=(resting,)), section())
    assert error.code == "later-entries-rest-on-it"
    assert error.facts["journal_numbers"] == ["44"]
    assert error.facts["registration_numbers"] == ["0125000002"]


def test_nothing_to_cancel() -> None:
    assert refused(None, section()).code == "cancellation-of-nothing"
    assert refused(CaseEffects(), section()).code == "cancellation-of-nothing"


def test_a_rank_or_holder_that_came_meanwhile_stands_in_the_way() -> None:
    behind = CaseEffects(former_restrictions=(PlacedRestriction(1, mortgage(1)),))
    assert refused(behind, section([right(A, "1/1")], [mortgage(1)])).code == "place-taken-meanwhile"
    lease = CaseEffects(former_rights=(PlacedRight(1, right(B, None, "lease")),))
    assert refused(lease, section([right(B, None, "lease")])).code == "place-taken-meanwhile"
    past = CaseEffects(former_rights=(PlacedRight(1, right(B, None, "lease"), ended=True),))
    assert cancel(past, section([right(B, None, "lease")]))
