"""``cadastre lineage``: of a parcel for everybody, of a property on record; one plain line for the rest."""

from __future__ import annotations

import pytest

from tests.api.commands.conftest import Run
from tests.api.planting import BARE_PARCEL, REGISTER_NUMBER

pytestmark = pytest.mark.usefixtures("planted_environment")


@pytest.mark.parametrize("direction", ["--up", "--down"])
def test_a_parcel_and_a_property_that_were_never_changed_are_alone(run: Run, direction: str) -> None:
    for number in (BARE_PARCEL, REGISTER_NUMBER):
        done = run("lineage", number, direction)
        assert (done.code, len(done.out.splitlines())) == (0, 1), done
        assert done.out.startswith(f"    0  {number}  from ")
        assert "current" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("585-03-36-999",), "No parcel has or had this cadastral number"),
        (("203015999999",), "no property under this register number"),
        ((BARE_PARCEL, "--depth", "0"), "depth must lie in"),
        ((BARE_PARCEL, "--as-of", "yesterday"), "is not a day"),
        ((BARE_PARCEL, "--known-at", "soon"), "known_at must be a ledger index"),
        ((BARE_PARCEL, "--known-at", "999999999"), "known_at must lie in"),
        ((BARE_PARCEL, "--as-of", "1950-01-01"), "No parcel has or had"),
    ],
)
def test_what_is_unusable_is_said_in_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run("lineage", *arguments)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1
