"""Make synthetic districts of any size: parcels, buildings, streets, entrances, rights."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from cadastre.kernel.errors import InvalidInput


def sample(
    parcels: Annotated[int, typer.Option(help="Number of parcels over all districts.")],
    out: Annotated[Path, typer.Option(help="Folder to write to; made when missing.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same sample.")] = 1,
    district: Annotated[list[str] | None, typer.Option(help="District code; repeat for several.")] = None,
    crs: Annotated[str | None, typer.Option(help="EPSG:28409 for Pulkovo 1942 / GK zone 9.")] = None,
    plant_overlaps: Annotated[int, typer.Option(help="Further parcels that overlap one each.")] = 0,
) -> None:
    """Make synthetic districts of any size; everything in them says that it is synthetic."""
    from rich.console import Console
    from rich.progress import Progress

    from ingest.sample import SampleSpec, generate

    spec = SampleSpec(
        parcels=parcels,
        out=out,
        seed=seed,
        districts=tuple(district or ("BAK-XEZ",)),
        srid=_srid(crs),
        planted_overlaps=plant_overlaps,
    )
    with Progress(console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task("parcels", total=parcels)
        made = generate(spec, lambda n: bar.advance(task, n))
    typer.echo(f"{made.parcel_count} synthetic parcels in {made.root} (seed {seed})")
    if made.planted:
        typer.echo(f"{made.planted_count} overlapping pairs planted, listed in {made.planted}")


def _srid(crs: str | None) -> int | None:
    if crs is None:
        return None
    match = re.fullmatch(r"(?:EPSG:)?(\d{4,6})", crs.strip(), re.IGNORECASE)
    if not match:
        raise InvalidInput(f"--crs {crs}: write it as EPSG:28409.")
    return int(match[1])


command = sample

__all__ = ["command", "sample"]
