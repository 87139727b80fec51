"""A desk that issues from a real database with real keys, built once per session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from address_registry import AddressBook
from cadastre.db.places import font_dir
from cadastre.db.unit_of_work import Database
from cadastre.domain.codelist import load_codelist
from cadastre.extract.issue import Issuer
from cadastre.extract.pdf import PdfRenderer
from cadastre.extract.pki import IssuingKeys, load_or_create_keys
from cadastre.extract.record import IssuingOffice, Text3
from cadastre.extract.verify import Verifier
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.extracts import DeskParts, ExtractDesk
from cadastre.services.verification import VerificationDesk
from tests.cadastre.services.newcomers import Newcomers
from tests.database import Database as MigratedCopy
from tests.database import TestCluster
from tests.signing import seal_with

NOON = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


class CodelistLabels:
    """Labels straight from the packaged codelists."""

    def label(self, codelist: str, code: str) -> Text3:
        entry = load_codelist(codelist).latest(code)
        return Text3(entry.az, entry.en, entry.ru)


@dataclass(frozen=True)
class Office:
    """Everything a test of the desk touches."""

    database: Database
    desk: ExtractDesk
    verification: VerificationDesk
    clock: FixedClock


@pytest.fixture(scope="session")
def renderer() -> PdfRenderer:
    return PdfRenderer(font_dir())


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> IssuingKeys:
    return load_or_create_keys(tmp_path_factory.mktemp("pki") / "keys", now=NOON)


@pytest.fixture
def counter(fresh_database: MigratedCopy) -> Iterator[Newcomers]:
    """A counter with a register of its own, which is empty."""
    database = Database(fresh_database.app_url, pool_size=4)
    yield Newcomers(database)
    database.close()


@pytest.fixture(scope="module")
def common_counter(test_cluster: TestCluster) -> Iterator[Newcomers]:
    """A counter with one register for all tests of a module, each of which brings objects of its own."""
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    yield Newcomers(database)
    database.close()
    test_cluster.drop_copy(copy)


@pytest.fixture
def office(fresh_database: MigratedCopy, renderer: PdfRenderer, keys: IssuingKeys) -> Iterator[Office]:
    database = Database(fresh_database.app_url, pool_size=4)
    clock = FixedClock(NOON)
    parts = DeskParts(
        database=database,
        issuer=Issuer(renderer, seal_with(keys, clock), keys.jws_key, CodelistLabels()),
        clock=clock,
        ids=TimeOrderedIds(clock),
        office=IssuingOffice("23", Text3("Sınaq Ərazi İdarəsi")),
        verify_base_url="http://127.0.0.1:8000/verify",
        addresses=AddressBook(),
    )
    verifier = Verifier(keys.trust(), None, renderer)
    verification = VerificationDesk(database, verifier, AddressBook(), clock)
    yield Office(database, ExtractDesk(parts), verification, clock)
    database.close()
