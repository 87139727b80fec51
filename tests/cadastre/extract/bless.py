"""Write the golden statements anew: ``python -m tests.cadastre.extract.bless``; review the diff."""

import json
from pathlib import Path

from cadastre.extract import build_statement
from tests.cadastre.extract.builders import CASES, LABELS

KINDS = (
    "reference-description",
    "reference-rights",
    "reference-encumbrances",
    "archive",
    "existence",
    "owns-nothing",
)
GOLDEN = Path(__file__).parent / "golden"


def bless() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for name in ("plain", "hole", "burdened", "flat", "absent", "past", "terms", "closed", "plan", *KINDS):
        statement = build_statement(CASES[name], LABELS, rendering="extract/test typst/test fonts/test")
        text = json.dumps(statement, indent=1, ensure_ascii=False, sort_keys=True)
        (GOLDEN / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    bless()
