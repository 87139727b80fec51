"""Every rule of the register to the function that looks for its breach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from cadastre.rules.fault import Fault
from cadastre.rules.proposal import Proposal
from cadastre.rules.register import (
    acting,
    blocks,
    consents,
    first,
    foreigners,
    ground,
    land,
    mortgage,
    order,
    ownership,
    papers,
    restating,
    successors,
    terms,
    text,
)

Check = Callable[[Proposal, Fraction | None], Iterator[Fault]]

_MODULES: Final = (
    ownership,
    successors,
    restating,
    ground,
    land,
    blocks,
    mortgage,
    consents,
    acting,
    foreigners,
    papers,
    first,
    terms,
    order,
    text,
)

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {rule: check for module in _MODULES for rule, check in module.CHECKS.items()}
)
"""A test holds its keys to be the ids of register.toml, both ways."""

__all__ = ["CHECKS", "Check"]
