"""Names of codes in the extract tests; shorter than those of the codelists."""

from cadastre.extract.labels import LabelTable
from cadastre.extract.record import Text3

_LABELS = {
    ("object_kind", "land"): ("torpaq sahəsi", "land plot", "земельный участок"),
    ("object_kind", "house"): ("fərdi yaşayış evi", "individual house", "индивидуальный жилой дом"),
    ("object_kind", "flat"): ("mənzil", "flat", "квартира"),
    ("ownership_form", "xususi"): ("xüsusi", "private", "частная"),
    ("ownership_form", "belediyye"): ("bələdiyyə", "municipal", "муниципальная"),
    ("ownership_form", "dovlet"): ("dövlət", "state", "государственная"),
    ("land_category", "1"): ("kənd təsərrüfatı təyinatlı torpaqlar", "agricultural", "сельхозназначения"),
    ("land_category", "2"): (
        "yaşayış məntəqələrinin torpaqları",
        "land of settlements",
        "земли нас. пунктов",
    ),
    ("party_kind", "natural"): ("fiziki şəxs", "natural person", "физическое лицо"),
    ("party_kind", "legal"): ("hüquqi şəxs", "legal person", "юридическое лицо"),
    ("party_kind", "state"): ("dövlət", "state", "государство"),
    ("right_kind", "ownership"): ("mülkiyyət hüququ", "ownership", "право собственности"),
    ("right_kind", "lease"): ("icarə hüququ", "lease", "аренда"),
    ("restriction_kind", "mortgage"): ("ipoteka", "mortgage", "ипотека"),
    ("restriction_kind", "lease"): ("icarə", "lease", "аренда"),
    ("restriction_kind", "arrest"): ("həbs", "arrest", "арест"),
    ("basis_kind", "sale"): ("alqı-satqı müqaviləsi", "sale contract", "договор купли-продажи"),
    ("basis_kind", "inheritance"): ("vərəsəlik şəhadətnaməsi", "inheritance certificate", "свидетельство"),
    ("basis_kind", "mortgage_contract"): ("ipoteka müqaviləsi", "mortgage contract", "договор ипотеки"),
    ("basis_kind", "court"): ("məhkəmə qərarı", "court ruling", "решение суда"),
    ("right_kind", "usufruct"): ("uzufrukt", "usufruct", "узуфрукт"),
    ("restriction_kind", "servitude"): ("servitut", "servitude", "сервитут"),
    ("rent_period", "month"): ("ayda", "a month", "в месяц"),
    ("closing_reason", "division"): ("bölünmə", "division", "раздел"),
    ("investigated_attribute", "area"): ("sahə", "area", "площадь"),
    ("investigated_attribute", "holder"): ("hüquq sahibi", "holder", "правообладатель"),
    ("basis_kind", "lease_contract"): ("icarə müqaviləsi", "lease contract", "договор аренды"),
    ("capacity", "disposer"): ("sərəncam verən şəxs", "disposer", "распорядитель"),
}
LABELS = LabelTable({key: Text3(*text) for key, text in _LABELS.items()})
