from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyogrio
import pytest

from ingest.services import LoadOptions, load_parcels
from tests.database import Database
from tests.ingest.services.rights_rows import NOW, load, query, restriction, right, write_csv

ACCEPTED_PARCELS = 4389


@pytest.mark.data
def test_synthetic_rights_on_real_parcels(
    fresh_database: Database, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    """Every parcel of the file gets rights; those of parcels that were not registered are rejected."""
    path = shared_data("us_williamsburg_parcels/parcels_in_baku.gpkg")
    options = LoadOptions(
        path, "BAK-XEZ", mapping=("cadastral_number=PID", "documentary_area_m2=AreaAc:acre")
    )
    parcels = load_parcels(options, fresh_database.admin_url, now=lambda: NOW)
    assert parcels.accepted == ACCEPTED_PARCELS
    numbers = list(dict.fromkeys(pyogrio.read_dataframe(path, read_geometry=False, columns=["PID"])["PID"]))
    registered = {
        number for (number,) in query(fresh_database, "SELECT cadastral_number FROM cadastre.parcel")
    }
    rows = list(_list_rights(numbers))
    file = write_csv(tmp_path / "rights.csv", rows)
    report = load(fresh_database, file)
    held = [row for row in rows if row["cadastral_number"] in registered]
    assert len({row["cadastral_number"] for row in held}) == ACCEPTED_PARCELS
    assert (report.read, report.accepted, report.rejected) == (len(rows), len(held), len(rows) - len(held))
    assert report.findings["parcel-not-registered"] == report.rejected
    assert query(fresh_database, "SELECT count(*) FROM cadastre.property") == [(ACCEPTED_PARCELS,)]
    assert query(
        fresh_database,
        "SELECT count(*) FROM (SELECT property_id FROM cadastre.property_right WHERE kind = 'ownership' "
        "GROUP BY property_id HAVING sum(share_numerator::numeric / share_denominator) BETWEEN 0.99 AND 1.01) AS whole",
    ) == [(ACCEPTED_PARCELS,)]
    mortgages = sum(row.get("restriction_kind") == "mortgage" for row in held)
    assert query(fresh_database, "SELECT count(*) FROM cadastre.restriction") == [(mortgages,)]
    again = load(fresh_database, file)
    assert (again.read, again.accepted) == (len(rows), 0)
    assert again.findings["parcel-in-other-property"] == len(held)


def _list_rights(numbers: list[str]) -> Iterator[dict[str, str]]:
    """Give a sole owner, or three of a third each; a mortgage on every seventh parcel. Nobody is real."""
    for serial, number in enumerate(numbers):
        holders = 3 if serial % 5 == 0 else 1
        for holder in range(holders):
            yield right(
                number,
                f"Sintetik Şəxs {serial}-{holder}",
                (1, holders),
                fin=f"ZZ{serial * 3 + holder:05d}",
                registration_number=f"2325{serial:06d}",
            )
        if serial % 7 == 0:
            yield restriction(number, "mortgage", restriction_beneficiary="Sintetik Bank ASC")
