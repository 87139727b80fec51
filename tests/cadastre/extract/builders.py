"""Synthetic records for the extract tests; nobody named here exists."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from cadastre.extract.kinds import ExistenceRecord, HoldingRecord, TerminatedRecord
from cadastre.extract.neighbour import NeighbourRecord
from cadastre.extract.record import (
    BasisRecord,
    BuildingOutline,
    ClosingRecord,
    CrsOperation,
    District,
    ExtractRecord,
    FlagRecord,
    HolderRecord,
    IssuingOffice,
    ParcelRecord,
    PartRecord,
    PartyRecord,
    PropertyRecord,
    RegisterState,
    Registrar,
    RentRecord,
    RequestRecord,
    RestrictionRecord,
    RightRecord,
    Ring,
    Share,
    StatementKind,
    Text3,
    TurningPoint,
    UnitArea,
    UnitRecord,
)
from cadastre.extract.servitude import ServitudeRecord
from tests.cadastre.extract.labels import LABELS

__all__ = ["LABELS"]
ISSUED_AT = datetime(2026, 11, 22, 10, 15, 30, 123456, tzinfo=UTC)
N0, E0 = 4_470_000.0, 420_000.0

OFFICE = IssuingOffice(
    code="BAK-01",
    name=Text3(
        "Daşınmaz Əmlakın Dövlət Kadastrı və Reyestri",
        "State Cadastre and Register of Real Estate",
        "Государственный кадастр и реестр недвижимости",
    ),
    head="Rəis Sınaqov",
    executor="İcraçı Nümunəyeva",
)
REGISTRAR = Registrar(
    Text3("“Sınaq Reyestri” publik hüquqi şəxs", "Trial Register", "Пробный реестр"),
    Text3("Sınaq Nazirliyi yanında Sınaq Xidməti", "Trial Service", "Пробная служба"),
)
XEZER = District(
    "BAK-XEZ", Text3("Xəzər rayonu", "Khazar district", "Хазарский район"), Text3("Bakı", "Baku", "Баку")
)


def ring(*offsets: tuple[float, float]) -> Ring:
    """Ring from (north, east) offsets of the test origin."""
    return tuple(TurningPoint(N0 + north, E0 + east) for north, east in offsets)


PLOT = ring((0, 0), (2.4, 21.37), (26.813, 24.002), (31.5, 12.25), (28.1, -1.9))
HOLE = ring((8, 8), (8, 13), (13, 13), (13, 8))
HOUSE = BuildingOutline(
    (ring((15, 3), (15, 12), (24, 12), (24, 7), (21, 7), (21, 3)),),
    label="2YE",
    storeys=2,
    number="0108-B1",
    kind="house",
    footprint_m2=Decimal("73.5"),
    belongs=True,
)


def circle_ring(count: int, radius: float = 180.0) -> Ring:
    """Slightly wavy round ring with many corners."""
    return tuple(
        TurningPoint(
            N0 + (radius + 9 * math.sin(11 * a)) * math.cos(a),
            E0 + (radius + 9 * math.sin(11 * a)) * math.sin(a),
        )
        for a in (2 * math.pi * i / count for i in range(count))
    )


def parcel(**changes: object) -> ParcelRecord:
    base = ParcelRecord(
        cadastral_number="0108-0004-00127",
        district=XEZER,
        land_category="2",
        ownership_form="xususi",
        srid=32639,
        rings=(PLOT,),
        cadastral_zone="108",
        purpose="fərdi yaşayış evinin tikintisi",
        quality_group="II",
        documentary_area_m2=Decimal("650.00"),
        surveyed_area_m2=Decimal("652.3141"),
        crs=CrsOperation(source_srid=28409, operation="EPSG:1809", accuracy_m=Decimal(2)),
        survey_accuracy_m=Decimal("0.1"),
        buildings=(HOUSE,),
    )
    return replace(base, **changes)


def person(name: str, fin: str = "5ZZ0A1B") -> PartyRecord:
    return PartyRecord(name=name, kind="natural", fin=fin)


BANK = PartyRecord(name="«Sınaq Bank» ASC", kind="legal", voen="9900012341")
SALE = BasisRecord(
    "sale", number="1-2345", date=date(2019, 3, 4), issuer="Bakı şəhəri, 12 nömrəli notariat ofisi"
)


def ownership(*holders: HolderRecord) -> RightRecord:
    return RightRecord(
        kind="ownership",
        holders=holders,
        registration_number="0119004711",
        registration_date=date(2019, 3, 12),
        bases=(SALE,),
    )


SOLE = ownership(HolderRecord(person("Sınaqov Əli Ömər oğlu"), share=Share(1, 1)))
THREE = ownership(
    HolderRecord(person("Sınaqova Şəhla İlqar qızı", "5ZZ0A1C"), share=Share(1, 2)),
    HolderRecord(
        person("Nümunəyev Çingiz Əli oğlu", "5ZZ0A1D"), share=Share(1, 3), registration_number="0121000099"
    ),
    HolderRecord(person("Nümunəyeva Günay Çingiz qızı", "5ZZ0A1E"), share=Share(1, 6)),
)
JOINT = ownership(
    HolderRecord(person("Sınaqov Əli Ömər oğlu"), joint=True),
    HolderRecord(person("Sınaqova Şəhla İlqar qızı", "5ZZ0A1C"), joint=True),
)
LEASE = RightRecord(
    kind="lease",
    holders=(HolderRecord(BANK),),
    registration_number="0124001188",
    registration_date=date(2024, 5, 6),
    bases=(BasisRecord("lease_contract", "77", date(2024, 5, 1)),),
    until=date(2034, 5, 1),
    scope="binanın birinci mərtəbəsi",
)
MORTGAGE = RestrictionRecord(
    kind="mortgage",
    registration_number="0123004500",
    registration_date=date(2023, 7, 8),
    beneficiaries=(BANK,),
    bases=(BasisRecord("mortgage_contract", "İP-55", date(2023, 7, 1)),),
    until=date(2043, 7, 1),
    amount=Decimal("125000"),
    rank=1,
)
ARREST = RestrictionRecord(
    kind="arrest",
    registration_number="0125000777",
    registration_date=date(2025, 2, 3),
    bases=(BasisRecord("court", "2(001)-15/2025", date(2025, 2, 1), "Xəzər Rayon Məhkəməsi"),),
)


HEIR = ownership(
    HolderRecord(person("Sınaqov Əli Ömər oğlu"), share=Share(1, 2), journal_number=4_011),
    HolderRecord(
        PartyRecord("Johann Mustermann", "natural"),
        share=Share(1, 2),
        journal_number=4_012,
        dispose_by=date(2027, 3, 4),
    ),
)
RENTED = replace(
    LEASE,
    holders=(HolderRecord(BANK, journal_number=4_120),),
    rent=RentRecord(Decimal("1350"), "AZN", "month"),
    part=PartRecord((ring((2, 3), (2, 9), (7, 9), (7, 3)),), 32639, Decimal("30.012")),
)
NOTED = replace(
    MORTGAGE,
    interest_rate=Decimal("8.5"),
    note_number="İK-000017",
    note_dated=date(2023, 7, 2),
    journal_number=3_900,
)
SERVITUDE = RestrictionRecord(
    kind="servitude",
    registration_number="0124000555",
    registration_date=date(2024, 1, 15),
    beneficiaries=(person("Nümunəyev Çingiz Əli oğlu", "5ZZ0A1D"),),
    benefits="108000123999",
    part=PartRecord((ring((25.0, 1.0), (25.0, 20.0), (27.5, 20.0), (27.5, 1.0)),), 32639, Decimal("47.51")),
    scope="3 m enində keçid",
)
URGENT = replace(
    ARREST,
    authority="Xəzər Rayon İcra Şöbəsi",
    confirm_by=datetime(2025, 2, 4, 9, 30, tzinfo=UTC),
    burdened=PartyRecord("Johann Mustermann", "natural"),
    journal_number=4_555,
)
FLAGS = (
    FlagRecord("parcel", "area", date(2026, 10, 1), "0108-0004-00127"),
    FlagRecord("entry", "holder", date(2026, 10, 2), "0119004711"),
)
SERVED = (
    ServitudeRecord("servitude", "108000123999", "0124000601", date(2024, 1, 20)),
    ServitudeRecord("servitude", "108000124000", "0125000602", date(2025, 6, 2), date(2030, 6, 1)),
)
CLOSED = ClosingRecord(date(2026, 5, 12), "division", ("108000200001", "108000200002"))


def property_(**changes: object) -> PropertyRecord:
    base = PropertyRecord(
        register_number="108000123456",
        object_kind="house",
        opened=date(2011, 9, 5),
        book="127",
        sheet="45",
        ownership_form="xususi",
        unit_areas=(
            UnitArea("total", Decimal("184.5"), Decimal("186.1")),
            UnitArea("living", Decimal("102"), None),
        ),
        room_count=5,
        storeys=2,
        divisible=False,
        address=Text3("Bakı şəhəri, Xəzər rayonu, Mərdəkan qəsəbəsi, Sınaq küçəsi, ev 14A"),
        former_address=Text3("Bakı şəhəri, Əzizbəyov rayonu, Mərdəkan, 1-ci Nümunə döngəsi, ev 3"),
    )
    return replace(base, **changes)


def record(**changes: object) -> ExtractRecord:
    base = ExtractRecord(
        kind=StatementKind.EXTRACT,
        id="0193a5e2-7c1d-7aaa-8bbb-0123456789ab",
        number="EX0000431",
        register_number="108000123456",
        issued_at=ISSUED_AT,
        registrar=REGISTRAR,
        office=OFFICE,
        request=RequestRecord(
            subject="notary-17",
            name="Notarius Sınaq İmzayeva",
            capacity="disposer",
            basis="Notariat hərəkəti № 12, vəkalətnamə № 9",
            purpose="alqı-satqı müqaviləsinin təsdiqi",
            requested_at=ISSUED_AT,
            number="ƏR-2026-000431",
            acting_for="Sınaqov Əli Ömər oğlu",
        ),
        state=RegisterState(
            valid_time=ISSUED_AT,
            ledger_index=812_345,
            recorded_time=datetime(2026, 11, 22, 9, 58, 7, 654321, tzinfo=UTC),
        ),
        token="q7Jm0mZb3yT1x5nE9kLw2A",
        verify_url="https://kadastr.example.az/verify/q7Jm0mZb3yT1x5nE9kLw2A",
        property=property_(),
        parcels=(parcel(),),
        rights=(SOLE,),
        validity=Text3(
            "Sənəd verildiyi andakı vəziyyəti göstərir; sonrakı dəyişiklik yoxlama səhifəsində görünür."
        ),
        synthetic=True,
    )
    return replace(base, **changes)


def absent() -> ExtractRecord:
    return record(
        kind=StatementKind.NOT_IN_REGISTER,
        asked_kind=StatementKind.CERTIFICATE,
        register_number="999000000001",
        property=None,
        parcels=(),
        rights=(),
    )


def flat() -> ExtractRecord:
    return record(
        property=property_(
            object_kind="flat",
            floor=4,
            storeys=9,
            room_count=3,
            register_number="108000123456-00042",
            former_address=None,
            unit=UnitRecord("42", "KX-1-B1", parcel().district, 2, "KX-1"),
        ),
        parcels=(),
    )


PAST = RegisterState(
    valid_time=datetime(2019, 6, 1, tzinfo=timezone(timedelta(hours=4))),
    ledger_index=4_711,
    recorded_time=datetime(2020, 2, 3, 7, 8, 9, 10, tzinfo=UTC),
    historic=True,
)

ENDED = (
    TerminatedRecord(date(2020, 2, 1), right=SOLE),
    TerminatedRecord(date(2021, 3, 1), right=LEASE),
    TerminatedRecord(date(2022, 5, 5), restriction=MORTGAGE),
)


def owns(*holdings: HoldingRecord) -> ExtractRecord:
    """Certificate of existence about a person."""
    found = ExistenceRecord(person("", "5ZZ0A1B"), bool(holdings), holdings or None)
    return record(
        kind=StatementKind.EXISTENCE,
        register_number="FIN 5Z*****",
        property=None,
        parcels=(),
        rights=(),
        existence=found,
    )


NEIGHBOURS = (
    NeighbourRecord("0108-0004-00126", 1, 2),
    NeighbourRecord("0108-0004-00131", 2, 4),
    NeighbourRecord("0108-0004-00090", 4, 1),
)
CASES: dict[str, ExtractRecord] = {
    "plain": record(),
    "hole": record(parcels=(parcel(rings=(PLOT, HOLE), buildings=()),)),
    "many": record(
        parcels=(parcel(rings=(circle_ring(400),), buildings=(), land_category="1"),), kind=StatementKind.PLAN
    ),
    "plan": record(parcels=(parcel(neighbours=NEIGHBOURS),), kind=StatementKind.PLAN),
    "owners": record(rights=(THREE,)),
    "joint": record(rights=(JOINT,), kind=StatementKind.CERTIFICATE),
    "burdened": record(
        rights=(THREE, LEASE), restrictions=(MORTGAGE, ARREST), kind=StatementKind.CERTIFICATE
    ),
    "terms": record(
        rights=(HEIR, RENTED),
        restrictions=(NOTED, SERVITUDE, URGENT),
        property=property_(flags=FLAGS),
        servitudes=SERVED,
    ),
    "closed": record(property=property_(closing=CLOSED), state=PAST),
    "flat": flat(),
    "absent": absent(),
    "past": record(state=PAST, restrictions=(MORTGAGE,)),
    "reference-description": record(kind=StatementKind.REFERENCE_DESCRIPTION),
    "reference-rights": record(kind=StatementKind.REFERENCE_RIGHTS, rights=(THREE, LEASE), servitudes=SERVED),
    "reference-encumbrances": record(
        kind=StatementKind.REFERENCE_ENCUMBRANCES, rights=(SOLE, LEASE), restrictions=(MORTGAGE, ARREST)
    ),
    "archive": record(kind=StatementKind.ARCHIVE, rights=(), terminated=ENDED),
    "existence": owns(HoldingRecord("108000123456", "house", ("ownership", "mortgage"))),
    "owns-nothing": owns(),
    "past-absent": replace(absent(), state=PAST),
}
