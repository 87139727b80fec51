"""``cadastre token`` prints a token that the served interface accepts, and nothing else."""

from __future__ import annotations

import httpx
import pytest

from tests.api.commands.conftest import Run
from tests.api.planting import CANARY_FIN, REGISTER_NUMBER
from tests.api.server import bearer

pytestmark = pytest.mark.usefixtures("planted_environment")


def test_printed_token_opens_the_interface(run: Run, public: httpx.Client) -> None:
    done = run("token", "--role", "owner", "--subject", CANARY_FIN)
    assert (done.code, done.err) == (0, "")
    assert done.out.count("\n") == 1
    address = f"/v1/properties/{REGISTER_NUMBER}?purpose=own_information"
    assert public.get(address, headers=bearer(done.out.strip())).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--role", "tsar", "--subject", "x"], "no role 'tsar'"),
        (["--role", "public", "--subject", "x"], "no role 'public'"),
        (["--role", "notary"], "--subject"),
        (["--role", "notary", "--subject", ""], "subject"),
        (["--role", "notary", "--subject", "x", "--hours", "0"], "--hours"),
        (["--role", "owner", "--subject", "x", "--fin", "123"], "FIN"),
    ],
)
def test_unusable_accounts_are_one_line(run: Run, arguments: list[str], says: str) -> None:
    done = run("token", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.splitlines()) == 1
