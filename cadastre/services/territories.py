"""Records who may act for which territory: dated, never erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.codelist import load_codelist
from cadastre.kernel.errors import InvalidInput, NotFound
from cadastre.kernel.text import clean_text
from cadastre.store import competence as store
from cadastre.store.ledger import append_leaf

MAX_SUBJECT: Final = 100


class CompetenceKind(StrEnum):
    """Who is bound to a territory."""

    NOTARY = "notary"
    REGISTRAR = "registrar"


@dataclass(frozen=True, slots=True)
class Territory:
    """A district, with all inside it, that somebody may act for from a day on."""

    kind: CompetenceKind
    subject: str
    district_code: str
    valid_from: date


def give_territory(uow: UnitOfWork, territory: Territory, caller: Caller) -> int:
    """Record that somebody may act for a district; from the first such entry on he is bound to them.

    Raises
    ------
    InvalidInput
        An unknown district, an unprintable account.
    Conflict
        It is recorded already.
    """
    subject = clean_text(territory.subject, field="subject", max_length=MAX_SUBJECT)
    if not subject:
        raise InvalidInput("Name the account that the territory is given to.", code="subject-missing")
    if load_codelist("districts").find_entry(territory.district_code, territory.valid_from) is None:
        raise InvalidInput(
            f"There is no district {territory.district_code!r} in force on {territory.valid_from}.",
            code="unknown-district",
        )
    payload = {"kind": territory.kind.value, "district": territory.district_code}
    leaf = append_leaf(uow.connection, kind="competence.given", actor=caller.subject, payload=payload)
    return store.insert_competence(
        uow.connection,
        kind=territory.kind.value,
        subject=subject,
        district_code=territory.district_code,
        valid_from=territory.valid_from,
        leaf=leaf,
    )


def end_territory(uow: UnitOfWork, competence_id: int, on: date, caller: Caller) -> None:
    """Let a competence end on a day: the first on which it is no longer in force.

    Raises
    ------
    NotFound
        There is no such competence in force.
    InvalidInput
        It would end before it began.
    """
    payload = {"competence": competence_id, "on": on.isoformat()}
    leaf = append_leaf(uow.connection, kind="competence.ended", actor=caller.subject, payload=payload)
    begun = store.close_competence(uow.connection, competence_id, leaf)
    if begun is None:
        raise NotFound(f"There is no competence {competence_id} in force.", code="competence-not-found")
    if on < begun:
        raise InvalidInput(f"It began on {begun} and cannot end before.", code="competence-ends-early")
    store.restate_competence(uow.connection, competence_id, valid_to=on, leaf=leaf)


def list_territories(uow: UnitOfWork, subject: str | None) -> Sequence[Row[Any]]:
    """Give what is recorded, for one account or for all."""
    return store.list_competences(uow.connection, subject)


__all__ = ["CompetenceKind", "Territory", "end_territory", "give_territory", "list_territories"]
