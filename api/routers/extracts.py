"""Signed extracts (kupça), certificates (arayış) and plans."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.auth import Scope
from api.deps import RoomsDep, address_of, require_json, require_unique_keys, signed_in
from api.errors import problem_of
from api.negotiation import choose_media_type
from api.openapi import problems
from api.preconditions import FoundRequestKeyDep
from api.schemas.extracts import ExistenceOrder, Extract, ExtractOrder, write_extract
from cadastre.domain.caller import Caller
from cadastre.domain.extract import IssuedExtract, IssuedStatement
from cadastre.extract.xml import write_xml
from cadastre.kernel.errors import Unavailable
from cadastre.ledger import InclusionProof

JSON, PDF, XML = "application/json", "application/pdf", "application/xml"
PRIVATE = {"Cache-Control": "private, no-store"}
_NONE = UUID(int=0)
FORMS = {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}

router = APIRouter(prefix="/v1/extracts", tags=["extracts"])
Applicant = Annotated[Caller, Depends(signed_in(Scope.REQUEST_EXTRACT))]
CopyAsked = Annotated[
    Literal["issued", "archive"],
    Query(description="The copy handed out at issue, or the archive's."),
]
Preference = Annotated[
    str | None, Header(description="`wait`: answer when the ledger's proof is there, not with its promise.")
]
Reader = Annotated[Caller, Depends(signed_in(Scope.READ_EXTRACT))]


@router.post(
    "",
    status_code=201,
    response_model=Extract,
    responses={201: FORMS, **problems(400, 401, 403, 404, 406, 409, 413, 415, 422, 503)},
    dependencies=[Depends(require_json), Depends(require_unique_keys)],
)
async def issue_extract(
    order: ExtractOrder,
    caller: Applicant,
    key: FoundRequestKeyDep,
    rooms: RoomsDep,
    request: Request,
    prefer: Preference = None,
) -> Response:
    """Issue an extract for a property, named by its register number or by the cadastral number of its parcel.

    It is answered as JSON, signed and with its leaf committed; `promise` says that the ledger will have it
    within 10 s, and `Prefer: wait` waits for the proof instead. The print is made when its address is asked
    for, or at once with `Accept: application/pdf`. With an `Idempotency-Key` a repetition gets the same
    extract. An office gets the signed kind `not-in-register` for a number without a right; an owner or a
    bank gets 404 for whatever is not theirs, registered or not.
    """
    form = choose_media_type(request.headers.get("accept"), [JSON, PDF])
    issued = await asyncio.wrap_future(rooms.issuing.issue(order.to_request(), caller, key))
    if form == JSON and not _waits(prefer):
        return answer_promised(issued, request)
    return await run_in_threadpool(_created, issued, form, caller, rooms, request)


@router.post(
    "/existence",
    status_code=201,
    response_model=Extract,
    responses={201: FORMS, **problems(400, 401, 403, 406, 413, 415, 422, 503)},
    dependencies=[Depends(require_json), Depends(require_unique_keys)],
)
def certify_existence(
    order: ExistenceOrder,
    caller: Applicant,
    key: FoundRequestKeyDep,
    rooms: RoomsDep,
    request: Request,
    prefer: Preference = None,
) -> Response:
    """Certify whether the person of a FIN or VOEN stands in the register, and to the entitled in which.

    Every number is answered, known or not, and the person sees who asked.
    """
    form = choose_media_type(request.headers.get("accept"), [JSON, PDF])
    issued = rooms.issuing.certify(order.to_request(), caller, key)
    if form == JSON and not _waits(prefer):
        return answer_promised(issued, request)
    return _created(issued, form, caller, rooms, request)


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

    The print is made and sealed when it is first asked for, and is the same file ever after; without a time
    stamp there is none, and 503 says so. The archive copy (`copy=archive`) is a PDF with the ledger's proof
    and all that is needed to judge it decades later (PAdES B-LTA); it is made within a minute of the print.
    """
    if copy == "archive":
        choose_media_type(request.headers.get("accept"), [PDF])
        return _archive_copy(extract_id, caller, rooms)
    kind = choose_media_type(request.headers.get("accept"), [JSON, PDF, XML])
    if kind == PDF:
        return _pdf(rooms.desks.extracts.get(extract_id, caller))
    issued = rooms.desks.extracts.get_statement(extract_id, caller)
    if kind == XML:
        return Response(write_xml(issued.read()), media_type=XML, headers={"Vary": "Accept", **PRIVATE})
    proof = rooms.ledger.proofs.find_proof_of_extract(extract_id)
    return _json(issued, proof, request, headers={"Vary": "Accept"})


@router.get(
    "/{extract_id}/pdf",
    response_class=Response,
    responses={200: FORMS, **problems(401, 403, 404, 422, 503)},
)
def read_extract_pdf(
    extract_id: UUID, caller: Reader, rooms: RoomsDep, copy: CopyAsked = "issued"
) -> Response:
    """Hand out the printed and sealed form, or its archive copy."""
    if copy == "archive":
        return _archive_copy(extract_id, caller, rooms)
    return _pdf(rooms.desks.extracts.get(extract_id, caller))


def _waits(prefer: str | None) -> bool:
    """Whether the caller would rather wait for the proof than have the promise (RFC 7240)."""
    wishes = (wish.partition(";")[0].strip().lower() for wish in (prefer or "")[:200].split(","))
    return any(re.fullmatch(r"wait(\s*=\s*[0-9]+)?", wish) for wish in wishes)


def answer_promised(issued: IssuedStatement, request: Request) -> Response:
    """Hand out what was issued just now, with the promise of its proof."""
    return _json(issued, None, request, 201, _location(issued, request))


def _location(issued: IssuedStatement, request: Request) -> dict[str, str]:
    return {"Location": _address(issued, request)}


def _address(issued: IssuedStatement, request: Request) -> str:
    """Give the address of an extract; the route is looked up once for all of them."""
    state = request.app.state
    if not hasattr(state, "extract_address"):
        state.extract_address = address_of(request, "read_extract", extract_id=_NONE).removesuffix(str(_NONE))
    return f"{state.extract_address}{issued.id}"


def _created(
    issued: IssuedStatement, form: str, caller: Caller, rooms: RoomsDep, request: Request
) -> Response:
    """Hand out what was issued; whatever is not to be had now, the extract is there at its address."""
    headers = _location(issued, request)
    if form == PDF:
        try:
            return _pdf(rooms.desks.extracts.print(issued, caller), 201, headers)
        except Unavailable as error:
            refused = problem_of(request, error)
            refused.headers.update(headers)
            return refused
    try:
        proof = rooms.ledger.proofs.prove_new_extract(issued.id)
    except Unavailable:
        return _json(issued, None, request, 201, headers)
    return _json(issued, proof, request, 201, {**headers, "Preference-Applied": "wait"})


def _json(
    issued: IssuedStatement,
    proof: InclusionProof | None,
    request: Request,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    body = write_extract(issued, f"{_address(issued, request)}/pdf", None if proof is None else proof.write())
    return Response(body, status, headers={**PRIVATE, **(headers or {})}, media_type=JSON)


def _archive_copy(extract_id: UUID, caller: Caller, rooms: RoomsDep) -> Response:
    pdf = rooms.desks.extracts.get_archive(extract_id, caller)
    headers = {"Content-Disposition": f'inline; filename="archive-{extract_id.hex[-8:]}.pdf"', **PRIVATE}
    return Response(pdf, media_type=PDF, headers=headers)


def _pdf(issued: IssuedExtract, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    number = re.sub(r"[^0-9A-Z]+", "-", issued.register_number)  # a parcel's may hold any sign
    name = f"{issued.kind}-{number}-{issued.id.hex[-8:]}.pdf"
    said = {"Content-Disposition": f'inline; filename="{name}"', "Vary": "Accept", **PRIVATE}
    return Response(issued.pdf, status, headers={**said, **(headers or {})}, media_type=PDF)


__all__ = ["answer_promised", "router"]
