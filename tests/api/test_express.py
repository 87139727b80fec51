"""A plain question is answered past the framework, in every respect as the declared route answers it."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from api.express import read_plain
from cadastre.db.unit_of_work import Database, UnitOfWork
from tests.api.planting import REGISTER_NUMBER
from tests.api.server import bearer
from tests.database import Database as MigratedCopy
from tests.register import Register

CHANGING = {"date", "x-request-id", "content-length"}
PLAIN = f"/v1/properties/{REGISTER_NUMBER}?purpose=disposal"


def declared(address: str) -> str:
    """Ask the same in a form that is not plain: one letter is escaped."""
    return address.replace("purpose=d", "purpose=%64").replace("purpose=o", "purpose=%6F")


def alike(one: httpx.Response, other: httpx.Response) -> None:
    assert one.status_code == other.status_code
    kept = [{k: v for k, v in answer.headers.items() if k not in CHANGING} for answer in (one, other)]
    assert kept[0] == kept[1]
    if one.content and one.headers["content-type"] == "application/problem+json":
        assert one.json() | {"incident": ""} == other.json() | {"incident": ""}
    else:
        assert one.content == other.content


@pytest.mark.parametrize(
    ("number", "question", "status"),
    [
        (REGISTER_NUMBER, "purpose=disposal", 200),
        (REGISTER_NUMBER, "purpose=disposal&as_of=2026-01-01", 200),
        (REGISTER_NUMBER, "purpose=disposal&as_of=1850-01-01", 400),
        (REGISTER_NUMBER, "purpose=disposal&as_of=2026-02-30", 422),
        (REGISTER_NUMBER, "purpose=dancing", 400),
        ("999999999999", "purpose=disposal", 404),
        ("nonsense", "purpose=disposal", 400),
        ("9" * 41, "purpose=disposal", 422),
    ],
)
def test_answers_and_refusals_are_the_same(
    client_as: Callable[..., httpx.Client], number: str, question: str, status: int
) -> None:
    notary, address = client_as("notary"), f"/v1/properties/{number}?{question}"
    plain = notary.get(address)
    assert plain.status_code == status
    alike(plain, notary.get(declared(address)))
    alike(notary.head(address), notary.head(declared(address)))


def test_who_may_not_is_refused_in_the_same_words(
    client_as: Callable[..., httpx.Client], public: httpx.Client
) -> None:
    stranger = client_as("owner", "ZZ99999", fin="ZZ99999")
    for client, status in ((client_as("surveyor"), 403), (stranger, 404), (public, 401)):
        answer = client.get(PLAIN)
        assert answer.status_code == status
        alike(answer, client.get(declared(PLAIN)))
    forged = bearer("a.b.c")
    alike(public.get(PLAIN, headers=forged), public.get(declared(PLAIN), headers=forged))


def test_who_waits_for_an_entry_to_be_numbered_gets_it(
    client_as: Callable[..., httpx.Client], planted_database: MigratedCopy
) -> None:
    def enter(uow: UnitOfWork) -> None:
        Register(uow.connection).property("203015000881")

    database = Database(planted_database.app_url, pool_size=1)
    database.run(enter)
    database.close()
    answer = client_as("notary").get("/v1/properties/203015000881?purpose=disposal")
    assert (answer.status_code, answer.json()["register_number"]) == (200, "203015000881")


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "POST"},
        {"type": "websocket"},
        {"root_path": "/behind"},
        {"path": f"/v1/properties/{REGISTER_NUMBER}/lineage"},
        {"path": "/v1/properties/" + "9" * 41},
        {"path": "/v1/properties/"},
        {"query_string": b""},
        {"query_string": b"purpose=disposal&known_at=1"},
        {"query_string": b"purpose=disposal&purpose=court"},
        {"query_string": b"purpose=disposal&as_of=2026-02-30"},
        {"query_string": b"purpose=DISPOSAL"},
        {"headers": []},
        {"headers": [(b"authorization", b"Basic abc")]},
        {"headers": [(b"authorization", b"Bearer ")]},
        {"headers": [(b"authorization", b"Bearer a b")]},
        {"headers": [(b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")]},
    ],
)
def test_whatever_is_not_plain_is_left_to_the_declared_route(changed: dict[str, object]) -> None:
    plain = {
        "type": "http",
        "method": "GET",
        "path": f"/v1/properties/{REGISTER_NUMBER}",
        "query_string": b"purpose=disposal",
        "headers": [(b"host", b"localhost"), (b"authorization", b"Bearer a.b.c")],
    }
    assert read_plain(plain) is not None
    assert read_plain({**plain, **changed}) is None
