"""``cadastre priority``: a place is taken, waited for, prolonged and given up; one plain line for the rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.auth import open_tokens
from api.auth.tokens import make_caller
from api.settings import ApiSettings
from tests.api.commands.conftest import Run
from tests.api.offices import plant_section
from tests.database import Database

pytestmark = pytest.mark.usefixtures("planted_environment")


@pytest.fixture
def token_of(api_settings: ApiSettings) -> Callable[[str], str]:
    return lambda subject: open_tokens(api_settings).issue(make_caller("notary", subject))


def test_two_notaries_stand_one_after_the_other(
    run: Run, planted_database: Database, token_of: Callable[[str], str]
) -> None:
    number, one, two = plant_section(planted_database), token_of("notary-c1"), token_of("notary-c2")
    first, second = (run("priority", "take", number, "--token", token) for token in (one, two))
    assert (first.code, second.code) == (0, 1)
    assert first.out.startswith("holds: notice ")
    assert second.out.startswith("waits: notice ")
    assert "1 before it" in second.out
    ids = [done.out.split()[2].rstrip(",") for done in (first, second)]
    assert run("priority", "renew", ids[0], "--token", one).out.startswith("holds: ")
    assert run("priority", "release", ids[0], "--token", one).out == f"released: {ids[0]}\n"
    assert run("priority", "show", ids[1], "--token", two).out.startswith("holds: ")
    assert run("priority", "show", ids[0], "--token", one).out.startswith("released: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("take", "203015999999"), "no such property"),
        (("take", "x"), "register number"),
        (("take", "203015000123", "--service", "nonsense"), "no service"),
        (("take", "203015000123", "--purpose", "x"), "purpose must be one of"),
        (("release", "00000000-0000-0000-0000-000000000000"), "You hold no such priority notice"),
    ],
)
def test_what_is_unusable_is_said_in_one_line(
    run: Run, token_of: Callable[[str], str], arguments: tuple[str, ...], said: str
) -> None:
    done = run("priority", *arguments, "--token", token_of("notary-c3"))
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1
