"""What a load says of a file, as one line of JSON; blessed into ``tests/golden/ingest``.

Bless again, after reading the diff::

    CADASTRE_BLESS=1 python -m pytest -n0 tests/ingest/services/test_golden_files.py
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cadastre.kernel.errors import CadastreError
from ingest.services import LoadOptions, load_parcels
from tests.database import Database

GOLDEN = Path(__file__).parents[1] / "golden" / "ingest"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
# Where a file declares no system it is tried as if it stood here.
ASSUMED = "EPSG:32639"


def describe(path: Path, database: Database) -> dict[str, Any]:
    """Load a file as it comes; when it lacks a system, once more with an assumed one."""
    outcome = _load(path, database, None)
    if outcome.get("code") == "crs-missing":
        outcome["assumed"] = _load(path, database, ASSUMED)
    return outcome


def compare(folder: str, outcomes: dict[str, Any]) -> None:
    """Compare outcomes with the blessed ones of a folder, or bless them."""
    file = GOLDEN / f"{folder}.json"
    text = json.dumps(outcomes, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("CADASTRE_BLESS") == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(text)


def _load(path: Path, database: Database, crs: str | None) -> dict[str, Any]:
    options = LoadOptions(path=path, district="BAK-XEZ", crs=crs, workers=1)
    try:
        report = load_parcels(options, database.admin_url, now=lambda: NOW)
    except CadastreError as error:
        return {"code": error.code, "sentence": error.message}
    return {
        "read": report.read,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "findings": report.findings,
    }
