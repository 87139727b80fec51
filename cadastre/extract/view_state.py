"""What the printed page says of the state of the register that it shows, above all when it is a past one."""

from __future__ import annotations

from typing import Any

from cadastre.extract.text import printed_date, printed_instant
from cadastre.kernel.ids import is_register_number

Json = dict[str, Any]

HISTORIC_TITLE = "TARİXİ VƏZİYYƏT"


def print_state(state: Json) -> str:
    """Which state of the register the page shows."""
    return (
        f"Məlumat reyestrin {_moment(state)} vəziyyətinə uyğundur; "
        f"reyestr jurnalının indeksi: {state['ledger_index']}."
    )


def print_historic(state: Json) -> Json | None:
    """Give the banner of a page that shows a past state, with its line for every foot; else None."""
    if not state["historic"]:
        return None
    day, index = _day(state), state["ledger_index"]
    recorded = printed_instant(state["recorded_time"])
    return {
        "title": HISTORIC_TITLE,
        "when": (
            f"Hüquqi vəziyyətin günü: {day}. Reyestr jurnalının {index} indeksinədək, {recorded} "
            "anınadək edilmiş qeydlər üzrə."
        ),
        "warning": (
            "Bu sənəd bugünkü hüquqları, məhdudiyyətləri və yüklülüyü göstərmir; əqdlər üçün yararlı deyil."
        ),
        "foot": f"{HISTORIC_TITLE}: {day}, indeks {index}; bugünkü hüquqları göstərmir.",
    }


def print_closing(statement: Json) -> Json | None:
    """Give the banner of a section that is closed, with what came of it; None while it is open."""
    closing = (statement["property"] or {}).get("closing")
    if not closing:
        return None
    numbers = ", ".join(closing["successors"])
    return {
        "title": "BÖLMƏ BAĞLANIB",
        "when": f"{printed_date(closing['closed_on'])}; səbəb: {closing['reason']['label']['az']}.",
        "successors": f"Yerinə açılmış bölmələrin reyestr nömrələri: {numbers}." if numbers else "",
        "what": "Sənəd bölməni bağlanma anındakı son vəziyyətində göstərir.",
    }


def print_absence(statement: Json) -> str:
    """Sentence of a not-in-register answer, empty for every other document."""
    if statement["kind"] != "not-in-register":
        return ""
    number = statement["register_number"]
    asked = "nömrəsi" if is_register_number(number) else "kadastr nömrəsi"
    return (
        f"{number} {asked} üzrə daşınmaz əmlak və ya onun üzərində hüquq "
        f"{_moment(statement['state'])} vəziyyətinə görə daşınmaz əmlakın dövlət "
        "reyestrində qeydiyyata alınmamışdır. Bu arayış əmlakın yükdən azad olduğunu təsdiq etmir."
    )


def print_number_name(number: str) -> str:
    """Name of the number that a document is about: a property's, a parcel's that has none, or a person's."""
    if number.startswith(("FIN ", "VOEN ")):
        return "şəxsin nömrəsi"
    return "reyestr nömrəsi" if is_register_number(number) else "kadastr nömrəsi"


def _moment(state: Json) -> str:
    return f"{_day(state)} gününə olan" if state["historic"] else printed_instant(state["valid_time"])


def _day(state: Json) -> str:
    return printed_date(state["valid_time"][:10])
