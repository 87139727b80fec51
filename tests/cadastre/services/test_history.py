"""Any past state of the register comes back byte for byte, by recorded time and by the day of the law."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import rfc8785
from sqlalchemy import text

from api.schemas.properties import Property
from cadastre.db.unit_of_work import Database
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.commands import EndEntry, GrantRight, RegisterMortgage
from cadastre.domain.moment import NOW, AskedMoment
from cadastre.domain.property import PropertyView
from cadastre.domain.property_state import Encumbrance, Terms
from cadastre.kernel.errors import InvalidInput, NotFound
from cadastre.services.properties import get_property_view
from tests.cadastre.services.registering import Office
from tests.cadastre.services.test_land_registration import block, halves, loan, settle, successors
from tests.database import TestCluster

REGISTRAR = Caller("registrar-1", CallerRole.REGISTRAR, "Qeydiyyatçı")


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    """One register for all tests: each has land of its own."""
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


def look(office: Office, number: str, moment: AskedMoment = NOW) -> PropertyView:
    """What a registrar reads of a section."""
    return get_property_view(
        office.database, number, caller=REGISTRAR, purpose="disposal", today=office.today(), moment=moment
    )


def written(view: PropertyView) -> bytes:
    """Canonical JSON of a view; the version names the present only."""
    return rfc8785.dumps(Property.model_validate(view).model_dump(mode="json", exclude={"version"}))


def number_of(office: Office, property_id: int) -> str:
    return office.state(property_id).register_number


class TestOneSection:
    def test_a_lease_stands_in_both_views_with_all_its_terms(self, office: Office) -> None:
        owner, lessee = office.people("Sahib Bir", "İcarəçi Bir")
        (here,) = settle(office, owner, 1, 0)
        terms = Terms(
            until=office.today() + timedelta(days=900),
            rent=Decimal("350"),
            rent_currency="AZN",
            rent_period="month",
            part=block(1, 20, 5),
        )
        office.register("lease", GrantRight(here, "lease", lessee, terms))
        view = look(office, number_of(office, here))
        right = next(each for each in view.rights if each.kind == "lease")
        burden = next(each for each in view.restrictions if each.kind == "lease")
        assert (right.origin, burden.origin) == ("right", "right")
        assert (right.party_name, burden.beneficiary) == ("İcarəçi Bir", "İcarəçi Bir")
        for each in (right, burden):
            assert (each.rent, each.rent_currency, each.rent_period) == ("350.00", "AZN", "month")
            assert each.until == terms.until
            assert each.part is not None
            assert each.part.srid == 32639
            assert abs(Decimal(each.part.area_m2) - 200) < 1
            assert each.part.geometry["type"] == "Polygon"
            assert each.journal_number is not None
        assert right.registration_number == burden.registration_number

    def test_a_mortgage_tells_rate_note_rank_and_bank(self, office: Office) -> None:
        owner, bank = office.people("Sahib İki", "Bank İki")
        (here,) = settle(office, owner, 2, 0)
        loan = Encumbrance(
            "mortgage",
            bank,
            amount=Decimal(50_000),
            currency="USD",
            interest_rate=Decimal("8.5"),
            rank=1,
            note_number="K-17",
            note_dated=date(2026, 3, 1),
        )
        office.register("mortgage", RegisterMortgage(here, loan))
        (burden,) = look(office, number_of(office, here)).restrictions
        assert (burden.beneficiary, burden.amount, burden.currency) == ("Bank İki", "50000.00", "USD")
        assert (burden.interest_rate, burden.rank) == ("8.5000", 1)
        assert (burden.note_number, burden.note_dated) == ("K-17", date(2026, 3, 1))

    def test_a_closed_section_says_why_and_is_read_as_it_stood_at_its_end(self, office: Office) -> None:
        owner, bank = office.people("Sahib Üç", "Bank Üç")
        (here,) = settle(office, owner, 3, 0)
        number = number_of(office, here)
        office.register("mortgage", RegisterMortgage(here, loan(bank, 1)))
        before = look(office, number)
        done = office.register("division", halves(office.state(here), 3))
        now = look(office, number)
        assert now.closing is not None
        assert (now.closing.closed_on, now.closing.reason) == (office.today(), "division")
        assert set(now.closing.successors) == {number_of(office, each) for each in successors(done)}
        assert (now.rights, now.restrictions, now.cadastral_numbers) == ((), (), ())
        at_its_end = AskedMoment(now.closing.stood_as_of, now.closing.stood_known_at)
        stood = look(office, number, at_its_end)
        assert (stood.closing, stood.version) == (None, None)
        assert (stood.rights, stood.restrictions) == (before.rights, before.restrictions)
        assert stood.cadastral_numbers == before.cadastral_numbers
        yesterday = look(office, number, AskedMoment(as_of=office.today() - timedelta(days=1)))
        assert yesterday.closing is None
        assert [each.party_name for each in yesterday.rights] == ["Sahib Üç"]

    def test_an_ended_lease_does_not_show_its_end_as_its_term(self, office: Office) -> None:
        owner, lessee = office.people("Sahib Dörd", "İcarəçi Dörd")
        (here,) = settle(office, owner, 4, 0)
        office.register("lease", GrantRight(here, "lease", lessee))
        index = office.head()
        lease = next(r for r in office.state(here).rights if r.kind == "lease")
        office.register("lease_end", EndEntry(here, right_id=lease.right_id))
        past = look(office, number_of(office, here), AskedMoment(known_at=index))
        (right,) = [each for each in past.rights if each.kind == "lease"]
        assert right.until is None


class TestMoments:
    def test_an_instant_is_the_state_known_by_then(self, office: Office) -> None:
        owner, bank = office.people("Sahib Beş", "Bank Beş")
        (here,) = settle(office, owner, 5, 0)
        number = number_of(office, here)
        before = look(office, number)
        office.head()
        instant = office.database.run(
            lambda uow: uow.connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        )
        office.register("mortgage", RegisterMortgage(here, loan(bank, 1)))
        office.head()
        then = look(office, number, AskedMoment(known_at=instant))
        assert (then.rights, then.restrictions) == (before.rights, ())
        again = look(office, number, AskedMoment(known_at=instant))
        assert written(again) == written(then)
        assert len(look(office, number).restrictions) == 1

    @pytest.mark.parametrize(
        ("moment", "code"),
        [
            (AskedMoment(as_of=date(9998, 1, 1)), "moment-in-future"),
            (AskedMoment(as_of=date(1899, 12, 31)), "moment-too-early"),
            (AskedMoment(known_at=10**15), "moment-in-future"),
            (AskedMoment(known_at=datetime.fromisoformat("1999-01-01T00:00:00+04:00")), "moment-too-early"),
        ],
    )
    def test_a_moment_outside_the_register_is_refused(
        self, office: Office, moment: AskedMoment, code: str
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            look(office, "203016000001", moment)
        assert refused.value.code == code

    def test_what_was_not_entered_yet_is_not_found(self, office: Office) -> None:
        (owner,) = office.people("Sahib Altı")
        index = office.head()
        (here,) = settle(office, owner, 6, 0)
        with pytest.raises(NotFound):
            look(office, number_of(office, here), AskedMoment(known_at=index))
