"""Every extract ever issued verifies after the rotation of every key and at +10 years.

The long form lets a whole register live ten years under libfaketime: its database, commands, worker and
services. The short form, in ``make test``, rotates and renews in this process and has the standalone verifier
judge ten years from now.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cadastre.extract import PdfRenderer, Trust, Verdict
from cadastre.extract.issue import Issuer
from cadastre.extract.pki import KeyCabinet, rotate_jws, rotate_seal
from cadastre.extract.verify import Verifier
from cadastre.kernel.clock import FixedClock
from cadastre.keys.keepers import FileKeeper
from tests.cadastre.db.cluster_homes import open_folder
from tests.cadastre.extract.builders import LABELS, record
from tests.cadastre.extract.conftest import renderer  # noqa: F401 - fixture
from tests.cadastre.extract.standalone import VERIFIER
from tests.proof.ten_years import Years
from tests.proof.turned_time import later
from tests.signing import seal_with

YEAR = 365.25


def test_what_was_issued_under_rotated_keys_verifies_ten_years_later(
    renderer: PdfRenderer,  # noqa: F811
    tmp_path: Path,
) -> None:
    first = datetime.now(UTC) - timedelta(minutes=1)
    clock, folder, files = FixedClock(first), tmp_path / "keys", list[Path]()
    cabinet = KeyCabinet(folder, now=first)
    for year in range(2):
        keys, at = cabinet.current(), clock.now()
        issuer = Issuer(renderer, seal_with(keys, at), keys.jws_key, LABELS)
        files.append(tmp_path / f"{year}.pdf")
        files[-1].write_bytes(issuer.render_pdf(issuer.sign_statement(record(issued_at=at)), at=at))
        clock.advance(seconds=4 * YEAR * 86_400)
        rotate_seal(folder, FileKeeper(folder), clock.now())
        rotate_jws(folder, FileKeeper(folder), clock)
    trust, end = Trust.read(folder / "trust"), first + timedelta(days=10 * YEAR)
    for file in files:
        assert Verifier(trust).judge_pdf(file.read_bytes(), now=end).verdict is Verdict.AUTHENTIC
    judged = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(files[-1]), "--trust", str(folder / "trust")],
        env=later(10 * YEAR),
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout
    too_early = Verifier(trust).judge_pdf(files[-1].read_bytes(), now=first)
    assert too_early.verdict is Verdict.NOT_AUTHENTIC, "until then it is of the future"


@pytest.fixture
def years() -> Iterator[Years]:
    with open_folder() as folder:
        lived = Years(folder)
        try:
            yield lived
        finally:
            lived.close()


ROTATIONS = (["key", "rotate", "seal"], ["key", "rotate", "jws"], ["ledger", "rotate-key"])


@pytest.mark.proof
def test_a_register_lives_ten_years_and_everything_it_issued_is_believed(years: Years) -> None:
    years.run(*years.issue("0"))
    years.keep(0)
    first = years.archive_copies()
    assert len(first) == 2

    years.turn(4.5 * YEAR)
    years.run(*ROTATIONS, *years.issue("4"))
    years.keep(4.5 * YEAR)
    assert years.archive_copies().items() >= first.items(), "nothing is renewed before its time"

    years.turn(5.6 * YEAR)
    status, due = years.ask(["archive", "status"], ["archive", "due"])
    assert status.code == 1
    assert len(due.text.splitlines()) == 4
    refused = years.ask(["archive", "renew"])[0]
    assert (refused.code, "another time-stamp service" in refused.text) == (2, True)
    years.run(["key", "rotate", "stamps"], ["worker", "--once"], ["archive", "renew"], ["archive", "status"])
    renewed = years.archive_copies()
    for extract, copy in first.items():
        assert renewed[extract].startswith(copy)
        assert len(renewed[extract]) > len(copy)

    years.turn(8 * YEAR)
    years.run(*ROTATIONS, *years.issue("8"))
    years.turn(10 * YEAR)
    years.run(*years.issue("10"))
    _judge(years, first, years.archive_copies())


def _judge(years: Years, first: dict[object, bytes], renewed: dict[object, bytes]) -> None:
    issued = sorted(years.papers.iterdir())
    copies, stale = [], []
    for extract in first:
        copies.append(years.papers / f"renewed-{extract}.pdf")
        copies[-1].write_bytes(renewed[extract])
        stale.append(years.papers / f"never-renewed-{extract}.pdf")
        stale[-1].write_bytes(first[extract])
    everything = [*issued, *copies, *stale]
    years.run(*(["verify", file] for file in everything))
    years.run(*(["verify", "--offline", file] for file in everything))
    assert years.judge_alone(everything) == [0] * len(everything)
    services, url = years.stamps()
    try:
        years.run(*(["archive", "judge", file, "--status-url", url] for file in copies))
        for said in years.ask(*(["archive", "judge", file, "--status-url", url] for file in stale)):
            assert said.code == 1
            assert "INDETERMINATE" in said.text.upper()
            assert "NO_POE" in said.text
    finally:
        services.communicate()
