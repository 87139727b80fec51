"""What the register sections of a synthetic district say of their objects, as columns of a rights file."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.sample.streets import Floats
from ingest.sample.tables import join, padded

SECTION: Final = (
    "book_number",
    "sheet_number",
    "former_address",
    "paper_series",
    "paper_number",
    "divisible",
    "total_area_m2",
    "living_area_m2",
    "auxiliary_area_m2",
    "room_count",
)
_SHEETS: Final = 300
_NOTARIAL: Final = "{} nömrəli notariat kontoru (sintetik)"
_ISSUERS: Final = {
    "executive_order": "İcra Hakimiyyəti (sintetik)",
    "privatisation_document": "Özəlləşdirmə orqanı (sintetik)",
    "municipal_sale_act": "Bələdiyyə (sintetik)",
    "court_decision": "Rayon Məhkəməsi (sintetik)",
    "court_ruling": "Rayon Məhkəməsi (sintetik)",
    "bailiff_act": "İcra şöbəsi (sintetik)",
}


def section_table(register_number: pa.Array, kind: pa.Array, built_m2: Floats, ordinal: int) -> pa.Table:
    """Describe one section per property.

    Parameters
    ----------
    register_number, kind
        Of each property.
    built_m2
        Floor space of what belongs to it, 0 for bare land.
    ordinal
        Number of the district.
    """
    n = len(register_number)
    serial = np.array(pc.utf8_slice_codeunits(register_number, 4).cast(pa.int64()), dtype=np.int64)
    rng = np.random.default_rng([ordinal, 300, int(serial[0]) if n else 0])
    home = np.array(pc.is_in(kind, value_set=pa.array(["individual_house", "garden_house", "flat"])))
    home &= built_m2 > 0
    total = np.round(built_m2 * np.where(rng.random(n) < 0.85, 1.0, rng.uniform(0.97, 1.03, n)), 1)
    living = np.round(total * rng.uniform(0.55, 0.72, n), 1)
    in_book, on_paper, renamed = rng.random(n) < 0.96, rng.random(n) < 0.4, rng.random(n) < 0.12
    house_no = pa.array(rng.integers(1, 120, n)).cast(pa.string())
    old = join("Köhnə küçə ", house_no, " (əvvəlki ad, sintetik)", n=n)
    land = np.array(pc.equal(kind, "land_parcel"))
    return pa.table(
        {
            "book_number": _where(in_book, pa.array(serial // _SHEETS + 1).cast(pa.string())),
            "sheet_number": _where(in_book, pa.array(serial % _SHEETS + 1).cast(pa.string())),
            "former_address": _where(renamed, old),
            "paper_series": _where(on_paper, pa.repeat(pa.scalar("RX"), n)),
            "paper_number": _where(on_paper, padded(9_000_000 + serial % 1_000_000, 7)),
            "divisible": pa.array(land & (rng.random(n) < 0.5)),
            "total_area_m2": pa.array(total, mask=~home),
            "living_area_m2": pa.array(living, mask=~home),
            "auxiliary_area_m2": pa.array(np.round(total - living, 1), mask=~home),
            "room_count": pa.array(np.clip(living // 14, 1, 12).astype(np.int64), mask=~home),
        }
    )


def issuers_of(kinds: pa.Array, number: pa.Array) -> pa.Array:
    """Name who issued each document: a notary office, unless its kind says otherwise."""
    office = pa.array(np.array(number, dtype=np.int64) % 90 + 1).cast(pa.string())
    notarial = join(*_NOTARIAL.partition("{}")[:1], office, _NOTARIAL.partition("{}")[2], n=len(kinds))
    known = pc.index_in(kinds, value_set=pa.array(list(_ISSUERS)))
    return pc.coalesce(pa.array(list(_ISSUERS.values())).take(known), notarial)


def _where(mask: np.typing.NDArray[np.bool_], values: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(mask), values, pa.scalar(None, pa.string()))


__all__ = ["SECTION", "issuers_of", "section_table"]
