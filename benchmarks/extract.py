"""CPU milliseconds of one signed extract, step by step, on one core.

Run with ``python benchmarks/extract.py [--rounds N]``; the peer figures printed
beside ours are those of the tools measured alone (one page with a plan).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cadastre.db.places import font_dir
from cadastre.extract import Issuer, PdfRenderer, load_or_create_keys, verify_pdf
from tests.cadastre.extract.builders import CASES, ISSUED_AT, LABELS
from tests.signing import seal_with

PEERS = {
    "statement + JWS": "-",
    "print (Typst, plan, QR, PDF/A-3b)": "Typst alone 28-32; ReportLab 37; WeasyPrint 600",
    "seal (PAdES B-T, RSA-3072)": "pyHanko SimpleSigner 192-386; key kept loaded 33",
    "verify": "-",
    "verify and print again": "-",
}


def cpu_ms(work: Callable[[], object], rounds: int) -> float:
    """Mean CPU milliseconds of a call."""
    work()
    begin = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - begin) / rounds * 1000


def measure(case: str, rounds: int, keys_dir: Path) -> dict[str, float]:
    """CPU milliseconds by step for one synthetic case."""
    renderer = PdfRenderer(font_dir())
    keys = load_or_create_keys(keys_dir, now=ISSUED_AT)
    seal = seal_with(keys, ISSUED_AT)
    issuer = Issuer(renderer, seal, keys.jws_key, LABELS)
    record, trust = CASES[case], keys.trust()
    signed = issuer.sign_statement(record)
    printed, pdf = renderer.render(signed.canonical, signed.jws), issuer.render_pdf(signed)
    at = datetime.fromisoformat(signed.statement["issued_at"])
    steps: list[Callable[[], object]] = [
        lambda: issuer.sign_statement(record),
        lambda: renderer.render(signed.canonical, signed.jws),
        lambda: seal.seal(printed, at=at),
        lambda: verify_pdf(pdf, trust),
        lambda: verify_pdf(pdf, trust, renderer=renderer),
    ]
    return {name: cpu_ms(step, rounds) for name, step in zip(PEERS, steps, strict=True)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        for case in ("plain", "burdened", "many"):
            print(f"{case}:")
            for name, spent in measure(case, rounds, Path(folder) / "keys").items():
                print(f"  {name:36} {spent:8.1f} ms   peers: {PEERS[name]}")


if __name__ == "__main__":
    main()
