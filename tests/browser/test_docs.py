"""The interface's description in a browser: shown, operable, and asking nobody but us."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser


def test_description_is_shown_and_a_question_can_be_tried(visit: Callable[..., Watched]) -> None:
    seen = visit(locale="en")
    seen.open("/docs")
    operation = seen.page.locator("#operations-health-live")
    expect(operation).to_be_visible(timeout=30_000)
    operation.locator("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute", exact=True).click()
    answered = operation.locator(".live-responses-table .response .response-col_status")
    expect(answered).to_contain_text("200", timeout=15_000)
