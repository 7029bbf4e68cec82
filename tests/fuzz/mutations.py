"""Bytes and JSON as bad disks, half-finished writes and people with an editor leave them."""

from collections.abc import Callable
import json
from random import Random
from typing import Any, Final

INTERESTING_BYTES: Final = (0x00, 0x01, 0x7F, 0x80, 0xFF)
ENDS_OF_RANGES: Final = (0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)

STRANGE_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    7,
    2**53,
    2**63 - 1,
    -(2**63),
    1e308,
    -0.5,
    "",
    "off",
    "true",
    "\x00",
    "ü" * 300,
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+14:00",
    "2026-01-01T00:00:00",
    [],
    [[]],
    [None],
    {},
    {"": None},
)

STRANGE_TEXTS: Final = (
    b"",
    b"\x00" * 64,
    b"null",
    b"[1]",
    b"7",
    b'"text"',
    b"{",
    b'{"version": 1}',
    b'{"version": 2, "minor_version": 1, "data": {}}',
    b'{"version": "1", "data": {}}',
    b'{"version": 1, "minor_version": 1, "key": 7, "data": [NaN]}',
    b'{"version": 1, "data": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    b'{"version": 1, "minor_version": 1, "data": {"house": {"guest_mode": Infinity}}}',
    b"\xff\xfe{\x00}\x00",
    b'{"version": 1, "minor_version": 1, "key": "\\ud800", "data": {}}',
)


def mutate_bytes(raw: bytes, random: Random) -> bytes:
    """Return bytes with one to four faults."""
    content = bytearray(raw)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        random.choice(_BYTE_FAULTS)(content, random)
    return bytes(content)


def _flip(content: bytearray, random: Random) -> None:
    if content:
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)


def _overwrite(content: bytearray, random: Random) -> None:
    if content:
        content[random.randrange(len(content))] = random.choice(INTERESTING_BYTES)


def _overwrite_number(content: bytearray, random: Random) -> None:
    size = random.choice((2, 4, 8))
    if len(content) >= size:
        at = random.randrange(len(content) - size + 1)
        number = random.choice(ENDS_OF_RANGES) & ((1 << 8 * size) - 1)
        content[at : at + size] = number.to_bytes(size, random.choice(("little", "big")))


def _cut_off(content: bytearray, random: Random) -> None:
    del content[random.randrange(len(content) + 1) :]


def _cut_out(content: bytearray, random: Random) -> None:
    if content:
        at = random.randrange(len(content))
        del content[at : at + random.randrange(1, 64)]


def _insert(content: bytearray, random: Random) -> None:
    at = random.randrange(len(content) + 1)
    content[at:at] = random.randbytes(random.randrange(1, 32))


def _repeat(content: bytearray, random: Random) -> None:
    if content:
        at = random.randrange(len(content))
        piece = content[at : at + random.randrange(1, 256)]
        content[at:at] = piece * random.randrange(1, 4)


def _zero(content: bytearray, random: Random) -> None:
    if content:
        at = random.randrange(len(content))
        size = min(random.choice((8, 64, 512, 4_096)), len(content) - at)
        content[at : at + size] = bytes(size)


def _swap(content: bytearray, random: Random) -> None:
    size = random.choice((1, 8, 64))
    if len(content) >= 2 * size:
        one, other = (random.randrange(len(content) - size + 1) for _ in range(2))
        kept = content[one : one + size]
        content[one : one + size] = content[other : other + size]
        content[other : other + size] = kept


_BYTE_FAULTS: Final[tuple[Callable[[bytearray, Random], None], ...]] = (
    _flip,
    _flip,
    _overwrite,
    _overwrite_number,
    _cut_off,
    _cut_out,
    _insert,
    _repeat,
    _zero,
    _swap,
)


def mutate_json(value: Any, random: Random) -> Any:
    """Return a copy of a JSON value in which one thing is another, is missing, or is there twice."""
    places: list[tuple[Any, Any]] = []
    copied = json.loads(json.dumps(value))
    holder = [copied]

    def collect(inside: Any) -> None:
        keys = inside.keys() if isinstance(inside, dict) else range(len(inside))
        for key in keys:
            places.append((inside, key))
            if isinstance(inside[key], dict | list):
                collect(inside[key])

    collect(holder)
    for _ in range(random.choice((1, 1, 2, 3))):
        inside, key = random.choice(places)
        if not (key in inside if isinstance(inside, dict) else key < len(inside)):
            continue
        match random.randrange(4):
            case 0 if inside is not holder:
                del inside[key]
            case 1 if isinstance(inside, dict):
                inside[random.choice(("", "other", "guest_mode", "..", "\x00"))] = inside[key]
            case 2 if isinstance(inside, list) and inside is not holder:
                inside.insert(random.randrange(len(inside) + 1), inside[key])
            case _:
                inside[key] = random.choice(STRANGE_VALUES)
    return holder[0]
