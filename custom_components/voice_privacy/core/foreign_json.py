"""Safe parser for external JSON, which must not be parsed in any other way.

On musl, deeply nested JSON crashes the process when it is parsed in a thread.
"""

import json
import math
from typing import Final

MAX_DEPTH: Final = 32
"""Maximum nesting of objects and lists. A satellite's description needs eight levels."""

_BRACKETS: Final = b"[]{}"
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")


def parse_json(raw: bytes, *, max_bytes: int, max_depth: int = MAX_DEPTH) -> object:
    """Parse JSON in UTF-8.

    Raises:
        ValueError: The input is too long, too deep, invalid, or contains a non-finite number.
    """
    if len(raw) > max_bytes:
        raise ValueError("JSON is too long")
    if raw.count(b"[") + raw.count(b"{") > max_depth and _depth_exceeds(raw, max_depth):
        raise ValueError("JSON is nested too deeply")
    return json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse, parse_float=_finite)


def parse_json_object(raw: bytes, *, max_bytes: int) -> dict[str, object]:
    """Parse a JSON object. Raises ValueError, also for JSON of any other type."""
    parsed = parse_json(raw, max_bytes=max_bytes)
    if not isinstance(parsed, dict):
        raise ValueError("JSON is not an object")  # noqa: TRY004  # same type as for any other invalid input
    return parsed


def _depth_exceeds(raw: bytes, max_depth: int) -> bool:
    """Return whether brackets are nested deeper than this; unmatched brackets count as well."""
    brackets = _without_strings(raw).translate(_ONE_KIND, _NO_BRACKETS)
    # Each round removes the innermost level.
    for _ in range(max_depth):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _without_strings(raw: bytes) -> bytes:
    """Return JSON without the contents of its strings."""
    pieces = raw.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    return b"".join(pieces[::2])


def _refuse(constant: str) -> float:
    """Refuse NaN and Infinity, which Python would accept."""
    raise ValueError("JSON contains a non-finite number")


def _finite(text: str) -> float:
    """Parse a float. Raises ValueError if it is too large."""
    if not math.isfinite(number := float(text)):
        raise ValueError("JSON contains a non-finite number")
    return number
