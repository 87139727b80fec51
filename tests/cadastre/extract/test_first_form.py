"""Statements of the first form (version 1) stay genuine; a form that was never issued is refused."""

from __future__ import annotations

import copy
import json
from importlib import resources
from typing import Any

import jsonschema
import pytest

from cadastre.extract import IssuingKeys, Trust, Verdict, canonical_bytes, sign_detached, verify_bundle
from tests.cadastre.extract.conftest import Issued


def first_form(statement: dict[str, Any]) -> dict[str, Any]:
    """Take away what the second form added."""
    old = copy.deepcopy(statement) | {"schema": "urn:kadastr:statement:1"}
    del old["number"], old["registrar"], old["request"]["acting_for"]
    for parcel in old["parcels"]:
        for building in parcel["buildings"]:
            for added in ("number", "kind", "footprint_m2", "belongs"):
                del building[added]
    return old


def test_a_document_of_the_first_form_is_still_genuine(
    issued: dict[str, Issued], keys: IssuingKeys, trust: Trust
) -> None:
    old = first_form(json.loads(issued["plain"].signed.canonical))
    schema = resources.files("cadastre.extract").joinpath("schema/statement-1.json").read_text("utf-8")
    jsonschema.validate(old, json.loads(schema))
    jws = sign_detached(canonical_bytes(old), keys.jws_key)
    assert verify_bundle({"statement": old, "jws": jws}, trust).verdict is Verdict.AUTHENTIC


@pytest.mark.parametrize("schema", ["urn:kadastr:statement:3", None, ""])
def test_a_form_that_was_never_issued_is_refused(
    issued: dict[str, Issued], keys: IssuingKeys, trust: Trust, schema: str | None
) -> None:
    strange = json.loads(issued["plain"].signed.canonical) | {"schema": schema}
    jws = sign_detached(canonical_bytes(strange), keys.jws_key)
    found = verify_bundle({"statement": strange, "jws": jws}, trust)
    assert [reason.code for reason in found.reasons] == ["unknown-schema"]
