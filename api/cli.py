"""Composition root of the command line: one plain line for every failure, and never a traceback.

Exit codes: 0 done, 1 findings or a negative verdict, 2 unusable input or a
part that is missing, 70 a fault of this program, 130 interrupted. A command
returns its exit code (None is 0) or raises a ``CadastreError``.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import NoReturn

import typer

from api.commands import list_commands, load_command
from cadastre.db.places import default_home
from cadastre.kernel.errors import CadastreError, InvalidInput

UNUSABLE = 2
OWN_FAULT = 70
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command of ``cadastre`` and leave with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with _PlainFailures():
        _require_text(given)
        app = build_app(_named_command(given))
        command = typer.main.get_command(app)
        result = command.main(given or ["--help"], prog_name="cadastre", standalone_mode=False)
        sys.stdout.flush()
        if result == INTERRUPTED:
            raise KeyboardInterrupt  # Typer swallows it and gives only the number
        sys.exit(result if isinstance(result, int) else 0)
    raise AssertionError("unreachable")


def build_app(wanted: str | None) -> typer.Typer:
    """Root command line with ``wanted`` imported and every other command as its help line only."""
    app = typer.Typer(
        name="cadastre",
        help="Kadastr: the national cadastre and address registry of Azerbaijan.",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_no_options)
    for name, line in list_commands().items():
        if name != wanted:
            app.command(name, help=line)(_placeholder)
            continue
        module = load_command(name)
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name, help=line, no_args_is_help=True)
        else:
            app.command(name)(module.command)
    return app


def _no_options() -> None:
    """Kadastr: the national cadastre and address registry of Azerbaijan."""


def _placeholder() -> None:
    """Stand in for a command that this process does not run."""


def _require_text(arguments: list[str]) -> None:
    """Refuse what the shell passed as bytes that are no text; no file, code or number here is written so."""
    for place, word in enumerate(arguments, start=1):
        if not word.isascii() and any("\ud800" <= character <= "\udfff" for character in word):
            shown = word.encode("utf-8", "replace").decode()
            raise InvalidInput(f"Argument {place} is not UTF-8: {shown}.", code="argument-not-utf8")


def _named_command(arguments: list[str]) -> str | None:
    return next((word for word in arguments if not word.startswith("-")), None)


class _PlainFailures:
    """Turn whatever ends a command into one line on stderr and an exit code."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, SystemExit):
            return
        code, line = _describe(error)
        if line:
            sys.stderr.write(" ".join(line.split()) + "\n")
        raise SystemExit(code) from None


def _describe(error: BaseException) -> tuple[int, str]:
    if isinstance(error, CadastreError):
        return UNUSABLE, error.message
    if isinstance(error, typer.TyperException):
        said = error.format_message().strip()
        return UNUSABLE, f"{said.rstrip('.')}. See 'cadastre --help'." if said else ""
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return INTERRUPTED, "interrupted"
    if isinstance(error, BrokenPipeError):
        sys.stdout = None  # nobody reads any more; nothing to flush at exit
        return 0, ""
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return UNUSABLE, f"{where}{error.strerror or error}"
    if _is_lost_database(error):
        return UNUSABLE, f"the database does not answer: {str(getattr(error, 'orig', error)).strip()}"
    return OWN_FAULT, f"a fault of this program ({type(error).__name__}), recorded in {_record(error)}"


def _is_lost_database(error: BaseException) -> bool:
    names = {f"{base.__module__}.{base.__name__}" for base in type(error).__mro__}
    return bool(names & {"sqlalchemy.exc.OperationalError", "psycopg2.OperationalError"})


def _record(error: BaseException) -> str:
    """Append the traceback to a log that only the operator reads."""
    log = default_home() / "faults.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as stream:
            stream.write(f"--- {datetime.now(UTC).isoformat()} {' '.join(sys.argv[:3])}\n")
            stream.writelines(traceback.format_exception(error))
    except OSError:
        return "no log (its folder cannot be written)"
    return str(log)


__all__ = ["build_app", "main"]
