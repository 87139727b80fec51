"""Certified contracts over HTTP: signed by the account's own key, for this register, now, and filed once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from cadastre.extract.envelope import TYPE, seal_envelope
from cadastre.extract.jws import JwsKey, public_jwk
from cadastre.services.signing import register_key, revoke_key
from tests.api.server import require_problem
from tests.database import Database
from tests.flows.test_applications import etag_of, file, sale, section, upload

__all__ = ["section"]
AUDIENCE = "kadastr-api"
NOW = datetime.now(UTC)
Sign = Callable[..., httpx.Client]


@dataclass
class Notary:
    """A notary with a key of his own, and the application that he is about to file."""

    client: httpx.Client
    key: JwsKey
    subject: str
    body: dict[str, Any]
    etag: str

    def seal(self, stated: dict[str, Any] | None = None, **values: Any) -> str:
        """Signed payload of the application, or of another one."""
        key, at = values.pop("key", self.key), values.pop("at", datetime.now(UTC))
        return seal_envelope(stated or self.body, key, audience=values.get("audience", AUDIENCE), at=at)

    def send(self, token: str | None, **changes: Any) -> httpx.Response:
        """The application under a request key of its own, with this signed payload."""
        return file(self.client, {**self.body, "signed_payload": token, **changes}, self.etag)


def new_key() -> JwsKey:
    return JwsKey.of(Ed25519PrivateKey.generate())


def enter(owner: Engine, subject: str, key: JwsKey, **validity: datetime) -> None:
    dates = {"valid_from": NOW - timedelta(days=30), "valid_to": None, **validity}
    with owner.begin() as connection:
        register_key(connection, subject, key.private.public_key(), actor="operator", **dates)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def owner(planted_database: Database) -> Iterator[Engine]:
    engine = create_engine(planted_database.admin_url, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def notary(client_as: Sign, owner: Engine, section: str) -> Notary:
    key = new_key()
    subject = f"notary-{key.kid[:12]}"
    enter(owner, subject, key)
    client = client_as("notary", subject, name="Nigar Quliyeva")
    return Notary(client, key, subject, sale(section, upload(client)), etag_of(client, section))


def forge(header: dict[str, Any], payload: str, sign: Callable[[bytes], bytes]) -> str:
    protected = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    signed = f"{protected}.{payload}"
    return f"{signed}.{base64.urlsafe_b64encode(sign(signed.encode())).rstrip(b'=').decode()}"


def test_a_signed_contract_is_filed_and_the_case_says_who_signed_it(notary: Notary, client_as: Sign) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    answer = notary.send(notary.seal())
    assert answer.status_code == 201, answer.text
    shown = client_as("registrar", "registrar-1").get(answer.headers["location"]).json()
    assert shown["signature"]["subject"] == notary.subject
    assert shown["signature"]["key_id"] == notary.key.kid
    assert datetime.fromisoformat(shown["signature"]["signed_at"]) >= before.replace(microsecond=0)


def test_who_has_no_key_files_unsigned_and_who_has_one_does_not(
    notary: Notary, client_as: Sign, section: str
) -> None:
    """A stolen token files nothing that the stolen key has not signed, also after the key has ended."""
    require_problem(notary.send(None), 403, "signature-required")
    keyless = client_as("notary", "notary-without-key")
    answer = file(keyless, sale(section, upload(keyless)), etag_of(keyless, section))
    assert answer.status_code == 201, answer.text
    shown = keyless.get(answer.headers["location"]).json()
    assert shown["signature"] is None


def test_the_application_is_what_was_signed_however_it_is_written(notary: Notary) -> None:
    token = notary.seal()
    respelled = {**notary.body, "tier": "standard", "terms": {}}
    answer = notary.send(token, **respelled)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "change",
    [
        lambda body: {"terms": {"price": "1"}},
        lambda body: {"parties": [*body["parties"][:1], {**body["parties"][1], "share": "1/2"}]},
        lambda body: {"parties": [*body["parties"][:1], {**body["parties"][1], "fin": "4AB2C3E"}]},
        lambda body: {"documents": []},
        lambda body: {"service": "gift"},
        lambda body: {"tier": "days_2"},
        lambda body: {"properties": [{**body["properties"][0], "version": 1}]},
    ],
)
def test_nothing_is_changed_after_the_signing(notary: Notary, change: Callable[..., dict[str, Any]]) -> None:
    answer = notary.send(notary.seal(), **change(notary.body))
    require_problem(answer, 400, "signed-payload-differs")


def test_one_is_not_true_and_text_is_no_number(notary: Notary) -> None:
    """Values that Python holds equal are different contracts."""
    stated = {**notary.body, "terms": {"confirmed_by_party": 1}}
    answer = notary.send(notary.seal(stated), terms={"confirmed_by_party": True})
    require_problem(answer, 400, "signed-payload-differs")


def test_a_key_of_somebody_else_signs_nothing_here(notary: Notary, owner: Engine) -> None:
    stranger, other = new_key(), new_key()
    enter(owner, "notary-somebody-else", other)
    require_problem(notary.send(notary.seal(key=stranger)), 403, "signing-key-unknown")
    require_problem(notary.send(notary.seal(key=other)), 403, "signing-key-unknown")
    lying = JwsKey(stranger.private, notary.key.kid)
    require_problem(notary.send(notary.seal(key=lying)), 400, "signature-mismatch")


def test_a_captured_payload_is_of_no_use_to_another_account(
    notary: Notary, client_as: Sign, owner: Engine
) -> None:
    thief = client_as("notary", "notary-thief")
    enter(owner, "notary-thief", new_key())
    answer = file(thief, {**notary.body, "signed_payload": notary.seal()}, notary.etag)
    require_problem(answer, 403, "signing-key-unknown")


def test_a_revoked_key_signs_nothing_more_whenever_it_says_it_did(notary: Notary, owner: Engine) -> None:
    first = notary.send(notary.seal())
    assert first.status_code == 201
    with owner.begin() as connection:
        revoke_key(connection, notary.key.kid, "lost", at=datetime.now(UTC), actor="operator")
    earlier = notary.seal(at=datetime.now(UTC) - timedelta(hours=2))
    require_problem(notary.send(earlier), 403, "signing-key-revoked")
    require_problem(notary.send(None), 403, "signature-required")
    shown = notary.client.get(first.headers["location"]).json()
    assert shown["signature"]["key_id"] == notary.key.kid, "what was filed before stands"


@pytest.mark.parametrize(
    ("validity", "code"),
    [
        ({"valid_to": NOW - timedelta(days=1)}, "signing-key-expired"),
        ({"valid_from": NOW + timedelta(days=1)}, "signing-key-not-yet"),
    ],
)
def test_a_key_signs_in_its_own_time(
    notary: Notary, owner: Engine, validity: dict[str, datetime], code: str
) -> None:
    dated = new_key()
    enter(owner, notary.subject, dated, **validity)
    require_problem(notary.send(notary.seal(key=dated)), 403, code)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"audience": "kadastr-of-elsewhere"}, "signed-for-other-register"),
        ({"at": NOW + timedelta(hours=1)}, "signed-in-future"),
        ({"at": NOW - timedelta(days=4)}, "signed-too-long-ago"),
    ],
)
def test_it_was_signed_for_us_and_not_long_ago(notary: Notary, values: dict[str, Any], code: str) -> None:
    require_problem(notary.send(notary.seal(**values)), 400, code)


def test_a_payload_is_filed_once_whatever_the_request_is_called(notary: Notary) -> None:
    token = notary.seal()
    first = notary.send(token)
    assert first.status_code == 201, first.text
    again = require_problem(notary.send(token), 409, "signed-payload-replayed")
    assert again["facts"]["journal_number"] == first.json()["journal_number"]  # type: ignore[index]
    later = notary.send(notary.seal(at=datetime.now(UTC) - timedelta(minutes=1)))
    assert later.status_code == 201, "signed anew, it is applied for anew"


def test_only_ed25519_and_only_with_a_registered_key(notary: Notary) -> None:
    """No algorithm of the envelope's own choice, no key that it brings along."""
    payload = notary.seal().split(".")[1]
    private, public = notary.key.private, public_jwk(notary.key.private.public_key())
    raw = base64.urlsafe_b64decode(public["x"] + "=")

    def mac(signed: bytes) -> bytes:
        return hmac.new(raw, signed, hashlib.sha256).digest()

    plain = {"kid": notary.key.kid, "typ": TYPE}
    for header, sign, code in (
        ({"alg": "none", **plain}, lambda signed: b"", "signature-algorithm"),
        ({"alg": "None", **plain}, lambda signed: b"", "signature-algorithm"),
        ({"alg": "HS256", **plain}, mac, "signature-algorithm"),
        ({"alg": "ES256", **plain}, private.sign, "signature-algorithm"),
        ({"alg": ["EdDSA"], **plain}, private.sign, "signature-algorithm"),
        (plain, private.sign, "signature-algorithm"),
        ({"alg": "EdDSA", **plain, "jwk": public}, private.sign, "signature-malformed"),
        ({"alg": "EdDSA", **plain, "jku": "https://example.org/keys"}, private.sign, "signature-malformed"),
        ({"alg": "EdDSA", **plain, "crit": ["b64"], "b64": False}, private.sign, "signature-malformed"),
        ({"alg": "EdDSA", "kid": notary.key.kid}, private.sign, "signature-malformed"),
        ({"alg": "EdDSA", "kid": notary.key.kid, "typ": "JWT"}, private.sign, "signature-malformed"),
        ({"alg": "EdDSA", "kid": 7, "typ": TYPE}, private.sign, "signature-malformed"),
        ({"alg": "EdDSA", **plain}, lambda signed: b"", "signature-mismatch"),
        ({"alg": "EdDSA", **plain}, lambda signed: bytes(64), "signature-mismatch"),
        ({"alg": "EdDSA", **plain}, lambda signed: private.sign(signed) + b"x", "signature-mismatch"),
    ):
        require_problem(notary.send(forge(header, payload, sign)), 400, code)


def test_what_is_no_envelope_is_refused_in_a_sentence(notary: Notary) -> None:
    whole = notary.seal()
    header, payload, signature = whole.split(".")

    def claims(**values: Any) -> str:
        given = {"application": notary.body, "aud": AUDIENCE, "iat": int(NOW.timestamp()), **values}
        text = json.dumps({name: value for name, value in given.items() if value is not ...})
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    twice = base64.urlsafe_b64encode(b'{"aud":"a","aud":"b"}').rstrip(b"=").decode()
    for token in (
        "x",
        "..",
        f"{header}..{signature}",
        f"{header}.{payload}",
        f"{whole}.x",
        f"{header}=.{payload}.{signature}",
        f"{header}.{claims(iat='now')}.{signature}",
        f"{header}.{claims(iat=True)}.{signature}",
        f"{header}.{claims(iat=10**15)}.{signature}",
        f"{header}.{claims(iat=1.5)}.{signature}",
        f"{header}.{claims(aud=...)}.{signature}",
        f"{header}.{claims(application=[])}.{signature}",
        f"{header}.{claims(jti='x')}.{signature}",
        f"{header}.{twice}.{signature}",
    ):
        require_problem(notary.send(token), 400, "signature-malformed")


def test_courts_and_banks_are_bound_like_notaries(client_as: Sign, owner: Engine, section: str) -> None:
    key = new_key()
    enter(owner, "court-with-key", key)
    court = client_as("court", "court-with-key")
    act = {
        "service": "arrest",
        "capacity": "court",
        "properties": [{"register_number": section}],
        "documents": [{"document_id": upload(court, "court_ruling"), "role": "basis"}],
    }

    def send(body: dict[str, Any]) -> httpx.Response:
        headers = {"Idempotency-Key": hashlib.sha256(json.dumps(body).encode()).hexdigest()}
        return court.post("/v1/authority-acts", json=body, headers=headers)

    require_problem(send(act), 403, "signature-required")
    sealed = seal_envelope(act, key, audience=AUDIENCE, at=datetime.now(UTC))
    assert send({**act, "signed_payload": sealed}).status_code == 201
    replayed = send({**act, "signed_payload": sealed, "tier": "standard"})
    require_problem(replayed, 409, "signed-payload-replayed")
