"""``cadastre key``: made, registered, listed, used, revoked; faults are one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.schemas.applications import Application
from tests.api.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("planted_environment")


@pytest.fixture
def public(run: Run, tmp_path: Path) -> Path:
    made = run("key", "make", tmp_path / "private.json")
    assert (made.code, "d" in json.loads(made.out)) == (0, False)
    (tmp_path / "public.json").write_text(made.out)
    return tmp_path / "public.json"


def test_made_registered_listed_and_revoked(run: Run, public: Path) -> None:
    private = public.with_name("private.json")
    assert private.stat().st_mode & 0o777 == 0o600
    assert run("key", "make", private).code == 2, "no key is overwritten"
    given = run("key", "register", "notary-of-keys", public, "--since", "2024-01-01", "--until", "2090-01-01")
    assert (given.code, given.err) == (0, "")
    kid = given.out.partition(":")[0]
    twice = run("key", "register", "another", public)
    assert (twice.code, "registered already" in twice.err) == (2, True)
    listed = run("key", "list", "--subject", "notary-of-keys")
    line = f"{kid} notary-of-keys from 2023-12-31T20:00:00+00:00 to 2089-12-31T20:00:00+00:00\n"
    assert listed.out == line
    assert run("key", "revoke", kid, "--reason", "lost").code == 0
    assert "revoked" in run("key", "list", "--subject", "notary-of-keys").out
    again = run("key", "revoke", kid, "--reason", "lost")
    assert (again.code, "no key" in again.err) == (2, True)
    back = run("key", "register", "notary-of-keys", public)
    assert (back.code, "registered already" in back.err) == (2, True)


def test_an_application_is_signed_as_it_stands(run: Run, public: Path, tmp_path: Path) -> None:
    body = {"service": "sale", "capacity": "notary", "properties": [{"register_number": "203015000123"}]}
    application = tmp_path / "application.json"
    application.write_text(json.dumps(body))
    done = run("key", "sign", application, "--key", public.with_name("private.json"))
    signed = json.loads(done.out)
    assert {name: signed[name] for name in body} == body
    order = Application.model_validate(signed).to_order()
    assert order.signed is not None


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        ('{"kty":"RSA"}', ["notary-x"], "Ed25519"),
        ('{"kty":"OKP","crv":"Ed25519","x":"AA"}', ["notary-x"], "Ed25519"),
        ("[]", ["notary-x"], "object"),
        ("not json", ["notary-x"], "JSON"),
        (None, ["notary-x"], "No such file"),
        ("public", ["  "], "account"),
        ("public", ["notary-x", "--since", "2026-01-02", "--until", "2026-01-01"], "before it begins"),
        ("public", ["notary-x", "--since", "soon"], "YYYY-MM-DD"),
        ("private", ["notary-x"], "Ed25519"),
    ],
)
def test_unusable_input_is_one_line(
    run: Run, public: Path, content: str | None, arguments: list[str], says: str
) -> None:
    file = public.with_name(f"{content}.json" if content in ("public", "private") else "other.json")
    if content not in ("public", "private", None):
        file.write_text(content)
    done = run("key", "register", arguments[0], file, *arguments[1:])
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.splitlines()) == 1
