"""Decision whether a transcript holds words that somebody said, or was made up by speech-to-text.

Engines that were trained on subtitles answer silence with what stands in subtitles without speech: notes
in brackets, music, and a few sentences, in any language, whichever they were asked for.
"""

import re
from typing import Final
import unicodedata

from .inventions import CREDITS, INVENTIONS

_NOTES: Final = "♩♪♫♬🎵🎶"
_ANNOTATIONS: Final = re.compile(
    rf"^\s*[{_NOTES}].*[{_NOTES}]\s*$"
    r"|[\[【][^\[\]【】]*(?:[\]】]|$)|\([^()]*(?:\)|$)|\{[^{}]*(?:\}|$)|<[^<>]*>|\*+[^*]*\*+"
    rf"|[{_NOTES}]++[^{_NOTES}]*(?:[{_NOTES}]++|$)",
    re.DOTALL,
)
"""Notes in brackets or between asterisks, and what is marked as music."""


def _words(text: str) -> str:
    """Return the letters and digits of a text as words, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(
        character if character.isalnum() else " "
        for character in plain
        if not unicodedata.combining(character)
    )
    return " ".join(letters.split())


_SENTENCES: Final = sorted({_words(line) for line in INVENTIONS.splitlines()} - {""})
_INVENTED: Final = re.compile("(?:(?:{})(?: |$))+".format("|".join(map(re.escape, _SENTENCES))))
_CREDITED: Final = re.compile("|".join(CREDITS.split("\n")[1:-1]))


def is_made_up(text: str, *, heard_speech: bool) -> bool:
    """Return whether a transcript is not what somebody said.

    Args:
        text: Transcript.
        heard_speech: Whether there was speech, judged by level. Only without it can a sentence be an
            invention: a thank you that was spoken is one.
    """
    # Normalized first, so that full-width brackets are brackets.
    words = _words(_ANNOTATIONS.sub(" ", unicodedata.normalize("NFKC", text)))
    if not words or heard_speech:
        return not words
    return (_INVENTED.fullmatch(words) or _CREDITED.fullmatch(words)) is not None
