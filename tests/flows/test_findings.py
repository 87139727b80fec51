"""What the rules tell reaches whoever asked, in his language: the notary with the entry, the office at the decision."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.rules.rulebook import load_rulebook
from tests.database import Database
from tests.flows.test_applications import (
    SERIAL,
    etag_of,
    file,
    notary,
    officers,
    sale,
    section,
    step,
    upload,
)
from tests.register import Register

__all__ = ["notary", "officers", "section"]
RULE = "mortgagee-consent-on-transfer"


@pytest.fixture
def mortgaged(section: str, planted_database: Database) -> str:
    """A section with a mortgage, whose creditor has not been asked."""
    engine = create_engine(planted_database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        register = Register(connection, serial=next(SERIAL) * 1000)
        register.leaf()
        bank = register.party("Sınaq Bank", kind="legal")
        query = text("SELECT property_id FROM cadastre.property WHERE register_number = :number")
        property_id = connection.execute(query, {"number": section}).scalar_one()
        register.restriction(property_id, "mortgage", bank, rank=1)
    engine.dispose()
    return section


@pytest.mark.parametrize("language", ["az", "en", "ru"])
def test_the_notary_and_the_office_are_told_in_their_language(
    notary: httpx.Client, officers: list[httpx.Client], mortgaged: str, language: str
) -> None:
    expected = next(rule for rule in load_rulebook() if rule.id == RULE)
    for client in (notary, *officers):
        client.headers["Accept-Language"] = language
    answer = file(notary, sale(mortgaged, upload(notary)), etag_of(notary, mortgaged))
    assert answer.status_code == 201, answer.text
    told = {finding["rule"]: finding for finding in answer.json()["findings"]}
    assert told[RULE]["weight"] == "warning"
    assert told[RULE]["text"] == expected.rule.text(language)  # type: ignore[arg-type]
    assert told[RULE]["what_to_do"] == expected.what_to_do(language)  # type: ignore[arg-type]
    assert told[RULE]["source"] == expected.rule.source
    case = answer.json()["id"]
    assert step(officers[0], case, "assign", assignee="registrar-2").json()["findings"] == []
    assert step(officers[1], case, "prepare").json()["findings"] == []
    decided = step(officers[2], case, "register")
    assert decided.status_code == 201, decided.text
    assert expected.rule.text(language) in {f["text"] for f in decided.json()["findings"]}  # type: ignore[arg-type]
