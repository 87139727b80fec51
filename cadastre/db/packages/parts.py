"""Every part of the operating system that the project ever needs, and what fails without it."""

from __future__ import annotations

from dataclasses import dataclass, field

from cadastre.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Part:
    """One named need: Debian packages, how to see that they are there, what does not work without them."""

    name: str
    packages: tuple[str, ...]
    without: str
    programs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    real_programs: dict[str, str] = field(default_factory=dict)
    """Program name to path under the root, where the packaged launcher holds absolute paths."""


_ALL = (
    Part(
        "postgis",
        ("postgresql-15-postgis-3",),
        "the embedded database cannot run (set CADASTRE_DATABASE_URL to use a PostGIS server of your own)",
        files=("usr/lib/postgresql/15/bin/postgres", "usr/lib/postgresql/15/lib/postgis-3.so"),
    ),
    Part(
        "chromium",
        ("chromium", "fonts-dejavu-core"),
        "the browser tests cannot run and no screenshots can be taken",
        programs=("chromium",),
        real_programs={"chromium": "usr/lib/chromium/chromium"},
    ),
    Part(
        "bubblewrap",
        ("bubblewrap",),
        "uploaded files cannot be read in the sandbox",
        programs=("bwrap",),
    ),
    Part(
        "poppler",
        ("poppler-utils",),
        "the tests cannot render extracts as pictures nor check their signatures with a second program",
        programs=("pdftotext", "pdftoppm", "pdfsig"),
    ),
    Part(
        "softhsm",
        ("softhsm2",),
        "the signing keys cannot be kept in a token (CADASTRE_KEYS=file keeps development keys in files)",
        programs=("softhsm2-util",),
        files=("usr/lib/softhsm/libsofthsm2.so",),
    ),
    Part(
        "faketime",
        ("libfaketime",),
        "the tests cannot turn clocks nor let ten years pass",
        files=("usr/lib/*/faketime/libfaketime.so.1",),
    ),
    Part(
        "gdal-bin",
        ("gdal-bin",),
        "the tests and benchmarks cannot compare the loader with ogr2ogr",
        programs=("ogr2ogr", "ogrinfo"),
    ),
    Part(
        "pip",
        ("python3-pip-whl", "python3-setuptools-whl"),
        "the Python packages cannot be installed",
        files=("usr/share/python-wheels/pip-*.whl",),
    ),
)

PARTS = {part.name: part for part in _ALL}


def part_named(name: str) -> Part:
    """Look up a part; an unknown name is answered with the known ones."""
    try:
        return PARTS[name]
    except KeyError:
        raise InvalidInput(
            f"unknown part {name}: choose among {', '.join(PARTS)}", code="unknown-part"
        ) from None


__all__ = ["PARTS", "Part", "part_named"]
