"""Reads the command out of a filed application: what its parties and terms ask the register to do.

Terms by operation (all numbers of entries are registration numbers, amounts are text such as "50000.00"):

- transfer: ``dispose_by``, the day by which a foreign heir disposes of land
- mortgage_registration: ``amount``, ``currency``, ``interest_rate``, ``rank``, ``note_number``,
  ``note_dated``, ``until``, ``property_value`` (manats, by its valuation)
- mortgage_rank: ``ranks``, a list of ``{registration_number, rank}``
- mortgage_assignment, end: ``registration_number`` (and ``confirmed_by_party``)
- grant: ``kind`` (of a use), ``until``, ``rent``, ``rent_currency``, ``rent_period``, ``part`` (WKT);
  ``benefits``, the register number of the property of the application that a servitude is for
- impose: ``authority``, ``amount``, ``currency``, ``until``, ``urgent``, ``confirms``
- division: ``cadastral_number``, ``pieces``, a list of ``{outline, purpose, documentary_area_m2,
  buildings}``, the last a list of building numbers
- merger: ``outline``; boundary_change: ``outlines``, a list of ``{cadastral_number, outline}``
- correction: see ``filed_correction``; cancellation: ``case_id``, or a list ``case_ids``

Outlines are WKT in metres of the district's UTM zone, easting first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from cadastre.domain.commands import (
    Acquisition,
    AssignMortgage,
    ChangeRanks,
    Command,
    Divide,
    EndEntry,
    GrantRight,
    Impose,
    Merge,
    Piece,
    RegisterMortgage,
    ShiftBoundary,
    Taking,
    Transfer,
)
from cadastre.domain.filed_correction import read_cancellation, read_corrections
from cadastre.domain.filed_first import read_completions, read_dissolution, read_first
from cadastre.domain.filed_paper import read_conversion
from cadastre.domain.filed_renaming import read_renamings, read_successions
from cadastre.domain.filed_terms import (
    FiledTerms,
    find_building_id,
    find_parcel_id,
    find_restriction_id,
    list_objects,
    read_polygon,
    read_whole,
)
from cadastre.domain.filing import CasePartyRole, FiledApplication, FiledParty
from cadastre.domain.first_objects import Found
from cadastre.domain.kept_values import require_keepable
from cadastre.domain.property_state import Encumbrance, PropertyState, Terms
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.measures import parse_area

_GRANTED_BY_SERVICE: Final = MappingProxyType(
    {
        "lease": "lease",
        "usufruct": "usufruct",
        "trust": "trust_management",
        "superficies": "superficies",
        "servitude": "servitude",
    }
)
_USES: Final = ("permanent_use", "temporary_use")


def is_read_from_terms(operation: str) -> bool:
    """Tell whether what an operation does is read from parties and terms (else from its own papers)."""
    return operation == "transfer" or operation in _READERS or operation in _SEVERAL


def read_commands(
    application: FiledApplication,
    operation: str,
    states: Mapping[int, PropertyState],
    found: Found | None = None,
) -> tuple[Command, ...]:
    """Give the commands of a case, as the register stands when it is decided.

    There is one, but for an exchange and the completion of a building, which have one for each of their
    properties. ``found`` is what was looked up of objects that have no section, of buildings and papers.

    Raises
    ------
    InvalidInput
        A term is missing or malformed, a party stands in no such role, an entry is not there.
    """
    return require_keepable(_read(application, operation, states, found))


def _read(
    application: FiledApplication,
    operation: str,
    states: Mapping[int, PropertyState],
    found: Found | None,
) -> tuple[Command, ...]:
    if operation == "transfer":
        return tuple(_transfer(application, states, key) for key in application.property_ids)
    filed = FiledTerms(application, states, found)
    if operation in _SEVERAL:
        return _SEVERAL[operation](filed)
    reader = _READERS.get(operation)
    if reader is None:
        raise InvalidInput(
            f"An application for {operation} is not read from its terms yet.", code="operation-not-offered"
        )
    return (reader(filed),)


def _transfer(
    application: FiledApplication, states: Mapping[int, PropertyState], property_id: int
) -> Transfer:
    """Read one leg; of several, each party says about which property it is one.

    What passes of a unit of an unfinished building is the claim to it.
    """
    alone = len(application.property_ids) == 1
    disposers, acquirers = (
        [
            party
            for party in application.parties_as(role)
            if party.property_id == property_id or (alone and party.property_id is None)
        ]
        for role in (CasePartyRole.DISPOSER, CasePartyRole.ACQUIRER)
    )
    if not disposers or not acquirers:
        raise InvalidInput(
            "Each property of a transfer has a disposer and an acquirer; name it beside each party.",
            code="party-missing",
        )
    dispose_by = FiledTerms(application, {}).day("dispose_by")
    return Transfer(
        property_id,
        tuple(Taking(party.party_id, party.share) for party in disposers),
        tuple(Acquisition(party.party_id, party.share, party.joint, dispose_by) for party in acquirers),
        kind=_owned_as(states.get(property_id)),
    )


def _owned_as(section: PropertyState | None) -> str:
    kinds = set() if section is None else {right.kind for right in section.owners}
    return "future_ownership" if kinds == {"future_ownership"} else "ownership"


def _mortgage(filed: FiledTerms) -> RegisterMortgage:
    section = filed.section()
    mortgagors = tuple(
        dict.fromkeys(party.party_id for party in filed.application.parties_as(CasePartyRole.MORTGAGOR))
    )
    shares = len(mortgagors) == 1 and len(section.owners) > 1
    contents = Encumbrance(
        kind="mortgage",
        beneficiary=filed.party(CasePartyRole.MORTGAGEE).party_id,
        burdened=mortgagors[0] if shares else None,
        amount=filed.number("amount"),
        currency=filed.get("currency"),
        interest_rate=filed.number("interest_rate"),
        rank=filed.get("rank"),
        note_number=filed.get("note_number"),
        note_dated=filed.day("note_dated"),
        until=filed.day("until"),
    )
    return RegisterMortgage(section.property_id, contents, mortgagors)


def _ranks(filed: FiledTerms) -> ChangeRanks:
    section = filed.section()
    ranks = tuple(
        (find_restriction_id(section, item["registration_number"]), read_whole(item["rank"], "rank"))
        for item in list_objects(filed, "ranks", "registration_number", "rank")
    )
    return ChangeRanks(section.property_id, ranks)


def _assignment(filed: FiledTerms) -> AssignMortgage:
    section = filed.section()
    entry = find_restriction_id(section, filed.need("registration_number"))
    return AssignMortgage(section.property_id, entry, filed.party(CasePartyRole.MORTGAGEE).party_id)


def _end(filed: FiledTerms) -> EndEntry:
    """Name the entry: a right of that number when there is one, else a restriction."""
    section, number = filed.section(), filed.need("registration_number")
    right = next((r.right_id for r in section.rights if r.registration_number == number), None)
    return EndEntry(
        section.property_id,
        restriction_id=None if right is not None else find_restriction_id(section, number),
        right_id=right,
        confirmed_by_party=filed.get("confirmed_by_party") is True,
    )


def _grant(filed: FiledTerms) -> GrantRight:
    service = filed.application.service
    kind = _GRANTED_BY_SERVICE.get(service) or filed.need("kind")
    if service == "use" and kind not in _USES:
        raise InvalidInput(f"A use is one of {', '.join(_USES)}.", code="term-malformed", term="kind")
    terms = Terms(
        until=filed.day("until"),
        rent=filed.number("rent"),
        rent_currency=filed.get("rent_currency"),
        rent_period=filed.get("rent_period"),
        part=None if filed.get("part") is None else read_polygon(filed.get("part"), "part"),
    )
    holder = filed.party(CasePartyRole.HOLDER, CasePartyRole.LESSEE)
    if filed.get("benefits") is None:
        return GrantRight(filed.property_id(), kind, holder.party_id, terms)
    dominant = _dominant(filed)
    serving = [key for key in filed.application.property_ids if key != dominant]
    if len(serving) != 1:
        raise InvalidInput(
            "A servitude is applied for with the property that it burdens and the one that it is for.",
            code="one-property",
        )
    return GrantRight(serving[0], kind, holder.party_id, terms, benefits_property_id=dominant)


def _dominant(filed: FiledTerms) -> int:
    """Give the property of the application that a servitude is for."""
    number = filed.get("benefits")
    for state in filed.states.values():
        if state.register_number == number:
            return state.property_id
    raise InvalidInput(
        "benefits is the register number of a property that the application names.",
        code="term-malformed",
        term="benefits",
    )


def _impose(filed: FiledTerms) -> Impose:
    section, confirms = filed.section(), filed.get("confirms")
    debtors = filed.application.parties_as(CasePartyRole.DEBTOR)
    creditors = filed.application.parties_as(CasePartyRole.CREDITOR)
    contents = Encumbrance(
        kind=filed.application.service,
        beneficiary=creditors[0].party_id if creditors else None,
        burdened=_debtor(section, debtors),
        amount=filed.number("amount"),
        currency=filed.get("currency"),
        until=filed.day("until"),
        authority=filed.get("authority"),
    )
    entry = None if confirms is None else find_restriction_id(section, confirms)
    return Impose(section.property_id, contents, filed.get("urgent") is True, entry)


def _debtor(section: PropertyState, debtors: Sequence[FiledParty]) -> UUID | None:
    """Give whose right is burdened; one known by name only, whom nobody here is, burdens the whole.

    The act binds the property that it names; the doubt is told, and who is meant is the court's to say.
    """
    if not debtors:
        return None
    debtor = debtors[0]
    holds = any(right.party_id == debtor.party_id for right in section.rights)
    return debtor.party_id if holds or debtor.is_numbered else None


def _division(filed: FiledTerms) -> Divide:
    section = filed.section()
    pieces = tuple(_piece(section, item) for item in list_objects(filed, "pieces", "outline"))
    return Divide(section.property_id, find_parcel_id([section], filed.need("cadastral_number")), pieces)


def _piece(section: PropertyState, item: Mapping[str, Any]) -> Piece:
    purpose, area, buildings = (item.get(key) for key in ("purpose", "documentary_area_m2", "buildings"))
    if not isinstance(purpose, str | None) or not isinstance(buildings, list | None):
        raise InvalidInput(
            "The purpose of a piece is text, its buildings are a list.", code="term-malformed", term="pieces"
        )
    return Piece(
        read_polygon(item["outline"], "outline"),
        purpose,
        None if area is None else str(parse_area(str(area))),
        tuple(find_building_id(section, number) for number in buildings or ()),
    )


def _merger(filed: FiledTerms) -> Merge:
    return Merge(filed.application.property_ids, read_polygon(filed.need("outline"), "outline"))


def _boundary(filed: FiledTerms) -> ShiftBoundary:
    sections = [filed.states[key] for key in filed.application.property_ids]
    outlines = tuple(
        (find_parcel_id(sections, item["cadastral_number"]), read_polygon(item["outline"], "outline"))
        for item in list_objects(filed, "outlines", "cadastral_number", "outline")
    )
    return ShiftBoundary(outlines, is_partial_transfer=filed.application.service == "partial_transfer")


_READERS: Final[Mapping[str, Callable[[FiledTerms], Command]]] = MappingProxyType(
    {
        "mortgage_registration": _mortgage,
        "mortgage_rank": _ranks,
        "mortgage_assignment": _assignment,
        "end": _end,
        "grant": _grant,
        "impose": _impose,
        "division": _division,
        "merger": _merger,
        "boundary_change": _boundary,
        "cancellation": read_cancellation,
        "first_registration": read_first,
        "dissolution": read_dissolution,
        "paper_conversion": read_conversion,
    }
)
_SEVERAL: Final[Mapping[str, Callable[[FiledTerms], tuple[Command, ...]]]] = MappingProxyType(
    {
        "completion": read_completions,
        "correction": read_corrections,
        "renaming": read_renamings,
        "succession": read_successions,
    }
)
"""Operations that do several things in one case: one for each entry, or for each property."""


__all__ = ["is_read_from_terms", "read_commands"]
