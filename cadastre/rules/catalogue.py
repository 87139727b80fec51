"""Every rule that a row of a parcel file meets: one place for id, weight, text, source and limit."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from cadastre.rules.finding import Rule, Severity
from cadastre.rules.packaged import list_packaged_rules

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO
_SIMPLE_FEATURES = "ISO 19125-1:2004, 6.1.11 (Polygon)"
_INSPIRE_RINGS = "INSPIRE D2.8.I.6, requirement 6.3.1 (closed rings)"
_ONE_POLYGON = "FLOSS SOLA, rule 1: a parcel is one closed polygon"
_NUMBERS = "INSPIRE D2.8.I.6 (nationalCadastralReference is unique); FLOSS SOLA, rule 12"
_NOTHING_SILENT = "Decision of the project: nothing is changed in silence"

_RULES: Final = (
    Rule(
        "geometry-null",
        _E,
        "Sətrin həndəsəsi yoxdur.",
        "The row has no geometry.",
        "У строки нет геометрии.",
        _ONE_POLYGON,
    ),
    Rule(
        "geometry-empty",
        _E,
        "Sətrin həndəsəsi boşdur.",
        "The geometry is empty.",
        "Геометрия пуста.",
        _ONE_POLYGON,
    ),
    Rule(
        "geometry-unreadable",
        _E,
        "Həndəsə oxunmur (zədəlidir və ya halqası qapanmır).",
        "The geometry cannot be read (damaged, or a ring does not close).",
        "Геометрия не читается (повреждена или кольцо не замкнуто).",
        _INSPIRE_RINGS,
    ),
    Rule(
        "geometry-not-finite",
        _E,
        "Koordinat ədəd deyil (NaN və ya sonsuzluq).",
        "A coordinate is not a number (NaN or infinity).",
        "Координата не является числом (NaN или бесконечность).",
        _SIMPLE_FEATURES,
    ),
    Rule(
        "geometry-wrong-type",
        _E,
        "Həndəsə poliqon deyil.",
        "The geometry is not a polygon.",
        "Геометрия не является полигоном.",
        _ONE_POLYGON,
    ),
    Rule(
        "geometry-multipart",
        _E,
        "Həndəsə bir neçə hissədən ibarətdir; torpaq sahəsi bir poliqon olmalıdır.",
        "The geometry has several parts; a parcel is one polygon.",
        "Геометрия состоит из нескольких частей; участок — один полигон.",
        _ONE_POLYGON,
        unit="parts",
    ),
    Rule(
        "geometry-invalid",
        _E,
        "Poliqon düzgün qurulmayıb (səbəb və yer göstərilir).",
        "The polygon is not valid (reason and place are given).",
        "Полигон построен неверно (указаны причина и место).",
        _SIMPLE_FEATURES,
    ),
    Rule(
        "geometry-vertices",
        _E,
        "Halqada həddən artıq nöqtə var.",
        "A ring has too many vertices.",
        "В кольце слишком много точек.",
        "Decision of the project: protects the register from unusable shapes",
        "ring_vertices_max",
        "vertices",
    ),
    Rule(
        "geometry-spacing",
        _W,
        "Qonşu dönüş nöqtələri bir-birinə həddən artıq yaxındır.",
        "Neighbouring turning points are too close to each other.",
        "Соседние поворотные точки слишком близки друг к другу.",
        "Canton of Bern, cadastral checks 2024; LADM-COL R1001",
        "vertex_spacing_m",
        "m",
    ),
    Rule(
        "geometry-z-dropped",
        _I,
        "Hündürlük (Z) saxlanmadı.",
        "The height (Z) was left out.",
        "Высота (Z) отброшена.",
        _NOTHING_SILENT,
    ),
    Rule(
        "geometry-curve-linearised",
        _W,
        "Əyri düz parçalarla əvəz edildi.",
        "A curve was replaced by straight segments.",
        "Кривая заменена прямыми отрезками.",
        _NOTHING_SILENT,
        "linearise_sagitta_m",
        "m",
    ),
    Rule(
        "geometry-part-unwrapped",
        _I,
        "Bir hissəli multipoliqon poliqona çevrildi.",
        "A multipolygon of one part became a polygon.",
        "Мультиполигон из одной части стал полигоном.",
        _NOTHING_SILENT,
    ),
    Rule(
        "location-outside-country",
        _E,
        "Sahə ölkənin hüdudlarından kənardadır.",
        "The parcel lies outside the country.",
        "Участок лежит за пределами страны.",
        "Law 713-IIQ of 29.06.2004 (the register covers the territory of the Republic)",
    ),
    Rule(
        "location-wrong-zone",
        _E,
        "Sahə göstərilən rayonun koordinat zonasından uzaqdadır.",
        "The parcel lies far outside the coordinate zone of the district that was named.",
        "Участок лежит далеко за пределами зоны координат указанного района.",
        "Order of 19.07.2025 on coordinate systems (UTM zones 38 and 39 meet at 48 degrees east)",
        tolerance="zone_overhang_deg",
        unit="deg",
    ),
    Rule(
        "location-outside-district",
        _E,
        "Sahə göstərilən rayonun hüdudlarından kənardadır.",
        "The parcel lies outside the district that was named.",
        "Участок лежит за пределами указанного района.",
        "INSPIRE D2.8.I.6 (a parcel belongs to one lowest-level zone)",
    ),
    Rule(
        "number-missing",
        _E,
        "Kadastr nömrəsi boşdur.",
        "The cadastral number is empty.",
        "Кадастровый номер пуст.",
        _NUMBERS,
    ),
    Rule(
        "number-malformed",
        _E,
        "Kadastr nömrəsi yararsızdır.",
        "The cadastral number is malformed.",
        "Кадастровый номер имеет неверный вид.",
        _NUMBERS,
    ),
    Rule(
        "number-duplicate",
        _E,
        "Bu kadastr nömrəsi faylın əvvəlki sətrində var.",
        "An earlier row of the file has this cadastral number.",
        "Этот кадастровый номер уже есть в более ранней строке файла.",
        _NUMBERS,
    ),
    Rule(
        "number-registered",
        _E,
        "Bu kadastr nömrəsi artıq reyestrdə var.",
        "This cadastral number is already in the register.",
        "Этот кадастровый номер уже есть в реестре.",
        _NUMBERS,
    ),
    Rule(
        "area-below-minimum",
        _E,
        "Sahə yol verilən ən kiçik ölçüdən azdır.",
        "The area is below the least registrable one.",
        "Площадь меньше наименьшей допустимой.",
        "Rules of the state register: least registrable plot, 1 m2",
        "area_min_m2",
        "m2",
    ),
    Rule(
        "area-documentary-differs",
        _W,
        "Sənəd üzrə sahə faktiki sahədən yol veriləndən çox fərqlənir.",
        "Documentary and surveyed area differ by more than is permitted.",
        "Документальная и фактическая площади расходятся больше допустимого.",
        "FLOSS SOLA, rule 7 (official against computed area)",
        "area_documentary_relative",
        "m2",
    ),
    Rule(
        "attribute-unreadable",
        _E,
        "Atributun qiyməti oxunmur.",
        "The value of an attribute cannot be read.",
        "Значение атрибута не читается.",
        "INSPIRE D2.8.I.6 (value types and units)",
    ),
    Rule(
        "text-undecodable",
        _E,
        "Mətn elan olunmuş kodlaşdırmada oxunmur.",
        "Text cannot be decoded in the declared encoding.",
        "Текст не читается в объявленной кодировке.",
        "ISO/IEC 10646 (UTF-8)",
    ),
    Rule(
        "parcel-overlap",
        _E,
        "Sahə başqa sahənin üzərinə düşür.",
        "The parcel overlaps another one.",
        "Участок перекрывает другой участок.",
        "INSPIRE D2.8.I.6, recommendation 9; Canton of Bern, cadastral checks 2024",
        "overlap_width_m",
        "m2",
    ),
    Rule(
        "parcel-overlap-registered",
        _E,
        "Sahə qeydiyyatda olan sahənin üzərinə düşür.",
        "The parcel overlaps a registered one.",
        "Участок перекрывает зарегистрированный участок.",
        "FLOSS SOLA, rule 3 (a new parcel does not overlap an existing one)",
        "overlap_width_m",
        "m2",
    ),
    Rule(
        "file-remark",
        _I,
        "Fayl oxunarkən qeyd edildi.",
        "Remarked while the file was read.",
        "Замечено при чтении файла.",
        _NOTHING_SILENT,
    ),
    Rule(
        "file-crs-overridden",
        _W,
        "Faylda elan olunan koordinat sistemi --crs ilə əvəz edildi.",
        "The coordinate system that the file declares was overridden by --crs.",
        "Система координат, объявленная в файле, заменена параметром --crs.",
        _NOTHING_SILENT,
    ),
    Rule(
        "district-unmatched",
        _E,
        "Sətir heç bir rayonun koduna və ya adına uyğun gəlmir.",
        "The row matches no district by code or name.",
        "Строка не соответствует ни одному району по коду или названию.",
        "AZS 882:2020, Classification of administrative-territorial division",
    ),
    Rule(
        "district-unchanged",
        _E,
        "Bu sərhəd artıq reyestrdə var.",
        "This boundary is already in the register.",
        "Эта граница уже есть в реестре.",
        "Decision of the project: a load run twice changes nothing",
    ),
    Rule(
        "district-repeated",
        _E,
        "Bu rayon faylın əvvəlki sətrində var.",
        "An earlier row of the file is the same district.",
        "Этот район уже есть в более ранней строке файла.",
        "AZS 882:2020, Classification of administrative-territorial division",
    ),
)

RULES: Final = MappingProxyType({rule.id: rule for rule in _RULES})
"""All rules by id."""


def get_rule(rule_id: str) -> Rule:
    """Return a rule by its id; an unknown id is a fault of the program."""
    return RULES[rule_id]


def find_rule(rule_id: str) -> Rule | None:
    """Return a rule of any loader by its id, or None."""
    return RULES.get(rule_id) or list_packaged_rules().get(rule_id)


__all__ = ["RULES", "find_rule", "get_rule"]
