"""A court may void the giving back of a claim: it stands again, unless another has the unit meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cadastre.kernel.errors import Conflict, RuleBroken
from tests.cadastre.services.counter import CHIEF, refused
from tests.cadastre.services.newcomers import HOLDER, RIVAL, Newcomers
from tests.cadastre.services.test_cancelled_entering import cancellation
from tests.cadastre.services.test_dissolution import CLAIMS, back
from tests.cadastre.services.test_unfinished import claimed, counter, kinds, site

__all__ = ["claimed", "counter", "site"]


def test_a_claim_whose_giving_back_falls_stands_again_in_its_own_section(
    counter: Newcomers, site: tuple[int, str], claimed: Any
) -> None:
    given = counter.registered(back(counter, claimed, HOLDER))
    counter.registered(cancellation(counter, given, claimed.register_number))
    assert kinds(counter, claimed.property_id) == ["future_ownership"]
    assert counter.owners(claimed.property_id) == [HOLDER.name]
    assert counter._read(CLAIMS, building=site[0]).scalar_one() == 1
    assert counter.objects_of(claimed.property_id) == (0, 0, 1)
    with refused(RuleBroken, "object-registered"):
        counter.file(replace(counter.claim(site[1]), parties=(RIVAL,)), CHIEF)
    counter.registered(counter.acceptance(claimed.register_number))
    assert kinds(counter, claimed.property_id) == ["ownership"]


def test_a_unit_that_another_claimed_meanwhile_is_not_claimed_twice(
    counter: Newcomers, site: tuple[int, str], claimed: Any
) -> None:
    given = counter.registered(back(counter, claimed, HOLDER))
    anew = counter.registered(replace(counter.claim(site[1]), parties=(RIVAL,)))
    section = counter.section_of(anew)
    undo = cancellation(counter, given, claimed.register_number)
    with refused(Conflict, "unit-in-other-property"):
        counter.decide(counter.waiting(undo))
    both = cancellation(counter, given, claimed.register_number, section.register_number)
    counter.registered(replace(both, terms={"case_ids": [str(given), str(anew)]}))
    assert counter.owners(claimed.property_id) == [HOLDER.name]
    assert counter.owners(section.property_id) == []
    assert counter._read(CLAIMS, building=site[0]).scalar_one() == 1


def test_a_closed_section_that_the_case_was_not_about_cannot_be_named(
    counter: Newcomers, site: tuple[int, str], claimed: Any
) -> None:
    other = counter.section_of(counter.registered(counter.claim(site[1], "13")))
    given, kept = (counter.registered(back(counter, section, HOLDER)) for section in (claimed, other))
    with refused(RuleBroken, "section-closed"):
        counter.file(cancellation(counter, given, claimed.register_number, other.register_number), CHIEF)
    counter.registered(cancellation(counter, kept, other.register_number))
    assert (counter.owners(claimed.property_id), counter.owners(other.property_id)) == ([], [HOLDER.name])
