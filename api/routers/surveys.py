"""District surveys: figures, and a folium map whose scripts are all ours."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from api.deps import RoomsDep
from api.routers.pages import PageDep, UnitsDep
from api.web import Words, load_words
from cadastre.db.unit_of_work import Role
from cadastre.domain.codelist import Language, load_codelist
from cadastre.kernel.errors import NotFound
from tiles import DistrictSurvey, SurveyWords, category_colours, draw_survey, read_survey

router = APIRouter(prefix="/surveys", tags=["pages"], include_in_schema=False)


@router.get("")
def surveys_page(page: PageDep, units: UnitsDep) -> HTMLResponse:
    """List the districts that can be surveyed."""
    return page.write("surveys.html", {"units": units.list_units()})


@router.get("/{district_code}")
def survey_page(
    district_code: Annotated[str, Path(max_length=10)], page: PageDep, rooms: RoomsDep
) -> HTMLResponse:
    """Show the survey of one district."""
    words = load_words(page.language)
    try:
        survey = rooms.database.read(lambda uow: read_survey(uow, district_code), role=Role.TILES)
    except NotFound:
        missing = {"title": words["survey"]["not_found"], "text": words["survey"]["not_found_text"]}
        return page.write("not_found.html", missing, status=404)
    return page.write("survey.html", survey_context(survey, page.language, words), with_nonce=True)


def survey_context(survey: DistrictSurvey, language: Language, words: Words) -> dict[str, Any]:
    """Everything that the survey page is made of."""
    names = {e.code: f"{e.code}. {e.name(language)}" for e in load_codelist("land_category")}
    names[""] = words["map"]["unknown_category"]
    deviations = survey.statistics.deviations
    return {
        "survey": survey,
        "unit_name": survey.unit.name(language),
        "statistics": survey.statistics,
        "category_names": names,
        "colours": category_colours(),
        "drawing": draw_survey(survey, survey_words(words, names)),
        "bands": [
            (words["survey"]["to_1"], deviations.to_1_percent),
            (words["survey"]["to_5"], deviations.to_5_percent),
            (words["survey"]["to_10"], deviations.to_10_percent),
            (words["survey"]["over_10"], deviations.over_10_percent),
        ],
    }


def survey_words(words: Words, category_names: dict[str, str]) -> SurveyWords:
    """Words that stand on the folium map."""
    survey = words["survey"]
    return SurveyWords(
        cadastral_number=survey["number"],
        land_category=survey["category"],
        area_m2=survey["area_m2"],
        parcels=survey["parcels"],
        categories=category_names,
    )


__all__ = ["router", "survey_context", "survey_words"]
