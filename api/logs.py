"""Log lines as JSON, one object each, without personal data.

A line names the route's pattern, never the address asked for, and an
exception by its class and the places it passed, never by its text: both may
hold a person's number.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

REQUEST_LOGGER = "api.request"
_written = json.JSONEncoder(ensure_ascii=False).encode


class JsonLines(logging.Formatter):
    """One JSON object per record; facts come in ``record.facts``."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe_error(record.exc_info[1])
        return _written(line)


def describe_error(error: BaseException) -> list[dict[str, Any]]:
    """Give the classes and places of an exception and its causes, without a word of their texts."""
    chain: list[dict[str, Any]] = []
    current: BaseException | None = error
    while current is not None and len(chain) < 8:
        frames = traceback.extract_tb(current.__traceback__)
        chain.append(
            {
                "class": f"{type(current).__module__}.{type(current).__qualname__}",
                "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
            }
        )
        current = current.__cause__ or current.__context__
    return chain


def log_config(level: str = "INFO") -> dict[str, Any]:
    """Logging of a process, for ``logging.config.dictConfig`` and for uvicorn."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "api.logs.JsonLines"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # its INFO lines repeat ours; errors still come through the root
            "uvicorn.access": {"handlers": [], "propagate": False},
            "sqlalchemy": {"level": "WARNING"},
        },
    }


__all__ = ["REQUEST_LOGGER", "JsonLines", "describe_error", "log_config"]
