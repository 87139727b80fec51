"""Takes, renews and releases places before a property; the taking reads it in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.filing import NamedProperty, channel_of
from cadastre.domain.look import of_number, require_purpose
from cadastre.domain.priority import (
    Notice,
    NoticeState,
    NoticeTerms,
    find_notice_terms,
    queue_at,
    require_alive,
    require_place,
    require_renewable,
)
from cadastre.domain.property import PropertyView
from cadastre.domain.service import Service, find_service
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.kernel.errors import CadastreError, Denied, InvalidInput, NotFound, RuleBroken
from cadastre.kernel.ids import RegisterNumber, parse_register_number, read_fin
from cadastre.rules.rulebook import load_rulebook
from cadastre.services.case_intake import require_competence, require_sections
from cadastre.services.properties import look_at_property
from cadastre.store.cases import list_documents, list_held
from cadastre.store.heads import enter_properties
from cadastre.store.ledger import append_leaf
from cadastre.store.looks import append_look
from cadastre.store.notices import (
    find_block,
    find_notice,
    get_moment,
    get_standing,
    list_standing,
    take_notice,
    turn_notice,
)
from cadastre.store.properties import find_property_id

TermsOn = Callable[[date], NoticeTerms]
_RULE: Final = "priority-taken"
CONSENT: Final = "owner_consent"


@dataclass(frozen=True, slots=True)
class OwnerConsent:
    """The owner's consent to the look and the place, as a bank brings it before its first mortgage."""

    document_id: UUID
    owner_fin: str


@dataclass(frozen=True, slots=True)
class NoticeOrder:
    """What somebody wants to keep a place for."""

    register_number: str
    service: str
    purpose: str = "disposal"
    consent: OwnerConsent | None = None


@dataclass(frozen=True, slots=True)
class TakenNotice:
    """A notice with how many stand before it; ``property`` as read in the transaction that took it."""

    notice: Notice
    register_number: str
    ahead: int
    version: int
    view: PropertyView | None = None

    @property
    def holds(self) -> bool:
        """Whether it has the priority now."""
        return self.ahead == 0 and self.notice.state is NoticeState.HELD


@dataclass(frozen=True, slots=True)
class RefusedNotice:
    """The notice was refused, but the property was looked at: the caller commits, then raises."""

    error: CadastreError


def take_place(
    uow: UnitOfWork,
    order: NoticeOrder,
    caller: Caller,
    *,
    notice_id: UUID,
    now: datetime,
    terms_on: TermsOn = find_notice_terms,
) -> TakenNotice | RefusedNotice:
    """Read a property and take the next place before it, as one act; at READ COMMITTED.

    Its head is held from the first statement: nothing about it changes between the look and the place.

    Raises
    ------
    Denied, InvalidInput
        The caller or the service does not fit.
    LedgerBusy
        An entry of the property has no number yet; the whole is tried again.
    """
    today = now.astimezone(OFFICIAL_ZONE).date()
    terms = terms_on(today)
    service, number = _require_order(order, caller, terms, today)
    channel = channel_of(caller.role, "", None)
    property_id = find_property_id(uow.connection, number)
    if property_id is not None:
        enter_properties(uow.connection, [property_id])
    consents = property_id is not None and _is_consented(uow.connection, order, property_id, caller)
    view = look_at_property(uow, number, caller, order.purpose, today, is_consented=consents)
    if view is None or property_id is None:
        return RefusedNotice(
            NotFound("There is no such property that you may see.", code="property-not-found")
        )
    queue = queue_at(list_standing(uow.connection, [property_id]), get_moment(uow.connection))
    try:
        section = require_sections(uow.connection, [NamedProperty(number)], caller)[0]
        require_competence(uow.connection, caller, [section.district_code], today)
        _require_free(uow.connection, property_id, service)
        require_place(queue, caller.subject, terms)
    except CadastreError as error:
        return RefusedNotice(error)
    leaf = _leaf(uow.connection, "taken", notice_id, number, caller, order.consent)
    notice = take_notice(
        uow.connection,
        notice_id,
        property_id,
        holder=caller.subject,
        channel=channel.value,
        office_code=section.office_code,
        service=service.code,
        length=terms.length_from(now),
        leaf=leaf,
    )
    return TakenNotice(notice, number, len(queue), view.version or 0, view)


def renew_place(
    uow: UnitOfWork,
    notice_id: UUID,
    caller: Caller,
    *,
    now: datetime,
    terms_on: TermsOn = find_notice_terms,
) -> TakenNotice:
    """Prolong a notice by its term from now; its place stays.

    Raises
    ------
    NotFound
        The caller holds no such notice.
    RuleBroken
        It has ended, or was renewed as often as may be.
    """
    terms = terms_on(now.astimezone(OFFICIAL_ZONE).date())
    notice = _enter(uow.connection, notice_id, caller)
    require_renewable(notice, terms, get_moment(uow.connection))
    leaf = _leaf(uow.connection, "renewed", notice_id, _number_of(uow.connection, notice), caller)
    turn_notice(uow.connection, notice_id, NoticeState.HELD, leaf, length=terms.length_from(now))
    return show_place(uow.connection, notice_id, caller)


def release_place(uow: UnitOfWork, notice_id: UUID, caller: Caller) -> None:
    """Give a place up; done already, it stays so.

    Raises
    ------
    NotFound
        The caller holds no such notice.
    RuleBroken
        It was used, or has run out.
    """
    notice = _enter(uow.connection, notice_id, caller)
    if notice.state is NoticeState.RELEASED:
        return
    require_alive(notice, get_moment(uow.connection))
    leaf = _leaf(uow.connection, "released", notice_id, _number_of(uow.connection, notice), caller)
    turn_notice(uow.connection, notice_id, NoticeState.RELEASED, leaf)


def show_place(connection: Connection, notice_id: UUID, caller: Caller) -> TakenNotice:
    """Give a notice of the caller as it now stands.

    Raises
    ------
    NotFound
        The caller holds no such notice.
    """
    notice = _find_own(connection, notice_id, caller)
    queue = queue_at(list_standing(connection, [notice.property_id]), get_moment(connection))
    ahead = sum(other.queue_number < notice.queue_number for other in queue)
    number, version = get_standing(connection, notice.property_id)
    return TakenNotice(notice, number, ahead, version)


def require_priority(
    standing: Sequence[Notice], properties: Mapping[int, NamedProperty], service: Service, holder: str
) -> None:
    """Refuse an application against somebody else's priority; acts of authority wait for nobody.

    Parameters
    ----------
    standing
        The living notices before each property, in the order of their places.

    Raises
    ------
    RuleBroken
        ``priority-taken``: another place before the property lives and is lower; ``notice-not-named``:
        the applicant's own place is the lowest, and the application does not rest on it.
    """
    if service.by_authority:
        return
    for property_id, named in properties.items():
        first = next((notice for notice in standing if notice.property_id == property_id), None)
        if first is None or first.notice_id == named.notice_id:
            continue
        if first.holder == holder:
            raise RuleBroken(
                f"Name the notice that you hold on property {named.register_number} in the application.",
                code="notice-not-named",
                rule=_RULE,
                notice_id=str(first.notice_id),
            )
        raise _taken(first, named.register_number)


def _taken(first: Notice, register_number: str) -> RuleBroken:
    rule = next(rule for rule in load_rulebook().rules if rule.id == _RULE)
    return RuleBroken(
        f"{rule.rule.text('en')} {rule.what_to_do('en')}",
        code="priority-taken",
        rule=_RULE,
        source=rule.rule.source,
        what_to_do=rule.what_to_do("en"),
        register_number=register_number,
        journal_number=first.journal_number,
        expires_at=first.expires_at.isoformat(),
    )


def _require_order(
    order: NoticeOrder, caller: Caller, terms: NoticeTerms, today: date
) -> tuple[Service, RegisterNumber]:
    service = find_service(order.service, today)
    if caller.role.value not in service.roles:
        raise Denied(
            f"The role {caller.role.value} does not apply for {service.code}.",
            code="service-not-entitled",
            service=service.code,
        )
    if service.by_authority:
        raise InvalidInput(
            "An act of authority waits for nobody; it needs no notice.", code="notice-not-offered"
        )
    terms.require_operation(service.operation)
    require_purpose(order.purpose, caller, today)
    return service, parse_register_number(order.register_number)


def _require_free(connection: Connection, property_id: int, service: Service) -> None:
    """Refuse a place for what could not be registered: an arrest or prohibition stands."""
    if not service.overrides_block and find_block(connection, property_id) is not None:
        raise RuleBroken(
            "An arrest or prohibition stands on the property; no place is kept until its release.",
            code="property-blocked",
            rule="ck_entry_blocked",
        )


def _enter(connection: Connection, notice_id: UUID, caller: Caller) -> Notice:
    """Take the head of the notice's property, then read the notice as it now is."""
    enter_properties(connection, [_find_own(connection, notice_id, caller).property_id])
    return _find_own(connection, notice_id, caller)


def _find_own(connection: Connection, notice_id: UUID, caller: Caller) -> Notice:
    notice = find_notice(connection, notice_id)
    if notice is None or notice.holder != caller.subject:
        raise NotFound("You hold no such priority notice.", code="notice-not-found")
    return notice


def _number_of(connection: Connection, notice: Notice) -> str:
    return get_standing(connection, notice.property_id)[0]


def _is_consented(connection: Connection, order: NoticeOrder, property_id: int, caller: Caller) -> bool:
    """Tell whether an owner of the property consents, by a scan of his consent that the bank handed in.

    Raises
    ------
    InvalidInput
        It is no such document of the caller's.
    """
    if order.consent is None or caller.role is not CallerRole.BANK:
        return False
    scan = order.consent.document_id
    if list_documents(connection, [scan], caller.subject).get(scan) != CONSENT:
        raise InvalidInput(
            f"The consent is a document of kind {CONSENT} that you have handed in.", code="unknown-document"
        )
    fin = str(read_fin(order.consent.owner_fin).value)
    payload = {"register_number": order.register_number, "consent": str(scan)}
    append_look(
        connection,
        kind="access.consent",
        caller=caller,
        payload=payload,
        subjects=of_number(fin=fin, voen=None),
        purpose=order.purpose,
    )
    return property_id in list_held(connection, [property_id], fin=fin, voen=None)


def _leaf(
    connection: Connection,
    act: str,
    notice_id: UUID,
    number: str,
    caller: Caller,
    consent: OwnerConsent | None = None,
) -> int:
    payload = {"notice": str(notice_id), "register_number": number}
    if consent is not None:
        payload["consent"] = str(consent.document_id)
    return append_leaf(connection, kind=f"priority.{act}", actor=caller.subject, payload=payload)


__all__ = [
    "NoticeOrder",
    "OwnerConsent",
    "RefusedNotice",
    "TakenNotice",
    "release_place",
    "renew_place",
    "require_priority",
    "show_place",
    "take_place",
]
