"""Composition root of the HTTP application; nothing is built before it is called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from api.composition import open_rooms
from api.errors import install_error_handlers
from api.express import ExpressRoute, reader_count
from api.express_orders import OrderRoute
from api.middleware import BodyBound, BodyLimits, HeadAsGet, RequestTrail
from api.openapi import DESCRIPTION, TAGS
from api.routers import ROUTERS
from api.settings import ApiSettings, read_api_settings
from cadastre.domain.document import MAX_DOCUMENT_BYTES


def create_app(settings: ApiSettings | None = None) -> FastAPI:
    """Compose the application; connections are opened when it starts and closed when it ends."""
    chosen = settings or read_api_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.rooms = open_rooms(chosen)
        try:
            with ThreadPoolExecutor(reader_count(chosen), "reader") as app.state.readers:
                yield
        finally:
            app.state.rooms.close()

    app = FastAPI(
        title=chosen.title,
        version=version("national-cadastre"),
        description=DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = chosen
    app.router.routes[:0] = [ExpressRoute(), OrderRoute()]
    for router in ROUTERS:
        app.include_router(router)
    install_error_handlers(app)
    limits = BodyLimits(chosen.max_pdf_bytes, chosen.max_json_bytes, MAX_DOCUMENT_BYTES)
    app.add_middleware(HeadAsGet)
    app.add_middleware(BodyBound, limits=limits)
    app.add_middleware(RequestTrail)
    return app


__all__ = ["create_app"]
