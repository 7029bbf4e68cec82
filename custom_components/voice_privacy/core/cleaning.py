"""Sanitizing of external text and numbers, so that they are safe to show, store and calculate with.

All input from satellites, engines, models and users passes through here once, at its entry point.
"""

from collections.abc import Mapping
import re
from typing import Final
import unicodedata

MAX_NAME: Final = 100
"""Maximum characters of a name, for example of a satellite, a wake word or a program."""

MAX_TRANSCRIPT: Final = 2_000
"""Maximum characters of a transcript: several times what can be said in 30 s."""

MAX_REPLY: Final = 10_000
"""Maximum characters of a reply: several minutes of speech."""

MAX_CORRECTION: Final = 500
"""Maximum characters of a transcript corrected by a reviewer."""

MAX_LANGUAGE: Final = 35
"""Maximum characters of a language tag, as recommended by BCP 47."""

REPLY_KEYS: Final = ("intent_output", "response", "speech", "plain", "speech")
"""Path to the spoken reply in the data of Assist's intent-end event."""

_LOOKED_AT: Final = 8
"""Input characters examined per output character."""

_MOST_MARKS: Final = 12
"""Maximum combining marks per letter: more than any script needs, too few to overlap other lines."""

_JOINERS: Final = "\u200c\u200d"
"""Zero-width joiners, which control letter forms in Persian and Indic scripts and combine emoji."""

_VISIBLE_FORMATS: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
"""Visible characters that Unicode classifies as format characters."""

_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that render as blanks."""

_LINE_ENDS: Final = frozenset("\n\v\f\r\x85\u2028\u2029")
_BLACK_FLAG: Final = "\U0001f3f4"
_FIRST_TAG: Final = "\U000e0020"
_LAST_TAG: Final = "\U000e007f"
_SPACES: Final = re.compile(r" {2,}")
_LINE_BREAK: Final = re.compile(r" *\n *")
_PARAGRAPHS: Final = re.compile(r"\n{3,}")
_DIGITS: Final = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)


def clean_text(text: object, max_length: int, *, lines: bool = False) -> str:
    """Return printable text of at most `max_length` characters, or an empty string for a non-string.

    Letters of every script, their marks, and emoji are preserved. Control characters, lone surrogates,
    private-use, unassigned and invisible characters, including bidirectional controls, are removed.
    Whitespace becomes single spaces; with `lines`, line breaks are preserved, at most two in a row.
    """
    if not isinstance(text, str):
        return ""
    looked_at = text[: max_length * _LOOKED_AT]
    if not (looked_at.isascii() and looked_at.isprintable()):
        looked_at = _printable(looked_at, lines=lines)
    cleaned = _SPACES.sub(" ", looked_at)
    if lines:
        cleaned = _PARAGRAPHS.sub("\n\n", _LINE_BREAK.sub("\n", cleaned))
    return cleaned.strip(" \n")[:max_length].rstrip(" \n" + _JOINERS)


def clean_name(text: object) -> str | None:
    """Return a name that is safe to show, or None if nothing visible remains."""
    return clean_text(text, MAX_NAME) or None


def _printable(text: str, *, lines: bool) -> str:
    """Return the visible characters of a text, with plain spaces and line breaks."""
    kept: list[str] = []
    marks = 0
    base = ""
    for character in text:
        if character.isspace() or character in _BLANK:
            kept.append("\n" if lines and character in _LINE_ENDS else " ")
            base = ""
        elif character in _JOINERS:
            if base and kept[-1] not in _JOINERS:
                kept.append(character)
        elif _FIRST_TAG <= character <= _LAST_TAG:
            # Regional flags are spelled with tag characters; anywhere else they are hidden text.
            if base == _BLACK_FLAG and marks < _MOST_MARKS:
                kept.append(character)
                marks += 1
        elif unicodedata.category(character).startswith("M"):
            if base and marks < _MOST_MARKS:
                kept.append(character)
                marks += 1
        elif character.isprintable() or character in _VISIBLE_FORMATS:
            kept.append(character)
            base, marks = character, 0
    return "".join(kept)


def whole_number(value: object, low: int, high: int) -> int | None:
    """Return an integer in the inclusive range [low, high], or None if the value is not one.

    `16000`, `16000.0` and `"16000"` are equivalent; booleans are rejected.
    """
    if isinstance(value, str):
        value = int(value) if _DIGITS.fullmatch(value.strip()) else None
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if low <= value <= high else None


def dig(value: object, *keys: str) -> object:
    """Return the value at a path of nested keys, or None if a key is missing."""
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value
