"""Pages for people: landing, map, verification; and the files they are made of."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import HTMLResponse

from api.composition import Rooms
from api.deps import RoomsDep
from api.languages import LANGUAGES
from api.schemas.map import MapDistricts
from api.web import PageWriter, load_words, page_language, static_response
from cadastre.domain.codelist import Language, load_codelist
from cadastre.domain.extract import TokenSummary
from cadastre.kernel.errors import NotFound
from cadastre.kernel.ids import is_register_number
from cadastre.store.deployment import is_synthetic
from tiles import UnitDirectory, category_colours, map_style

_TOKEN = re.compile(r"[0-9a-f]{32}")

router = APIRouter(tags=["pages"], include_in_schema=False)


def get_page_writer(request: Request, rooms: RoomsDep) -> PageWriter:
    """Give the writer of this request's page."""
    return PageWriter(request, rooms.database.read(lambda uow: is_synthetic(uow.connection)))


def get_unit_directory(request: Request, rooms: RoomsDep) -> UnitDirectory:
    """Give the process's list of units; it is kept as long as the application."""
    state = request.app.state
    if not hasattr(state, "unit_directory"):
        state.unit_directory = UnitDirectory(rooms.database)
    directory: UnitDirectory = state.unit_directory
    return directory


PageDep = Annotated[PageWriter, Depends(get_page_writer)]
UnitsDep = Annotated[UnitDirectory, Depends(get_unit_directory)]


@router.get("/")
def landing(page: PageDep) -> HTMLResponse:
    """Show what one can do here."""
    return page.write("landing.html")


@router.get("/map")
def map_page(page: PageDep, rooms: RoomsDep) -> HTMLResponse:
    """Show the public map."""
    return page.write("map.html", map_context(page.language, rooms.today(), rooms.settings.map_attribution))


@router.get("/map/style.json")
def map_style_file(request: Request) -> dict[str, Any]:
    """Give the map's style in the reader's language."""
    return map_style(page_language(request))


@router.get("/map/districts")
def map_districts(units: UnitsDep) -> MapDistricts:
    """List all units with what the register holds of them."""
    return MapDistricts.of(units.list_units())


@router.get("/verify")
def verify_page(page: PageDep) -> HTMLResponse:
    """Show the form that sends a document to be judged."""
    data = {"lang": page.language, "words": dict(load_words(page.language)["js"])}
    return page.write("verify.html", {"page_data": data})


@router.get("/verify/{token}")
def verified_page(token: Annotated[str, Path(max_length=64)], page: PageDep, rooms: RoomsDep) -> HTMLResponse:
    """Show what the QR code of an extract opens: the verdict and what to compare, never a person."""
    summary = _find_summary(rooms, token)
    if summary is None:
        missing = {"verdict": "NOT_FOUND", "summary": None, "page_data": _code_data(page, rooms, token)}
        return page.write("verified.html", missing, status=404, kept=False)
    if summary.kind == "not-in-register":
        kind = load_words(page.language)["verify"]["not_in_register"]
    else:
        kind = load_codelist("extract_kind").latest(summary.kind).name(page.language)
    by_register = is_register_number(summary.register_number)
    number_name = "register_number" if by_register else "cadastral_number"
    found = {"verdict": summary.verdict, "summary": summary, "kind_name": kind, "number_name": number_name}
    return page.write("verified.html", {**found, "page_data": _code_data(page, rooms, token)}, kept=False)


def _code_data(page: PageWriter, rooms: Rooms, token: str) -> dict[str, Any]:
    """What the page needs to check the signed part of the QR code by itself: the keys and address it pins."""
    return {
        "lang": page.language,
        "words": dict(load_words(page.language)["js"]),
        "keys": rooms.desks.verification.statement_keys,
        "address": f"{rooms.settings.base_url}/verify/{token}",
    }


def _find_summary(rooms: Rooms, token: str) -> TokenSummary | None:
    if _TOKEN.fullmatch(token) is None:
        return None
    try:
        return rooms.desks.verification.public_summary(token)
    except NotFound:
        return None


@router.get("/static/{path:path}")
def static_file(path: str, request: Request) -> Response:
    """Give a script, style, font or picture."""
    return static_response(request, path)


def map_context(language: Language, today: date, sources: str) -> dict[str, Any]:
    """Words and lists that the map page is made of; ``sources`` is plain text of the operator's."""
    categories = load_codelist("land_category").entries_at(today)
    words = load_words(language)
    legend = [(entry.code, entry.name(language)) for entry in categories] + [("", "")]
    colours = category_colours()
    return {
        "categories": [{"code": code, "name": name, "colour": colours[code]} for code, name in legend],
        "page_data": {
            "lang": language,
            "languages": list(LANGUAGES),
            "words": dict(words["js"]),
            "attribution": html.escape(" · ".join(filter(None, (words["site"]["attribution"], sources)))),
            "categories": {entry.code: f"{entry.code}. {entry.name(language)}" for entry in categories},
            "ownership_forms": _names("ownership_form", language, today),
            "districts": _names("district", language, today),
        },
    }


def _names(codelist: str, language: Language, today: date) -> dict[str, str]:
    return {entry.code: entry.name(language) for entry in load_codelist(codelist).entries_at(today)}


__all__ = ["PageDep", "UnitsDep", "map_context", "router"]
