"""Signed extracts: CPU by step, CPU per sealed PDF against the bare limit, and a run under load.

Run with ``python benchmarks/extract.py [--rounds N] [--seconds S] [--per-second R] [--threads T] [--token]``.
The bare limit, measured in the same run, is page rendering with the same fonts and a bare RSA-3072 signature.
Time stamps come from the development service, a process of its own, whose CPU is printed apart.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import http.client
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cadastre.db.places import font_dir
from cadastre.extract import Issuer, PdfRenderer, PdfSeal, SignedStatement, load_or_create_keys, verify_pdf
from cadastre.extract.archive import HttpStatus, make_archive_copy
from cadastre.extract.pki import IssuingKeys, Keeping
from cadastre.extract.seal_check import read_seal
from cadastre.extract.time_stamp import TimeStampClient
from cadastre.keys.keepers import FileKeeper
from cadastre.pki.process import PkiProcess
from tests.cadastre.extract.builders import CASES, LABELS

PEERS = {
    "statement + JWS": "-",
    "bare page (Typst, plan, QR, PDF/A-3b)": "Typst alone 28-32; ReportLab 37; WeasyPrint 600",
    "bare RSA-3072 signature": "2.6; hand-written CMS 3.0",
    "seal (PAdES B-T)": "pyHanko B-B 33 (key kept loaded) to 192-386; B-T about 102",
    "whole PDF (print, seal, time stamp)": "-",
    "archive copy (B-LTA, judged by pyHanko)": "-",
    "check of the seal": "-",
    "verify": "-",
}


def cpu_ms(work: Callable[[], object], rounds: int) -> float:
    """Mean CPU milliseconds of a call in this process."""
    work()
    begin = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - begin) / rounds * 1000


class Bench:
    """Keys, printer and services of one run."""

    def __init__(self, folder: Path, keeping: Keeping) -> None:
        self.keys: IssuingKeys = load_or_create_keys(folder / "keys", now=datetime.now(UTC), keeping=keeping)
        self.services = PkiProcess(self.keys.authority_dir)
        self.renderer = PdfRenderer(font_dir())
        self.stamper = TimeStampClient(f"{self.services.url}/tsa", rest_s=0.0)
        self.seal = PdfSeal(lambda: self.keys.seal, self.stamper)
        self.issuer = Issuer(self.renderer, self.seal, self.keys.jws_key, LABELS)

    def service_cpu_s(self) -> float:
        """CPU seconds that the services have used."""
        connection = http.client.HTTPConnection(self.services.url.removeprefix("http://"), timeout=10)
        connection.request("GET", "/cpu")
        spent = float(connection.getresponse().read())
        connection.close()
        return spent

    def signed(self, case: str) -> SignedStatement:
        """Give a signed statement of now."""
        return self.issuer.sign_statement(CASES[case])

    def steps(self, case: str, rounds: int) -> dict[str, float]:
        """CPU milliseconds by step for one synthetic case."""
        signed, trust = self.signed(case), self.keys.trust()
        printed, now = self.issuer.print_pdf(signed), datetime.now(UTC)
        pdf = self.issuer.render_pdf(signed)
        status = HttpStatus(self.services.url)
        archive = partial(make_archive_copy, pdf, trust=trust, status=status, stamper=self.stamper)
        work: list[Callable[[], object]] = [
            lambda: self.signed(case),
            lambda: self.issuer.print_pdf(signed),
            lambda: self.keys.seal.key.sign(b"x" * 100),
            lambda: self.seal.seal(printed, at=now),
            lambda: self.issuer.render_pdf(signed),
            lambda: archive(now=datetime.now(UTC)),
            lambda: read_seal(pdf, trust),
            lambda: verify_pdf(pdf, trust),
        ]
        return {name: cpu_ms(step, rounds) for name, step in zip(PEERS, work, strict=True)}

    def load(self, case: str, seconds: float, per_second: float | None, threads: int) -> None:
        """Issue PDFs at a rate, or as fast as they go; print latency, rate and CPU."""
        waits: list[float] = []

        def one(due: float) -> None:
            self.issuer.render_pdf(self.signed(case))
            waits.append(time.perf_counter() - due)

        one(time.perf_counter())
        waits.clear()
        begin, cpu, served = time.perf_counter(), time.process_time(), self.service_cpu_s()
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            if per_second is None:
                end = begin + seconds
                list(pool.map(lambda _: _until(one, end), range(threads)))
            else:
                for number in range(int(seconds * per_second)):
                    due = begin + number / per_second
                    time.sleep(max(0.0, due - time.perf_counter()))
                    pool.submit(one, due)
        spent = time.perf_counter() - begin
        count, own = len(waits), time.process_time() - cpu
        apart = self.service_cpu_s() - served
        p95 = statistics.quantiles(waits, n=20)[18] * 1000
        asked = "as fast as they go" if per_second is None else f"at {per_second:g}/s"
        waited = f"p50 {statistics.median(waits) * 1000:.0f} ms, p95 {p95:.0f} ms"
        used = f"{own / count * 1000:.1f} ms a PDF, time-stamp service apart {apart / count * 1000:.1f} ms"
        print(f"  {asked}: {count / spent:.1f} PDFs/s, {waited}; CPU {used}")


def _until(work: Callable[[float], None], end: float) -> None:
    while time.perf_counter() < end:
        work(time.perf_counter())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--per-second", type=float, default=5.0)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--token", action="store_true", help="keep the keys in a SoftHSM token")
    chosen = parser.parse_args()
    keeping: Keeping = FileKeeper
    if chosen.token:
        from cadastre.keys.softhsm import development_token
        from cadastre.keys.token import TokenKeeper, token_at

        keeping = lambda folder: TokenKeeper(token_at(development_token(folder / "token")))  # noqa: E731
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), keeping)
        try:
            for case in ("plain", "burdened"):
                print(f"{case} (keys in a {'token' if chosen.token else 'file'}; CPU ms in this process):")
                spent = bench.steps(case, chosen.rounds)
                for name, each in spent.items():
                    print(f"  {name:41} {each:8.1f}   peers: {PEERS[name]}")
                page, bare = spent["bare page (Typst, plan, QR, PDF/A-3b)"], spent["bare RSA-3072 signature"]
                whole = spent["whole PDF (print, seal, time stamp)"]
                print(
                    f"  whole PDF is {whole / (page + bare):.2f} times the bare limit of {page + bare:.1f} ms"
                )
            bench.load("plain", chosen.seconds, chosen.per_second, chosen.threads)
            bench.load("plain", chosen.seconds, None, chosen.threads)
        finally:
            bench.services.close()


if __name__ == "__main__":
    main()
