"""Check of external data before it is passed to validators written in C."""

from collections.abc import Mapping


def check_text(value: object) -> None:
    """Check that all strings in nested data, including field names, can be encoded as UTF-8.

    A lone surrogate crashes the whole process in the date parser that Home Assistant uses.

    Raises:
        UnicodeEncodeError: A string cannot be encoded.
    """
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, Mapping):
        for name, item in value.items():
            check_text(name)
            check_text(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            check_text(item)
