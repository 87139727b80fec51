"""Asks the rules of the register about a case: at its intake, and before it is registered."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import Command
from cadastre.domain.filing import ApplicationOrder, Channel, FiledApplication
from cadastre.domain.operations.first import find_reached_stage
from cadastre.domain.plan import Plan
from cadastre.domain.priority import Notice
from cadastre.domain.property_state import PartyState, PropertyState
from cadastre.kernel.clock import Clock
from cadastre.rules.engine import Report, judge, require_passed
from cadastre.rules.proposal import (
    Acting,
    Consent,
    DocumentFacts,
    LivingNotice,
    Mandate,
    OpenCase,
    Proposal,
    ServiceFacts,
    Stage,
)
from cadastre.services.case_intake import TERRITORIAL
from cadastre.services.judged_terms import (
    find_house,
    find_stage,
    list_buildings_asked,
    list_identifiers,
    list_stated_values,
    list_texts,
)
from cadastre.services.registration import Competent, Draft, read_application
from cadastre.store.judged_facts import Asked, Gathered, JudgedFacts, gather_facts

_CONSENTS: Final = {
    "spouse_consent": "spouse",
    "co_owner_consent": "co_owner",
    "mortgagee_consent": "mortgagee",
    "guardianship_permission": "guardianship_authority",
}
"""Roles of documents by which a consent is filed with the application itself."""
_LAND_CHANGES: Final = frozenset({"division", "merger", "boundary_change"})


@dataclass(frozen=True, slots=True)
class Matter:
    """A case as it is judged; ``kinds`` are those of its documents, ``order`` the application being filed.

    ``competent``, ``living`` (notices) and ``gathered`` (facts) are what the transaction has read already.
    """

    case_id: UUID
    application: FiledApplication
    kinds: Mapping[UUID, str]
    caller: Caller
    states: Mapping[int, PropertyState]
    commands: tuple[Command, ...]
    plan: Plan | None = None
    notice_ids: frozenset[UUID] = frozenset()
    order: ApplicationOrder | None = None
    competent: Competent | None = None
    living: Sequence[Notice] | None = None
    gathered: Gathered | None = None


class RuleJudge:
    """Judges drafts of decisions, as ``register_case`` asks for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, uow: UnitOfWork, draft: Draft) -> bytes:
        """Give the digest of the report, or raise RuleBroken with the rule, its source and what to do."""
        return self.report(uow, draft).sha256

    def report(self, uow: UnitOfWork, draft: Draft) -> Report:
        """Give the report when nothing in it stops the decision; warnings are for whoever asked."""
        connection, case_id = uow.connection, draft.case.case_id
        application = read_application(draft.case)
        matter = Matter(
            case_id,
            application,
            draft.case.require_file().kinds,
            draft.caller,
            draft.states,
            tuple(draft.commands),
            draft.plan,
            competent=draft.competent,
            gathered=draft.gathered,
        )
        report = judge_matter(connection, Stage.DECISION, matter, draft.today, self._clock.now())
        require_passed(report)
        return report


def judge_matter(connection: Connection, stage: Stage, matter: Matter, today: date, now: datetime) -> Report:
    """Gather what the rules ask for and judge; the transaction has written down that it looks."""
    parties = {party for state in matter.states.values() for party in state.people}
    parties |= {party.party_id for party in matter.application.parties}
    buildings, units = list_buildings_asked(matter.commands, matter.states)
    territorial = None if _is_for_every_office(stage, matter) else TERRITORIAL.get(matter.caller.role)
    known = matter.competent
    if territorial is None or (known is not None and known.on != today):
        known = None
    asked = Asked(
        case_id=None if stage is Stage.INTAKE else matter.case_id,
        properties=tuple(matter.states),
        parties=tuple(parties),
        is_anybody_represented=any(
            party.represented_by or party.born_on for party in matter.application.parties
        ),
        is_anything_restricted=any(state.restrictions for state in matter.states.values()),
        buildings=buildings,
        units=units,
        acting=None
        if territorial is None or known is not None
        else (territorial, matter.caller.subject, today),
        is_noticed=matter.living is None,
    )
    facts = gather_facts(connection, asked, now, matter.gathered)
    if known is not None:
        facts = replace(facts, districts=known.districts)
    return judge(_proposal(stage, matter, facts, today, now))


def _proposal(stage: Stage, matter: Matter, facts: JudgedFacts, today: date, now: datetime) -> Proposal:
    application = matter.application
    entry = load_codelist("services").entry_at(application.service, today)
    own_notices = facts.own_notices | matter.notice_ids
    return Proposal(
        stage=stage,
        today=today,
        now=now,
        states=matter.states,
        service=ServiceFacts.of(entry),
        commands=matter.commands,
        plan=matter.plan,
        places=facts.places,
        parties=_with_birth_days(facts.parties, application),
        acting=tuple(_acting(application)),
        mandates=tuple(_mandates(facts)),
        consents=(*_filed_consents(application, today), *_entered_consents(facts)),
        spouses={party.party_id: party.spouse for party in application.parties if party.spouse is not None},
        documents=tuple(
            DocumentFacts(
                part.role,
                matter.kinds[part.document_id],
                part.dated,
                legible=part.legible,
                concerns=part.concerns,
                land_category=part.land_category,
            )
            for part in application.documents
        ),
        other_cases=tuple(
            OpenCase(row["journal_number"], row["property_id"], row["place"], row["operation"])
            for row in facts.other_cases
        ),
        notices=tuple(
            LivingNotice(property_id, number, notice_id in own_notices)
            for property_id, number, notice_id in _living(matter, facts)
        ),
        versions_seen=application.versions_seen,
        pending_parcels=frozenset(_pending(matter, facts)),
        property_values=list_stated_values(application),
        house=find_house(application, matter.commands, facts),
        building_stage=find_reached_stage(matter.commands) or find_stage(facts),
        identifiers=() if matter.order is None else tuple(list_identifiers(matter.order)),
        texts={} if matter.order is None else dict(list_texts(matter.order)),
        competent_districts=facts.districts,
        confirm_by=facts.confirm_by,
    )


def _living(matter: Matter, facts: JudgedFacts) -> Iterator[tuple[int, int, UUID]]:
    """Give the living notices: of what property, at which place, and each one's id."""
    for notice in matter.living or ():
        yield notice.property_id, notice.journal_number, notice.notice_id
    for row in facts.notices:
        yield row["property_id"], row["journal_number"], row["notice_id"]


def _is_for_every_office(stage: Stage, matter: Matter) -> bool:
    """Tell whether a service point takes the application in, which reaches its office the same day."""
    order = matter.order
    return stage is Stage.INTAKE and order is not None and order.channel is Channel.SERVICE_POINT


def _with_birth_days(
    parties: Mapping[UUID, PartyState], application: FiledApplication
) -> dict[UUID, PartyState]:
    """Give the parties with the birth days that the application states of those whose record has none."""
    stated = {party.party_id: party.born_on for party in application.parties}
    return {
        key: party if party.born_on is not None else replace(party, born_on=stated.get(key))
        for key, party in parties.items()
    }


def _pending(matter: Matter, facts: JudgedFacts) -> Iterator[int]:
    """Give the parcels that a case with an earlier place is about to cut, join or redraw.

    A case being filed stands last, unless it rests on a notice.
    """
    reserved = {
        property_id: number
        for property_id, number, notice_id in _living(matter, facts)
        if notice_id in matter.notice_ids
    }
    for row in facts.other_cases:
        here = row["property_id"]
        place = facts.places.get(here, reserved.get(here, sys.maxsize))
        if row["operation"] in _LAND_CHANGES and row["place"] < place:
            yield from (parcel.parcel_id for parcel in matter.states[here].parcels)


def _acting(application: FiledApplication) -> Iterator[Acting]:
    for party in application.parties:
        if party.represented_by is not None:
            yield Acting(agent=party.represented_by, principal=party.party_id)


def _mandates(facts: JudgedFacts) -> Iterator[Mandate]:
    for row in facts.mandates:
        yield Mandate(
            kind=row["kind"],
            principal=row["principal_party_id"],
            agent=row["agent_party_id"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            end_reason=row["end_reason"],
            operations=tuple(row["operations"]),
            property_id=row["property_id"],
            has_permission=row["has_permission"],
        )


def _filed_consents(application: FiledApplication, today: date) -> Iterator[Consent]:
    for part in application.documents:
        if part.role in _CONSENTS:
            yield Consent(_CONSENTS[part.role], part.concerns, part.dated or today)


def _entered_consents(facts: JudgedFacts) -> Iterator[Consent]:
    for row in facts.consents:
        yield Consent(row["kind"], row["party_id"], row["given_on"], row["until"])


__all__ = ["Matter", "RuleJudge", "judge_matter"]
