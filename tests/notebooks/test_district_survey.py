"""The notebook runs from top to bottom on a register of its own, and is committed as such a run leaves it."""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.database import Database
from tests.notebooks.committed import MAP_LEFT_OUT, NOTEBOOK, PARCELS, execute, lighten


@pytest.fixture
def executed(database_environment: Database, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    monkeypatch.setenv("CADASTRE_SURVEY_DISTRICT", "BAK-XEZ")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    return execute(database_environment)


def output_of(notebook: nbformat.NotebookNode) -> str:
    parts = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            parts.append(output.get("text", "") + str(output.get("data", "")))
    return "\n".join(parts)


def structure_of(notebook: nbformat.NotebookNode) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Every cell with its source and what stands under it: what is printed, and the columns of tables."""
    cells = []
    for cell in notebook.cells:
        shown = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            columns = re.findall(r"<th>(.*?)</th>", data.get("text/html", "").partition("</thead>")[0])
            shown.append((" ".join(sorted(data)), output.get("text", "") or " ".join(columns)))
        cells.append((cell.cell_type, cell.source, shown))
    return cells


def test_it_counts_the_district_and_draws_it(executed: nbformat.NotebookNode) -> None:
    text = output_of(executed)
    assert f"Khazar District (BAK-XEZ): {PARCELS} parcels, drawn one by one" in text
    assert "median difference" in text
    assert "folium-map" in text
    noise = [o.text for cell in executed.cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]
    assert noise == []


def test_it_asks_nobody_else(executed: nbformat.NotebookNode) -> None:
    assert "cdn." not in output_of(executed)


def test_what_is_committed_is_what_a_run_gives_today(executed: nbformat.NotebookNode) -> None:
    committed = nbformat.read(NOTEBOOK, as_version=4)
    assert structure_of(committed) == structure_of(lighten(executed))
    assert MAP_LEFT_OUT in output_of(committed)
    assert "synthetic" in committed.cells[0].source.lower()
    assert "/home/" not in output_of(committed)
    assert NOTEBOOK.stat().st_size < 300_000
