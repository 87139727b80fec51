"""The interface's description for people; assets are our own, nothing is inline."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kadastr: the interface</title>
<link rel="icon" href="/static/img/emblem.svg">
<link rel="stylesheet" href="/static/vendor/swagger-ui/swagger-ui.css">
<script src="/static/vendor/swagger-ui/swagger-ui-bundle.js" defer></script>
<script src="/static/js/docs.js" defer></script>
</head>
<body>
<main id="docs"><p>The description itself is at <a href="/openapi.json">/openapi.json</a>.</p></main>
</body>
</html>
"""

router = APIRouter(include_in_schema=False)


@router.get("/docs", response_class=HTMLResponse)
def show_docs() -> HTMLResponse:
    """Show the description in a browser."""
    return HTMLResponse(PAGE)


__all__ = ["router"]
