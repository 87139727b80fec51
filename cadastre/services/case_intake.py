"""Whether an application may be taken in, and in what form: the checks that come before the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import AssignMortgage, Command, EndEntry, RegisterMortgage
from cadastre.domain.distribution import is_drawn
from cadastre.domain.entity_tag import EntityTag, require_version
from cadastre.domain.filed_renaming import name_anew
from cadastre.domain.filing import ApplicationOrder, Channel, NamedParty, NamedProperty, channel_of
from cadastre.domain.party import list_number_misfits
from cadastre.domain.property_state import PropertyState
from cadastre.domain.service import Paper, Service, Tier, find_service
from cadastre.kernel.errors import Denied, InvalidInput, NotFound, RuleBroken
from cadastre.kernel.ids import check_voen, normalise_identifier, parse_register_number, read_fin
from cadastre.kernel.person_numbers import VOEN, parse_voen
from cadastre.kernel.text import check_text, clean_text
from cadastre.store.cases import find_party_of_voen, list_held, list_sections
from cadastre.store.competence import list_districts_of
from cadastre.store.intake import Looked, Wanted, look_up
from cadastre.store.ledger import append_leaf

MAX_NAME: Final = 300
MAX_NUMBER: Final = 100
MAX_TERM: Final = 150_000
_WITHOUT_PROPERTY: Final = frozenset({"first_registration", "paper_conversion"})
TERRITORIAL: Final = {CallerRole.NOTARY: "notary", CallerRole.REGISTRAR: "registrar"}


@dataclass(frozen=True, slots=True)
class Intake:
    """An application fit to be entered: what it asks for, in stored form, and what was doubtful about it."""

    order: ApplicationOrder
    service: Service
    tier: Tier
    channel: Channel
    warnings: tuple[str, ...]


def take_in(order: ApplicationOrder, caller: Caller, today: date) -> Intake:
    """Check an application by itself, before the register is read.

    Raises
    ------
    Denied
        The role may not ask for this service, or not in this capacity or over this counter.
    InvalidInput
        An unknown code, a malformed number, an unprintable text, a role without its party.
    """
    service = find_service(order.service, today)
    if caller.role.value not in service.roles:
        raise Denied(
            f"The role {caller.role.value} does not apply for {service.code}.",
            code="service-not-entitled",
            service=service.code,
        )
    _require_capacity(order.capacity, caller, today)
    channel = channel_of(caller.role, order.capacity, order.channel)
    properties = _properties(order.properties, service)
    _require_parties(order.parties, service)
    warnings: list[str] = []
    parties = tuple(_party(named, warnings) for named in order.parties)
    if service.operation == "renaming":
        parties = name_anew(parties)
    _require_papers(order, today)
    papers = tuple(replace(part, concerns=_number(part.concerns)) for part in order.documents)
    proper = replace(
        order, properties=properties, parties=parties, documents=papers, terms=_clean(order.terms, "terms")
    )
    return Intake(proper, service, service.tier(order.tier), channel, tuple(dict.fromkeys(warnings)))


def with_versions_seen(
    order: ApplicationOrder, seen: tuple[EntityTag, ...] | None, today: date
) -> ApplicationOrder:
    """Give the application with the version of each property that the applicant has read.

    Acts of authority need none: what they are about is blocked as it stands.

    Raises
    ------
    VersionRequired
        A property is named without one.
    InvalidInput
        ``If-Match`` and the application name different versions or properties.
    """
    named = {part.register_number for part in order.properties}
    strangers = sorted({tag.subject for tag in seen or ()} - named)
    if strangers:
        raise InvalidInput(
            f"If-Match names {strangers[0]}, which the application does not.", code="if-match-other-property"
        )
    if find_service(order.service, today).by_authority and not seen:
        return order
    return replace(order, properties=tuple(_with_version(part, seen) for part in order.properties))


def _with_version(part: NamedProperty, seen: tuple[EntityTag, ...] | None) -> NamedProperty:
    tagged = any(tag.subject == part.register_number for tag in seen or ())
    if part.version is not None and not tagged:
        return part
    version = require_version(seen, part.register_number)
    if part.version not in (None, version):
        raise InvalidInput(
            f"If-Match and the application name two versions of {part.register_number}.",
            code="if-match-malformed",
        )
    return replace(part, version=version)


def _require_capacity(code: str, caller: Caller, today: date) -> None:
    capacities = load_codelist("applicant_capacities")
    capacity = capacities.find_entry(code, today)
    if capacity is None:
        known = ", ".join(capacities.codes_at(today))
        raise InvalidInput(f"capacity must be one of {known}.", code="unknown-capacity")
    if caller.role.value not in capacity.texts("roles"):
        raise Denied(
            f"The role {caller.role.value} may not act in the capacity {code}.", code="capacity-not-entitled"
        )


def _properties(named: Sequence[NamedProperty], service: Service) -> tuple[NamedProperty, ...]:
    if not named and service.operation not in _WITHOUT_PROPERTY:
        raise InvalidInput("The application names no property.", code="property-missing")
    proper = tuple(
        replace(part, register_number=parse_register_number(part.register_number)) for part in named
    )
    if len({part.register_number for part in proper}) < len(proper):
        raise InvalidInput("The application names a property twice.", code="property-repeated")
    return proper


def _require_parties(parties: Iterable[NamedParty], service: Service) -> None:
    there = {party.role.value for party in parties}
    missing = [role for role in service.parties if role not in there]
    if missing:
        raise InvalidInput(f"A party is missing: {', '.join(missing)}.", code="party-missing", roles=missing)


def _party(named: NamedParty, warnings: list[str]) -> NamedParty:
    """Give a party in stored form; a number of an unproven pattern is warned about, not refused."""
    name = clean_text(named.name, field="name", max_length=MAX_NAME)
    if not name:
        raise InvalidInput("A party has no name.", code="party-without-name")
    warnings += check_text(name)
    fin = voen = None
    if named.fin is not None:
        reading = read_fin(named.fin)
        fin = str(reading.value)
        warnings += reading.warnings
    if named.voen is not None:
        voen = normalise_identifier(named.voen)
        if not VOEN.fullmatch(voen):
            parse_voen(voen)
        warnings += check_voen(voen)
    misfits = list_number_misfits(named.kind, fin, voen)
    if misfits:
        raise InvalidInput(
            f"A party of kind {named.kind.value} has no {' and no '.join(misfits)}.",
            code="party-number-misfit",
        )
    number = None if named.register_number is None else parse_register_number(named.register_number)
    agent, spouse = (_fin(other) for other in (named.represented_by, named.spouse))
    return replace(
        named,
        name=name,
        fin=fin,
        voen=voen,
        register_number=number,
        represented_by=agent,
        spouse=spouse,
    )


def _clean(value: Any, field: str) -> Any:
    """Give terms with every text in stored form; what no paper can print is refused."""
    if isinstance(value, str):
        return clean_text(value, field=field, max_length=MAX_TERM)
    if isinstance(value, Mapping):
        return {key: _clean(item, key) for key, item in value.items()}
    return [_clean(item, field) for item in value] if isinstance(value, list) else value


def _number(text: str | None) -> str | None:
    """Give the FIN or VOEN of whoever a document concerns."""
    if text is not None and VOEN.fullmatch(normalise_identifier(text)):
        return normalise_identifier(text)
    return _fin(text)


def _fin(text: str | None) -> str | None:
    return None if text is None else str(read_fin(text).value)


def _require_papers(order: ApplicationOrder, today: date) -> None:
    ids = [named.document_id for named in order.documents]
    if len(set(ids)) < len(ids):
        raise InvalidInput("The application names a document twice.", code="document-repeated")
    for named in order.documents:
        for field, text in (("number", named.number), ("issuer", named.issuer)):
            clean_text(text or "", field=f"document {field}", max_length=MAX_NUMBER)
        if named.dated is not None and named.dated > today:
            raise RuleBroken(
                f"A document is dated {named.dated.isoformat()}, which is still to come.",
                code="document-future-dated",
                rule="document-future-dated",
            )


def require_sections(
    connection: Connection, named: Sequence[NamedProperty], caller: Caller
) -> list[Row[Any]]:
    """Give the sections of the properties in the order of the application; each is there and open.

    To an owner a property of somebody else is not there.
    """
    numbers = [part.register_number for part in named]
    found = {row.register_number: row for row in list_sections(connection, numbers)}
    return fit_sections(connection, found, named, caller)


def fit_sections(
    connection: Connection,
    sections: Mapping[str, Any],
    named: Sequence[NamedProperty],
    caller: Caller,
    *,
    closed_too: bool = False,
) -> list[Any]:
    """Give the sections, which were found by their numbers, as :func:`require_sections` does.

    With ``closed_too`` they may be closed: a cancellation opens again what its cases closed.
    """
    found = dict(sections)
    if caller.role is CallerRole.OWNER and found:
        payload = {"register_numbers": sorted(found)}
        append_leaf(connection, kind="access.property", actor=caller.subject, payload=payload)
        ids = [row.property_id for row in found.values()]
        held = list_held(connection, ids, fin=caller.fin, voen=caller.voen)
        found = {number: row for number, row in found.items() if row.property_id in held}
    for part in named:
        row = found.get(part.register_number)
        if row is None:
            raise NotFound(
                f"There is no property {part.register_number} that you may apply about; check the number.",
                code="property-not-found",
                register_number=part.register_number,
            )
        if row.is_closed and not closed_too:
            raise closed_section(part.register_number)
    return [found[part.register_number] for part in named]


def closed_section(register_number: str) -> RuleBroken:
    """Give the refusal of an application about a section that is closed."""
    return RuleBroken(
        f"The section of property {register_number} is closed; see what it became.",
        code="section-closed",
        rule="ck_property_open",
        register_number=register_number,
    )


def require_own_mortgages(
    connection: Connection, caller: Caller, commands: Iterable[Command], states: Mapping[int, PropertyState]
) -> None:
    """Refuse a bank that registers, moves or ends a mortgage of somebody else.

    Raises
    ------
    Denied
        The creditor is not the organisation that the account is vouched for.
    """
    if caller.role is not CallerRole.BANK:
        return
    own = None if caller.voen is None else find_party_of_voen(connection, caller.voen)
    creditors = {creditor for command in commands for creditor in _creditors(command, states)}
    if own is None or creditors - {own}:
        raise Denied(
            "A bank applies about its own mortgages only; its account is vouched for by its VOEN.",
            code="not-own-mortgage",
        )


def _creditors(command: Command, states: Mapping[int, PropertyState]) -> Iterator[UUID | None]:
    """Give whose mortgages a command is about; of a change of ranks, nobody's alone."""
    match command:
        case RegisterMortgage():
            yield command.contents.beneficiary
        case EndEntry() | AssignMortgage():
            for entry in states[command.property_id].restrictions:
                if entry.restriction_id == command.restriction_id:
                    yield entry.contents.beneficiary
            if isinstance(command, EndEntry) and command.right_id is not None:
                yield None
        case _:
            return


def require_competence(connection: Connection, caller: Caller, districts: Iterable[str], today: date) -> None:
    """Refuse whoever acts outside the territory recorded for him; nothing recorded means no bounds known."""
    kind = TERRITORIAL.get(caller.role)
    own = None if kind is None else list_districts_of(connection, kind, caller.subject, today)
    require_within(own, districts)


def require_within(own: frozenset[str] | None, districts: Iterable[str]) -> None:
    """Refuse what lies outside somebody's own districts; None are no bounds."""
    outside = sorted(set(districts) - own) if own is not None else []
    if outside:
        raise Denied(
            f"This is outside your territory: {', '.join(outside)}.",
            code="outside-competence",
            districts=outside,
        )


def require_officer_for(connection: Connection, subject: str, districts: Iterable[str], today: date) -> None:
    """Refuse to give a case to an officer of another territory, who could take no step of it."""
    own = list_districts_of(connection, TERRITORIAL[CallerRole.REGISTRAR], subject, today)
    outside = sorted(set(districts) - own) if own is not None else []
    if outside:
        raise Denied(
            f"The officer named is not competent for {', '.join(outside)}.",
            code="assignee-outside-territory",
            districts=outside,
        )


def look_up_named(connection: Connection, intake: Intake, caller: Caller, today: date) -> Looked:
    """Read all that the application is checked against before the heads of its properties are taken.

    A document is the applicant's own, or is shown to the office.
    """
    order = intake.order
    wanted = Wanted(
        numbers=[part.register_number for part in order.properties],
        documents=[named.document_id for named in order.documents],
        uploader=None if caller.role is CallerRole.REGISTRAR else caller.subject,
        kind=TERRITORIAL.get(caller.role),
        subject=caller.subject,
        on=today,
        with_officers=bool(order.properties) and is_drawn(intake.service, today),
    )
    return look_up(connection, wanted)


def require_documents(order: ApplicationOrder, kinds: Mapping[UUID, str]) -> Mapping[UUID, str]:
    """Give the kinds of the documents; each of the application is among those that were found."""
    unknown = [str(named.document_id) for named in order.documents if named.document_id not in kinds]
    if unknown:
        raise InvalidInput(
            f"There is no document of yours {', '.join(unknown)}; upload it first.",
            code="unknown-document",
            documents=unknown,
        )
    return kinds


def list_papers(order: ApplicationOrder, kinds: Mapping[UUID, str]) -> list[Paper]:
    """Give the documents of an application as services ask for them."""
    return [Paper(named.role, kinds[named.document_id]) for named in order.documents]


__all__ = [
    "TERRITORIAL",
    "Intake",
    "closed_section",
    "fit_sections",
    "list_papers",
    "look_up_named",
    "require_competence",
    "require_documents",
    "require_officer_for",
    "require_own_mortgages",
    "require_sections",
    "require_within",
    "take_in",
    "with_versions_seen",
]
