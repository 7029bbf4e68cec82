"""One-line description of a failed import."""

from typing import Final

_MAX_DEPTH: Final = 10
_MAX_LENGTH: Final = 200


def cause_of(error: BaseException) -> str:
    """Return type and first line of the root cause of a failed import.

    Packages wrap the root cause: numpy adds a page of advice to one sentence about the processor.
    """
    for _ in range(_MAX_DEPTH):
        deeper = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if deeper is None:
            break
        error = deeper
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {text}"[:_MAX_LENGTH].removesuffix(": ")
