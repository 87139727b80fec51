from __future__ import annotations

from pathlib import Path

import pytest

from api.cli import main


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["sample", *arguments])
    return int(left.value.code or 0)


def test_sample_writes_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "town"
    assert _run("--parcels", "60", "--out", str(out), "--seed", "5", "--plant-overlaps", "2") == 0
    assert {path.name for path in out.iterdir()} == {
        "README-SYNTHETIC.txt",
        "buildings.gpkg",
        "districts.geojson",
        "entrances.gpkg",
        "flat_rights.csv",
        "flats.csv",
        "parcels.gpkg",
        "planted.json",
        "rights.csv",
        "streets.gpkg",
        "zones.gpkg",
    }
    printed = capsys.readouterr().out
    assert "60 synthetic parcels" in printed
    assert "2 overlapping pairs" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--parcels", "0"), "--parcels 0"),
        (("--parcels", "9", "--district", "MOON"), "--district MOON"),
        (("--parcels", "9", "--crs", "mercator"), "--crs mercator"),
        (("--parcels", "many"), "--parcels"),
    ],
)
def test_unusable_input_gives_one_plain_line_and_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert _run(*arguments, "--out", str(tmp_path / "town")) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "town").exists()
