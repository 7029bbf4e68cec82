"""A Python that lacks what the Python of Home Assistant's images lacks; `sitecustomize` says what."""

from collections.abc import Mapping
import os
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent


def without_blocked_modules(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a Python process, and of its children, that cannot import them."""
    search_path = os.pathsep.join(filter(None, [str(FOLDER), environment.get("PYTHONPATH", "")]))
    return {**environment, "PYTHONPATH": search_path}
