"""Talk to apt and dpkg: install as root, or download and unpack as an ordinary user."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from cadastre.kernel.errors import Unavailable

NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/kadastr.conf")
STATUS_FILE = Path("/var/lib/dpkg/status")
BASE_PRIORITIES = ("required", "important")
BASE_PACKAGES = ("libc6", "libgcc-s1", "libstdc++6")
_INSTALL_LINE = re.compile(r"^Inst (\S+) (?:\[[^]]*\] )?\((\S+) ")
_FIELD = re.compile(r"^([A-Za-z-]+): (.*)$", re.MULTILINE)


def install(packages: Iterable[str]) -> None:
    """Install packages as root, without questions and without a PostgreSQL system cluster."""
    command = [
        "apt-get",
        "install",
        "--yes",
        "--no-install-recommends",
        "-o",
        "DPkg::Lock::Timeout=300",
        "-o",
        "Dpkg::Options::=--force-confold",
        *packages,
    ]
    NO_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
    NO_CLUSTER.write_text("create_main_cluster = false\nstart_conf = manual\n")
    try:
        first = _run(command)
        if first.returncode != 0:
            _run(["apt-get", "update", "-o", "DPkg::Lock::Timeout=300"])
            _check(_run(command), "apt-get install")
    finally:
        NO_CLUSTER.unlink(missing_ok=True)


class PrivateApt:
    """An apt of our own below ``base``: the machine's sources, but lists, cache and status are private."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.archives = base / "archives"

    def fetch(self, packages: Iterable[str]) -> list[Path]:
        """Download the packages and all they need beyond a minimal Debian; give the archive files."""
        wanted = list(packages)
        self._prepare()
        closure = self._closure(wanted)
        if closure is None:
            _check(_run(["apt-get", *self._options(), "update"]), "apt-get update")
            closure = self._closure(wanted)
        if closure is None:
            raise Unavailable(f"Debian's packages {', '.join(wanted)} cannot be found", code="no-package")
        if not self._download(closure):  # lists grow old: a newer version replaced the one they name
            _check(_run(["apt-get", *self._options(), "update"]), "apt-get update")
            closure = self._closure(wanted) or closure
            self._download(closure, insist=True)
        files = [self._archive(name, version) for name, version in closure.items()]
        return [path for path in files if path is not None]

    def _download(self, closure: dict[str, str], *, insist: bool = False) -> bool:
        missing = {name: version for name, version in closure.items() if self._archive(name, version) is None}
        if not missing:
            return True
        names = [f"{name}={version}" for name, version in missing.items()]
        done = _run(["apt-get", *self._options(), "download", *names], cwd=self.archives)
        if insist:
            _check(done, "apt-get download")
        return done.returncode == 0

    def _prepare(self) -> None:
        for folder in ("state/lists/partial", "cache/archives/partial", "archives"):
            (self.base / folder).mkdir(parents=True, exist_ok=True)
        (self.base / "state" / "status").write_text(base_system(STATUS_FILE.read_text(errors="replace")))

    def _options(self) -> list[str]:
        settings = {
            "Dir::State": self.base / "state",
            "Dir::State::lists": self.base / "state" / "lists",
            "Dir::State::status": self.base / "state" / "status",
            "Dir::Cache": self.base / "cache",
            "Debug::NoLocking": "1",
            "APT::Sandbox::User": "",
            "APT::Install-Recommends": "0",
        }
        return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]

    def _closure(self, wanted: list[str]) -> dict[str, str] | None:
        done = _run(["apt-get", *self._options(), "install", "--simulate", *wanted])
        if done.returncode != 0:
            return None
        lines = (_INSTALL_LINE.match(line) for line in done.stdout.splitlines())
        return {match[1]: match[2] for match in lines if match}

    def _archive(self, name: str, version: str) -> Path | None:
        plain = name.partition(":")[0]
        pattern = f"{plain}_{version.replace(':', '%3a')}_*.deb"
        return next(iter(self.archives.glob(pattern)), None)


def unpack(archive: Path, root: Path) -> None:
    """Unpack a Debian archive below ``root`` (no maintainer script runs)."""
    _check(_run(["dpkg-deb", "--extract", str(archive), str(root)]), f"unpacking {archive.name}")


def base_system(status: str) -> str:
    """Cut a dpkg status down to the minimal Debian that every machine has.

    What else happens to be installed must not shape what is unpacked: a
    server program and its extension have to lie under the same root.
    """
    paragraphs = {}
    for paragraph in status.split("\n\n"):
        fields = dict(_FIELD.findall(paragraph))
        if "Package" in fields and fields.get("Status", "").endswith(" installed"):
            paragraphs[fields["Package"]] = (paragraph, fields)
    providers = {
        provided.strip().split(" ")[0]: name
        for name, (_, fields) in paragraphs.items()
        for provided in fields.get("Provides", "").split(",")
        if provided.strip()
    }
    pending = [
        name
        for name, (_, fields) in paragraphs.items()
        if fields.get("Priority") in BASE_PRIORITIES or name in BASE_PACKAGES
    ]
    kept: set[str] = set()
    while pending:
        name = pending.pop()
        if name in kept:
            continue
        kept.add(name)
        fields = paragraphs[name][1]
        needs = f"{fields.get('Depends', '')},{fields.get('Pre-Depends', '')}"
        for word in re.split(r"[,|]", needs):
            needed = word.strip().split(" ")[0].partition(":")[0]
            needed = needed if needed in paragraphs else providers.get(needed, "")
            if needed in paragraphs:
                pending.append(needed)
    return "\n\n".join(paragraphs[name][0].strip("\n") for name in sorted(kept)) + "\n"


def _run(command: list[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    try:
        return subprocess.run(
            command,
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise Unavailable(f"{command[0]} is not on this machine: it is no Debian", code="no-apt") from None


def _check(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode == 0:
        return
    lines = [line for line in done.stderr.splitlines() if line.startswith(("E:", "dpkg"))]
    reason = lines[0] if lines else (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    raise Unavailable(f"{what} failed: {reason}", code="package-install")


__all__ = ["PrivateApt", "base_system", "install", "unpack"]
