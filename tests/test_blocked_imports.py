"""Every module of the package imports on the Python of Home Assistant's images, which lacks some modules."""

from collections.abc import Mapping
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Any, Final

import pytest

from .blocked_modules import FOLDER, without_blocked_modules
from .test_architecture import PACKAGE, STANDARD_LIBRARY, Rule, find_violations, read_package

ROOT: Final = PACKAGE.parents[1]

EXTENSIONS: Final = (
    "_zstd",
    "_uuid",
    "readline",
    "_curses",
    "_curses_panel",
    "_dbm",
    "_gdbm",
    "_tkinter",
)
WRAPPERS: Final = ("compression.zstd", "curses", "curses.panel", "dbm.gnu", "dbm.ndbm", "tkinter", "turtle")
"""Written in Python, and of no use without the extension modules."""

IMPORT_EACH: Final = """
import importlib, json, sys
failures = {}
for name in sys.argv[1:]:
    before = set(sys.modules)
    try:
        importlib.import_module(name)
    except Exception as error:
        failures[name] = f"{type(error).__name__}: {error}"
        # Python keeps what had been imported before the failure; the next name must meet the failure too.
        for left in [each for each in set(sys.modules) - before if each.startswith("custom_components.")]:
            del sys.modules[left]
print(json.dumps(failures))
"""

pytestmark = pytest.mark.timeout(120)


def run_python(code: str, *arguments: str, folder: Path = ROOT, environment: Mapping[str, str]) -> Any:
    """Run code in a new process in a folder; return what its last line of output says in JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def failing_imports(*modules: str, folder: Path = ROOT, blocked: bool = True) -> dict[str, str]:
    """Return the error by name of each module that a new process cannot import."""
    environment = without_blocked_modules(os.environ) if blocked else os.environ
    failures: dict[str, str] = run_python(IMPORT_EACH, *modules, folder=folder, environment=environment)
    return failures


def modules_of(package: Path) -> list[str]:
    """Return the full name of every module of the package."""
    names = (f"custom_components.voice_privacy.{name}" for name in read_package(package))
    return [name.removesuffix(".__init__") for name in names]


def test_every_module_imports() -> None:
    modules = modules_of(PACKAGE)
    assert {"custom_components.voice_privacy", "custom_components.voice_privacy.config_flow"} <= set(modules)

    assert failing_imports(*modules) == {}


def test_allowed_standard_library_imports() -> None:
    """No module that the images lack can be on the list of what the package may import."""
    assert failing_imports(*sorted(STANDARD_LIBRARY)) == {}


# --- the block itself ---------------------------------------------------------------------------------


def test_blocked_modules_do_not_import() -> None:
    failures = failing_imports(*EXTENSIONS, *WRAPPERS)

    assert set(failures) == {*EXTENSIONS, *WRAPPERS}
    assert {name: failures[name] for name in EXTENSIONS} == {
        name: f"ModuleNotFoundError: No module named '{name}'" for name in EXTENSIONS
    }


def test_what_falls_back_still_imports() -> None:
    assert (
        failing_imports("uuid", "dbm", "dbm.dumb", "dbm.sqlite3", "compression.zlib", "tarfile", "pdb") == {}
    )


def test_block_is_what_refuses() -> None:
    """Without it this machine has at least the module that broke the package."""
    assert failing_imports("_zstd", "compression.zstd", blocked=False) == {}


def test_block_reaches_children() -> None:
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {IMPORT_EACH!r}, '_zstd'], check=True)"

    assert set(run_python(code, environment=without_blocked_modules(os.environ))) == {"_zstd"}


def test_block_hides_no_other_sitecustomize(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.hidden_ran = __name__\n")
    environment = without_blocked_modules({**os.environ, "PYTHONPATH": str(tmp_path)})
    code = "import json, sys\nprint(json.dumps([sys.hidden_ran, sys.modules['sitecustomize'].__file__]))"

    assert run_python(code, environment=environment) == ["sitecustomize", str(FOLDER / "sitecustomize.py")]


# --- controls: the guard goes red wherever a blocked module is imported -------------------------------

RUN_WITH_THE_MODULE: Final = {
    "button": "class Lazy:\n    import curses",
    "diagnostics": "try:\n    import _uuid\nfinally:\n    pass",
    "repairs": "from compression import zstd",
    "new_leaf": '"""New."""\nimport readline',
}
"""By module that no other imports."""

RUN_LATER_OR_NEVER: Final = {
    "hub.hub": ("async def f() -> None:\n    import dbm.gnu", "dbm.gnu"),
    "sensor": ("if TYPE_CHECKING:\n    import tkinter", "tkinter"),
    "storage.audio_codec": ("def f() -> None:\n    from compression import zstd", "compression.zstd"),
    "wake.worker": ("try:\n    import _curses\nexcept ImportError:\n    pass", "_curses"),
}
"""With what the list of allowed modules calls it."""


def plant(folder: Path, sources: Mapping[str, str]) -> Path:
    """Add code to modules in a copy of the package; return the copy."""
    package = folder / "custom_components" / "voice_privacy"
    shutil.copytree(PACKAGE.parent, package.parent, ignore=shutil.ignore_patterns("frontend"))
    for module, source in sources.items():
        with (package / f"{module.replace('.', '/')}.py").open("a") as file:
            file.write(f"\n\n{source}\n")
    return package


def test_planted_imports_fail(tmp_path: Path) -> None:
    modules = modules_of(plant(tmp_path, RUN_WITH_THE_MODULE))

    failures = failing_imports(*modules, folder=tmp_path)

    assert set(failures) == {f"custom_components.voice_privacy.{module}" for module in RUN_WITH_THE_MODULE}
    assert all(error.startswith("ModuleNotFoundError") for error in failures.values())


def test_planted_import_below_everything_fails(tmp_path: Path) -> None:
    modules = modules_of(plant(tmp_path, {"const": "from compression import zstd"}))

    assert failing_imports(*modules, folder=tmp_path) == dict.fromkeys(
        modules, "ModuleNotFoundError: No module named '_zstd'"
    )


def test_planted_imports_are_refused_by_name(tmp_path: Path) -> None:
    """The list of allowed modules sees what importing the package does not run."""
    package = plant(tmp_path, {module: source for module, (source, _) in RUN_LATER_OR_NEVER.items()})

    violations = find_violations(read_package(package))

    assert {violation.rule for violation in violations} == {Rule.STANDARD_LIBRARY}
    assert {violation.module: violation.text for violation in violations} == {
        module: f"imports {name}, which is not in STANDARD_LIBRARY"
        for module, (_, name) in RUN_LATER_OR_NEVER.items()
    }
