"""Surveyors and municipalities apply about what is theirs to bring, with scans of their own."""

from __future__ import annotations

import httpx
import pytest

from tests.flows.test_applications import Sign, etag_of, file, notary, section, upload

__all__ = ["notary", "section"]


@pytest.mark.parametrize(
    ("role", "service", "paper"),
    [("surveyor", "merger", "survey_document"), ("municipality", "municipal_sale", "municipal_sale_act")],
)
def test_each_is_taken_in_on_its_own_paper(
    client_as: Sign, notary: httpx.Client, section: str, role: str, service: str, paper: str
) -> None:
    applicant = client_as(role, f"{role}-1", name="Ərizəçi")
    scan = upload(applicant, paper)
    body = {
        "service": service,
        "capacity": role,
        "properties": [{"register_number": section}],
        "parties": [
            {"role": "disposer", "kind": "municipality", "name": "Sınaq bələdiyyəsi", "voen": "1700000011"},
            {"role": "acquirer", "kind": "natural", "name": "Leyla", "fin": "9AB2C3D", "share": "1/1"},
        ],
        "documents": [{"document_id": scan, "role": "basis", "number": "1", "dated": "2026-03-02"}],
        "terms": {"outline": "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"},
    }
    answer = file(applicant, body, etag_of(notary, section))
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "accepted"
    stranger = client_as("bank", "bank-of-nobody", name="Bank", voen="1401555071")
    assert file(stranger, body, etag_of(notary, section)).status_code == 403
