"""Parts of the operating system: found, installed by root, or unpacked and run by an ordinary user."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cadastre.db import system_packages
from cadastre.db.packages.apt import base_system
from cadastre.db.packages.parts import PARTS
from cadastre.db.packages.unpacked import UnpackedRoot, link_alternatives
from cadastre.db.places import checkout_root, server_account
from cadastre.kernel.errors import InvalidInput, Unavailable
from tests.cadastre.db.cluster_homes import open_folder

SERVER_MODULES = (
    "pydantic",
    "pydantic_core",
    "pydantic_settings",
    "annotated_types",
    "typing_extensions",
    "typing_inspection",
    "dotenv",
)
USER_PROGRAM = """
import sys
from cadastre.db import local_cluster
from cadastre.db.cluster.postgis import require_postgis
from cadastre.db.settings import DatabaseSettings
import os, subprocess
settings = DatabaseSettings()
urls = local_cluster.ensure_running(settings)
found = local_cluster.status(settings)
binaries = require_postgis()
libpq = urls.app_url.replace("postgresql+psycopg2", "postgresql")
asked = ("SELECT current_user, ST_SRID(ST_Transform(ST_SetSRID(ST_Point(49.8, 40.4), 4326), 32639)), "
         "postgis_lib_version()")
done = subprocess.run([binaries.program("psql"), "-X", "-At", "-c", asked, libpq], env=binaries.environment(),
                      capture_output=True, text=True)
print(os.getuid(), binaries.bin_dir, done.stdout.strip(), done.stderr.strip(), found.running, sep="|")
local_cluster.stop(settings)
print(local_cluster.status(settings).running)
"""


def unprivileged() -> dict[str, object]:
    """Identity to drop to: nobody when this is root, else the caller's own."""
    return {} if os.geteuid() != 0 else {"user": 65534, "group": 65534, "extra_groups": []}


def reachable_python() -> str:
    """Interpreter of our version that an unprivileged account can run."""
    for candidate in (sys.executable, "/usr/local/bin/python3.11", "/usr/bin/python3.11"):
        try:
            subprocess.run([candidate, "-c", "import json"], check=True, **unprivileged())  # type: ignore[call-overload]
        except (OSError, subprocess.CalledProcessError):
            continue
        return candidate
    raise AssertionError("no Python 3.11 that an ordinary user may run")


def modules_for_user(folder: Path) -> Path:
    """Copy what the program needs, for a checkout may lie where nobody else can enter."""
    library = folder / "library"
    library.mkdir()
    shutil.copytree(checkout_root() / "cadastre", library / "cadastre")
    for name in SERVER_MODULES:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        if origin.name == "__init__.py":
            shutil.copytree(origin.parent, library / name)
        else:
            shutil.copyfile(origin, library / origin.name)
    return library


def link_or_copy(source: str | Path, target: str | Path) -> str | Path:
    """Hard link where one disk holds both, else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target


@pytest.fixture
def packages_dir() -> Iterator[Path]:
    """Folder for unpacked packages that an ordinary user owns; downloads are kept between runs."""
    kept = checkout_root() / ".local" / "test" / "debs"
    with open_folder(on_disk=True) as folder:  # beside what is kept, so that it can be linked
        base = folder / "debs"
        base.mkdir()
        for name in ("archives", "state"):
            if (kept / name).is_dir():
                shutil.copytree(kept / name, base / name, copy_function=link_or_copy)
        identity = unprivileged()
        if identity:
            subprocess.run(["chown", "-R", f"{identity['user']}:{identity['group']}", folder], check=True)
        yield base
        for path in [*base.glob("archives/*.deb"), *base.glob("state/lists/*_*")]:
            copy = kept / path.relative_to(base)
            if path.is_file() and not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                link_or_copy(path, copy)


def test_ordinary_user_unpacks_and_runs_postgis(packages_dir: Path) -> None:
    folder = packages_dir.parent
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "PYTHONPATH": str(modules_for_user(folder)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CADASTRE_HOME": str(folder / "home"),
        "CADASTRE_SYSTEM_PACKAGES": "unpack",
        "CADASTRE_PACKAGES_DIR": str(packages_dir),
    }
    done = subprocess.run(
        [reachable_python(), "-c", USER_PROGRAM],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **unprivileged(),  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stderr
    answer, stopped = done.stdout.strip().splitlines()
    uid, bin_dir, row, complaint, running = answer.split("|", 2)[:2] + answer.split("|", 2)[2].rsplit("|", 2)
    assert uid != "0"
    assert bin_dir.startswith(str(packages_dir))
    assert row.startswith("cadastre_app|32639|3.")
    assert (complaint, running, stopped) == ("", "True", "False")


def test_found_programs_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CADASTRE_SYSTEM_PACKAGES", raising=False)
    for name, program in (("poppler", "pdftotext"), ("gdal-bin", "ogr2ogr")):
        provided = system_packages.require(name)
        done = subprocess.run(
            [provided.program(program), "--version" if program == "ogr2ogr" else "-v"],
            env=provided.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout + done.stderr


def test_forbidden_installation_says_what_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CADASTRE_SYSTEM_PACKAGES", "found")
    monkeypatch.setenv("CADASTRE_PACKAGES_DIR", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="uploaded files cannot be read in the sandbox") as caught:
        system_packages.require("bubblewrap")
    assert caught.value.facts == {"part": "bubblewrap"}
    assert system_packages.main(["bubblewrap"]) == 2


def test_machine_without_apt_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CADASTRE_SYSTEM_PACKAGES", "unpack")
    monkeypatch.setenv("CADASTRE_PACKAGES_DIR", str(tmp_path / "debs"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="it is no Debian"):
        system_packages.require("poppler")


def test_unwritable_place_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CADASTRE_SYSTEM_PACKAGES", "unpack")
    monkeypatch.setenv("CADASTRE_PACKAGES_DIR", str(tmp_path / "file" / "debs"))
    with pytest.raises(Unavailable, match="cannot be written"):
        system_packages.require("poppler")


def test_unknown_names(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match="choose among postgis"):
        system_packages.require("nonsense")
    monkeypatch.setenv("CADASTRE_SYSTEM_PACKAGES", "sometimes")
    with pytest.raises(InvalidInput, match="must be one of auto, found, unpack"):
        system_packages.require("poppler")


@pytest.mark.parametrize("name", PARTS)
def test_every_part_says_what_fails_without_it(name: str) -> None:
    part = PARTS[name]
    assert len(part.without) > 20
    assert part.programs or part.files


def test_base_system_keeps_what_every_debian_has() -> None:
    status = "\n\n".join(
        [
            "Package: base\nStatus: install ok installed\nPriority: required\nDepends: lib (>= 1), virtual | x",
            "Package: lib\nStatus: install ok installed\nPriority: optional",
            "Package: giver\nStatus: install ok installed\nPriority: optional\nProvides: virtual (= 2)",
            "Package: postgresql-15\nStatus: install ok installed\nPriority: optional\nDepends: lib",
            "Package: gone\nStatus: deinstall ok config-files\nPriority: required",
        ]
    )
    kept = base_system(status)
    assert [line.split()[1] for line in kept.splitlines() if line.startswith("Package")] == [
        "base",
        "giver",
        "lib",
    ]


def test_control_file_link_of_postgis(tmp_path: Path) -> None:
    extension = tmp_path / "usr/share/postgresql/15/extension"
    extension.mkdir(parents=True)
    (extension / "postgis-3.control").write_text("default_version = '3.3.2'\n")
    (extension / "postgis.control").symlink_to("/etc/alternatives/nowhere")
    link_alternatives(tmp_path)
    assert (extension / "postgis.control").read_text() == "default_version = '3.3.2'\n"


def test_library_path_holds_the_nested_folders(tmp_path: Path) -> None:
    multiarch = tmp_path / "root/usr/lib" / f"{os.uname().machine}-linux-gnu"
    (multiarch / "blas").mkdir(parents=True)
    (multiarch / "blas" / "libblas.so.3").write_text("")
    (tmp_path / "root/usr/share/proj").mkdir(parents=True)
    environment = UnpackedRoot(tmp_path).environment()
    assert str(multiarch / "blas") in environment["LD_LIBRARY_PATH"].split(":")
    assert environment["PROJ_DATA"] == str(tmp_path / "root/usr/share/proj")


def test_servers_never_run_as_root() -> None:
    account = server_account()
    assert (account is None) == (os.geteuid() != 0)
    assert account is None or account.pw_uid != 0
