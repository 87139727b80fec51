"""Bring files into the register: districts, zones, parcels, buildings, units, streets, entrances, rights."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ingest.report import LoadReport
    from ingest.services import Progress, VectorOptions

app = typer.Typer(help=__doc__, no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file to load.")]
LayerOption = Annotated[str | None, typer.Option("--layer", help="Layer of a file that has several.")]
CrsOption = Annotated[str | None, typer.Option("--crs", metavar="EPSG:n", help="Coordinate system.")]
DistrictOption = Annotated[str, typer.Option("--district", metavar="CODE", help="District of the rows.")]
OperationOption = Annotated[
    str | None, typer.Option("--operation", metavar="EPSG:n", help="Pinned datum operation.")
]
MapOption = Annotated[
    list[str] | None, typer.Option("--map", metavar="TARGET=SOURCE[:UNIT]", help="Column of a field.")
]
SheetOption = Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook (else the first).")]
EncodingOption = Annotated[str | None, typer.Option("--encoding", help="Text encoding of a Shapefile.")]


@app.callback()
def group() -> None:
    """Bring files into the register, from districts to rights."""


@app.command()
def parcels(
    file: FileArgument,
    district: DistrictOption,
    layer: LayerOption = None,
    crs: CrsOption = None,
    operation: OperationOption = None,
    mapping: MapOption = None,
    encoding: EncodingOption = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes that check.")] = 2,
) -> int:
    """Check a parcel file row by row and register what passes, in one transaction."""
    from ingest.services import LoadOptions, load_parcels

    options = LoadOptions(
        path=file,
        district=district,
        layer=layer,
        crs=crs,
        operation=operation,
        mapping=tuple(mapping or ()),
        encoding=encoding,
        workers=workers,
    )
    with _Bar(file.name) as show:
        report = load_parcels(options, _register(), now=_now, progress=show)
    return _print(report)


@app.command()
def districts(
    file: FileArgument,
    layer: LayerOption = None,
    crs: CrsOption = None,
    encoding: EncodingOption = None,
) -> int:
    """Attach boundaries to the districts of the codelist, by code or by name (az, en, ru)."""
    from ingest.services import DistrictOptions, load_districts

    options = DistrictOptions(path=file, layer=layer, crs=crs, encoding=encoding)
    return _print(load_districts(options, _register(), now=_now))


@app.command()
def zones(
    file: FileArgument,
    district: Annotated[
        str | None, typer.Option("--district", metavar="CODE", help="District of all rows.")
    ] = None,
    layer: LayerOption = None,
    crs: CrsOption = None,
    operation: OperationOption = None,
    mapping: MapOption = None,
    encoding: EncodingOption = None,
) -> int:
    """Register cadastral zones: areas of a district with code and name that do not overlap."""
    from ingest.services import ZoneOptions, load_zones

    options = ZoneOptions(file, district, layer, crs, operation, tuple(mapping or ()), encoding)
    with _Bar(file.name) as show:
        report = load_zones(options, _register(), now=_now, progress=show)
    return _print(report)


@app.command()
def units(file: FileArgument, sheet: SheetOption = None) -> int:
    """Register flats and other units of registered buildings (CSV, XLSX, Parquet)."""
    from ingest.services import TableOptions, load_units

    options = TableOptions(path=file, sheet=sheet)
    with _Bar(file.name) as show:
        report = load_units(options, _register(), now=_now, progress=show)
    return _print(report)


@app.command()
def rights(file: FileArgument, sheet: SheetOption = None) -> int:
    """Migrate parties, rights and restrictions of registered parcels and units (CSV, XLSX, Parquet)."""
    from ingest.services import TableOptions, load_rights

    options = TableOptions(path=file, sheet=sheet)
    with _Bar(file.name) as show:
        report = load_rights(options, _register(), now=_now, progress=show)
    return _print(report)


@app.command()
def streets(
    file: FileArgument,
    district: DistrictOption,
    layer: LayerOption = None,
    crs: CrsOption = None,
    operation: OperationOption = None,
    mapping: MapOption = None,
    encoding: EncodingOption = None,
    without_line: Annotated[
        bool, typer.Option("--without-line", help="Enter streets that are no single line by name only.")
    ] = False,
) -> int:
    """Register streets: directed lines with kind and name."""
    from ingest.services import VectorOptions, load_streets

    options = VectorOptions(
        file,
        district,
        layer,
        crs,
        operation,
        tuple(mapping or ()),
        encoding,
        without_line=without_line,
    )
    return _load_vector(load_streets, options)


def _add_places(name: str, line: str) -> None:
    """Add the command of a kind of places that takes no option of its own."""

    @app.command(name, help=line)
    def places(
        file: FileArgument,
        district: DistrictOption,
        layer: LayerOption = None,
        crs: CrsOption = None,
        operation: OperationOption = None,
        mapping: MapOption = None,
        encoding: EncodingOption = None,
    ) -> int:
        from ingest.services import VectorOptions, load_buildings, load_entrances

        load = {"entrances": load_entrances, "buildings": load_buildings}[name]
        options = VectorOptions(file, district, layer, crs, operation, tuple(mapping or ()), encoding)
        return _load_vector(load, options)


_add_places(
    "entrances",
    "Register entrances: numbered points on the district's streets, linked to parcel and building.",
)
_add_places("buildings", "Register buildings: footprints, linked to the parcel they stand on.")


def _load_vector(load: Callable[..., LoadReport], options: VectorOptions) -> int:

    with _Bar(options.path.name) as show:
        report = load(options, _register(), now=_now, progress=show)
    return _print(report)


def _register() -> str:
    """Give the owner's URL of a register that this program may load into."""
    from cadastre.db.schema_state import require_current_register
    from cadastre.db.settings import resolve_urls

    admin_url = resolve_urls().require_admin()
    require_current_register(admin_url)
    return admin_url


def _now() -> datetime:
    return datetime.now(UTC)


@app.command()
def findings(
    load_id: Annotated[int | None, typer.Argument(metavar="[LOAD_ID]", help="Load; else the newest.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write, .csv or .geojson.")] = None,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="The rejected rows as they came instead (CSV).")
    ] = False,
) -> None:
    """List or export what a load found, row by row, or the rows that it rejected."""
    from api.findings_file import write_load_findings, write_rejected_rows

    if rejected:
        write_rejected_rows(_register(), load_id, out)
    else:
        write_load_findings(_register(), load_id, out)


def _print(report: LoadReport) -> int:
    for line in report.to_lines(examples=_examples(report)):
        typer.echo(line)
    typer.echo(report.to_json())
    return report.exit_code


def _examples(report: LoadReport) -> dict[str, list[str]]:
    """Give the first few findings of every error rule, by rule."""
    from cadastre.db.settings import resolve_urls
    from ingest.findings import list_examples

    examples: dict[str, list[str]] = {}
    if report.load_id is not None and report.findings:
        for item in list_examples(resolve_urls().require_admin(), report.load_id):
            examples.setdefault(item.rule, []).append(item.to_line())
    return examples


class _Bar:
    """A progress bar on stderr, one line per stage; nothing where stderr is no terminal."""

    def __init__(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import Progress as RichProgress
        from rich.progress import TaskID

        self._name = name
        self._bar = RichProgress(console=Console(stderr=True), disable=not Console(stderr=True).is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Progress:
        self._bar.start()
        return self._show

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _show(self, stage: str, done: int, total: int | None) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(f"{stage} {self._name}", total=total)
        self._bar.update(self._tasks[stage], completed=done, total=total)
