"""Which files of which npm package the pages are served with, and where set-up puts them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "api" / "web" / "static" / "vendor"
OLDEST_NODE = 18

FONT_PACKAGE = "@expo-google-fonts/noto-sans"
FONTS = {
    "NotoSans-Regular.ttf": "400Regular/NotoSans_400Regular.ttf",
    "NotoSans-Italic.ttf": "400Regular_Italic/NotoSans_400Regular_Italic.ttf",
    "NotoSans-Bold.ttf": "700Bold/NotoSans_700Bold.ttf",
    "NotoSans-BoldItalic.ttf": "700Bold_Italic/NotoSans_700Bold_Italic.ttf",
}

FILES = {
    "maplibre-gl": (
        "maplibre-gl",
        (
            "dist/maplibre-gl-csp.js",
            "dist/maplibre-gl-csp-worker.js",
            "dist/maplibre-gl.css",
            "dist/LICENSE.txt",
        ),
    ),
    "pmtiles": ("pmtiles", ("dist/pmtiles.js",)),
    "leaflet": ("leaflet", ("dist/leaflet.js", "dist/leaflet.css", "dist/images", "LICENSE")),
    "leaflet.awesome-markers": (
        "leaflet.awesome-markers",
        ("dist/leaflet.awesome-markers.js", "dist/leaflet.awesome-markers.css", "dist/images"),
    ),
    "jquery": ("jquery", ("dist/jquery.min.js", "LICENSE.txt")),
    "bootstrap": (
        "bootstrap",
        ("dist/js/bootstrap.bundle.min.js", "dist/css/bootstrap.min.css", "LICENSE"),
    ),
    "swagger-ui": ("swagger-ui-dist", ("swagger-ui-bundle.js", "swagger-ui.css", "LICENSE")),
    "fontawesome": ("@fortawesome/fontawesome-free", ("LICENSE.txt",)),
    "fontawesome/css": ("@fortawesome/fontawesome-free", ("css/all.min.css",)),
    "fontawesome/webfonts": (
        "@fortawesome/fontawesome-free",
        ("webfonts/fa-solid-900.woff2", "webfonts/fa-regular-400.woff2", "webfonts/fa-brands-400.woff2"),
    ),
}


def inputs() -> str:
    """Digest of what the vendor folder is made from."""
    digest = hashlib.sha256()
    for path in (ROOT / "package-lock.json", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def copy(modules: Path) -> None:
    """Copy the files below ``modules`` into the vendor folder, replacing it in one step."""
    draft = VENDOR.with_name("vendor.new")
    shutil.rmtree(draft, ignore_errors=True)
    for folder, (package, names) in FILES.items():
        target = draft / folder
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            source = modules / package / name
            if source.is_dir():
                shutil.copytree(source, target / source.name)
            else:
                shutil.copyfile(source, target / source.name)
    fonts = draft / "fonts"
    fonts.mkdir()
    for name, inside in FONTS.items():
        shutil.copyfile(modules / FONT_PACKAGE / inside, fonts / name)
    shutil.copyfile(modules / FONT_PACKAGE / "LICENSE_FONT", fonts / "LICENSE_FONT")
    shutil.rmtree(VENDOR, ignore_errors=True)
    draft.replace(VENDOR)


def machine_node() -> tuple[Path, list[str]] | None:
    """Node and npm on the search path when they are new enough, else None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = done.stdout.strip().lstrip("v").partition(".")[0]
    if not major.isdigit() or int(major) < OLDEST_NODE:
        return None
    return Path(node), [npm]
