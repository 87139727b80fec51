"""New names and successors on a real register: every entry that names the party follows it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database
from cadastre.domain.commands import CancelEntries, GrantRight, RegisterMortgage, Rename, Succeed
from cadastre.domain.property_state import Encumbrance
from cadastre.kernel.errors import CadastreError
from tests.cadastre.services.registering import DAY, Office
from tests.database import TestCluster


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


def firm(office: Office, name: str, voen: str | None = None) -> UUID:
    """A legal person (synthetic)."""
    found: UUID = office._write(lambda register: register.party(name, kind="legal", voen=voen))
    return found


def loan(bank: UUID, burdened: UUID | None = None) -> Encumbrance:
    return Encumbrance("mortgage", bank, burdened, amount=Decimal(50_000), currency="AZN")


def person_of(office: Office, party: UUID) -> UUID:
    return office.database.run(
        lambda uow: UUID(
            str(
                uow.connection.execute(
                    text("SELECT registry.resolve_party(:party)"), {"party": party}
                ).scalar_one()
            )
        )
    )


def test_every_entry_that_names_the_party_goes_on_under_the_new_name(office: Office) -> None:
    old, new = firm(office, "Alfa MMC", "1700000011"), firm(office, "Beta MMC")
    owner = firm(office, "Başqa MMC")
    here, there = office.section({old: (1, 2), owner: (1, 2)}), office.section({owner: (1, 1)})
    office.register("mortgage", RegisterMortgage(here, loan(owner, burdened=old)))
    office.register("mortgage", RegisterMortgage(there, loan(old)))
    office.register("lease", GrantRight(there, "lease", old))
    before, today = office.head(), office.today()
    former = office.state(here), office.state(there)
    known = office.view(here, before, today), office.view(there, before, today)
    office.register("renaming", Rename(here, old, new), Rename(there, old, new), properties=[here, there])
    assert office.holdings(here) == {new: "1/2", owner: "1/2"}
    assert office.state(here).restrictions[0].contents.burdened == new
    assert office.state(there).restrictions[0].contents.beneficiary == new
    assert office.state(there).rights[-1].party_id == new
    for was, key in zip(former, (here, there), strict=True):
        state = office.state(key)
        assert numbers(state) == numbers(was), "nothing is registered anew"
        assert {r.source_id for r in state.restrictions} == {r.source_id for r in was.restrictions}
    assert person_of(office, new) == old, "the new name stands for the party with the number"
    after = office.head()
    assert (office.view(here, before, today), office.view(there, before, today)) == known
    assert "Alfa" in office.view(here, after, DAY)
    assert "Beta" in office.view(here, after, today)
    assert "Alfa" not in office.view(here, after, today)


def numbers(state: object) -> set[str]:
    return {entry.registration_number for entry in (*state.rights, *state.restrictions)}  # type: ignore[attr-defined]


def test_a_later_case_uses_the_record_of_the_same_new_name(office: Office) -> None:
    old, new, again = firm(office, "Qamma MMC"), firm(office, "Delta MMC"), firm(office, "Delta MMC")
    here, there = office.section({old: (1, 1)}), office.section({old: (1, 1)})
    office.register("renaming", Rename(here, old, new))
    office.register("renaming", Rename(there, old, again))
    assert office.holdings(there) == {new: "1/1"}


def test_a_name_changes_under_arrest_and_the_arrest_names_the_new_one(office: Office) -> None:
    old, new = firm(office, "Köhnə MMC"), firm(office, "Təzə MMC")
    here = office.section({old: (1, 1)})
    office.serial += 1
    office._write(lambda register: register.arrest(here, old))
    office.register("renaming", Rename(here, old, new))
    (arrest,) = office.state(here).restrictions
    assert (arrest.contents.kind, arrest.contents.burdened) == ("arrest", new)
    assert office.holdings(here) == {new: "1/1"}


def test_a_cancelled_renaming_gives_the_name_back_and_loosens_the_link(office: Office) -> None:
    old, new = firm(office, "Əvvəlki MMC", "1700000045"), firm(office, "Səhv ad MMC")
    here, there = office.section({old: (1, 1)}), office.section({old: (1, 1)})
    first, second = (office.file("renaming", key) for key in (here, there))
    for case, key in ((first, here), (second, there)):
        office.decide(case, Rename(key, old, new))
    before = office.head()
    office.register("cancellation", CancelEntries((here,), (first,)), properties=[here])
    assert office.holdings(here) == {old: "1/1"}
    assert person_of(office, new) == old, "the name stands in another section"
    office.register("cancellation", CancelEntries((there,), (second,)), properties=[there])
    assert "1700000045" in office.view(here, before, office.today()), "known then under the later name"


def test_a_link_that_fell_with_its_case_comes_back_with_it(office: Office) -> None:
    old, new = firm(office, "Köhnə ad MMC"), firm(office, "Yeni ad MMC")
    here = office.section({old: (1, 1)})
    named, undone = (office.file(service, here) for service in ("renaming", "cancellation"))
    office.decide(named, Rename(here, old, new))
    office.decide(undone, CancelEntries((here,), (named,)))
    assert (office.holdings(here), person_of(office, new)) == ({old: "1/1"}, new)
    office.register("cancellation", CancelEntries((here,), (undone,)), properties=[here])
    assert (office.holdings(here), person_of(office, new)) == ({new: "1/1"}, old)


def test_another_partys_number_or_kind_is_no_new_name(office: Office) -> None:
    old, other = firm(office, "Bir MMC", "1700000029"), firm(office, "İki MMC", "1700000037")
    (person,) = office.people("Şəxs")
    here = office.section({old: (1, 1)})
    for present, code in ((other, "party-numbers-differ"), (person, "party-kinds-differ")):
        case = office.file("renaming", here)
        with pytest.raises(CadastreError) as refused:
            office.decide(case, Rename(here, old, present))
        assert refused.value.code == code
        office.withdraw(case)


def test_whoever_stands_nowhere_is_not_renamed(office: Office) -> None:
    old, new, owner = firm(office, "Heç kim"), firm(office, "Yeni"), firm(office, "Sahib")
    here = office.section({owner: (1, 1)})
    with pytest.raises(CadastreError) as refused:
        office.register("renaming", Rename(here, old, new))
    assert refused.value.code == "party-not-in-section"


def test_a_successor_takes_over_all_entries_of_many_sections(office: Office) -> None:
    old, new, owner = firm(office, "Birləşən MMC"), firm(office, "Qalan MMC"), firm(office, "Sahib")
    here, there = office.section({old: (1, 2), new: (1, 2)}), office.section({owner: (1, 1)})
    office.register("mortgage", RegisterMortgage(here, loan(owner, burdened=old)))
    office.register("mortgage", RegisterMortgage(there, loan(old)))
    before, today = office.head(), office.today()
    known = office.view(here, before, today)
    office.register("succession", Succeed(here, old, new), Succeed(there, old, new), properties=[here, there])
    assert office.holdings(here) == {new: "1/1"}
    assert office.state(here).restrictions[0].contents.burdened == new
    assert office.state(there).restrictions[0].contents.beneficiary == new
    assert person_of(office, old) == old, "the predecessor was another party"
    assert office.view(here, before, today) == known
    assert "Birləşən" in office.view(here, office.head(), DAY)


def test_joint_owners_become_one_and_an_arrest_passes_over(office: Office) -> None:
    old, new, other = firm(office, "A"), firm(office, "B"), firm(office, "C")
    pair, three = office.section({old: None, new: None}), office.section({old: None, new: None, other: None})
    office.serial += 1
    arrest = office.arrest(pair)
    for here in (pair, three):
        office.register("succession", Succeed(here, old, new))
    assert office.holdings(pair) == {new: "1/1"}
    assert office.holdings(three) == {new: "joint", other: "joint"}
    assert [r.restriction_id for r in office.state(pair).restrictions] == [arrest]
