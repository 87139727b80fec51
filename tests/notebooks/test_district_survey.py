"""The notebook runs from top to bottom on a register of its own, and is committed without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.database import Database
from tests.tiles.parcels import furnish

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "district_survey.ipynb"


@pytest.fixture
def executed(database_environment: Database, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    furnish(database_environment, 42)
    monkeypatch.setenv("CADASTRE_SURVEY_DISTRICT", "BAK-XEZ")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.execute(cwd=str(NOTEBOOK.parent))
    return notebook


def output_of(notebook: nbformat.NotebookNode) -> str:
    parts = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            parts.append(output.get("text", "") + str(output.get("data", "")))
    return "\n".join(parts)


def test_it_counts_the_district_and_draws_it(executed: nbformat.NotebookNode) -> None:
    text = output_of(executed)
    assert "Khazar District (BAK-XEZ): 42 parcels, drawn one by one" in text
    assert "This register is not marked as synthetic." in text
    assert "median difference" in text
    assert "folium-map" in text
    noise = [o.text for cell in executed.cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]
    assert noise == []


def test_it_asks_nobody_else(executed: nbformat.NotebookNode) -> None:
    assert "cdn." not in output_of(executed)


def test_it_is_committed_without_outputs_and_says_synthetic() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    assert "synthetic" in notebook.cells[0].source.lower()
