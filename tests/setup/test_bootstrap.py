"""Set-up itself: it does nothing twice, finds a pip anywhere, and fails in one sentence."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cadastre.db.places import checkout_root


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Set-up script as a module, with the search path and modules restored afterwards."""
    spec = importlib.util.spec_from_file_location("bootstrap", checkout_root() / ".ci" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("cadastre", "cadastre.db", "cadastre.kernel", "web_assets"):
        if name in sys.modules:
            monkeypatch.setitem(sys.modules, name, sys.modules[name])
        else:
            monkeypatch.delitem(sys.modules, name, raising=False)
    return module


def test_work_is_done_once_per_input(bootstrap: ModuleType, tmp_path: Path) -> None:
    done = []
    stamp = tmp_path / "stamp"
    for inputs in ("a", "a", "b", "b"):
        bootstrap.once("work", stamp, inputs, lambda inputs=inputs: done.append(inputs))
    assert done == ["a", "b"]


def test_broken_work_is_done_again(bootstrap: ModuleType, tmp_path: Path) -> None:
    stamp = tmp_path / "stamp"
    bootstrap.once("work", stamp, "a", lambda: None)

    def fail() -> None:
        raise bootstrap.SetUpError("no")

    with pytest.raises(bootstrap.SetUpError):
        bootstrap.once("work", stamp, "b", fail)
    assert not stamp.exists()


def test_failed_step_is_one_sentence(bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(bootstrap.SetUpError, match="trying failed"):
        bootstrap.run([sys.executable, "-c", "raise SystemExit('reason')"], "trying")
    assert "reason" in capsys.readouterr().err


def test_other_python_is_refused(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "NEEDED_PYTHON", (3, 99))
    assert bootstrap.main() == 2
    assert capsys.readouterr().err.startswith("set-up: Python 3.11 is needed")


def test_pip_of_the_machine_or_of_debian(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert bootstrap.pip_wheel().name.startswith("pip-")
    wheel = tmp_path / "usr/share/python-wheels/pip-23.0.1-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    wheel.write_text("")
    provided = type("Provided", (), {"root": tmp_path})
    packages = type(
        "Packages", (), {"require": staticmethod(lambda name: provided), "CadastreError": ValueError}
    )
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(bootstrap, "MACHINE_WHEELS", tmp_path / "nothing")
    monkeypatch.setattr(bootstrap, "system_packages", lambda: packages)
    assert bootstrap.pip_wheel() == wheel


def test_system_packages_load_without_any_dependency(bootstrap: ModuleType) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(checkout_root() / '.ci')!r}); import bootstrap;"
        "print(bootstrap.system_packages().chosen_way())"
    )
    done = bootstrap.subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, "auto"), done.stderr
