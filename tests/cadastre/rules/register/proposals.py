"""Reads a proposal from a fixture: the names of TOML are those of the dataclasses, what is left out is filled in.

Parties are written by a letter or word (``"A"``), shares as ``"1/2"``, polygons as ``"box 0 0 10 20"``
(metres from a corner in Baku, EPSG:32639) or WKT, acts and commands with the name of their type. Acts name
the right, restriction or parcel version that they end by its id. All of it is synthetic.
"""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final, NewType
from uuid import NAMESPACE_URL, UUID, uuid5

import shapely
from shapely import Polygon

from cadastre.domain import commands, plan
from cadastre.domain.codelist import load_codelist
from cadastre.domain.plan import Plan
from cadastre.domain.property_state import PartyState, PropertyState, RestrictionState, RightState
from cadastre.domain.share import Share, parse_share
from cadastre.rules.proposal import Proposal, ServiceFacts, Stage

FIXTURES: Final = Path(__file__).parent / "fixtures"
TODAY: Final = date(2026, 3, 2)
NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EAST, NORTH = 400_000.0, 4_470_000.0

_FILLED: Final[Mapping[str, Mapping[str, Any]]] = {
    "RightState": {
        "kind": "ownership",
        "registration_number": "0124000001",
        "registration_date": date(2024, 5, 6),
        "valid_from": date(2024, 5, 6),
        "source_id": 1,
        "share": None,
    },
    "RestrictionState": {
        "registration_number": "0125000002",
        "registration_date": date(2025, 5, 6),
        "valid_from": date(2025, 5, 6),
        "source_id": 2,
    },
    "ParcelState": {
        "version_id": 70,
        "property_object_id": 700,
        "cadastral_number": "585-03-36-001",
        "outline": "box 0 0 20 20",
        "srid": 32639,
        "surveyed_area_m2": Decimal("400.00"),
        "documentary_area_m2": None,
        "attributes": {},
    },
    "PropertyState": {
        "object_kind": "flat",
        "district_code": "BAK-XEZ",
        "version": 3,
        "closed_on": None,
        "rights": [],
        "restrictions": [],
        "parcels": [],
    },
    "OpenRight": {"property": 1, "kind": "ownership", "share": None},
    "OpenRestriction": {"property": 1},
    "OpenParcel": {
        "district_code": "BAK-XEZ",
        "srid": 32639,
        "attributes": {},
        "from_version_ids": [70],
        "manner": "division",
    },
    "OpenProperty": {"district_code": "BAK-XEZ", "object_kind": "land_parcel"},
    "MoveObject": {
        "property_object_id": None,
        "parcel": None,
        "unit_id": None,
        "building_id": None,
        "to": None,
    },
    "CloseProperty": {"property_id": 1, "reason": "division"},
    "FirstRegistration": {
        "object_kind": "individual_house",
        "district_code": "BAK-XEZ",
        "parcel_ids": [],
        "building_ids": [],
        "unit_id": None,
        "holders": [{"party_id": "A", "share": "1/1"}],
        "title_kind": "state_act",
        "title_dated": date(1998, 4, 1),
    },
    "Acquisition": {"share": None},
    "Transfer": {"property_id": 1},
    "RegisterMortgage": {"property_id": 1},
    "ChangeRanks": {"property_id": 1},
    "EndEntry": {"property_id": 1},
    "GrantRight": {"property_id": 1},
    "AssignMortgage": {"property_id": 1},
    "Dependant": {"service": "sale"},
    "Divide": {"property_id": 1, "parcel_id": 7},
    "Merge": {"property_ids": [1, 2]},
    "Consent": {"party_id": None, "given_on": date(2026, 2, 1)},
    "Mandate": {"kind": "power_of_attorney", "valid_from": date(2025, 1, 1)},
    "DocumentFacts": {"role": "basis", "kind": "sale_contract"},
    "OpenCase": {"journal_number": 41, "property_id": 1, "place": 41, "operation": "transfer"},
    "LivingNotice": {"property_id": 1, "journal_number": 40, "ours": False},
}


def party(name: str) -> UUID:
    """The synthetic party of a fixture by its letter or word."""
    return uuid5(NAMESPACE_URL, f"synthetic:{name}")


def read_fixture(rule_id: str, which: str) -> Proposal:
    """Read the passing or the failing proposal of a rule."""
    with (FIXTURES / f"{rule_id}.toml").open("rb") as file:
        document = tomllib.load(file, parse_float=Decimal)
    shared = {key: value for key, value in document.items() if key not in ("passing", "failing")}
    given = {key: value for key, value in document[which].items() if key != "expect"}
    return build({**shared, **given})


def build(raw: Mapping[str, Any]) -> Proposal:
    """Build a proposal; ``properties`` is a list of sections, ``plan`` a list of acts, ``service`` a code."""
    left = dict(raw)
    if "command" in left:
        left["commands"] = [left.pop("command")]
    code = left.pop("service", None)
    acts = left.pop("plan", None)
    parties = {party(name): _party(name, facts) for name, facts in left.pop("parties", {}).items()}
    sections = left.pop("properties", [{"rights": [{"right_id": 1, "party_id": "A", "share": "1/1"}]}])
    states = {}
    for at, section in enumerate(sections, start=1):
        filled = {"property_id": at, "register_number": f"{203015000000 + at}", **section}
        states[at] = _dataclass(filled, PropertyState, {})
    hints = typing.get_type_hints(Proposal)
    known = {name: _convert(value, hints[name], states) for name, value in left.items() if name != "stage"}
    return Proposal(
        stage=Stage(left.get("stage", "decision")),
        states=states,
        service=None if code is None else service(code),
        parties=parties,
        plan=None if acts is None else Plan("register.test", tuple(_act(act, states) for act in acts)),
        **{"today": TODAY, "now": NOW, **known},
    )


def service(code: str) -> ServiceFacts:
    """A service of the codelist as the rules see it."""
    return ServiceFacts.of(load_codelist("services").entry_at(code, TODAY))


def _party(name: str, facts: Mapping[str, Any]) -> PartyState:
    filled = {"party_id": name, "stands_for": name, "kind": "natural", "has_number": True, **facts}
    return _dataclass(filled, PartyState, {})


def _act(raw: Mapping[str, Any], states: Mapping[int, PropertyState]) -> Any:
    return _dataclass(raw, getattr(plan, raw["type"]), states)


def _convert(value: Any, hint: Any, states: Mapping[int, PropertyState]) -> Any:
    """Turn a TOML value into what a field is declared to hold."""
    if isinstance(hint, NewType):
        return value
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _convert_union(value, typing.get_args(hint), states)
    if origin is tuple:
        inner = typing.get_args(hint)
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_convert(item, kind, states) for item, kind in zip(value, kinds, strict=True))
    if origin is frozenset:
        return frozenset(_convert(item, typing.get_args(hint)[0], states) for item in value)
    if origin is not None and issubclass(origin, Mapping):
        key, inner = typing.get_args(hint)
        return {_convert(k, key, states): _convert(v, inner, states) for k, v in value.items()}
    return _convert_plain(value, hint, states)


def _convert_union(value: Any, options: Sequence[Any], states: Mapping[int, PropertyState]) -> Any:
    if isinstance(value, Mapping) and "type" in value:
        return _dataclass(value, getattr(commands, value["type"]), states)
    if value is None or value == "none":
        return None
    left = [option for option in options if option is not type(None)]
    return value if len(left) > 1 else _convert(value, left[0], states)


def _convert_plain(value: Any, hint: Any, states: Mapping[int, PropertyState]) -> Any:
    if hint in (RightState, RestrictionState) and isinstance(value, int):
        return _find(value, hint, states)
    if hint is UUID:
        return party(value)
    if hint is Share:
        return parse_share(value)
    if hint is Polygon:
        return _polygon(value)
    if hint in (Decimal, int):
        return hint(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if dataclasses.is_dataclass(hint):
        return _dataclass(value, hint, states)
    return value


def _dataclass(raw: Mapping[str, Any], kind: Any, states: Mapping[int, PropertyState]) -> Any:
    values = {**_FILLED.get(kind.__name__, {}), **{k: v for k, v in raw.items() if k != "type"}}
    hints = typing.get_type_hints(kind)
    if unknown := set(values) - set(hints):
        raise ValueError(f"{kind.__name__} has no {sorted(unknown)}")
    return kind(**{name: _convert(value, hints[name], states) for name, value in values.items()})


def _find(entry_id: int, kind: Any, states: Mapping[int, PropertyState]) -> Any:
    for state in states.values():
        for right in state.rights:
            if kind is RightState and right.right_id == entry_id:
                return right
        for entry in state.restrictions:
            if kind is RestrictionState and entry.restriction_id == entry_id:
                return entry
    raise ValueError(f"no {kind.__name__} {entry_id}")


def _polygon(text: str) -> Polygon:
    if not text.startswith("box "):
        return typing.cast(Polygon, shapely.from_wkt(text))
    west, south, east, north = (float(number) for number in text.split()[1:])
    return typing.cast(Polygon, shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north))
