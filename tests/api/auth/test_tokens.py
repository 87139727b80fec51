"""Tokens: made whole, and refused in every other shape."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey, RSAKey

from api.auth.tokens import TokenDesk, make_caller, open_token_desk
from cadastre.domain.caller import CallerRole
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import InvalidInput, NotAuthenticated

NOW = datetime(2026, 3, 3, 6, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def desk(tmp_path: Path, clock: FixedClock) -> TokenDesk:
    return open_token_desk(tmp_path, issuer="kadastr", audience="kadastr-api", hours=1, clock=clock)


def claims_of(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def test_caller_comes_back_whole(desk: TokenDesk) -> None:
    caller = make_caller("owner", "5ZK1M0A", "Əliyev İlqar")
    assert caller.fin == "5ZK1M0A"
    assert desk.authenticate(desk.issue(caller)) == caller
    bank = make_caller("bank", "1401555071")
    assert (bank.voen, bank.fin) == ("1401555071", None)


def test_claims_are_complete_and_ids_differ(desk: TokenDesk) -> None:
    first, second = (claims_of(desk.issue(make_caller("notary", "n-1"))) for _ in range(2))
    assert (first["iss"], first["aud"], first["role"]) == ("kadastr", "kadastr-api", "notary")
    assert int(str(first["exp"])) - int(str(first["iat"])) == 3600
    assert first["jti"] != second["jti"]


def test_expires_to_the_second_with_little_leeway(desk: TokenDesk, clock: FixedClock) -> None:
    token = desk.issue(make_caller("notary", "n-1"))
    clock.advance(seconds=3600)
    assert desk.authenticate(token).role is CallerRole.NOTARY
    clock.advance(seconds=6)
    with pytest.raises(NotAuthenticated) as refusal:
        desk.authenticate(token)
    assert refusal.value.code == "token-expired"


def test_token_from_the_future_is_refused(desk: TokenDesk, clock: FixedClock) -> None:
    token = desk.issue(make_caller("notary", "n-1"))
    clock.advance(seconds=-3600)
    with pytest.raises(NotAuthenticated):
        desk.authenticate(token)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(desk: TokenDesk) -> dict[str, str]:
    good = desk.issue(make_caller("notary", "n-1"))
    header, body, signature = good.split(".")
    claims = claims_of(good)
    shared = OctKey.import_key(json.dumps(desk.key.as_dict(private=False)).encode())
    raised = part({**claims, "role": "registrar"})
    return {
        "alg none": f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "alg none, signed": f"{part({'alg': 'none'})}.{body}.{signature}",
        "HMAC with the public key": jwt.encode({"alg": "HS256"}, claims, shared, ["HS256"]),
        "RSA": jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048), ["RS256"]),
        "another Ed25519 key": replace(desk, key=OKPKey.generate_key("Ed25519")).issue(
            make_caller("notary", "n-1")
        ),
        "raised role": f"{header}.{raised}.{signature}",
        "cut signature": f"{header}.{body}.{signature[:-4]}",
        "no signature": f"{header}.{body}.",
        "another issuer": replace(desk, issuer="elsewhere").issue(make_caller("notary", "n-1")),
        "another audience": replace(desk, audience="elsewhere").issue(make_caller("notary", "n-1")),
        "unknown role": sign(desk, {**claims, "role": "tsar"}),
        "role public": sign(desk, {**claims, "role": "public"}),
        "role is a list": sign(desk, {**claims, "role": ["notary"]}),
        "fin is no FIN": sign(desk, {**claims, "fin": "OOOOOOO"}),
        "name with a line break": sign(desk, {**claims, "name": "a\nb"}),
        **{f"no {name}": sign(desk, {k: v for k, v in claims.items() if k != name}) for name in claims},
        "exp is text": sign(desk, {**claims, "exp": "never"}),
        "empty": "",
        "dots": "..",
        "not ASCII": "ə.ə.ə",
        "far too long": "A" * 100_000,
        "deep header": base64.urlsafe_b64encode(b"[" * 2_000).decode() + ".e30.AA",
    }


def sign(desk: TokenDesk, claims: dict[str, object]) -> str:
    return jwt.encode({"alg": "Ed25519"}, claims, desk.key, ["Ed25519"])


def test_nothing_forged_passes(desk: TokenDesk) -> None:
    assert desk.authenticate(sign(desk, claims_of(desk.issue(make_caller("notary", "n-1")))))
    for name, token in forged(desk).items():
        with pytest.raises(NotAuthenticated):
            pytest.fail(f"accepted: {name} as {desk.authenticate(token)}")


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ({"role": "tsar", "subject": "x"}, "unknown-role"),
        ({"role": "public", "subject": "x"}, "unknown-role"),
        ({"role": "notary", "subject": " "}, "bad-account"),
        ({"role": "notary", "subject": "x\x1b[2J"}, "bad-account"),
        ({"role": "owner", "subject": "x", "fin": "5ZK1MOA"}, "fin-letter-o"),
        ({"role": "bank", "subject": "x", "voen": "1"}, "voen-malformed"),
    ],
)
def test_accounts_are_checked_before_a_token_is_made(account: dict[str, str], code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        make_caller(**account)
    assert refusal.value.code == code


class TestRemembered:
    """A token that was judged good is not judged again, and nothing else is let through by that."""

    def test_it_is_judged_once(self, desk: TokenDesk) -> None:
        caller = make_caller("notary", "n-1")
        token = desk.issue(caller)
        assert desk.authenticate(token) is desk.authenticate(token)
        assert desk.authenticate(desk.issue(caller)) is not desk.authenticate(token)

    def test_it_ends_when_it_would_have_ended(self, desk: TokenDesk, clock: FixedClock) -> None:
        token = desk.issue(make_caller("notary", "n-1"))
        desk.authenticate(token)
        clock.advance(seconds=3604)
        desk.authenticate(token)
        clock.advance(seconds=1)
        with pytest.raises(NotAuthenticated) as refusal:
            desk.authenticate(token)
        assert refusal.value.code == "token-expired"

    def test_it_is_not_good_before_it_was_issued(self, desk: TokenDesk, clock: FixedClock) -> None:
        token = desk.issue(make_caller("notary", "n-1"))
        desk.authenticate(token)
        clock.advance(seconds=-6)
        with pytest.raises(NotAuthenticated):
            desk.authenticate(token)

    def test_altered_it_is_another_one(self, desk: TokenDesk) -> None:
        token = desk.issue(make_caller("notary", "n-1"))
        desk.authenticate(token)
        head, body, seal = token.split(".")
        claims = claims_of(token) | {"role": "registrar"}
        other = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        for forged in (f"{head}.{other}.{seal}", f"{head}.{body}.{seal[:-4]}AAAA", f"{token}=", token[:-1]):
            with pytest.raises(NotAuthenticated):
                desk.authenticate(forged)
        assert desk.authenticate(token).role is CallerRole.NOTARY

    def test_what_was_refused_is_not_remembered(self, desk: TokenDesk, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        stranger = open_token_desk(
            tmp_path / "other", issuer="kadastr", audience="kadastr-api", hours=1, clock=desk.clock
        )
        token = stranger.issue(make_caller("registrar", "r-1"))
        assert stranger.authenticate(token).role is CallerRole.REGISTRAR
        for _ in range(2):
            with pytest.raises(NotAuthenticated):
                desk.authenticate(token)

    def test_the_memory_is_bounded(self, desk: TokenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("api.auth.remembered.MOST", 3)
        tokens = [desk.issue(make_caller("notary", f"n-{n}")) for n in range(8)]
        assert [desk.authenticate(token).subject for token in tokens] == [f"n-{n}" for n in range(8)]
        assert sum(desk.remembered.find(token, int(NOW.timestamp())) is not None for token in tokens) == 2
