"""Rights and restrictions on synthetic properties, as rows of a rights file."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.sample.people import firm_names, firm_voens, person_fins, person_names
from ingest.sample.properties import Properties
from ingest.sample.sections import SECTION, issuers_of
from ingest.sample.serials import Dates, Serials
from ingest.sample.streets import Bools, Ints
from ingest.sample.tables import join, padded, pick
from ingest.sample.words import BANKS, COURT

COLUMNS: Final = (
    "register_number",
    "cadastral_number",
    "building_number",
    "unit_number",
    "object_kind",
    "party_kind",
    "party_name",
    "fin",
    "voen",
    "right_kind",
    "share_numerator",
    "share_denominator",
    "joint",
    "registration_number",
    "registration_date",
    "basis_kind",
    "basis_number",
    "basis_date",
    "basis_issuer",
    "right_scope",
    "restriction_kind",
    "restriction_beneficiary",
    "restriction_until",
    "restriction_scope",
    *SECTION,
)
_OBJECT: Final = COLUMNS[:5]
# how natural persons hold together: shares of each holder, None for joint (no shares)
_PATTERNS: Final[tuple[tuple[tuple[int, int], ...] | int, ...]] = (
    ((1, 1),),
    ((1, 2), (1, 2)),
    ((1, 3), (1, 3), (1, 3)),
    ((1, 2), (1, 4), (1, 4)),
    ((2, 3), (1, 3)),
    ((3, 10), (7, 10)),
    ((1, 5),) * 5,
    ((7, 24), (5, 24), (1, 2)),
    2,
)
_PATTERN_WEIGHT: Final = (0.66, 0.12, 0.035, 0.025, 0.015, 0.01, 0.005, 0.01, 0.12)
_SIZES: Final = np.array([p if isinstance(p, int) else len(p) for p in _PATTERNS])
_STARTS: Final = np.cumsum(_SIZES) - _SIZES
_FLAT: Final = np.array(
    [share for p in _PATTERNS for share in ([(0, 0)] * p if isinstance(p, int) else p)], dtype=np.int64
)
_BASES: Final = (
    "sale_contract",
    "inheritance_certificate",
    "gift_contract",
    "executive_order",
    "privatisation_document",
    "municipal_sale_act",
    "court_decision",
)
_BASIS_WEIGHT: Final = (0.46, 0.17, 0.1, 0.11, 0.07, 0.06, 0.03)
_OPENING: Final = np.datetime64("2005-01-03")
_LAST: Final = np.datetime64("2026-06-30")
_STILL_RUNNING: Final = np.datetime64("2032-01-01")

Registered = tuple[Dates, Ints]


def rights_table(properties: Properties, serials: Serials, rng: np.random.Generator) -> pa.Table:
    """Give the rows of a rights file for the properties, those of one property together."""
    n = len(properties)
    opened = _OPENING + rng.integers(0, int((_LAST - _OPENING).astype(int)), n).astype("timedelta64[D]")
    basis = rng.choice(len(_BASES), n, p=_BASIS_WEIGHT)
    basis[properties.ownership != 2] = _BASES.index("executive_order")
    natural = (properties.ownership == 2) & (rng.random(n) >= properties.firm_part)
    firm = (properties.ownership == 2) & ~natural
    parts = [
        _bodies(properties, np.flatnonzero(properties.ownership < 2), serials, (opened, basis), rng),
        _firms(properties, np.flatnonzero(firm), serials, (opened, basis), rng),
        _natural(properties, np.flatnonzero(natural), serials, (opened, basis), rng),
        *_secondary(properties, serials, opened, rng),
        *_restrictions(properties, serials, opened, rng),
    ]
    table = pa.concat_tables(parts)
    order = np.argsort(table.column("_property").to_numpy(), kind="stable")
    return table.take(pa.array(order)).select(list(COLUMNS))


def _rows(properties: Properties, at: Ints, serials: Serials, dates: Dates, **columns: pa.Array) -> pa.Table:
    """Fill the columns of a rights file for the properties ``at``; columns not named stay empty."""
    n = len(at)
    index = pa.array(at)
    given: dict[str, pa.Array] = {
        "_property": index,
        **{name: getattr(properties, name).take(index) for name in _OBJECT},
        **{name: properties.section.column(name).take(index) for name in SECTION},
        "registration_number": serials.registration_numbers(dates),
        "registration_date": pa.array(dates.astype("datetime64[D]")),
        **columns,
    }
    whole = {"share_numerator": pa.int64(), "share_denominator": pa.int64(), "joint": pa.bool_()}
    whole |= {"basis_date": pa.date32(), "restriction_until": pa.date32()}
    return pa.table(
        {name: given.get(name, pa.nulls(n, whole.get(name, pa.string()))) for name in ("_property", *COLUMNS)}
    )


def _basis(
    kinds: pa.Array, dates: Dates, rng: np.random.Generator, rows: Ints | None = None
) -> dict[str, pa.Array]:
    """Give each entry a document signed shortly before; ``rows`` repeats it for co-owners."""
    n = len(dates)
    rows = np.arange(n) if rows is None else rows
    signed = dates - rng.integers(1, 40, n).astype("timedelta64[D]")
    number = rng.integers(1, 99_999, n)
    return {
        "basis_kind": kinds,
        "basis_issuer": issuers_of(kinds, number[rows]),
        "basis_number": join("S-", padded(number[rows], 5), n=len(rows)),
        "basis_date": pa.array(signed.astype("datetime64[D]")[rows]),
    }


def _whole(n: int) -> dict[str, pa.Array]:
    one = pa.array(np.ones(n, np.int64))
    return {"share_numerator": one, "share_denominator": one, "joint": pa.repeat(pa.scalar(False), n)}


def _constant(text: str, n: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), n)


def _bodies(
    p: Properties, at: Ints, serials: Serials, registered: Registered, rng: np.random.Generator
) -> pa.Table:
    """Let the state or a municipality own the whole."""
    municipal = p.ownership[at]
    names = (
        "Azərbaycan Respublikası (sintetik nümunə)",
        f"{serials.anchor.name_az} bələdiyyəsi (sintetik nümunə)",
    )
    dates = registered[0][at]
    return _rows(
        p,
        at,
        serials,
        dates,
        party_kind=pick(("state", "municipality"), municipal),
        party_name=pick(names, municipal),
        right_kind=_constant("ownership", len(at)),
        **_whole(len(at)),
        **_basis(pick(_BASES, registered[1][at]), dates, rng),
    )


def _firms(
    p: Properties, at: Ints, serials: Serials, registered: Registered, rng: np.random.Generator
) -> pa.Table:
    """Let a firm own the whole."""
    firm, dates = serials.new_firms(len(at)), registered[0][at]
    return _rows(
        p,
        at,
        serials,
        dates,
        party_kind=_constant("legal", len(at)),
        party_name=firm_names(firm),
        voen=firm_voens(firm),
        right_kind=_constant("ownership", len(at)),
        **_whole(len(at)),
        **_basis(pick(_BASES, registered[1][at]), dates, rng),
    )


def _natural(
    p: Properties, at: Ints, serials: Serials, registered: Registered, rng: np.random.Generator
) -> pa.Table:
    """Let natural persons own alone, by shares that make one whole, or jointly."""
    pattern = rng.choice(len(_PATTERNS), len(at), p=_PATTERN_WEIGHT)
    size = _SIZES[pattern]
    owner = np.repeat(np.arange(len(at)), size)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    share = _FLAT[_STARTS[pattern][owner] + nth]
    joint = share[:, 1] == 0
    person = serials.new_persons(len(owner))
    again = (size[owner] == 1) & (rng.random(len(owner)) < 0.12)
    person[again] = serials.person_base + (rng.random(int(again.sum())) * serials.persons).astype(np.int64)
    opened = registered[0][at]
    basis = np.where(joint & (registered[1][at][owner] == 1), 0, registered[1][at][owner])
    return _rows(
        p,
        at[owner],
        serials,
        opened[owner],
        party_kind=_constant("natural", len(owner)),
        party_name=person_names(person),
        fin=person_fins(person),
        right_kind=_constant("ownership", len(owner)),
        share_numerator=pa.array(share[:, 0], mask=joint),
        share_denominator=pa.array(share[:, 1], mask=joint),
        joint=pa.array(joint),
        **_basis(pick(_BASES, basis), opened, rng, owner),
    )


def _later(opened: Dates, rng: np.random.Generator) -> Dates:
    room = (np.datetime64("2026-10-30") - opened).astype(np.int64)
    later: Dates = opened + (rng.random(len(opened)) * room).astype(np.int64).astype("timedelta64[D]")
    return later


def _ends(dates: Dates, rng: np.random.Generator) -> Dates:
    """Give terms of up to 25 years that have not run out when somebody tries the sample."""
    days = rng.integers(365, 365 * 25, len(dates)).astype("timedelta64[D]")
    still = _STILL_RUNNING + rng.integers(0, 3650, len(dates)).astype("timedelta64[D]")
    ends: Dates = np.maximum(dates + days, still)
    return ends


def _secondary(p: Properties, serials: Serials, opened: Dates, rng: np.random.Generator) -> list[pa.Table]:
    """Register leases, usufructs and permanent use beside the ownership."""
    draw = rng.random(len(p))
    public = p.ownership < 2
    out = []
    for kind, basis, at in (
        ("lease", "lease_contract", np.flatnonzero(np.where(public, draw < 0.14, draw < 0.008))),
        ("usufruct", "usufruct_contract", np.flatnonzero(~public & (draw >= 0.008) & (draw < 0.011))),
        (
            "permanent_use",
            "executive_order",
            np.flatnonzero((p.ownership == 0) & (draw >= 0.14) & (draw < 0.3)),
        ),
    ):
        dates, n = _later(opened[at], rng), len(at)
        until = _ends(dates, rng)
        common = {
            "right_kind": _constant(kind, n),
            "restriction_until": pa.array(
                until.astype("datetime64[D]"), mask=np.full(n, kind == "permanent_use")
            ),
            "joint": pa.repeat(pa.scalar(False), n),
            "right_scope": _part_of_lease(kind, at),
            **_basis(_constant(basis, n), dates, rng),
        }
        if kind == "permanent_use":
            firm = serials.new_firms(n)
            who = {
                "party_kind": _constant("legal", n),
                "party_name": firm_names(firm),
                "voen": firm_voens(firm),
            }
        else:
            person = serials.new_persons(n)
            who = _people(person, foreign=rng.random(n) < (0.05 if kind == "lease" else 0.0))
        out.append(_rows(p, at, serials, dates, **who, **common))
    return out


def _part_of_lease(kind: str, at: Ints) -> pa.Array:
    """Let every third lease burden a part only."""
    part = pa.array((at % 3 == 0) & (kind == "lease"))
    return pc.if_else(part, pa.scalar("sahənin şimal hissəsi (sintetik)"), pa.scalar(None, pa.string()))


def _people(person: Ints, *, foreign: Bools) -> dict[str, pa.Array]:
    """Name persons; a foreigner, who may hold land on lease only, has no FİN."""
    n = len(person)
    stranger = join("Foreign Lessee (synthetic) ", pa.array(person).cast(pa.string()), n=n)
    mask = pa.array(foreign)
    return {
        "party_kind": pick(("natural", "foreign_natural"), foreign.astype(np.int64)),
        "party_name": pc.if_else(mask, stranger, person_names(person)),
        "fin": pc.if_else(mask, pa.scalar(None, pa.string()), person_fins(person)),
    }


def _restrictions(p: Properties, serials: Serials, opened: Dates, rng: np.random.Generator) -> list[pa.Table]:
    """Burden private properties with mortgages, arrests, prohibitions and servitudes."""
    draw = rng.random(len(p))
    private = p.ownership == 2
    out = []
    for kind, basis, low, high in (
        ("mortgage", "mortgage_contract", 0.0, 0.075),
        ("arrest", "court_ruling", 0.07, 0.082),
        ("prohibition", "bailiff_act", 0.082, 0.086),
        ("servitude", "servitude_contract", 0.086, 0.091),
    ):
        at = np.flatnonzero(private & (draw >= low) & (draw < high))
        dates, n = _later(opened[at], rng), len(at)
        until = _ends(dates, rng)
        lasting = np.full(n, kind in ("arrest", "prohibition", "servitude"))
        out.append(
            _rows(
                p,
                at,
                serials,
                dates,
                restriction_kind=_constant(kind, n),
                restriction_beneficiary=_beneficiaries(kind, p, at, rng),
                restriction_scope=_constant("3 m enində keçid zolağı (sintetik)", n)
                if kind == "servitude"
                else pa.nulls(n, pa.string()),
                restriction_until=pa.array(until.astype("datetime64[D]"), mask=lasting),
                **_basis(_constant(basis, n), dates, rng),
            )
        )
    return out


def _beneficiaries(kind: str, p: Properties, at: Ints, rng: np.random.Generator) -> pa.Array:
    if kind == "mortgage":
        return pick(BANKS, rng.integers(0, len(BANKS), len(at)))
    if kind == "servitude":
        return pc.binary_join_element_wise(
            _constant("Qonşu sahə (sintetik)", len(at)), p.cadastral_number.take(pa.array(at)), " "
        )
    return _constant(COURT, len(at))
