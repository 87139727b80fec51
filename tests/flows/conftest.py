"""Flows run over the same served register as the tests of the interface."""

from __future__ import annotations

from tests.api.conftest import api_settings, base_url, client_as, planted_database, public

__all__ = ["api_settings", "base_url", "client_as", "planted_database", "public"]
