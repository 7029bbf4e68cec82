"""Check whether the wake engine can run: an old processor or a broken wheel keeps numpy from loading.

The rest of the integration works without numpy: only the modules imported below import it, and no other
module imports one of them before check_engine() has passed.
"""

from typing import Final

from ..core.errors import WakeEngineUnavailable
from ..core.import_fault import cause_of

_FIRST_CAUSE: Final[list[str]] = []
"""Cause of the first failure: a second attempt in one process may only report that there was a first."""


def check_engine() -> None:
    """Import everything that needs numpy; blocks the first time.

    Raises:
        WakeEngineUnavailable: One of them does not load; the message is the cause.
    """
    try:
        import numpy as np  # noqa: F401, PLC0415

        from . import augmentation, engine, verifier, verifier_training  # noqa: F401, PLC0415
    except Exception as error:
        if not _FIRST_CAUSE:
            _FIRST_CAUSE.append(cause_of(error))
        raise WakeEngineUnavailable(_FIRST_CAUSE[0]) from error
    _FIRST_CAUSE.clear()
