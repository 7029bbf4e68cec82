"""What loads in a process that has never had numpy, nor cryptography for the integration."""

import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Final

import pytest

from .broken_imports import OLD_PROCESSOR, broken_package
from .test_architecture import LAZY, read_package

ROOT: Final = Path(__file__).parents[1]

_CHILD: Final = """
import importlib, json, sys
from tests.broken_imports import FAULTS, OURS, broken_import

failed = {}
with broken_import("cryptography", FAULTS["missing"]):
    for name in sys.argv[1:]:
        try:
            importlib.import_module(".".join([OURS, *name.removesuffix("__init__").split(".")]).rstrip("."))
        except Exception as error:
            failed[name] = type(error).__name__

from custom_components.voice_privacy.core.errors import WakeEngineUnavailable
from custom_components.voice_privacy.wake.availability import check_engine

try:
    check_engine()
except WakeEngineUnavailable as error:
    print(json.dumps([failed, str(error)]))
"""


@pytest.mark.parametrize(
    ("numpy", "cause"),
    [
        (f"raise RuntimeError({OLD_PROCESSOR!r})", f"RuntimeError: {OLD_PROCESSOR}"),
        # Only half of it is there.
        ("float32 = float", "ModuleNotFoundError: No module named 'numpy.typing'"),
    ],
)
def test_all_but_the_wake_engine_loads_and_it_says_why_not(numpy: str, cause: str, tmp_path: Path) -> None:
    folder = broken_package(tmp_path, "numpy", numpy)
    finished = subprocess.run(
        [sys.executable, "-c", _CHILD, *read_package()],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=True,
        capture_output=True,
        text=True,
    )
    failed, told = json.loads(finished.stdout.splitlines()[-1])
    assert failed.keys() == LAZY["numpy"]
    assert told == cause
