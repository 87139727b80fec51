"""What was written: texts that can be kept, numbers whose pattern is proven."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from cadastre.kernel.ids import REGISTER_NUMBER
from cadastre.kernel.person_numbers import check_fin, check_voen
from cadastre.kernel.spelling import normalise_identifier
from cadastre.rules.fault import Fault
from cadastre.rules.proposal import Identifier, Proposal


def check_texts(proposal: Proposal, limit: Fraction | None) -> Iterator[Fault]:
    """No text is too long or holds a control character."""
    for name, text in proposal.texts.items():
        if limit is not None and len(text) > limit:
            yield Fault(name, Fraction(len(text)), limit, {"reason": "too long"})
            continue
        at = next((i for i, letter in enumerate(text) if unicodedata.category(letter) in ("Cc", "Cs")), None)
        if at is not None:
            code_point = f"U+{ord(text[at]):04X}"
            yield Fault(name, detail={"reason": "control character", "code_point": code_point, "at": at + 1})


def check_identifiers(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Personal, tax and register numbers look as such numbers are known to look."""
    for identifier in proposal.identifiers:
        for doubt in _doubts(identifier):
            yield Fault(identifier.field, detail={"kind": identifier.kind, "doubt": doubt})


def _doubts(identifier: Identifier) -> tuple[str, ...]:
    match identifier.kind:
        case "fin":
            return check_fin(identifier.text)
        case "voen":
            return check_voen(identifier.text)
        case _:
            known = REGISTER_NUMBER.fullmatch(normalise_identifier(identifier.text))
            return () if known else ("register-number-malformed",)


CHECKS: Final = {
    "text-unreadable": check_texts,
    "identifier-unproven": check_identifiers,
}

__all__ = ["CHECKS"]
