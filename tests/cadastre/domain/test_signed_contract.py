"""Who has to sign, and with what: judged without a register."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cadastre.domain.caller import CallerRole
from cadastre.domain.signed_contract import (
    MAX_AGE,
    SKEW,
    UNBOUND,
    SignaturePolicy,
    SignedContract,
    SigningKey,
    require_meant_for_us,
    require_signed,
    require_usable,
)
from cadastre.kernel.errors import Denied, InvalidInput

NOON = datetime(2026, 5, 4, 8, tzinfo=UTC)
KEY = SigningKey("k", "notary-1", bytes(32), NOON)


def contract(at: datetime, audience: str = UNBOUND.audience) -> SignedContract:
    return SignedContract("k", b"", b"", {}, audience, at, bytes(32))


def test_a_deployment_may_ask_all_of_a_role_to_sign() -> None:
    strict = SignaturePolicy(required_of=frozenset({CallerRole.NOTARY}))
    require_signed(CallerRole.NOTARY, (), UNBOUND)
    require_signed(CallerRole.BANK, (), strict)
    with pytest.raises(Denied) as refused:
        require_signed(CallerRole.NOTARY, (), strict)
    assert refused.value.code == "signature-required"


@pytest.mark.parametrize("key", [KEY, SigningKey("k", "notary-1", bytes(32), NOON, revoked_at=NOON)])
def test_whoever_had_a_key_signs_for_ever(key: SigningKey) -> None:
    with pytest.raises(Denied):
        require_signed(CallerRole.NOTARY, (key,), UNBOUND)


def test_the_edges_of_a_keys_time() -> None:
    require_usable(KEY, NOON)
    with pytest.raises(Denied):
        require_usable(KEY, NOON - timedelta(microseconds=1))
    ending = SigningKey("k", "notary-1", bytes(32), NOON, valid_to=NOON + timedelta(days=1))
    require_usable(ending, NOON + timedelta(days=1, microseconds=-1))
    with pytest.raises(Denied):
        require_usable(ending, NOON + timedelta(days=1))


def test_the_edges_of_a_payloads_time() -> None:
    require_meant_for_us(contract(NOON), UNBOUND, NOON - SKEW)
    require_meant_for_us(contract(NOON), UNBOUND, NOON + MAX_AGE)
    for now in (NOON - SKEW - timedelta(seconds=1), NOON + MAX_AGE + timedelta(seconds=1)):
        with pytest.raises(InvalidInput):
            require_meant_for_us(contract(NOON), UNBOUND, now)
    with pytest.raises(InvalidInput):
        require_meant_for_us(contract(NOON, "elsewhere"), UNBOUND, NOON)
