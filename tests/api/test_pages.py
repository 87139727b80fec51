"""Pages over HTTP: language, policy, static files."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from api.app import create_app
from api.settings import ApiSettings
from api.web import load_words
from tests.api.planting import BARE_PARCEL, CANARIES
from tests.api.server import require_problem, running_server
from tests.database import Database

PAGES = ("/", "/map", "/verify", "/surveys", "/surveys/BAK-XEZ", "/surveys/GA")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["az", "en", "ru"])
def test_every_page_speaks_three_languages(public: httpx.Client, path: str, language: str) -> None:
    answer = public.get(path, params={"lang": language})
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}">' in answer.text
    assert load_words(language)["site"]["map"] in answer.text  # type: ignore[arg-type]
    assert not any(canary in answer.text for canary in CANARIES)


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "ru,en;q=0.5", "ru"),
        ("?lang=en", "ru", "en"),
        ("?lang=xx", "ru", "ru"),
        ("", "fr", "az"),
        ("", "", "az"),
    ],
)
def test_the_address_decides_then_the_browser_then_azerbaijani(
    public: httpx.Client, query: str, header: str, language: str
) -> None:
    answer = public.get(f"/map{query}", headers={"Accept-Language": header})
    assert answer.headers["content-language"] == language
    assert "Accept-Language" in answer.headers["vary"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_nobody_else(public: httpx.Client, path: str) -> None:
    text = public.get(path).text
    addresses = re.findall(r'(?:src|href|action)="([^"]*)"', text)
    assert addresses
    assert all(address.startswith(("/", "#")) for address in addresses)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_inline_runs_without_the_nonce_of_this_answer(public: httpx.Client, path: str) -> None:
    answer = public.get(path)
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", answer.text)
    running = [attributes for attributes in inline if "application/json" not in attributes]
    assert len(running) == (path == "/surveys/BAK-XEZ")
    for attributes in running:
        nonce = re.search(r'nonce="([^"]+)"', attributes)
        assert nonce is not None
        assert f"'nonce-{nonce[1]}'" in policy
    assert not re.search(r"\son\w+=|\sstyle=|javascript:", answer.text.split("<script")[0])
    assert policy != public.get("/surveys/BAK-XEZ").headers["content-security-policy"]


def test_words_have_the_same_keys_in_every_language() -> None:
    keys = [
        {(section, key) for section, words in load_words(language).items() for key in words}  # type: ignore[arg-type]
        for language in ("az", "en", "ru")
    ]
    assert keys[0] == keys[1] == keys[2]
    assert all(
        value.strip()
        for language in ("az", "en", "ru")
        for words in load_words(language).values()  # type: ignore[arg-type]
        for value in words.values()
    )


def test_static_files_are_revalidated_or_kept_for_good(public: httpx.Client) -> None:
    page = public.get("/map").text
    address = re.search(r'href="(/static/css/site\.css\?v=\w+)"', page)
    assert address is not None
    kept = public.get(address[1])
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kept.headers["content-type"].startswith("text/css")
    assert kept.headers["content-encoding"] == "gzip"
    plain = public.get("/static/css/site.css", headers={"Accept-Encoding": "identity"})
    assert plain.headers["cache-control"] == "no-cache"
    assert plain.content == kept.content
    again = public.get("/static/css/site.css", headers={"If-None-Match": kept.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "nothing.css",
        "..%2f__init__.py",
        "css/..%2f..%2fpage.py",
        "css",
        "%00",
        "/etc/passwd",
        "",
        "css/" + "a" * 300,
    ],
)
def test_static_gives_nothing_from_outside_its_folder(public: httpx.Client, path: str) -> None:
    require_problem(public.get(f"/static/{path}"), 404)


def test_the_list_of_districts_tells_what_is_held(public: httpx.Client) -> None:
    units = {unit["code"]: unit for unit in public.get("/map/districts").json()["districts"]}
    held = units["BAK-XEZ"]
    assert held["parcels"] == 2
    assert held["names"] == {"az": "Xəzər rayonu", "en": "Khazar District", "ru": "Хазарский район"}
    west, south, east, north = held["box"]
    lon, lat = public.get(f"/v1/parcels/{BARE_PARCEL}").json()["geometry"]["coordinates"][0][0]
    assert west <= lon <= east
    assert south <= lat <= north
    assert units["GA"]["parcels"] == 0
    assert units["GA"]["box"] is None


def test_the_style_asks_only_this_server(public: httpx.Client) -> None:
    style = public.get("/map/style.json", params={"lang": "ru"}).json()
    assert "glyphs" not in style
    assert "sprite" not in style
    for source in style["sources"].values():
        assert all(address.startswith("/tiles/") for address in source["tiles"])
    named = [layer for layer in style["layers"] if layer["id"] == "district-name"]
    assert named[0]["layout"]["text-field"] == ["get", "name_ru"]
    assert not re.search(r'"@\w', public.get("/map/style.json").text)


@pytest.mark.parametrize("token", ["0" * 32, "nonsense", "%27--", "%00", "a" * 64])
def test_an_unknown_token_is_a_page_that_says_no(public: httpx.Client, token: str) -> None:
    answer = public.get(f"/verify/{token}", params={"lang": "en"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "The register has issued no document with this QR code" in answer.text


def test_the_map_names_no_source_until_the_operator_does(
    public: httpx.Client,
    planted_database: Database,
    api_settings: ApiSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert attribution_of(public.get("/map")) == "Kadastr"
    for name, value in planted_database.environ.items():
        monkeypatch.setenv(name, value)
    named = api_settings.model_copy(update={"map_attribution": "© <b>OSM</b> & others"})
    with running_server(create_app(named)) as url:
        answer = httpx.get(f"{url}/map", timeout=60)
    assert attribution_of(answer) == "Kadastr · © &lt;b&gt;OSM&lt;/b&gt; &amp; others"


def attribution_of(answer: httpx.Response) -> str:
    block = re.search(r"<script[^>]*application/json[^>]*>(.*?)</script>", answer.text, re.DOTALL)
    assert block is not None
    return str(json.loads(block[1])["attribution"])
