"""The routes of the application: one module per kind of thing, joined here."""

from __future__ import annotations

from fastapi import APIRouter

from api.routers import health, parcels

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    parcels.router,
)

__all__ = ["ROUTERS"]
