"""Bad form at the register's counter: what no paper could print, or no two readers would read alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.server import require_problem
from tests.flows.refusing import check_refused, journal, office, refuse
from tests.flows.test_applications import notary, sale, section

__all__ = ["journal", "notary", "office", "refuse", "section"]
UNREAL = "203099999999"


class TestForm:
    """What no paper could print, or no two readers would read alike."""

    def test_ten_megabytes_of_a_name(self, refuse: Callable[..., Any], section: str) -> None:
        body = sale(section, None)
        body["parties"][0]["name"] = "Ə" * 10_000_000
        refuse(body, 413, "payload-too-large")

    def test_a_name_of_a_thousand_letters(self, refuse: Callable[..., Any], section: str) -> None:
        body = sale(section, None)
        body["parties"][0]["name"] = "Ə" * 301
        refuse(body, 400, "text-too-long")
        body["parties"][0]["name"] = "Ə" * 1001
        refuse(body, 422, "invalid-request")

    @pytest.mark.parametrize(
        "sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ue000", "\uffff"]
    )
    def test_signs_that_no_paper_prints(self, refuse: Callable[..., Any], section: str, sign: str) -> None:
        body = sale(section, None)
        body["parties"][0]["name"] = f"Əli{sign}Məmmədov"
        refuse(body, 400, "text-control-character")
        told = sale(section, None, terms={"note": f"x{sign}y"})
        refuse(told, 400, "text-control-character")

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b'{"service": "sale", "service": "gift"}', "duplicate-key"),
            (b'{"terms": {"a": 1, "a": 2}}', "duplicate-key"),
            (b'{"terms": {"a": NaN}}', "json-float"),
            (b'{"terms": {"a": -Infinity}}', "json-float"),
            (b'{"terms": {"a": 1e400}}', "json-float"),
            (b'{"terms": {"a": 1.5}}', "json-float"),
            (b'{"terms": {"a": ' + b"9" * 5000 + b"}}", "json-integer"),
            (b'{"terms": {"a": 9007199254740993}}', "json-integer"),
            (b'{"terms": ' + b'{"a":' * 40 + b"1" + b"}" * 41, "json-too-deep"),
            (b'{"terms": {"a": ' + b"[" * 100_000, "json-too-deep"),
            (b'{"terms": {"a": "\\ud800"}}', "json-surrogate"),
            (b'{"terms": {"\\udfff": 1}}', "json-surrogate"),
            (b'{"service": "\xff\xfe"}', "json-not-utf8"),
            (b'{"service": "sale"', "json-malformed"),
            (b"{'service': 'sale'}", "json-malformed"),
            (b"[]", "json-not-an-object"),
            (b"null", "json-not-an-object"),
        ],
    )
    def test_json_that_two_readers_read_differently(
        self, refuse: Callable[..., Any], content: bytes, code: str
    ) -> None:
        refuse(content, 422, code)

    @pytest.mark.parametrize(
        "media", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]
    )
    def test_another_media_type(
        self, notary: httpx.Client, section: str, journal: Callable[[], int], media: str
    ) -> None:
        def ask(language: str) -> httpx.Response:
            headers = {"Idempotency-Key": str(uuid4()), "Accept-Language": language, "Content-Type": media}
            return notary.post(
                "/v1/applications", content=json.dumps(sale(section, None)).encode(), headers=headers
            )

        check_refused(lambda: ask, journal, 415, "unsupported-media-type")

    @pytest.mark.parametrize(
        "change",
        [
            {"owner": "x"},
            {"service": 7},
            {"parties": {}},
            {"parties": [{"role": "king", "kind": "natural", "name": "x"}]},
            {"properties": [{"register_number": UNREAL, "version": -1}]},
            {"properties": [{"register_number": UNREAL, "version": "1; DROP"}]},
            {"properties": [{"register_number": UNREAL, "notice_id": "x"}]},
            {"documents": [{"document_id": "x", "role": "basis"}]},
        ],
    )
    def test_fields_that_do_not_fit(
        self, refuse: Callable[..., Any], section: str, change: dict[str, Any]
    ) -> None:
        refuse(sale(section, None, **change), 422, "invalid-request")

    @pytest.mark.parametrize("key", [None, "short", "x" * 300, "a b c d e f g h", "ключ-ключ"])
    def test_a_request_without_a_key_of_its_own(
        self, notary: httpx.Client, section: str, journal: Callable[[], int], key: str | None
    ) -> None:
        before = journal()
        headers = {b"If-Match": f'"{section}.1"'.encode()}
        headers |= {b"Idempotency-Key": key.encode()} if key else {}
        answer = notary.post("/v1/applications", json=sale(section, None), headers=headers)
        require_problem(answer, 400)
        assert journal() == before
