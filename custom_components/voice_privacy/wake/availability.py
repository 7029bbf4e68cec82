"""Check whether the wake engine can run: numpy fails to load on old processors or with a broken wheel.

The rest of the integration works without numpy. Only the modules imported below import it, and no other
module imports any of them before check_engine() has passed.
"""

from typing import Final

from ..core.errors import WakeEngineUnavailable
from ..core.import_fault import cause_of

_FIRST_CAUSE: Final[list[str]] = []
"""Cause of the first failure: later attempts in the process may only report that an earlier one failed."""


def is_known_to_fail() -> bool:
    """Return whether the last check found that the engine cannot run."""
    return bool(_FIRST_CAUSE)


def check_engine() -> None:
    """Import all modules that need numpy; the first call blocks.

    Raises:
        WakeEngineUnavailable: A module does not load; the message is the cause.
    """
    try:
        import numpy as np  # noqa: F401, PLC0415

        from . import augmentation, engines, gated, verifier, verifier_training  # noqa: F401, PLC0415
    except Exception as error:
        if not _FIRST_CAUSE:
            _FIRST_CAUSE.append(cause_of(error))
        raise WakeEngineUnavailable(_FIRST_CAUSE[0]) from error
    _FIRST_CAUSE.clear()
