"""Documents: all there, dated, scanned, legible, and of a kind that the operation can rest on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from cadastre.rules.fault import Fault
from cadastre.rules.proposal import Proposal

_BASIS: Final = "basis"


def check_missing(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Every document that the service needs is there, and one that the entry rests on."""
    if proposal.service is None:
        return
    needed = ((_BASIS,) if proposal.service.basis else ()) + proposal.service.documents
    there = {name for document in proposal.documents for name in (document.role, document.kind)}
    for role in dict.fromkeys(needed):
        if role not in there:
            yield Fault(role, detail={"service": proposal.service.code})


def check_future_dated(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """No document is dated after today."""
    for document in proposal.documents:
        if document.dated is not None and document.dated > proposal.today:
            ahead = Fraction((document.dated - proposal.today).days)
            yield Fault(document.role, ahead, Fraction(0), {"dated": document.dated.isoformat()})


def check_not_scanned(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Every document is shown by its scan."""
    for document in proposal.documents:
        if not document.scanned:
            yield Fault(document.role, detail={"kind": document.kind})


def check_illegible(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """No document is illegible, erased or written over."""
    for document in proposal.documents:
        if not document.legible:
            yield Fault(document.role, detail={"kind": document.kind})


def check_basis_kind(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """What the entry rests on is of a kind that the service accepts."""
    if proposal.service is None or not proposal.service.basis:
        return
    for document in proposal.documents:
        if document.role == _BASIS and document.kind not in proposal.service.basis:
            yield Fault(
                document.role, detail={"kind": document.kind, "accepted": ", ".join(proposal.service.basis)}
            )


CHECKS: Final = {
    "document-missing": check_missing,
    "document-future-dated": check_future_dated,
    "document-not-scanned": check_not_scanned,
    "document-illegible": check_illegible,
    "basis-kind-fits-operation": check_basis_kind,
}

__all__ = ["CHECKS"]
