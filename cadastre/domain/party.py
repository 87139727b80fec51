"""Who a party is: which numbers fit which kind, and when two mentions are one party."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class PartyKind(StrEnum):
    """Kinds of parties (codelist party_kinds)."""

    NATURAL = "natural"
    LEGAL = "legal"
    STATE = "state"
    MUNICIPALITY = "municipality"
    FOREIGN_NATURAL = "foreign_natural"
    FOREIGN_LEGAL = "foreign_legal"
    FOREIGN_STATE = "foreign_state"
    ESTATE = "estate"

    @property
    def is_foreign(self) -> bool:
        """Tell whether land is open to it on lease only (Land Code, art. 48(3))."""
        return self in (PartyKind.FOREIGN_NATURAL, PartyKind.FOREIGN_LEGAL, PartyKind.FOREIGN_STATE)


PERSONS: Final = frozenset({PartyKind.NATURAL, PartyKind.FOREIGN_NATURAL})


@dataclass(frozen=True, slots=True)
class PartyMention:
    """A party as a document names it; the printed spelling is kept."""

    kind: PartyKind
    name: str
    fin: str | None = None
    voen: str | None = None


def list_number_misfits(kind: PartyKind, fin: str | None, voen: str | None) -> tuple[str, ...]:
    """Name the numbers that a party of this kind cannot have.

    Examples
    --------
    >>> list_number_misfits(PartyKind.LEGAL, "5ZK1M0A", None)
    ('fin',)
    >>> list_number_misfits(PartyKind.NATURAL, "5ZK1M0A", "1401555072")
    ()
    """
    misfits = []
    if fin is not None and kind not in PERSONS:
        misfits.append("fin")
    if voen is not None and kind in (PartyKind.STATE, PartyKind.ESTATE):
        misfits.append("voen")
    return tuple(misfits)


def compute_identity(mention: PartyMention, property_key: str) -> str:
    """Give the key under which two mentions are one party.

    FİN first, then VÖEN. A mention without a number is one with the same name
    and kind in the same property only: beyond it, sameness needs evidence.

    Examples
    --------
    >>> one = PartyMention(PartyKind.NATURAL, "Мамедов Али")
    >>> compute_identity(one, "A") == compute_identity(one, "B")
    False
    >>> compute_identity(PartyMention(PartyKind.NATURAL, "Əli", fin="5ZK1M0A"), "A")
    'F:5ZK1M0A'
    """
    if mention.fin is not None:
        return f"F:{mention.fin}"
    if mention.voen is not None:
        return f"V:{mention.voen}"
    return f"N:{property_key}:{mention.kind.value}:{mention.name}"


@dataclass(frozen=True, slots=True)
class KnownNumbers:
    """What register, or else the file at its first mention, knows of a mention's numbers.

    ``fin_party`` and ``voen_party`` are registered parties; ``voen_of_fin`` is the VÖEN that the
    owner of the FİN has, ``fin_of_voen`` the reverse; ``kind`` and ``name`` are those of the owner.
    """

    fin_party: str | None = None
    voen_party: str | None = None
    voen_of_fin: str | None = None
    fin_of_voen: str | None = None
    kind: str | None = None
    name: str | None = None


def resolve_identity(
    mention: PartyMention, property_key: str, known: KnownNumbers
) -> tuple[str, tuple[str, ...]]:
    """Give the identity of a mention, and the ids of the rules that its numbers break.

    A registered party is ``P:`` and its id. Nothing is added to a registered party and no name is
    changed: the rules only say that it would differ.

    Examples
    --------
    >>> firm = PartyMention(PartyKind.LEGAL, "Sintetik MMC", voen="1401555071")
    >>> resolve_identity(firm, "A", KnownNumbers(voen_party="17", kind="legal", name="Sintetik QSC"))
    ('P:17', ('party-name-differs',))
    >>> resolve_identity(firm, "A", KnownNumbers(kind="natural"))
    ('V:1401555071', ('party-number-other-kind',))
    """
    faults = []
    if mention.fin and mention.voen:
        strangers = known.fin_party and known.voen_party and known.fin_party != known.voen_party
        others = known.voen_of_fin not in (None, mention.voen) or known.fin_of_voen not in (None, mention.fin)
        if strangers or others:
            faults.append("party-numbers-conflict")
        elif (known.fin_party and known.voen_of_fin is None) or (
            known.voen_party and known.fin_of_voen is None
        ):
            faults.append("party-number-not-added")
    if known.kind not in (None, mention.kind.value):
        faults.append("party-number-other-kind")
    elif known.name not in (None, mention.name):
        faults.append("party-name-differs")
    party = known.fin_party or known.voen_party
    if party is not None:
        return f"P:{party}", tuple(faults)
    if mention.fin is None and known.fin_of_voen is not None:
        return f"F:{known.fin_of_voen}", tuple(faults)
    return compute_identity(mention, property_key), tuple(faults)


__all__ = [
    "PERSONS",
    "KnownNumbers",
    "PartyKind",
    "PartyMention",
    "compute_identity",
    "list_number_misfits",
    "resolve_identity",
]
