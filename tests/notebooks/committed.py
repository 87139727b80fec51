"""The notebook as it is committed: executed on a small synthetic district, without its heavy map.

Write it anew after a change of the notebook or of what it shows::

    python -m tests.notebooks.committed
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from cadastre.store.deployment import mark_synthetic
from tests.database import Database, TestCluster, test_settings
from tests.tiles.parcels import furnish

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "district_survey.ipynb"
PARCELS = 42
MAP_LEFT_OUT = "The map carries Leaflet and every shape with it; run the notebook to see it."


def execute(database: Database) -> nbformat.NotebookNode:
    """Run the notebook on a district of its own, marked as synthetic; the environment names the database."""
    furnish(database, PARCELS)
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_owner")
        mark_synthetic(connection)
    engine.dispose()
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(NOTEBOOK.parent))
    return notebook


def lighten(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Leave out what differs from run to run, and the map."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if "folium-map" in str(output.get("data", "")):
                output.data = nbformat.from_dict({"text/plain": MAP_LEFT_OUT})
    notebook.metadata.pop("widgets", None)
    return notebook


def main() -> None:
    """Execute the notebook and write it with its outputs."""
    cluster = TestCluster(test_settings())
    cluster.prepare_template()
    database = cluster.create_copy()
    os.environ.update(
        database.environ, CADASTRE_SURVEY_DISTRICT="BAK-XEZ", PYDEVD_DISABLE_FILE_VALIDATION="1"
    )
    try:
        nbformat.write(lighten(execute(database)), NOTEBOOK)
    finally:
        cluster.drop_copy(database)


if __name__ == "__main__":
    main()
