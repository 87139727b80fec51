"""Who is arrested alone: his share is neither sold nor burdened with the whole; the others sell theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from cadastre.db.unit_of_work import Database
from cadastre.domain.commands import Acquisition, GrantRight, Impose, RegisterMortgage, Taking, Transfer
from cadastre.domain.property_state import Encumbrance
from cadastre.domain.share import Share
from cadastre.kernel.errors import CadastreError
from tests.cadastre.services.registering import Office
from tests.database import TestCluster

HALF = Share(1, 2)


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=1)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


@pytest.mark.parametrize("kind", ["arrest", "prohibition"])
@pytest.mark.parametrize("service", ["sale", "gift", "inheritance"])
def test_an_arrested_share_is_not_sold(office: Office, kind: str, service: str) -> None:
    debtor, other, buyer = office.people("Borclu", "Şərik", "Alıcı")
    here = office.section({debtor: (1, 2), other: (1, 2)})
    act = Encumbrance(kind, burdened=debtor, authority="Sınaq məhkəməsi")
    office.register(kind, Impose(here, act))
    case = office.file(service, here)
    with pytest.raises(CadastreError) as refused:
        office.decide(case, Transfer(here, (Taking(debtor),), (Acquisition(buyer, HALF),)))
    assert refused.value.code == "property-blocked"
    office.withdraw(case)
    office.register(service, Transfer(here, (Taking(other),), (Acquisition(buyer, HALF),)))
    assert office.holdings(here) == {debtor: "1/2", buyer: "1/2"}


@pytest.mark.parametrize("what", ["mortgage", "usufruct", "servitude"])
def test_the_whole_is_not_burdened_over_an_arrested_share(office: Office, what: str) -> None:
    debtor, other, stranger = office.people("Borclu", "Şərik", "Yad")
    here = office.section({debtor: (1, 2), other: (1, 2)})
    office.register("arrest", Impose(here, Encumbrance("arrest", burdened=debtor, authority="Məhkəmə")))
    loan = Encumbrance("mortgage", stranger, amount=Decimal(1000), currency="AZN")
    granted = GrantRight(here, what, stranger)
    case = office.file(what, here)
    with pytest.raises(CadastreError) as refused:
        office.decide(case, RegisterMortgage(here, loan) if what == "mortgage" else granted)
    assert refused.value.code == "property-blocked"
    office.withdraw(case)
    office.register("mortgage", RegisterMortgage(here, replace(loan, burdened=other)))


def test_a_court_passes_an_arrested_share_on_and_the_arrest_goes_with_it(office: Office) -> None:
    debtor, other, buyer, bank = office.people("Borclu", "Şərik", "Alıcı", "Bank")
    here = office.section({debtor: (1, 2), other: (1, 2)})
    office.register("arrest", Impose(here, Encumbrance("arrest", burdened=debtor, authority="Məhkəmə")))
    office.register("court_transfer", Transfer(here, (Taking(debtor),), (Acquisition(buyer, HALF),)))
    (arrest,) = office.state(here).restrictions
    assert arrest.contents.burdened == buyer
    loan = Encumbrance("mortgage", bank, buyer, amount=Decimal(1000), currency="AZN")
    case = office.file("mortgage", here)
    with pytest.raises(CadastreError) as refused:
        office.decide(case, RegisterMortgage(here, loan))
    assert refused.value.code == "property-blocked"
