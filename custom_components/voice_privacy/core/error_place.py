"""What the log says of an unexpected exception: its type and where it was raised, but never its text."""

from pathlib import Path
from traceback import walk_tb
from typing import Final

_PACKAGE: Final = str(Path(__file__).parents[1])


def type_and_place(err: BaseException) -> str:
    """Return the type of an exception and the innermost line of this integration that it passed through.

    The text of an exception may contain what a person said or typed, and so may the lines of a traceback.
    """
    place = ""
    for frame, line in walk_tb(err.__traceback__):
        if (file := frame.f_code.co_filename).startswith(_PACKAGE):
            place = f" ({Path(file).name}:{line})"
    return f"{type(err).__name__}{place}"
