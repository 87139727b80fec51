"""A real Chromium before a real server on a furnished register."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from api.auth import open_tokens
from api.auth.tokens import make_caller
from api.settings import ApiSettings
from cadastre.db.system_packages import require
from tests.api.conftest import api_settings, base_url, planted_database
from tests.api.server import bearer, open_client
from tests.database import Database, TestCluster
from tests.tiles.parcels import furnish

__all__ = [
    "api_settings",
    "base_url",
    "browser",
    "furnished",
    "notary_client",
    "planted_database",
    "site",
    "visit",
]

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--enable-unsafe-swiftshader",
]


@pytest.fixture(scope="session")
def furnished(test_cluster: TestCluster) -> Iterator[Database]:
    """Register with a district and its parcels, for all browser tests."""
    database = test_cluster.create_copy()
    furnish(database, 60)
    yield database
    test_cluster.drop_copy(database)


@pytest.fixture(scope="session")
def site(furnished: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of our own, running as users run it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    log = (home / "server.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "--factory", "api.app:create_app", "--port", str(port)],
        env={**os.environ, **furnished.environ, "CADASTRE_HOME": str(home)},
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=Path(__file__).parents[2],
    )
    try:
        _wait_for(server, port, home / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    transport = httpx.HTTPTransport(retries=1)
    with httpx.Client(transport=transport, timeout=5) as client:
        for _ in range(600):
            if server.poll() is not None:
                pytest.fail(f"the server ended:\n{log.read_text()}")
            try:
                if client.get(f"http://127.0.0.1:{port}/health/live").status_code == 200:
                    return
            except httpx.TransportError:
                _pause()
    pytest.fail(f"the server does not answer:\n{log.read_text()}")


def _pause() -> None:
    """Wait a tenth of a second on a socket that nobody writes to."""
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(0.1)
        try:
            here.recv(1)
        except TimeoutError:
            return


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the operating system, installed when it is missing."""
    provided = require("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=provided.program("chromium"),
            args=FLAGS,
            env=dict(provided.environment()),
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def notary_client(base_url: str, api_settings: ApiSettings) -> Iterator[httpx.Client]:
    """Client of a notary at the register with owners."""
    token = open_tokens(api_settings).issue(make_caller("notary", "notary-9", name="Nigar Quliyeva"))
    with open_client(base_url, headers=bearer(token)) as client:
        yield client


@dataclass
class Watched:
    """A page and everything that went wrong on it."""

    page: Page
    site: str
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.site + path)

    def open_map(self, path: str = "/map") -> None:
        self.open(path)
        self.page.wait_for_selector("html[data-ready]", timeout=30_000)

    def wait_for_map(self) -> None:
        self.page.wait_for_selector("#map[data-state=idle]", timeout=30_000)

    def facts(self) -> dict[str, str]:
        """Facts of the open panel, by the name of the fact."""
        self.page.wait_for_selector("#facts [data-fact]")
        rows = self.page.locator("#facts [data-fact]").all()
        return {str(row.get_attribute("data-fact")): row.locator("dd").inner_text() for row in rows}

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((f"{self.site}/", "data:", "blob:")):
            self.faults.append(f"outside request: {request.url}")


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Watched]]:
    """Open fresh pages; at the end no page may have had a fault or asked anybody else."""
    opened: list[Watched] = []

    def start(*, width: int = 1440, height: int = 900, locale: str = "az-AZ", address: str = site) -> Watched:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        watched = Watched(context.new_page(), address)
        watched.page.on("console", watched.on_console)
        watched.page.on("pageerror", lambda error: watched.faults.append(str(error)))
        watched.page.on("request", watched.on_request)
        opened.append(watched)
        return watched

    yield start
    for watched in opened:
        watched.page.context.close()
        assert watched.faults == []
        assert watched.requests
        assert all(re.match(r"(http://127\.0\.0\.1:|data:|blob:)", url) for url in watched.requests)
