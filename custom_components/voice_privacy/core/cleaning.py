"""Text and numbers from outside, reduced to what may be shown, stored and calculated with.

Whatever a satellite, an engine, a model or a person gives us passes through here once, where it enters.
"""

from collections.abc import Mapping
import re
from typing import Final
import unicodedata

MAX_NAME: Final = 100
"""Characters of a name: of a satellite, a wake word, a program."""

MAX_TRANSCRIPT: Final = 2_000
"""Characters of a transcript: several times what can be said in 30 s."""

MAX_REPLY: Final = 10_000
"""Characters of a reply: several minutes of speech."""

MAX_CORRECTION: Final = 500
"""Characters of what a person says was really said."""

MAX_LANGUAGE: Final = 35
"""Characters of a language tag, as BCP 47 asks to have room for."""

REPLY_KEYS: Final = ("intent_output", "response", "speech", "plain", "speech")
"""Where what was answered lies in what Assist tells at the end of an intent."""

_LOOKED_AT: Final = 8
"""Characters of the input that are looked at for each one that is kept at most."""

_MOST_MARKS: Final = 12
"""Marks on one letter: more than any script needs, less than it takes to paint over other lines."""

_JOINERS: Final = "\u200c\u200d"
"""Between letters they choose the form of Persian and Indic words, and they make families of emoji."""

_VISIBLE_FORMATS: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
"""Characters that Unicode counts among the invisible ones although they are seen."""

_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols without ink."""

_LINE_ENDS: Final = frozenset("\n\v\f\r\x85\u2028\u2029")
_BLACK_FLAG: Final = "\U0001f3f4"
_FIRST_TAG: Final = "\U000e0020"
_LAST_TAG: Final = "\U000e007f"
_SPACES: Final = re.compile(r" {2,}")
_LINE_BREAK: Final = re.compile(r" *\n *")
_PARAGRAPHS: Final = re.compile(r"\n{3,}")
_DIGITS: Final = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)


def clean_text(text: object, max_length: int, *, lines: bool = False) -> str:
    """Return printable text of at most `max_length` characters; anything but a string is empty.

    Letters of every script, their marks, and emoji stay. Control characters, lone surrogates, private and
    unassigned characters and invisible ones, those that turn the direction of writing included, go. White
    space becomes single spaces; with `lines`, line breaks stay, two in a row at most.
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
    """Return a name as it may be shown, None where nothing of it can be seen."""
    return clean_text(text, MAX_NAME) or None


def _printable(text: str, *, lines: bool) -> str:
    """Return what of a text can be seen, with plain spaces and line breaks."""
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
            # Flags of regions are spelled with tags; anywhere else tags are hidden text.
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
    """Return a number between two others, both included, or None where the value is no such number.

    `16000`, `16000.0` and `"16000"` mean the same; `true` is no number.
    """
    if isinstance(value, str):
        value = int(value) if _DIGITS.fullmatch(value.strip()) else None
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if low <= value <= high else None


def dig(value: object, *keys: str) -> object:
    """Return what lies below these keys, one below the other; None where one of them is missing."""
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value
