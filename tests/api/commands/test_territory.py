"""``cadastre territory``: given, listed, ended; faults are one line."""

from __future__ import annotations

import pytest

from tests.api.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("planted_environment")


def test_given_listed_and_ended(run: Run) -> None:
    given = run("territory", "give", "notary", "notary-of-territories", "BAK-XEZ", "--since", "2024-01-01")
    assert (given.code, given.err) == (0, "")
    number = given.out.partition(":")[0]
    twice = run("territory", "give", "notary", "notary-of-territories", "BAK-XEZ", "--since", "2024-01-01")
    assert (twice.code, len(twice.err.splitlines())) == (2, 1)
    listed = run("territory", "list", "--subject", "notary-of-territories")
    assert listed.out == f"{number}: notary notary-of-territories BAK-XEZ from 2024-01-01\n"
    early = run("territory", "end", number, "--on", "2023-12-31")
    assert (early.code, "cannot end before" in early.err) == (2, True)
    assert run("territory", "end", number, "--on", "2025-01-01").code == 0
    ended = run("territory", "list", "--subject", "notary-of-territories")
    assert ended.out.endswith("BAK-XEZ from 2024-01-01 to 2025-01-01\n")
    again = run("territory", "end", number)
    assert (again.code, "no competence" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["give", "king", "x", "BAK"], "king"),
        (["give", "notary", "x", "ATLANTIS"], "ATLANTIS"),
        (["give", "notary", "  ", "BAK"], "account"),
        (["give", "notary", "x", "BAK", "--since", "tomorrow"], "YYYY-MM-DD"),
        (["end", "999999"], "no competence"),
    ],
)
def test_unusable_input_is_one_line(run: Run, arguments: list[str], says: str) -> None:
    done = run("territory", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.splitlines()) == 1
