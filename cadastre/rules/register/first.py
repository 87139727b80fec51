"""First registration: a listed title, and the papers that the age and size of a house ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Final

from cadastre.domain.codelist import Entry, load_codelist
from cadastre.domain.commands import FirstRegistration
from cadastre.rules.fault import Fault
from cadastre.rules.proposal import HouseFacts, Proposal


def check_papers(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A house comes with the papers of its row in the codelist first_registration."""
    if not any(_is_house(command) and not command.future for command in proposal.asked(FirstRegistration)):
        return
    row = find_papers_row(proposal)
    if row is None:
        yield Fault("house", detail={"reason": "no provision fits the facts that are given"}, unknown=True)
        return
    there = {name for document in proposal.documents for name in (document.role, document.kind)}
    for paper in row.texts("base_papers") + row.texts("papers"):
        if paper not in there and not (paper == "title" and "basis" in there):
            yield Fault(paper, detail={"provision": row.text("provision")})
    choice = row.texts("papers_any")
    if choice and not there.intersection(choice):
        yield Fault(" | ".join(choice), detail={"provision": row.text("provision")})


def check_title_listed(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """The title is on the list of those that support a first registration."""
    titles = load_codelist("title_kinds")
    for command in proposal.asked(FirstRegistration):
        if not command.future and titles.find_entry(command.title_kind, proposal.today) is None:
            yield Fault("title", detail={"kind": command.title_kind})


def check_title_date(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A title whose kind was given up on a day was issued before that day."""
    for command in proposal.asked(FirstRegistration):
        kind = load_codelist("title_kinds").find_entry(command.title_kind, proposal.today)
        last = None if kind is None else kind.attributes.get("issued_before")
        if isinstance(last, date) and command.title_dated >= last:
            late = Fraction((command.title_dated - last).days)
            detail = {"kind": command.title_kind, "issued_before": last.isoformat()}
            yield Fault("title", late, Fraction(0), detail)


def check_title_gives(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """The title gives the right that is to be registered on it: a lease contract gives no ownership."""
    for command in proposal.asked(FirstRegistration):
        kind = load_codelist("title_kinds").find_entry(command.title_kind, proposal.today)
        if command.future or kind is None:
            continue
        gives = kind.texts("gives") or ("ownership",)
        asked = "ownership" if command.granted is None else command.granted.kind
        if asked not in gives:
            yield Fault(
                "title", detail={"kind": command.title_kind, "right": asked, "gives": ", ".join(gives)}
            )


def check_owner_public(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A use or a lease enters with a first registration only where the state or a municipality owns."""
    for command in proposal.asked(FirstRegistration):
        if command.granted is None:
            continue
        for holder in command.holders:
            kind = proposal.kind_of(holder.party_id)
            if kind not in ("state", "municipality"):
                yield Fault("holder", detail={"kind": kind}, unknown=kind is None)


def find_papers_row(proposal: Proposal) -> Entry | None:
    """Give the first row of the codelist that fits the house; None when none does or a fact is missing."""
    house = proposal.house or HouseFacts()
    for row in load_codelist("first_registration").entries_at(proposal.today):
        fits = _fits(row, house)
        if fits is None:
            return None
        if fits:
            return row
    return None


def _fits(row: Entry, house: HouseFacts) -> bool | None:
    """Tell whether a house meets every condition of a row; None when a missing fact decides it."""
    answers: list[bool | None] = []
    facts: dict[str, Fraction | None] = {
        "built": None if house.built_year is None else Fraction(house.built_year),
        "height_m": None if house.height_m is None else Fraction(house.height_m),
        "storeys": None if house.storeys is None else Fraction(house.storeys),
        "span_m": None if house.span_m is None else Fraction(house.span_m),
    }
    for fact, value in facts.items():
        for condition in ("from", "before", "most", "over"):
            key = f"{fact}_{condition}"
            if key in row.attributes:
                answers.append(None if value is None else _holds(condition, value, Fraction(row.number(key))))
    if row.flag("residential"):
        answers.append(house.residential)
    land = row.texts("land_held")
    if land:
        answers.append(None if house.land_held is None else house.land_held in land)
    if False in answers:
        return False
    return None if None in answers else True


def _holds(condition: str, value: Fraction, limit: Fraction) -> bool:
    match condition:
        case "from":
            return value >= limit
        case "before":
            return value < limit
        case "most":
            return value <= limit
        case _:
            return value > limit


def _is_house(command: FirstRegistration) -> bool:
    return bool(command.building_ids) or command.object_kind in ("individual_house", "garden_house")


CHECKS: Final = {
    "first-registration-papers": check_papers,
    "title-not-listed": check_title_listed,
    "household-book-after-2001": check_title_date,
    "title-gives-right": check_title_gives,
    "owner-of-granted-public": check_owner_public,
}

__all__ = ["CHECKS", "find_papers_row"]
