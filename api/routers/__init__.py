"""The routes of the application: one module per kind of thing, joined here."""

from __future__ import annotations

from fastapi import APIRouter

from api.routers import (
    applications,
    authority_acts,
    districts,
    docs,
    documents,
    events,
    extracts,
    health,
    investigations,
    ledger,
    ledger_rows,
    lineage,
    looks,
    pages,
    parcels,
    party_links,
    portfolios,
    priority_notices,
    properties,
    representations,
    schemas,
    surveys,
    tiles,
    verifier_files,
    verify,
    worklists,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    lineage.router,  # before parcels: their numbers may contain slashes
    parcels.router,
    districts.router,
    looks.router,
    properties.router,
    extracts.router,
    schemas.router,
    portfolios.router,
    documents.router,
    party_links.router,
    representations.router,
    investigations.router,
    applications.router,
    authority_acts.router,
    priority_notices.router,
    events.router,
    worklists.router,
    verify.router,
    verifier_files.router,  # before pages: /verify/{token} would take its names
    ledger.router,
    ledger_rows.router,
    docs.router,
    tiles.router,
    pages.router,
    surveys.router,
)

__all__ = ["ROUTERS"]
