"""Packages that do not load, as on an old processor or from a broken wheel."""

import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
import contextlib
from pathlib import Path
from types import ModuleType
from typing import Final
from unittest.mock import patch

OURS: Final = "custom_components.voice_privacy"


class Panic(BaseException):
    """Stands for pyo3_runtime.PanicException, which is no Exception."""


OLD_PROCESSOR: Final = (
    "NumPy was built with baseline optimizations: (X86_V2) but your machine doesn't support: (X86_V2)."
)


def old_processor() -> Exception:
    """Return what numpy raises there: a page of advice around one sentence."""
    error = ImportError("\n\nIMPORTANT: PLEASE READ THIS FOR ADVICE ON HOW TO SOLVE THIS ISSUE!\n\n...")
    error.__cause__ = RuntimeError(OLD_PROCESSOR)
    return error


FAULTS: Final[Mapping[str, Callable[[], BaseException]]] = {
    "old processor": old_processor,
    "missing": lambda: ModuleNotFoundError("No module named '_cffi_backend'"),
    "refuses": lambda: RuntimeError("legacy provider failed to load"),
    "missing library": lambda: OSError("libgcc_s.so.1: cannot open shared object file"),
    "uninitialized": lambda: SystemError("initialization of _rust raised unreported exception"),
    "half a package": lambda: AttributeError("module 'numpy' has no attribute 'ndarray'"),
}
"""What importing a package may raise."""


def broken_package(folder: Path, package: str, source: str) -> Path:
    """Return a folder that hides a package behind one of this source, for PYTHONPATH of another process."""
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").write_text(source)
    return folder


@contextlib.contextmanager
def broken_import(package: str, fault: Callable[[], BaseException]) -> Iterator[None]:
    """Let importing a package fail for the integration; the test's own tools go on using it.

    Modules that have been imported before stay.
    """
    real = builtins.__import__

    def importing(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        asking = str((globals or {}).get("__name__", ""))
        if level == 0 and _is_below(name, package) and _is_below(asking, OURS):
            raise fault()
        return real(name, globals, locals, fromlist, level)

    with patch.object(builtins, "__import__", importing):
        yield


def _is_below(name: str, package: str) -> bool:
    """Return whether a dotted name is a package or lives in it."""
    return name == package or name.startswith(f"{package}.")
