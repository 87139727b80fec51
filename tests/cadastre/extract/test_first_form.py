"""Statements of earlier forms (versions 1 to 4) stay genuine; a form that was never issued is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from importlib import resources
from typing import Any

import jsonschema
import pytest

from cadastre.extract import IssuingKeys, Trust, Verdict, canonical_bytes, sign_detached, verify_bundle
from cadastre.extract.layouts import LAYOUTS
from tests.cadastre.extract.conftest import Issued

Form = Callable[[dict[str, Any]], dict[str, Any]]
_ADDED_TO_RESTRICTIONS = (
    "journal_number",
    "part",
    "rent",
    "interest_rate",
    "note",
    "authority",
    "confirm_by",
    "burdened",
    "benefits",
)


def fourth_form(statement: dict[str, Any]) -> dict[str, Any]:
    """Take away what the fifth form added."""
    old = copy.deepcopy(statement) | {"schema": "urn:kadastr:statement:4"}
    for parcel in old["parcels"]:
        del parcel["neighbours"]
    return old


def third_form(statement: dict[str, Any]) -> dict[str, Any]:
    """Take away what the fourth form added."""
    old = fourth_form(statement) | {"schema": "urn:kadastr:statement:3"}
    for key in ("servitudes", "terminated", "existence"):
        del old[key]
    return old


def second_form(statement: dict[str, Any]) -> dict[str, Any]:
    """Take away what the third form added."""
    old = third_form(statement) | {"schema": "urn:kadastr:statement:2"}
    del old["property"]["flags"], old["property"]["closing"]
    for entry in old["restrictions"]:
        for added in _ADDED_TO_RESTRICTIONS:
            del entry[added]
    for right in old["rights"]:
        del right["part"], right["rent"]
        for holder in right["holders"]:
            del holder["journal_number"], holder["dispose_by"]
    for entry in (*old["rights"], *old["restrictions"]):
        for basis in entry["bases"]:
            del basis["series"]
    return old


def first_form(statement: dict[str, Any]) -> dict[str, Any]:
    """Take away what the second form added."""
    old = second_form(statement) | {"schema": "urn:kadastr:statement:1"}
    del old["number"], old["registrar"], old["request"]["acting_for"]
    for parcel in old["parcels"]:
        for building in parcel["buildings"]:
            for added in ("number", "kind", "footprint_m2", "belongs"):
                del building[added]
    return old


@pytest.mark.parametrize("form", [first_form, second_form, third_form, fourth_form])
@pytest.mark.parametrize("name", ["plain", "burdened"])
def test_a_document_of_an_earlier_form_is_still_genuine(
    issued: dict[str, Issued], keys: IssuingKeys, trust: Trust, name: str, form: Form
) -> None:
    old = form(json.loads(issued[name].signed.canonical))
    path = f"schema/statement-{old['schema'][-1]}.json"
    schema = resources.files("cadastre.extract").joinpath(path).read_text("utf-8")
    jsonschema.validate(old, json.loads(schema))
    jws = sign_detached(canonical_bytes(old), keys.jws_key)
    assert verify_bundle({"statement": old, "jws": jws}, trust).verdict is Verdict.AUTHENTIC


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_second_form_still_prints(issued: dict[str, Issued], layout: str) -> None:
    old = second_form(json.loads(issued["burdened"].signed.canonical))
    view = LAYOUTS[layout].build_view(old, digest="0" * 64)
    assert [row["kind"] for row in view["restrictions"]][-1] == "həbs"


@pytest.mark.parametrize("schema", ["urn:kadastr:statement:6", None, ""])
def test_a_form_that_was_never_issued_is_refused(
    issued: dict[str, Issued], keys: IssuingKeys, trust: Trust, schema: str | None
) -> None:
    strange = json.loads(issued["plain"].signed.canonical) | {"schema": schema}
    jws = sign_detached(canonical_bytes(strange), keys.jws_key)
    found = verify_bundle({"statement": strange, "jws": jws}, trust)
    assert [reason.code for reason in found.reasons] == ["unknown-schema"]
