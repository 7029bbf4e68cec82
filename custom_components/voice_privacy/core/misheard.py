"""Recognition of transcripts that sound like the wish to delete, but are none of its sentences.

Small speech-to-text models make "Dilly, everything I have ever said" of "Delete everything I have ever said". Such a
transcript is never kept, and it is asked whether to delete; nothing is deleted without an exact sentence.

The words are in `languages/`: the end of the sentence says what it is about ("everything I said today"), the words
before it may be anything but another request ("play", "repeat").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import re
from typing import Final
import unicodedata

from .voice_language import LANGUAGES, Language, base_of

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


def sounds_like_deletion(text: str | None) -> bool:
    """Return whether a transcript is, or sounds like, the wish to delete recordings, in any language."""
    return language_of_wish(text) is not None


def language_of_wish(text: str | None, tag: str | None = None) -> str | None:
    """Return the code of the language in which a transcript sounds like the wish to delete, or None.

    All languages count: the language of speech-to-text need not be the one that is spoken.

    Args:
        text: Transcript.
        tag: Language tag of speech-to-text, which is tried first.
    """
    if not text:
        return None
    words, first = words_of(text), base_of(tag or "")
    codes = sorted(_VOCABULARIES, key=lambda code: code != first)
    return next((code for code in codes if _is_wish(list(words), _VOCABULARIES[code])), None)


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
    with_verb = any(_nearly(word, verb) for word in head for verb in of.verbs)
    said = any(_nearly(word, form) for word in tail for form in of.said)
    if not with_verb and not said:
        return False
    least = _ALIKE_WITHOUT_SAID if not said else _ALIKE_AFTER_VERB if with_verb else _ALIKE
    return _alike(" ".join(tail), of.phrases, least)


def _is_about_recordings(head: list[str], tail: list[str], of: _Vocabulary) -> bool:
    """Return whether the phrase is about recordings, after what sounds like a verb of deletion."""
    return (
        1 <= len(head) <= 2
        and (_alike("".join(head), of.verbs, _ALIKE_VERB) or _alike(head[-1], of.verbs, _ALIKE_VERB))
        and _alike(" ".join(tail), of.recordings, _ALIKE)
    )


def _nearly(word: str, wanted: str) -> bool:
    """Return whether a word differs from another one in at most one letter, and in none if it is short."""
    if word == wanted:
        return True
    return len(wanted) >= 5 and abs(len(word) - len(wanted)) <= 1 and _distance(word, wanted) <= 1


def _alike(text: str, wanted: Sequence[str] | frozenset[str], least: float) -> bool:
    """Return whether the similarity of a text to any of others is at least this, 0 to 1."""
    for other in wanted:
        longest = max(len(text), len(other))
        # Lengths that differ too much are enough to tell, and a text may be very long.
        if min(len(text), len(other)) / longest >= least and 1 - _distance(text, other) / longest >= least:
            return True
    return False


def _distance(one: str, other: str) -> int:
    """Return the Levenshtein distance of two texts."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for at, wanted in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (letter != wanted))
    return row[-1]


def _vocabulary(language: Language) -> _Vocabulary:
    """Return the words of a language."""

    def words(key: str) -> frozenset[str]:
        return frozenset(words_of(str(language.misheard[key])))

    def phrases(key: str) -> tuple[str, ...]:
        return tuple(" ".join(words_of(phrase)) for phrase in language.misheard[key])

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


_VOCABULARIES: Final = {code: _vocabulary(language) for code, language in LANGUAGES.items()}
