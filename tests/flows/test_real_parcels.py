"""The main job on a real parcel file, by commands and HTTP only: load, migrate, issue, verify, refuse."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.app import create_app
from api.auth import open_tokens
from api.auth.tokens import make_caller
from api.cli import main
from api.settings import ApiSettings
from tests.api.server import bearer, open_client, running_server
from tests.database import Database

ACCEPTED = 4389
FILES = {
    "us_williamsburg_parcels/parcels_in_baku.gpkg": [],
    "us_williamsburg_parcels/parcels_in_baku_gk9.shz": ["--operation", "EPSG:1808"],
}
RIGHTS_COLUMNS = [
    "register_number",
    "cadastral_number",
    "object_kind",
    "party_kind",
    "party_name",
    "fin",
    "right_kind",
    "share_numerator",
    "share_denominator",
    "registration_number",
    "registration_date",
    "basis_kind",
    "basis_number",
    "basis_date",
]
OWNER = "Sintetik Şəxs İlqar"
ORDER = {"kind": "extract", "capacity": "notary", "basis": "Power of attorney 7", "purpose": "disposal"}


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as leaving:
        main([str(a) for a in arguments])
    return int(leaving.value.code or 0)


def write_rights(path: Path, cadastral_numbers: list[str]) -> Path:
    """Write a synthetic register: one owner for each parcel; nobody in it is real."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, RIGHTS_COLUMNS)
        rows.writeheader()
        for serial, number in enumerate(cadastral_numbers):
            rows.writerow(
                {
                    "register_number": f"9900{serial:08d}",
                    "cadastral_number": number,
                    "object_kind": "land_parcel",
                    "party_kind": "natural",
                    "party_name": OWNER,
                    "fin": f"ZZ{serial:05d}",
                    "right_kind": "ownership",
                    "share_numerator": 1,
                    "share_denominator": 1,
                    "registration_number": f"2325{serial:06d}",
                    "registration_date": "2025-03-01",
                    "basis_kind": "sale_contract",
                    "basis_number": f"{serial}",
                    "basis_date": "2025-02-20",
                }
            )
    return path


def some_numbers(database: Database) -> list[str]:
    """Give forty registered numbers, in order."""
    return ask(database, "SELECT cadastral_number FROM cadastre.parcel ORDER BY 1 LIMIT 40", {})


def other_number(database: Database, numbers: list[str]) -> str:
    """Give a registered number that is none of these."""
    query = "SELECT max(cadastral_number) FROM cadastre.parcel WHERE cadastral_number <> ALL(:numbers)"
    return ask(database, query, {"numbers": numbers})[0]


def ask(database: Database, query: str, values: dict[str, object]) -> list[str]:
    engine = create_engine(database.superuser_url, poolclass=NullPool)
    with engine.connect() as connection:
        found = connection.execute(text(query), values).scalars().all()
    engine.dispose()
    return [str(number) for number in found]


@pytest.mark.data
@pytest.mark.parametrize(("name", "options"), FILES.items())
def test_real_parcels_from_file_to_refused_forgery(
    database_environment: Database,
    shared_data: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    options: list[str],
) -> None:
    settings = ApiSettings(home=tmp_path / "home")
    monkeypatch.setenv("CADASTRE_HOME", str(settings.home))
    source = shared_data(name)
    mapping = ["--map", "cadastral_number=PID", "--map", "documentary_area_m2=AreaAc:acre"]
    assert run("load", "parcels", source, "--district", "BAK-XEZ", *options, *mapping) == 1
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["accepted"], report["read"]) == (ACCEPTED, report["accepted"] + report["rejected"])

    numbers = some_numbers(database_environment)
    rights = write_rights(tmp_path / "rights.csv", [*numbers, "NO-SUCH-PARCEL"])
    assert run("load", "rights", rights) == 1
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["read"], report["accepted"], report["rejected"]) == (len(numbers) + 1, len(numbers), 1)

    with running_server(create_app(settings)) as url, open_client(url) as public:
        number, without_right = numbers[7], other_number(database_environment, numbers)
        parcel = public.get(f"/v1/parcels/{quote(number, safe='')}").json()
        bare = public.get(f"/v1/parcels/{quote(without_right, safe='')}").json()
        assert bare["properties"]["has_property"] is False
        assert parcel["properties"]["has_property"] is True
        assert OWNER not in json.dumps(parcel, ensure_ascii=False)
        register_number = "990000000007"
        token = open_tokens(settings).issue(make_caller("notary", "notary-1"))
        order = {**ORDER, "register_number": register_number}
        issued = public.post("/v1/extracts", json=order, headers=bearer(token))
        assert issued.status_code == 201, issued.text
        statement = issued.json()["statement"]
        assert [p["cadastral_number"] for p in statement["parcels"]] == [number]
        assert OWNER in json.dumps(statement, ensure_ascii=False)
        area = statement["parcels"][0]["surveyed_area"]["m2"]
        assert float(area) == parcel["properties"]["surveyed_area_m2"]
        assert public.post("/v1/verify", json=issued.json()).json()["verdict"] == "AUTHENTIC"
        pdf = public.get(issued.json()["pdf"], headers=bearer(token)).content

    file = tmp_path / "kupca.pdf"
    file.write_bytes(pdf)
    assert run("verify", file) == 0
    forged = bytearray(pdf)
    forged[len(forged) // 2] ^= 1
    file.write_bytes(forged)
    assert run("verify", file) == 1
    assert run("verify", file, "--offline") == 1
