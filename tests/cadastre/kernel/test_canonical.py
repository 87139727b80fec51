"""Canonical JSON is what rfc8785 writes, byte for byte, whichever way it is written."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from cadastre.kernel.canonical import canonical_json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
)


@given(VALUES)
def test_it_writes_what_rfc8785_writes(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        "".join(map(chr, range(0x20))) + '"\\/\x7f\x80\u2028\ufeff😀',
        {"a": 1, "B": 2, "_": 3, "aa": [True, False, None], "": {}},
        {"\ufb33": 1, "😀": 2, "z": 3},
        (1, ["x"]),
        0.1,
        1e21,
        -0.0,
    ],
)
def test_the_corners(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, float("nan"), {"a": {1: 2}}, ["\ud800"], [object()]])
def test_what_cannot_be_written_is_refused_as_there(value: Any) -> None:
    with pytest.raises(Exception) as there:  # noqa: PT011
        rfc8785.dumps(value)
    with pytest.raises(type(there.value)):
        canonical_json(value)
