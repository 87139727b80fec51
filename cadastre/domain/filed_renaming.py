"""Reads who goes on under another name, or in another legal person, and in which sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cadastre.domain.commands import Rename, Succeed
from cadastre.domain.filed_terms import FiledTerms
from cadastre.domain.filing import CasePartyRole, NamedParty


def read_renamings(filed: FiledTerms) -> tuple[Rename, ...]:
    """Give the renaming of the holder to the acquirer in every property of the case."""
    former, present = filed.party(CasePartyRole.HOLDER), filed.party(CasePartyRole.ACQUIRER)
    return tuple(Rename(key, former.party_id, present.party_id) for key in filed.application.property_ids)


def read_successions(filed: FiledTerms) -> tuple[Succeed, ...]:
    """Give the succession of the acquirer to the holder in every property of the case."""
    former, present = filed.party(CasePartyRole.HOLDER), filed.party(CasePartyRole.ACQUIRER)
    return tuple(Succeed(key, former.party_id, present.party_id) for key in filed.application.property_ids)


def name_anew(parties: Sequence[NamedParty]) -> tuple[NamedParty, ...]:
    """Give the parties of a renaming, the new name without the number that the old one has.

    A record of the register is never changed, and a number stands once: the new name gets a record
    without a number, which is linked to the one with the number when the case is registered.

    Examples
    --------
    >>> from cadastre.domain.party import PartyKind
    >>> old = NamedParty(CasePartyRole.HOLDER, PartyKind.LEGAL, "Alfa MMC", voen="1700767721")
    >>> new = replace(old, role=CasePartyRole.ACQUIRER, name="Beta MMC")
    >>> [party.voen for party in name_anew((old, new))]
    ['1700767721', None]
    """
    fins = {party.fin for party in parties if party.role is CasePartyRole.HOLDER and party.fin}
    voens = {party.voen for party in parties if party.role is CasePartyRole.HOLDER and party.voen}
    return tuple(
        replace(
            party,
            fin=None if party.fin in fins else party.fin,
            voen=None if party.voen in voens else party.voen,
        )
        if party.role is CasePartyRole.ACQUIRER
        else party
        for party in parties
    )


__all__ = ["name_anew", "read_renamings", "read_successions"]
