"""Refuse the modules that the Python of Home Assistant's images lacks.

Every Python process that has this folder on PYTHONPATH imports this file while it starts, before any code of
its own. Home Assistant's images build Python without the headers that these extension modules need; what the
standard library builds on them (`compression.zstd`, `curses`, `dbm.gnu`, `tkinter`) fails by itself.
"""

from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
import os
import sys
from typing import Final

BLOCKED: Final = frozenset(
    {"_zstd", "_uuid", "readline", "_curses", "_curses_panel", "_dbm", "_gdbm", "_tkinter"}
)


class _Refuse:
    """Find nothing, and keep every later finder from looking for a blocked module."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> None:
        """Raise what Python raises where the module was never built."""
        if name in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _load_hidden() -> None:
    """Run the sitecustomize of the environment, which this one hides."""
    here = os.path.realpath(os.path.dirname(__file__))  # noqa: PTH120  # pathlib would slow down every start
    spec: ModuleSpec | None = PathFinder.find_spec(
        "sitecustomize", [entry for entry in sys.path if os.path.realpath(entry) != here]
    )
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


sys.meta_path.insert(0, _Refuse)
_load_hidden()
