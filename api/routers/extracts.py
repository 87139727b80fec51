"""Signed extracts (kupça), certificates (arayış) and plans."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from api.auth import Scope
from api.deps import RoomsDep, address_of, require_json, require_unique_keys, signed_in
from api.negotiation import choose_media_type
from api.openapi import problems
from api.schemas.extracts import ExistenceOrder, Extract, ExtractOrder, write_extract
from cadastre.domain.caller import Caller
from cadastre.domain.extract import IssuedExtract
from cadastre.extract.xml import write_xml
from cadastre.ledger import InclusionProof

JSON, PDF, XML = "application/json", "application/pdf", "application/xml"
PRIVATE = {"Cache-Control": "private, no-store"}

router = APIRouter(prefix="/v1/extracts", tags=["extracts"])
Applicant = Annotated[Caller, Depends(signed_in(Scope.REQUEST_EXTRACT))]
CopyAsked = Annotated[
    Literal["issued", "archive"],
    Query(description="The copy handed out at issue, or the archive's."),
]
Reader = Annotated[Caller, Depends(signed_in(Scope.READ_EXTRACT))]


@router.post(
    "",
    status_code=201,
    response_model=Extract,
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    dependencies=[Depends(require_json), Depends(require_unique_keys)],
)
def issue_extract(order: ExtractOrder, caller: Applicant, rooms: RoomsDep, request: Request) -> Response:
    """Issue an extract for a property, named by its register number or by the cadastral number of its parcel.

    An office gets the signed kind `not-in-register` for a number without a right; an owner or a
    bank gets 404 for whatever is not theirs, registered or not.
    """
    issued = rooms.desks.extracts.issue(order.to_request(), caller)
    location = address_of(request, "read_extract", extract_id=issued.id)
    proof = rooms.ledger.proofs.prove_new_extract(issued.id)
    return JSONResponse(_body(issued, proof, request), 201, headers={"Location": location, **PRIVATE})


@router.post(
    "/existence",
    status_code=201,
    response_model=Extract,
    responses=problems(400, 401, 403, 413, 415, 422, 503),
    dependencies=[Depends(require_json), Depends(require_unique_keys)],
)
def certify_existence(
    order: ExistenceOrder, caller: Applicant, rooms: RoomsDep, request: Request
) -> Response:
    """Certify whether the person of a FIN or VOEN stands in the register, and to the entitled in which.

    Every number is answered, known or not, and the person sees who asked.
    """
    issued = rooms.desks.extracts.certify_existence(order.to_request(), caller)
    location = address_of(request, "read_extract", extract_id=issued.id)
    proof = rooms.ledger.proofs.prove_new_extract(issued.id)
    return JSONResponse(_body(issued, proof, request), 201, headers={"Location": location, **PRIVATE})


@router.get(
    "/{extract_id}",
    response_model=Extract,
    responses={
        200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}, XML: {}}},
        **problems(401, 403, 404, 406, 422, 503),
    },
)
def read_extract(
    extract_id: UUID, caller: Reader, rooms: RoomsDep, request: Request, copy: CopyAsked = "issued"
) -> Response:
    """Hand an issued extract out again, as JSON, PDF or XML (`Accept`), to whoever applied for it.

    The archive copy (`copy=archive`) is a PDF with the ledger's proof and all that is needed to judge it
    decades later (PAdES B-LTA); it is made within a minute of issue, and 503 says that it is not there yet.
    """
    if copy == "archive":
        choose_media_type(request.headers.get("accept"), [PDF])
        return _archive_copy(extract_id, caller, rooms)
    kind = choose_media_type(request.headers.get("accept"), [JSON, PDF, XML])
    issued = rooms.desks.extracts.get(extract_id, caller)
    if kind == PDF:
        return _pdf(issued)
    if kind == XML:
        return Response(write_xml(issued.statement), media_type=XML, headers={"Vary": "Accept", **PRIVATE})
    proof = rooms.ledger.proofs.require_proof_of_extract(extract_id)
    return JSONResponse(_body(issued, proof, request), headers={"Vary": "Accept", **PRIVATE})


@router.get(
    "/{extract_id}/pdf",
    response_class=Response,
    responses={
        200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}},
        **problems(401, 403, 404, 422, 503),
    },
)
def read_extract_pdf(
    extract_id: UUID, caller: Reader, rooms: RoomsDep, copy: CopyAsked = "issued"
) -> Response:
    """Hand out the printed and sealed form, or its archive copy."""
    if copy == "archive":
        return _archive_copy(extract_id, caller, rooms)
    return _pdf(rooms.desks.extracts.get(extract_id, caller))


def _body(issued: IssuedExtract, proof: InclusionProof, request: Request) -> dict[str, Any]:
    """Write an extract with its proof; without one it is not handed out."""
    pdf = address_of(request, "read_extract_pdf", extract_id=issued.id)
    return write_extract(issued, pdf, proof.write())


def _archive_copy(extract_id: UUID, caller: Caller, rooms: RoomsDep) -> Response:
    pdf = rooms.desks.extracts.get_archive(extract_id, caller)
    headers = {"Content-Disposition": f'inline; filename="archive-{extract_id.hex[-8:]}.pdf"', **PRIVATE}
    return Response(pdf, media_type=PDF, headers=headers)


def _pdf(issued: IssuedExtract) -> Response:
    number = re.sub(r"[^0-9A-Z]+", "-", issued.register_number)  # a parcel's may hold any sign
    name = f"{issued.kind}-{number}-{issued.id.hex[-8:]}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Vary": "Accept", **PRIVATE}
    return Response(issued.pdf, media_type=PDF, headers=headers)


__all__ = ["router"]
