"""A register that commits, shared by the tests of one file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from tests.database import TestCluster


@pytest.fixture(scope="module")
def arena(test_cluster: TestCluster) -> Iterator[Engine]:
    """Register in which all transactions of one test file are committed."""
    database = test_cluster.create_copy()
    engine = create_engine(database.app_url, pool_size=6)
    yield engine
    engine.dispose()
    test_cluster.drop_copy(database)
