"""Whether data from outside may be handed to checks that are written in C."""

from collections.abc import Mapping


def check_text(value: object) -> None:
    """Raise UnicodeEncodeError where a text in some data, names of fields included, cannot be written as UTF-8.

    Of half a surrogate pair, the parser of dates that Home Assistant uses ends the whole process.
    """
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, Mapping):
        for name, one in value.items():
            check_text(name)
            check_text(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            check_text(one)
