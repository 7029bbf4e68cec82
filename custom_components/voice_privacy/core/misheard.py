"""Recognition of transcripts that sound like the wish to delete, but are none of its sentences.

Small speech-to-text models make "Dilly, everything I have ever said" of "Delete everything I have ever said". Such a
transcript is never kept, and it is asked whether to delete; nothing is deleted without an exact sentence.

The words are in `languages/`: the end of the sentence says what it is about ("everything I said today"), the words
before it may be anything but another request ("play", "repeat").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Any, Final
import unicodedata

from .voice_language import LANGUAGES, base_of

_FOLDER: Final = Path(__file__).parent / "languages"

_MAX_WORDS: Final = 16
"""Number of words above which a transcript is no command."""

_MAX_HEAD: Final = 5
"""Maximum number of words before the phrase."""

_ALIKE_AFTER_VERB: Final = 0.72
"""Similarity from which a phrase counts after a verb of deletion."""

_ALIKE_WITHOUT_SAID: Final = 0.85
"""Similarity from which it counts after such a verb even if the word "said" was not heard."""

_ALIKE: Final = 0.9
"""Similarity from which a phrase counts without one."""

_ALIKE_VERB: Final = 0.6
"""Similarity from which words count as a verb of deletion before "my recordings"."""

_NOT_IN_WORDS: Final = re.compile(r"[^\w\s]|_")
_APOSTROPHES: Final = re.compile("['`\u00b4\u02bc\u2018\u2019]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vocabulary:
    """Words of a language, without accents and punctuation, in lower case."""

    verbs: frozenset[str]
    said: frozenset[str]
    """Forms of "said", one of which the phrases contain, and what is heard instead."""

    polite: frozenset[str]
    others: frozenset[str]
    """Words of other requests and statements; before a phrase, they mean that it is no wish to delete."""

    phrases: tuple[str, ...]
    recordings: tuple[str, ...]
    begin: frozenset[str]
    """Words that a phrase may begin with."""


def sounds_like_deletion(text: str | None, language: str | None) -> bool:
    """Return whether a transcript is, or sounds like, the wish to delete recordings.

    Args:
        text: Transcript.
        language: Language tag of speech-to-text; None to try all languages.
    """
    if not text:
        return False
    codes = list(_VOCABULARIES) if language is None else [base_of(language)]
    return any(_is_wish(words_of(text), _VOCABULARIES[code]) for code in codes if code in _VOCABULARIES)


def words_of(text: str) -> list[str]:
    """Return the words of a text without accents and punctuation, in lower case."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _NOT_IN_WORDS.sub(" ", plain).split()


def _is_wish(words: list[str], of: _Vocabulary) -> bool:
    """Return whether these words sound like the wish to delete recordings."""
    while words and words[-1] in of.polite:
        words = words[:-1]
    words = [part for word in words for part in _parted(word, of)]
    if not 2 <= len(words) <= _MAX_WORDS:
        return False
    return any(
        _is_about_said(head, tail, of) or _is_about_recordings(head, tail, of)
        for head, tail in _splits(words, of)
    )


def _parted(word: str, of: _Vocabulary) -> list[str]:
    """Return the verb of deletion that a word begins with, and the rest, if two words were heard as one."""
    for verb in of.verbs:
        if len(verb) >= 5 and len(word) >= len(verb) + 4 and word.startswith(verb):
            return [verb, word[len(verb) :]]
    return [word]


def _splits(words: Sequence[str], of: _Vocabulary) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the ways to split words into what comes before a phrase, and the phrase."""
    for at in range(min(_MAX_HEAD, len(words) - 1) + 1):
        if at and words[at - 1] in of.others:
            return
        if words[at] in of.others and words[at] not in of.begin:
            continue
        yield [word for word in words[:at] if word not in of.polite], list(words[at:])


def _is_about_said(head: list[str], tail: list[str], of: _Vocabulary) -> bool:
    """Return whether the phrase is about what was said: "everything I said today"."""
    alike = _alike(" ".join(tail), of.phrases)
    if alike < _ALIKE_AFTER_VERB:
        return False
    with_verb = any(_nearly(word, verb) for word in head for verb in of.verbs)
    if with_verb and alike >= _ALIKE_WITHOUT_SAID:
        return True
    said = any(_nearly(word, form) for word in tail for form in of.said)
    return said and (with_verb or alike >= _ALIKE)


def _is_about_recordings(head: list[str], tail: list[str], of: _Vocabulary) -> bool:
    """Return whether the phrase is about recordings, after what sounds like a verb of deletion."""
    return (
        1 <= len(head) <= 2
        and _alike(" ".join(tail), of.recordings) >= _ALIKE
        and max(_alike("".join(head), of.verbs), _alike(head[-1], of.verbs)) >= _ALIKE_VERB
    )


def _nearly(word: str, wanted: str) -> bool:
    """Return whether a word differs from another one in at most one letter, and in none if it is short."""
    if word == wanted:
        return True
    return len(wanted) >= 5 and abs(len(word) - len(wanted)) <= 1 and _distance(word, wanted) <= 1


def _alike(text: str, wanted: Sequence[str] | frozenset[str]) -> float:
    """Return the similarity of a text to the most similar of others, 0 to 1."""
    best = 0.0
    for other in wanted:
        longest = max(len(text), len(other))
        # The lengths alone make the rest of them less similar.
        if min(len(text), len(other)) / longest > best:
            best = max(best, 1 - _distance(text, other) / longest)
    return best


def _distance(one: str, other: str) -> int:
    """Return the Levenshtein distance of two texts."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for at, wanted in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (letter != wanted))
    return row[-1]


def _load(code: str) -> _Vocabulary:
    """Load the words of a language."""
    raw: dict[str, Any] = json.loads((_FOLDER / f"{code}.json").read_text("utf-8"))["misheard"]

    def words(key: str) -> frozenset[str]:
        return frozenset(words_of(raw[key]))

    def phrases(key: str) -> tuple[str, ...]:
        return tuple(" ".join(words_of(phrase)) for phrase in raw[key])

    about_said, recordings = phrases("phrases"), phrases("recordings")
    return _Vocabulary(
        verbs=words("verbs"),
        said=words("said"),
        polite=words("polite"),
        others=words("others"),
        phrases=about_said,
        recordings=recordings,
        begin=frozenset(phrase.split()[0] for phrase in about_said + recordings),
    )


_VOCABULARIES: Final = {code: _load(code) for code in LANGUAGES}
