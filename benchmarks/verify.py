"""CPU milliseconds of verifying an extract offline, beside a bare hash and signature check of the same bytes.

Run with ``python benchmarks/verify.py [--rounds N]``; the promise is one second for each form.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from cadastre.db.places import font_dir
from cadastre.extract import Issuer, PdfRenderer, load_or_create_keys
from cadastre.extract.ledger_policy import LedgerPolicy
from cadastre.extract.verify import Verifier
from tests.cadastre.extract.builders import CASES, ISSUED_AT, LABELS
from tests.cadastre.extract.ledger_proofs import SmallLedger
from tests.cadastre.extract.standalone import VERIFIER
from tests.signing import seal_with

PROMISED_MS = 1000.0


def cpu_ms(work: Callable[[], object], rounds: int) -> float:
    """Mean CPU milliseconds of a call, those of its processes included."""
    work()
    begin = _cpu()
    for _ in range(rounds):
        work()
    return (_cpu() - begin) / rounds * 1000


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def bare_check(data: bytes, key: rsa.RSAPrivateKey) -> Callable[[], object]:
    """One SHA-256 over the bytes and one RSA-3072 verification: what no verifier can go below."""
    signature, public = key.sign(data, padding.PKCS1v15(), SHA256()), key.public_key()

    def check() -> None:
        hashlib.sha256(data).digest()
        public.verify(signature, data, padding.PKCS1v15(), SHA256())

    return check


def main() -> int:
    """Measure and print; exit 1 when a form takes longer than promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--case", choices=sorted(CASES), default="many")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder, ledger = Path(made), SmallLedger()
        keys = load_or_create_keys(folder / "keys", now=ISSUED_AT)
        renderer = PdfRenderer(font_dir())
        issuer = Issuer(renderer, seal_with(keys, ISSUED_AT), keys.jws_key, LABELS)
        signed = issuer.sign_statement(CASES[asked.case])
        body = {"statement": signed.statement, "jws": signed.jws}
        pdf, bundle = folder / "a.pdf", folder / "a.json"
        pdf.write_bytes(issuer.render_pdf(signed))
        bundle.write_text(json.dumps({**body, "proof": ledger.prove(signed.statement, signed.sha256)}))
        trust = folder / "keys" / "trust"
        (trust / "ledger.policy").write_text(ledger.policy())
        judge = Verifier(keys.trust(), LedgerPolicy.read(trust))
        again = Verifier(keys.trust(), LedgerPolicy.read(trust), renderer)
        alone = [sys.executable, "-I", str(VERIFIER)]
        steps: dict[str, Callable[[], object]] = {
            "JSON with its proof": lambda: judge.judge_bundle(bundle.read_bytes()),
            "PDF": lambda: judge.judge_pdf(pdf.read_bytes()),
            "PDF, printed again and compared": lambda: again.judge_pdf(pdf.read_bytes()),
            "standalone process, JSON": lambda: subprocess.run(
                [*alone, bundle, "--trust", trust], check=True, capture_output=True
            ),
            "standalone process, PDF": lambda: subprocess.run(
                [*alone, pdf, "--trust", trust], check=True, capture_output=True
            ),
        }
        bare = cpu_ms(bare_check(pdf.read_bytes(), rsa.generate_private_key(65537, 3072)), 50)
        print(f"{asked.case}: PDF {pdf.stat().st_size} bytes; bare hash and RSA-3072 check {bare:.2f} ms")
        slowest = 0.0
        for name, step in steps.items():
            took = cpu_ms(step, asked.rounds)
            slowest = max(slowest, took)
            print(f"{name:34s} {took:8.1f} ms  ({took / bare:.0f} x bare)")
        print(f"promised {PROMISED_MS:.0f} ms, slowest {slowest:.1f} ms")
    return 0 if slowest <= PROMISED_MS else 1


if __name__ == "__main__":
    sys.exit(main())
