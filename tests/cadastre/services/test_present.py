"""A read begins with its section: found by its number, and waiting for every entry that it would show."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from cadastre.services.ledger_clock import sequence
from cadastre.store.heads import get_version
from cadastre.store.ledger import get_head_index
from cadastre.store.present import Present, find_present
from cadastre.store.properties import find_property_id
from tests.cadastre.services.conftest import Office
from tests.cadastre.services.test_extracts import NUMBER, write
from tests.cadastre.services.test_unit_extracts import enter_flat
from tests.register import Register


class _Enough(Exception):
    """Ends a transaction whose rows are not to stay."""


@pytest.fixture
def numbered(office: Office) -> Office:
    write(office, enter_flat)
    sequence(office.database)
    return office


def test_it_tells_identity_version_and_newest_index(numbered: Office) -> None:
    def look(register: Register) -> None:
        found = find_property_id(register.connection, NUMBER)
        assert found is not None
        head = get_head_index(register.connection)
        version = get_version(register.connection, found)
        assert find_present(register.connection, NUMBER) == Present(found, head, version, 0)
        assert find_present(register.connection, "999999999999") == Present(None, head, None, 0)

    write(numbered, look)


@pytest.mark.parametrize(
    ("table", "shown"),
    [
        ("cadastre.property", True),
        ("cadastre.property_object", True),
        ("cadastre.property_right", True),
        ("cadastre.building_unit", True),
        ("cadastre.building", True),  # its number is shown with the unit
        ("cadastre.parcel_version", False),  # land that its building stands on is no object of a flat
    ],
)
def test_what_it_shows_is_waited_for_also_when_it_is_closed(
    numbered: Office, table: str, shown: bool
) -> None:
    def close(register: Register) -> None:
        leaf = register.leaf()
        register.connection.execute(
            text(f"UPDATE {table} SET superseded_leaf = :leaf WHERE superseded_leaf IS NULL"), {"leaf": leaf}
        )
        assert find_present(register.connection, NUMBER).unnumbered == int(shown)
        raise _Enough

    with pytest.raises(_Enough):
        write(numbered, close)


def test_an_arrest_of_this_moment_is_waited_for_and_one_of_another_section_is_not(numbered: Office) -> None:
    def arrest(register: Register) -> None:
        found = find_property_id(register.connection, NUMBER)
        assert found is not None
        other = register.property("203015000999")
        register.restriction(other, "arrest")
        assert find_present(register.connection, NUMBER).unnumbered == 0
        register.restriction(found, "arrest")
        assert find_present(register.connection, NUMBER).unnumbered > 0
        raise _Enough

    with pytest.raises(_Enough):
        write(numbered, arrest)
