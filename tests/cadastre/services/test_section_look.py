"""A look by one statement shows, and writes down, what a look by several steps does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database, Isolation
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.moment import NOW, AskedMoment
from cadastre.domain.property import PropertyView
from cadastre.kernel.errors import NotFound
from cadastre.kernel.ids import parse_register_number
from cadastre.services.ledger_clock import LedgerBusy, sequence
from cadastre.services.properties import get_property_view, look_at_property
from cadastre.store.properties import find_property_id
from tests.cadastre.services.conftest import Office
from tests.cadastre.services.test_extracts import NOTARY, NUMBER, write
from tests.cadastre.services.test_unit_extracts import enter_flat
from tests.database import Database as MigratedCopy
from tests.register import DAY

TODAY = date(2026, 5, 4)
COURT = Caller("court-1", CallerRole.COURT, "Sınaq məhkəməsi")
BEFORE = date(1990, 1, 1)
COUNT = text("SELECT count(*) FROM ledger.leaf WHERE kind = 'access.property'")
NEWEST = text("""
    SELECT l.kind, l.actor, l.payload, l.closing_number IS NOT NULL AS closed, k.property_id, k.as_of,
           k.known_at, k.party_id, k.fin, k.voen, k.actor_role, k.actor_name, k.purpose, k.case_id,
           k.disclosed_from
      FROM ledger.leaf l LEFT JOIN evidence.look k USING (leaf_id)
     WHERE l.leaf_id = (SELECT max(leaf_id) FROM ledger.leaf WHERE kind = 'access.property')
""")


@dataclass(frozen=True)
class Filled:
    """A register with one flat, read in both ways."""

    office: Office
    owner: Database
    section: int

    def newest(self) -> tuple[Any, ...] | None:
        """Newest look and its leaf, but for times and salts; as the owner, who sees the deferred too."""
        with self.owner.engine.begin() as connection:
            row = connection.execute(NEWEST).one_or_none()
        return None if row is None else tuple(row)

    def count(self) -> int:
        """Number of looks."""
        with self.owner.engine.begin() as connection:
            return int(connection.execute(COUNT).scalar_one())

    def look(self, number: str, caller: Caller, purpose: str, moment: AskedMoment) -> PropertyView:
        """By one statement."""
        return get_property_view(
            self.office.database,
            number,
            caller=caller,
            purpose=purpose,
            today=TODAY,
            moment=moment,
            patience_s=0,
        )

    def look_by_steps(
        self, number: str, caller: Caller, purpose: str, moment: AskedMoment
    ) -> PropertyView | None:
        """By one statement after the other, in one transaction."""
        named = parse_register_number(number)
        return self.office.database.run(
            lambda uow: look_at_property(uow, named, caller, purpose, TODAY, moment=moment),
            isolation=Isolation.REPEATABLE_READ,
        )


@pytest.fixture
def filled(office: Office, fresh_database: MigratedCopy) -> Iterator[Filled]:
    write(office, enter_flat)
    sequence(office.database)
    section = office.database.run(lambda uow: find_property_id(uow.connection, NUMBER))
    assert section is not None
    owner = Database(fresh_database.superuser_url, pool_size=1)
    yield Filled(office, owner, section)
    owner.close()


@pytest.mark.parametrize("number", [NUMBER, "999999999999"])
@pytest.mark.parametrize(("caller", "purpose"), [(NOTARY, "disposal"), (COURT, "investigation")])
def test_both_ways_show_and_write_the_same(filled: Filled, number: str, caller: Caller, purpose: str) -> None:
    for moment in (NOW, *(AskedMoment(as_of=day) for day in (TODAY, DAY, BEFORE))):
        stepwise = filled.look_by_steps(number, caller, purpose, moment)
        written = filled.newest()
        assert (stepwise is None) == (number != NUMBER or moment.as_of == BEFORE)
        if stepwise is None:
            with pytest.raises(NotFound):
                filled.look(number, caller, purpose, moment)
        else:
            assert filled.look(number, caller, purpose, moment) == stepwise
        assert filled.newest() == written is not None
    assert filled.count() == 8


def test_nothing_is_shown_or_written_while_an_entry_awaits_its_number(filled: Filled) -> None:
    write(filled.office, lambda register: register.restriction(filled.section, "arrest"))
    before = filled.newest()
    with pytest.raises(LedgerBusy):
        filled.look(NUMBER, NOTARY, "disposal", NOW)
    assert filled.newest() == before
    sequence(filled.office.database)
    view = filled.look(NUMBER, NOTARY, "disposal", NOW)
    assert [entry.kind for entry in view.restrictions] == ["arrest"]
    assert filled.newest() != before
