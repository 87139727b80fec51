"""A connection that is lost is told as such, whatever class the driver reports it under."""

from __future__ import annotations

import psycopg2
import pytest
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from cadastre.db.unit_of_work import translate
from cadastre.kernel.errors import Unavailable

LOST = "server closed the connection unexpectedly"


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT 1", {}, psycopg2.OperationalError(LOST)),
        # what the driver says when the server process was killed amid a statement
        DatabaseError("SELECT 1", {}, psycopg2.DatabaseError(LOST), connection_invalidated=True),
    ],
    ids=["operational", "database"],
)
def test_a_lost_connection_is_worth_another_try(error: DBAPIError) -> None:
    meaning = translate(error)
    assert isinstance(meaning, Unavailable)
    assert meaning.code == "database-unavailable"


def test_another_error_of_the_driver_stays_what_it_is() -> None:
    error = DatabaseError("SELECT 1", {}, psycopg2.DatabaseError("something else"))
    assert translate(error) is error
