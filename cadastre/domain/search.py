"""What a section of the register may be asked for by, beside its number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cadastre.kernel.ids import CadastralNumber
from cadastre.kernel.person_numbers import Fin, Voen


@dataclass(frozen=True, slots=True)
class ByParty:
    """Holders of rights and those whom restrictions benefit, by the number of a person or organisation."""

    fin: Fin | None = None
    voen: Voen | None = None


@dataclass(frozen=True, slots=True)
class ByPaper:
    """A paper extract (kupça), such as RX 0123456."""

    series: str
    number: str


@dataclass(frozen=True, slots=True)
class ByParcel:
    """The parcel that the section is about, or that its building stands on."""

    cadastral_number: CadastralNumber


@dataclass(frozen=True, slots=True)
class ByAddress:
    """A street by the search key of its name (``kernel.text.fold``), a house in it, a district."""

    street_key: str
    house: str | None = None
    district_code: str | None = None


Question = ByParty | ByPaper | ByParcel | ByAddress

_NAMES = {ByParty: "party", ByPaper: "paper", ByParcel: "parcel", ByAddress: "address"}


def name_of(question: Question) -> str:
    """Name what is asked by, for the log: never the number of a person.

    Examples
    --------
    >>> name_of(ByPaper("RX", "0123456"))
    'paper'
    """
    return _NAMES[type(question)]


@dataclass(frozen=True, slots=True)
class FoundProperty:
    """A section that was found, without names; ``held_as`` are the entries of the party asked for."""

    register_number: str
    object_kind: str
    district_code: str
    is_closed: bool
    cadastral_numbers: tuple[str, ...]
    held_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundProperties:
    """Sections in the order of their numbers, as of a day and known at a ledger index.

    ``more`` says that there are others.
    """

    properties: tuple[FoundProperty, ...]
    more: bool
    as_of: date
    ledger_index: int


__all__ = [
    "ByAddress",
    "ByPaper",
    "ByParcel",
    "ByParty",
    "FoundProperties",
    "FoundProperty",
    "Question",
    "name_of",
]
