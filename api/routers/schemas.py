"""The published forms of statements: JSON Schema and XML Schema, at addresses that stay."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.openapi import problems
from cadastre.extract.xml_schema import read_json_schema, write_xml_schema

FOR_EVER = {"Cache-Control": "public, max-age=86400"}

router = APIRouter(prefix="/schemas", tags=["extracts"])
Version = Annotated[int, Path(ge=1, le=999, description="Version of the statement, as its `schema` says.")]


@router.get(
    "/statement-{version}.json",
    response_class=Response,
    responses={200: {"content": {"application/schema+json": {}}}, **problems(404, 422)},
)
def read_statement_schema(version: Version) -> Response:
    """Give the JSON Schema of a version of the statement."""
    return Response(read_json_schema(version), media_type="application/schema+json", headers=FOR_EVER)


@router.get(
    "/statement-{version}.xsd",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}}}, **problems(404, 422)},
)
def read_statement_xml_schema(version: Version) -> Response:
    """Give the XML Schema of what an extract of that version is as `application/xml`."""
    return Response(write_xml_schema(version), media_type="application/xml", headers=FOR_EVER)


__all__ = ["router"]
