"""From statement to PDF/A-3b and PDF/UA-1, by Typst; the same statement gives the same bytes."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import typst

from cadastre.extract.font_cover import covered_characters
from cadastre.extract.layouts import CURRENT, LAYOUTS
from cadastre.extract.statement import digest
from cadastre.extract.strict_json import read_object
from cadastre.extract.text import shown
from cadastre.kernel.errors import Unavailable

STATEMENT_NAME = "statement.json"
JWS_NAME = "statement.jws"
CODE_NAME = "verification-code.txt"
PROOF_NAME = "ledger-proof.txt"
EXTRAS: Mapping[str, str] = {
    CODE_NAME: "QR kodun mətni: imzalı yoxlama məlumatı (Ed25519)",
    PROOF_NAME: "Açıq jurnalın sübutu (c2sp.org/tlog-proof@v1)",
}
"""What a document may carry beside statement and signature: name, description."""
_STANDARDS: list[typst.PDFStandard] = ["a-3b", "ua-1"]
_FACES = ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf")


class Likeness(Enum):
    """How a document is like its statement printed again."""

    BYTES = "bytes"
    TEXT = "text"  # another engine or font file: the words must be the same, not the bytes
    UNKNOWN = "unknown"  # a layout that is not kept here


class PdfRenderer:
    """Prints statements; built once by the composition root, safe to share between threads.

    Parameters
    ----------
    font_dir
        Folder with ``NotoSans-Regular.ttf`` and ``NotoSans-Bold.ttf`` (every
        Azerbaijani letter and ₼); system fonts are never used.
    """

    def __init__(self, font_dir: Path) -> None:
        missing = [name for name in _FACES if not (font_dir / name).is_file()]
        if missing:
            raise Unavailable(
                f"The fonts for extracts are missing: {', '.join(missing)}; run make setup.",
                code="fonts-missing",
            )
        faces = [(font_dir / name).read_bytes() for name in _FACES]
        self._covered = covered_characters(faces[0]) & covered_characters(faces[1])
        self._fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[font_dir],
        )
        self._templates = {name: layout.read_template() for name, layout in LAYOUTS.items()}
        self._press = f"typst/{importlib.metadata.version('typst')} fonts/{_short(*faces)}"
        self.fingerprint = f"{CURRENT.name} {self._press}"
        """Names all that shapes the page: layout, engine, fonts; part of every new statement."""

    def likeness(self, rendering: str) -> Likeness:
        """Say how a document of a fingerprint comes out when it is printed here."""
        layout, _, press = rendering.partition(" ")
        if layout not in LAYOUTS:
            return Likeness.UNKNOWN
        return Likeness.BYTES if press == self._press else Likeness.TEXT

    def render(self, canonical: bytes, jws: str, extras: Mapping[str, str] | None = None) -> bytes:
        """Print a signed statement in the layout that it names, both embedded as attachments.

        A statement whose layout is not known is printed in the current one.

        Parameters
        ----------
        canonical
            Canonical bytes of a statement of our own making.
        jws
            Its detached signature.
        extras
            Further attachments by name, of those in :data:`EXTRAS`; ``verification-code.txt`` is also what
            the QR code says, which else is the bare address.
        """
        statement, carried = read_object(canonical), dict(extras or {})
        named = [(name, carried[name], EXTRAS[name]) for name in sorted(carried)]
        url = statement["verification"]["url"]
        layout = LAYOUTS.get(statement["rendering"].partition(" ")[0], CURRENT)
        view = self._printable(layout.build_view(statement, digest=digest(canonical)))
        printed, warnings = typst.compile_with_warnings(
            self._templates[layout.name],
            format="pdf",
            font_paths=self._fonts,
            ignore_system_fonts=True,
            pdf_standards=_STANDARDS,
            timestamp=datetime.fromisoformat(statement["issued_at"]).replace(microsecond=0),
            sys_inputs={
                "view": json.dumps(view, ensure_ascii=False),
                **layout.draw_codes(carried.get(CODE_NAME) or url, url),
                "extras": json.dumps(named, ensure_ascii=False),
                "statement": canonical.decode(),
                "jws": jws,
            },
        )
        if warnings:  # a missing font is only a warning to Typst, and a page without text to us
            raise Unavailable(f"The extract cannot be printed: {warnings[0].message}", code="printing-failed")
        return printed

    def _printable(self, value: Any) -> Any:
        if isinstance(value, str):
            return "".join(c if c in self._covered else f"[U+{ord(c):04X}]" for c in shown(value))
        if isinstance(value, dict):
            return {key: self._printable(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._printable(item) for item in value]
        return value


def _short(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]
