import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey

from cadastre.extract.jws import (
    BadJws,
    JwsKey,
    key_of_jwk,
    public_jwk,
    sign_detached,
    thumbprint,
    verify_detached,
)
from cadastre.extract.strict_json import read_object
from cadastre.kernel.errors import InvalidInput

KEY = JwsKey.of(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEYS = {KEY.kid: KEY.private.public_key()}
PAYLOAD = '{"ad":"Şəki ₼","n":1}'.encode()


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token_with(header: bytes, *, payload: bytes = PAYLOAD) -> str:
    """A token whose signature over an arbitrary header is genuine."""
    protected = b64(header)
    return f"{protected}..{b64(KEY.private.sign(protected.encode() + b'.' + payload))}"


def good_header(**changes: object) -> bytes:
    return json.dumps({"alg": "EdDSA", "b64": False, "crit": ["b64"], "kid": KEY.kid, **changes}).encode()


def test_round_trip_and_shape():
    token = sign_detached(PAYLOAD, KEY)
    assert verify_detached(token, PAYLOAD, KEYS) == KEY.kid
    header, payload, _ = token.split(".")
    assert payload == ""
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["crit"] == ["b64"]
    assert sign_detached(PAYLOAD, KEY) == token, (
        "Ed25519 is deterministic: signing again after a crash is harmless"
    )


def test_an_independent_library_accepts_it():
    """Another JOSE implementation (joserfc) reads the detached token with b64=false."""
    token = sign_detached(PAYLOAD, KEY)
    key = OKPKey.import_key({**public_jwk(KEY.private.public_key()), "kid": KEY.kid})
    with pytest.warns(SecurityWarning, match="RFC 9864"):  # the name "EdDSA" is the interface's
        obj = joserfc_jws.deserialize_compact(token, key, payload=PAYLOAD, algorithms=["EdDSA"])
    assert obj.payload == PAYLOAD


def test_rfc8037_thumbprint_vector():
    """RFC 8037, appendix A.3."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert thumbprint(key_of_jwk(jwk)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@given(st.data())
def test_no_changed_character_verifies(data):
    token = sign_detached(PAYLOAD, KEY)
    index = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(
        st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ə")
    )
    forged = token[:index] + other + token[index + 1 :]
    if forged != token:
        with pytest.raises(BadJws):
            verify_detached(forged, PAYLOAD, KEYS)


@given(st.binary(max_size=200))
def test_no_other_payload_verifies(payload):
    if payload != PAYLOAD:
        with pytest.raises(BadJws, match="does not fit"):
            verify_detached(sign_detached(PAYLOAD, KEY), payload, KEYS)


@pytest.mark.parametrize(
    "header",
    [
        good_header(alg="none"),
        good_header(alg="HS256"),
        good_header(alg="ES256"),
        good_header(b64=True),
        good_header(b64=0),
        good_header(crit=["b64", "exp"]),
        good_header(crit=[]),
        good_header(jwk={"kty": "OKP"}),
        good_header(kid=7),
        good_header()[:-1] + b',"alg":"EdDSA"}',
        b'{"alg":"EdDSA","kid":"x"}',
        b"[]",
        b"\xff",
        b"",
    ],
)
def test_only_one_header_is_accepted(header):
    with pytest.raises(BadJws):
        verify_detached(token_with(header), PAYLOAD, KEYS)


def test_a_header_in_other_spacing_still_verifies_but_only_with_our_key():
    assert verify_detached(token_with(good_header()), PAYLOAD, KEYS) == KEY.kid
    with pytest.raises(BadJws) as refused:
        verify_detached(sign_detached(PAYLOAD, KEY), PAYLOAD, {})
    assert refused.value.code == "unknown-key"


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "a..b.c", "ə..ə", "A" * 2000, "a.." + "=" * 8])
def test_what_is_no_token(token):
    with pytest.raises(BadJws):
        verify_detached(token, PAYLOAD, KEYS)


def test_a_private_or_foreign_jwk_is_no_trust_anchor():
    good = public_jwk(Ed25519PrivateKey.generate().public_key())
    assert isinstance(key_of_jwk(good), Ed25519PublicKey)
    for change in ({"d": "AAAA"}, {"kty": "RSA"}, {"crv": "X25519"}, {"x": "AAAA"}, {"x": 3}):
        with pytest.raises(InvalidInput):
            key_of_jwk({**good, **change})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "json-malformed"),
        (b"[1]", "json-not-an-object"),
        (b'{"a":1.5}', "json-float"),
        (b'{"a":NaN}', "json-float"),
        (b'{"a":1e3}', "json-float"),
        (b'{"a":9007199254740992}', "json-integer"),
        (b'{"a":' + b"9" * 5000 + b"}", "json-integer"),
        (b'{"a":{"b":1,"b":2}}', "json-duplicate-key"),
        (b'{"a":"\\ud800"}', "json-surrogate"),
        (b'{"a":"\xff"}', "json-not-utf8"),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "json-too-deep"),
        (b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "json-too-deep"),
        (b'{"a":"' + b"x" * 16_000_000 + b'"}', "json-too-large"),
    ],
)
def test_strict_json_refuses(data, code):
    with pytest.raises(InvalidInput) as refused:
        read_object(data)
    assert refused.value.code == code
