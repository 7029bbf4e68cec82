"""What every topic of scripts/bench shares: the machine, the output, and the product without Home Assistant.

A topic is a file in this folder whose name does not begin with an underscore, with a docstring of one line.
"""

import argparse
from collections.abc import Mapping
import json
import os
from pathlib import Path
import platform
import sys
from types import ModuleType
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]


def _use_product_without_home_assistant() -> None:
    """Make the integration's pure parts importable without running its `__init__`.

    That would load all of Home Assistant, whose threads and memory have no place in a measurement.
    """
    package = ModuleType("custom_components.voice_privacy")
    package.__path__ = [str(ROOT / "custom_components" / "voice_privacy")]
    sys.modules.setdefault(package.__name__, package)


_use_product_without_home_assistant()


def argument_parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows --json."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    return parser


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    import numpy as np  # noqa: PLC0415  # a topic may have to set the environment first

    cpu = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        cpu = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except OSError, StopIteration:
        pass
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()} {' '.join(platform.libc_ver())}".strip(),
    }


def print_machine(about: Mapping[str, Any]) -> None:
    """Print the machine for people."""
    print(", ".join(f"{name} {value}" for name, value in about.items()))


def print_json(result: Mapping[str, Any]) -> None:
    """Print the result for programs."""
    print(json.dumps(result, indent=2))
