"""Bounds-checked access to the tables of a flatbuffer.

Nothing is copied before it is asked for, and everything that is asked for is charged to one allowance per
file: tables and vectors may be shared, so that a small file can describe far more than it holds.
"""

import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ModelFileInvalid

MAX_TEXT: Final = 4_096
"""Maximum bytes of a text."""

_UNSIGNED: Final = struct.Struct("<I")
_SIGNED: Final = struct.Struct("<i")
_SHORT: Final = struct.Struct("<H")

_SCALARS: Final = {kind: struct.Struct(f"<{kind}") for kind in "?bBhHiIqQfd"}

_ALLOWANCE: Final = 400_000
"""Maximum work per file: 8 for every table or vector, and 1 for every 16 bytes read."""

_ACCESS: Final = 8
_BYTES_PER_UNIT: Final = 16


class Flatbuffer:
    """Content of a file, with what may still be read of it."""

    __slots__ = ("_left", "data")

    def __init__(self, data: memoryview) -> None:
        """Wrap the content of a file."""
        self.data = data
        self._left = _ALLOWANCE

    def root(self) -> Table:
        """Return the root table."""
        return Table(self, self.unsigned(0))

    def spend(self, size: int = 0) -> None:
        """Charge an access of so many bytes. Raises ModelFileInvalid if the allowance is used up."""
        self._left -= _ACCESS + size // _BYTES_PER_UNIT
        if self._left < 0:
            raise ModelFileInvalid("the model file describes too much")

    def unsigned(self, position: int) -> int:
        """Return the unsigned 32-bit number at a position."""
        return int(self.unpack(_UNSIGNED, position))

    def unpack(self, kind: struct.Struct, position: int) -> Any:
        """Return the number at a position. Raises ModelFileInvalid outside the file."""
        if not 0 <= position <= len(self.data) - kind.size:
            raise ModelFileInvalid("the model file is truncated")
        return kind.unpack_from(self.data, position)[0]

    def span(self, position: int, size: int) -> memoryview:
        """Return a range of bytes without copying. Raises ModelFileInvalid outside the file."""
        if position < 0 or size < 0 or position + size > len(self.data):
            raise ModelFileInvalid("the model file is truncated")
        return self.data[position : position + size]


class Table:
    """Table of a flatbuffer. Fields are numbered as in its schema, from 0."""

    __slots__ = ("_fields", "_file", "_layout", "_position")

    def __init__(self, file: Flatbuffer, position: int) -> None:
        """Check the table at a position. Raises ModelFileInvalid."""
        file.spend()
        self._file = file
        self._position = position
        self._layout = position - int(file.unpack(_SIGNED, position))
        size = int(file.unpack(_SHORT, self._layout))
        if size < 4 or size % 2:
            raise ModelFileInvalid("the model file contains a damaged table")
        file.span(self._layout, size)
        self._fields = (size - 4) // 2

    def _place(self, field: int) -> int | None:
        """Return the position of a field, or None if the table does not have it."""
        if field >= self._fields:
            return None
        offset = int(self._file.unpack(_SHORT, self._layout + 4 + 2 * field))
        return self._position + offset if offset else None

    def _target(self, field: int) -> int | None:
        """Return the position that a field refers to."""
        place = self._place(field)
        return None if place is None else place + self._file.unsigned(place)

    def number(self, field: int, kind: str, default: int = 0) -> int:
        """Return a whole number or a flag; `kind` is its struct format."""
        place = self._place(field)
        return default if place is None else int(self._file.unpack(_SCALARS[kind], place))

    def real(self, field: int, default: float = 0.0) -> float:
        """Return a 32-bit floating-point number."""
        place = self._place(field)
        return default if place is None else float(self._file.unpack(_SCALARS["f"], place))

    def table(self, field: int) -> Table | None:
        """Return a table, or None if the field is not set."""
        target = self._target(field)
        return None if target is None else Table(self._file, target)

    def length(self, field: int) -> int:
        """Return the number of elements of a vector; 0 if the field is not set."""
        target = self._target(field)
        return 0 if target is None else self._file.unsigned(target)

    def element(self, field: int, index: int) -> Table:
        """Return a table in a vector of tables. Raises ModelFileInvalid for an index outside it."""
        target = self._target(field)
        if target is None or not 0 <= index < self._file.unsigned(target):
            raise ModelFileInvalid("the model file refers to an undefined part")
        place = target + 4 + 4 * index
        return Table(self._file, place + self._file.unsigned(place))

    def elements(self, field: int, limit: int) -> list[Table]:
        """Return the tables of a vector. Raises ModelFileInvalid if there are more than `limit`."""
        if (count := self.length(field)) > limit:
            raise ModelFileInvalid("the model file has too many parts")
        return [self.element(field, index) for index in range(count)]

    def numbers(self, field: int, dtype: str, limit: int) -> NDArray[Any]:
        """Return the numbers of a vector as a copy; empty if the field is not set.

        Raises ModelFileInvalid if there are more than `limit`.
        """
        if (target := self._target(field)) is None:
            return np.empty(0, dtype)
        count, size = self._file.unsigned(target), np.dtype(dtype).itemsize
        if count > limit:
            raise ModelFileInvalid("the model file contains a list that is too long")
        self._file.spend(count * size)
        return np.frombuffer(self._file.span(target + 4, count * size), dtype).copy()

    def integers(self, field: int, limit: int) -> tuple[int, ...]:
        """Return the 32-bit whole numbers of a vector."""
        return tuple(int(number) for number in self.numbers(field, "<i4", limit))

    def content(self, field: int) -> memoryview:
        """Return the bytes of a vector without copying; empty if the field is not set."""
        if (target := self._target(field)) is None:
            return memoryview(b"")
        return self._file.span(target + 4, self._file.unsigned(target))

    def text(self, field: int) -> str:
        """Return a text. Raises ModelFileInvalid if it is too long."""
        content = self.content(field)
        if len(content) > MAX_TEXT:
            raise ModelFileInvalid("the model file contains a text that is too long")
        self._file.spend(len(content))
        return bytes(content).decode(errors="replace")
