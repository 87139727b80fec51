"""One table from errors to status codes, and one body for all of them: RFC 9457 problem+json.

A caller reads ``code`` and ``facts``; a person reads ``title`` and ``detail``;
whoever asks for help names ``incident``, which is the request's id in the log.
The text of an unknown exception never leaves the process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.languages import preferred_language
from api.problem_texts import explain
from api.security_headers import SECURITY_HEADERS
from cadastre.extract.strict_json import read_object
from cadastre.kernel import errors as kernel
from cadastre.kernel.errors import CadastreError

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_S = "5"


class PayloadTooLarge(kernel.InvalidInput):
    """The body is larger than this route accepts."""

    default_code = "payload-too-large"


class UnsupportedMedia(kernel.InvalidInput):
    """The body is of a media type that this route does not read."""

    default_code = "unsupported-media-type"


class NotAcceptable(kernel.InvalidInput):
    """None of the media types that the caller accepts can be given."""

    default_code = "not-acceptable"


STATUS: dict[type[CadastreError], int] = {
    CadastreError: 500,
    kernel.InvalidInput: 400,
    kernel.UnreadableInput: 422,
    kernel.KeyReused: 422,
    kernel.VersionRequired: 428,
    PayloadTooLarge: 413,
    UnsupportedMedia: 415,
    NotAcceptable: 406,
    kernel.NotFound: 404,
    kernel.RuleBroken: 409,
    kernel.Conflict: 409,
    kernel.StaleVersion: 412,
    kernel.Denied: 403,
    kernel.NotAuthenticated: 401,
    kernel.Unavailable: 503,
}
"""Status of every class; a subclass without a row of its own takes its nearest ancestor's."""

TITLES: dict[int, tuple[str, str, str]] = {
    400: ("Sorğu başa düşülmədi", "The request cannot be understood", "Запрос непонятен"),
    401: ("Daxil olmaq lazımdır", "Sign in first", "Требуется вход"),
    403: ("Buna səlahiyyət yoxdur", "Not entitled to this", "Нет полномочий"),
    404: ("Tapılmadı", "Not found", "Не найдено"),
    405: ("Bu üsul burada işləmir", "This method does not work here", "Этот метод здесь не действует"),
    406: ("İstənilən format verilmir", "No acceptable format", "Нет приемлемого формата"),
    409: ("Reyestrin vəziyyətinə ziddir", "In conflict with the register", "Противоречит реестру"),
    412: ("Məlumat bu arada dəyişib", "It has changed meanwhile", "Данные тем временем изменились"),
    413: ("Sorğu çox böyükdür", "The request is too large", "Запрос слишком велик"),
    415: ("Bu fayl növü qəbul edilmir", "This media type is not read here", "Этот тип файла не принимается"),
    422: ("Məlumat qaydaya uyğun deyil", "The values do not fit", "Значения не подходят"),
    428: (
        "Hansı versiyaya əsaslandığı göstərilməyib",
        "Say which version you have read",
        "Укажите прочитанную версию",
    ),
    500: ("Sistem xətası", "A fault of this system", "Ошибка системы"),
    503: ("Xidmət müvəqqəti işləmir", "Temporarily out of service", "Временно недоступно"),
}
_LANGUAGES = ("az", "en", "ru")
_HTTP_CODES = {404: "no-such-address", 405: "method-not-allowed", 413: "payload-too-large"}
_HTTP_DETAILS = {
    400: "The body of the request cannot be read.",
    404: "There is nothing at this address; the addresses are listed at /docs.",
    405: "This address answers other methods only; see the Allow header.",
}
ONE_LINE = r"^[^\x00-\x1f\x7f]+$"
"""Pattern of a text that is one line."""
_FAULT = "The system failed to answer; nothing was changed. Tell the office the incident number."


def status_of(error: type[CadastreError]) -> int:
    """Status code of an error class.

    Examples
    --------
    >>> status_of(kernel.NotFound), status_of(kernel.StaleVersion)
    (404, 412)
    """
    return next(STATUS[base] for base in error.__mro__ if base in STATUS)


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Answer with a problem, in the caller's language where the system has the words."""
    language = preferred_language(request.headers.get("accept-language"), default="en")
    titles = TITLES.get(status, TITLES[500 if status >= 500 else 400])
    known = explain(code, facts or {}, language)
    if known is not None:
        detail = detail if known.text is None else f"{known.text} {known.what_to_do}"
        facts = known.facts(facts or {})
    body = {
        "type": f"urn:kadastr:problem:{code}",
        "title": titles[_LANGUAGES.index(language)],
        "status": status,
        "detail": detail,
        "code": code,
        "facts": dict(facts or {}),
        "incident": incident_of(request),
    }
    extra = {"Content-Language": language, "Cache-Control": "no-store", **(headers or {})}
    if status == 401:
        extra["WWW-Authenticate"] = 'Bearer realm="kadastr"'
    if status == 503:
        extra["Retry-After"] = str((facts or {}).get("retry_after_s", RETRY_AFTER_S))
    return JSONResponse(body, status, headers=extra, media_type=PROBLEM_JSON)


def incident_of(request: Request) -> str:
    """Identifier of this request in the log."""
    return str(request.scope.get("kadastr.request_id", ""))


def problem_of(request: Request, error: CadastreError) -> JSONResponse:
    """Answer with what an error of our own tree means."""
    status = status_of(type(error))
    return problem(request, status, error.code, error.message if status != 500 else _FAULT, error.facts)


def install_error_handlers(app: FastAPI) -> None:
    """Make every failure of the application a problem."""
    app.add_exception_handler(CadastreError, _on_own_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unknown_error)


def _on_own_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CadastreError)  # noqa: S101 - registered for this class
    return problem_of(request, error)


async def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    """Name the fields and what is wrong, never the values: they may be personal."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    if any(fault["type"] == "json_invalid" for fault in error.errors()):
        unreadable = await _find_json_fault(request)
        if unreadable is not None:
            return problem_of(request, unreadable)
    faults = [f"{_where(fault['loc'])}: {_say(fault)}" for fault in error.errors()]
    shown = "; ".join(faults[:3])
    detail = f"Some values do not fit: {jsonable_encoder(shown)}."
    return problem(request, 422, "invalid-request", detail, {"faults": faults[:20]})


async def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    status = error.status_code
    if status == 400 and (unreadable := await _find_json_fault(request)) is not None:
        return problem_of(request, unreadable)
    code = _HTTP_CODES.get(status, f"http-{status}")
    detail = _HTTP_DETAILS.get(status, "The request cannot be answered.")
    if status == 413:
        detail = error.detail  # api.middleware says how much it may be
    return problem(request, status, code, detail, headers=error.headers)


async def _find_json_fault(request: Request) -> CadastreError | None:
    """Say why a body that the framework could not parse is no JSON; it is in memory already, and bounded."""
    try:
        read_object(await request.body())
    except kernel.InvalidInput as error:
        return json_fault(error)
    return None


def json_fault(error: kernel.InvalidInput) -> kernel.UnreadableInput:
    """Give what strict reading found as the refusal of a body."""
    code = "duplicate-key" if error.code == "json-duplicate-key" else error.code
    return kernel.UnreadableInput(error.message, code=code)


def _on_unknown_error(request: Request, error: Exception) -> JSONResponse:
    """Answer for a fault; this answer is given outside all middleware and brings its headers itself."""
    headers = {**SECURITY_HEADERS, "X-Request-Id": incident_of(request)}
    return problem(request, 500, "internal", _FAULT, headers=headers)


def _say(fault: Mapping[str, Any]) -> str:
    """What is wrong with a value, without showing a pattern to a person."""
    if fault["type"] == "string_pattern_mismatch" and fault["ctx"]["pattern"] == ONE_LINE:
        return "Write one line of text, not empty and without control characters"
    return str(fault["msg"])


def _where(location: Sequence[Any]) -> str:
    return ".".join(str(part) for part in location)


__all__ = [
    "ONE_LINE",
    "PROBLEM_JSON",
    "STATUS",
    "NotAcceptable",
    "PayloadTooLarge",
    "UnsupportedMedia",
    "incident_of",
    "install_error_handlers",
    "json_fault",
    "problem",
    "problem_of",
    "status_of",
]
