"""JSON that somebody else wrote. Nothing else may parse it: a deep one ends the process in a thread on musl."""

import json
import math
from typing import Final

MAX_DEPTH: Final = 32
"""Objects and lists inside each other. A satellite's description needs eight."""

_BRACKETS: Final = b"[]{}"
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")


def parse_json(raw: bytes, *, max_bytes: int, max_depth: int = MAX_DEPTH) -> object:
    """Return what JSON in UTF-8 says.

    Raises:
        ValueError: It is too long, too deep, no JSON, or holds a number that is not finite.
    """
    if len(raw) > max_bytes:
        raise ValueError("this JSON is too long")
    if raw.count(b"[") + raw.count(b"{") > max_depth and _depth_exceeds(raw, max_depth):
        raise ValueError("this JSON is too deep")
    return json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse, parse_float=_finite)


def parse_json_object(raw: bytes, *, max_bytes: int) -> dict[str, object]:
    """Return the JSON object that was written. Raises ValueError, for any other JSON too."""
    parsed = parse_json(raw, max_bytes=max_bytes)
    if not isinstance(parsed, dict):
        raise ValueError("this JSON is no object")  # noqa: TRY004  # as all else that is wrong with it
    return parsed


def _depth_exceeds(raw: bytes, max_depth: int) -> bool:
    """Return whether brackets are nested deeper than this; brackets that do not match count as well."""
    brackets = _without_strings(raw).translate(_ONE_KIND, _NO_BRACKETS)
    # Each round removes the innermost level.
    for _ in range(max_depth):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _without_strings(raw: bytes) -> bytes:
    """Return JSON without what is inside its strings."""
    pieces = raw.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    return b"".join(pieces[::2])


def _refuse(constant: str) -> float:
    """Refuse NaN and Infinity, which Python would take."""
    raise ValueError("this JSON holds a number that is not finite")


def _finite(text: str) -> float:
    """Return a float, unless it is too large for one."""
    if not math.isfinite(number := float(text)):
        raise ValueError("this JSON holds a number that is not finite")
    return number
