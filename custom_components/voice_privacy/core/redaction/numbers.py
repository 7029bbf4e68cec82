"""Detection of written and spoken numbers in a transcript, in the languages of `languages/`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
import json
from pathlib import Path
import re
from typing import Any, Final
import unicodedata

_FOLDER: Final = Path(__file__).parents[1] / "languages"

_TOKEN: Final = re.compile(r"\d+|(?:[^\W\d_]|[\u0300-\u036f])+|\s+|[\W_]|.", re.DOTALL)
"""Token: a run of digits, a word, blanks, or any other character. Tokens cover every text without gaps."""

_INVISIBLE: Final = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFE0F, 0x20E3, 0xFEFF))
"""Zero-width characters and key cap modifiers, which may disguise a number and do not separate digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """Number: a run of digits, or words that form a number."""

    digits: str
    """ASCII digits."""

    start: int
    end: int

    thousands: bool = False
    """True if it was spoken with a word for thousand, which is used for amounts but not for codes."""

    amount: bool = False
    """True if the next word is a unit or a counted thing."""

    written: bool = False
    """True if it is written in digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Word that is not part of a number."""

    text: str
    """Text without accents, in lower case."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Blanks, or a single character that is neither a letter nor a digit."""

    text: str
    """The character, a single space for any number of blanks, or "" for an invisible character."""

    start: int
    end: int


type Item = Number | Word | Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words of a language that occur in numbers and addresses, without accents, in lower case."""

    numbers: Mapping[tuple[str, ...], int]
    """Numbers below 100 by their words."""

    hundreds: Mapping[tuple[str, ...], int]
    one_word: bool
    """True if hundreds, thousands and the rest of a number are written as one word."""

    conjunctions: frozenset[str]
    thousand: frozenset[str]
    repeat: Mapping[str, int]
    """Multipliers such as "double", with the number of repetitions of the next digit."""

    plus: frozenset[str]
    at: frozenset[str]
    dot: frozenset[str]
    between: frozenset[str]
    """Words that may be spoken between two parts of a number."""

    months: frozenset[str]
    amounts: frozenset[str]
    """Words that follow a counting number. Like the months, they include all languages."""

    longest: int
    """Number of words in the longest name of a number below 1,000 without a conjunction."""


def plain(word: str) -> str:
    """Return a word without accents, in lower case."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def items_of(text: str, vocabulary: Vocabulary) -> list[Item]:
    """Split a text into items, in order and without gaps."""
    tokens = [_token(match) for match in _TOKEN.finditer(text)]
    items: list[Item] = []
    at = 0
    while at < len(tokens):
        found, taken = _number_at(tokens, at, vocabulary)
        items.append(found)
        at += taken
    return [_counted(items, at, vocabulary) for at in range(len(items))]


def _token(match: re.Match[str]) -> Item:
    text, start, end = match.group(), match.start(), match.end()
    if text[0].isdecimal():
        return Number(
            digits="".join(str(unicodedata.decimal(c)) for c in text), start=start, end=end, written=True
        )
    if text[0].isalpha():
        return Word(text=plain(text), start=start, end=end)
    return Mark(text=" " if text.isspace() else text.translate(_INVISIBLE), start=start, end=end)


def _number_at(tokens: Sequence[Item], at: int, vocabulary: Vocabulary) -> tuple[Item, int]:
    """Return the number that begins at a token, or the token itself, and the number of tokens used."""
    first = tokens[at]
    if not isinstance(first, Word):
        return first, 1
    words, ends = _words_from(tokens, at, vocabulary.longest + 4)
    if (times := vocabulary.repeat.get(first.text)) is not None:
        value, taken, _ = _value_of(words[1:], vocabulary)
        digits = str(value) if taken else ""
        if not taken and len(words) == 1 and ends[0] < len(tokens):
            return _repeated_digits(tokens, at, ends[0], times)
        if len(digits) == 1:
            last = ends[taken]
            return Number(digits=digits * times, start=first.start, end=tokens[last - 1].end), last - at
        return first, 1
    value, taken, thousands = _value_of(words, vocabulary)
    if not taken:
        return first, 1
    last = ends[taken - 1]
    return (
        Number(digits=str(value), start=first.start, end=tokens[last - 1].end, thousands=thousands),
        last - at,
    )


def _repeated_digits(tokens: Sequence[Item], at: int, behind: int, times: int) -> tuple[Item, int]:
    """Return the number of e.g. "double 4", where the digit is written, and the number of tokens used."""
    following = behind + isinstance(tokens[behind], Mark)
    if following < len(tokens):
        digit = tokens[following]
        if isinstance(digit, Number) and len(digit.digits) == 1:
            number = Number(digits=digit.digits * times, start=tokens[at].start, end=digit.end)
            return number, following + 1 - at
    return tokens[at], 1


def _words_from(tokens: Sequence[Item], at: int, most: int) -> tuple[list[str], list[int]]:
    """Return consecutive words separated by at most a blank or hyphen, and the end index of each."""
    words: list[str] = []
    ends: list[int] = []
    while at < len(tokens) and len(words) < most:
        token = tokens[at]
        if not isinstance(token, Word):
            break
        words.append(token.text)
        at += 1
        ends.append(at)
        if (
            at < len(tokens)
            and isinstance(token := tokens[at], Mark)
            and token.text in {" ", "-", "\u2011", ""}
        ):
            at += 1
    return words, ends


def _value_of(words: Sequence[str], vocabulary: Vocabulary) -> tuple[int, int, bool]:
    """Return the number at the start of words, the number of words used, and whether it has thousands."""
    if not words:
        return 0, 0, False
    value, taken = _below_thousand(words, vocabulary)
    if taken <= 1 and vocabulary.one_word and (found := _thousands_in_one_word(words[0], vocabulary)):
        return found, 1, True
    if taken < len(words) and words[taken] in vocabulary.thousand and (not taken or 0 < value < 100):
        value, taken = (value or 1) * 1_000, taken + 1
        rest, more = _after(words, taken, _below_thousand, vocabulary)
        return value + rest, taken + more, True
    return value, taken, False


def _below_thousand(words: Sequence[str], vocabulary: Vocabulary) -> tuple[int, int]:
    if vocabulary.one_word and (found := _hundreds_in_one_word(words[0], vocabulary)) is not None:
        return found, 1
    hundreds, taken = _longest(words, vocabulary.hundreds, vocabulary)
    if not taken:
        return _longest(words, vocabulary.numbers, vocabulary)
    rest, more = _after(words, taken, _below_hundred, vocabulary)
    return hundreds + rest, taken + more


def _below_hundred(words: Sequence[str], vocabulary: Vocabulary) -> tuple[int, int]:
    return _longest(words, vocabulary.numbers, vocabulary)


def _after(words: Sequence[str], taken: int, match: Any, vocabulary: Vocabulary) -> tuple[int, int]:
    """Return the rest of a number after its hundreds or thousands, with or without a conjunction."""
    skipped = int(taken < len(words) and words[taken] in vocabulary.conjunctions)
    if taken + skipped >= len(words):
        return 0, 0
    rest, more = match(words[taken + skipped :], vocabulary)
    return (rest, more + skipped) if more and rest else (0, 0)


def _longest(
    words: Sequence[str], known: Mapping[tuple[str, ...], int], vocabulary: Vocabulary
) -> tuple[int, int]:
    for count in range(min(len(words), vocabulary.longest), 0, -1):
        if (value := known.get(tuple(words[:count]))) is not None:
            return value, count
    return 0, 0


def _hundreds_in_one_word(word: str, vocabulary: Vocabulary) -> int | None:
    """Return the value of e.g. "zweihundertzwölf"."""
    for (name,), hundreds in vocabulary.hundreds.items():
        if word.startswith(name) and word != name:
            rest = word.removeprefix(name)
            for conjunction in ("", *vocabulary.conjunctions):
                value = vocabulary.numbers.get((rest.removeprefix(conjunction),))
                if value:
                    return hundreds + value
    return None


def _thousands_in_one_word(word: str, vocabulary: Vocabulary) -> int | None:
    """Return the value of e.g. "viertausendzweihundert"."""
    for thousand in vocabulary.thousand:
        before, found, behind = word.partition(thousand)
        if not found or not (before or behind):
            continue
        many = vocabulary.numbers.get((before,)) if before else 1
        rest: int | None = 0
        if behind:
            rest, taken = _below_thousand([behind], vocabulary)
            rest = rest if taken else None
        if many and rest is not None:
            return many * 1_000 + rest
    return None


def _counted(items: Sequence[Item], at: int, vocabulary: Vocabulary) -> Item:
    """Return an item, marked as an amount if it is a number that counts the next word."""
    item = items[at]
    if not isinstance(item, Number):
        return item
    following = at + 1
    if following < len(items) and isinstance(blank := items[following], Mark) and blank.text in {" ", "-"}:
        following += 1
    if (
        following < len(items)
        and isinstance(word := items[following], Word)
        and word.text in vocabulary.amounts
    ):
        return replace(item, amount=True)
    return item


def _phrase(text: str) -> tuple[str, ...]:
    return tuple(plain(text).split("-"))


def _words(texts: Sequence[str] | str) -> frozenset[str]:
    return frozenset(map(plain, texts.split() if isinstance(texts, str) else texts))


def _vocabulary(raw: Mapping[str, Any]) -> Vocabulary:
    """Build a vocabulary from the section of a language file."""
    below_hundred = [_phrase(word) for row in raw["numbers"] for word in row.split()]
    numbers = {phrase: value for value, phrase in enumerate(below_hundred)}
    hundreds = {_phrase(word): 100 * number for number, word in enumerate(raw["hundreds"].split(), 1)}
    for word, value in raw["more_numbers"].items():
        (hundreds if value >= 100 and not value % 100 else numbers)[_phrase(word)] = value
    return Vocabulary(
        numbers=numbers,
        hundreds=hundreds,
        one_word=raw["one_word"],
        conjunctions=_words(raw["and"]),
        thousand=_words(raw["thousand"]),
        repeat={plain(word): times for word, times in raw["repeat"].items()},
        plus=_words(raw["plus"]),
        at=_words(raw["at"]),
        dot=_words(raw["dot"]),
        between=_words(raw["between"]),
        months=_words(raw["months"]),
        amounts=_words(raw["amounts"]),
        longest=max(map(len, (*numbers, *hundreds))),
    )


def _load() -> dict[str, Vocabulary]:
    """Load all languages."""
    vocabularies = {
        file.stem: _vocabulary(json.loads(file.read_text("utf-8"))["spoken"])
        for file in sorted(_FOLDER.glob("*.json"))
    }
    # A word that makes a number harmless does so regardless of the language of the rest.
    months = frozenset[str]().union(*(vocabulary.months for vocabulary in vocabularies.values()))
    amounts = frozenset[str]().union(*(vocabulary.amounts for vocabulary in vocabularies.values()))
    return {
        code: replace(vocabulary, months=months, amounts=amounts) for code, vocabulary in vocabularies.items()
    }


VOCABULARIES: Final[Mapping[str, Vocabulary]] = _load()
"""Vocabularies of all supported languages by code."""

NO_WORDS: Final = Vocabulary(
    numbers={},
    hundreds={},
    one_word=False,
    conjunctions=frozenset(),
    thousand=frozenset(),
    repeat={},
    plus=frozenset(),
    at=frozenset(),
    dot=frozenset(),
    between=frozenset(),
    months=frozenset(),
    amounts=frozenset(),
    longest=1,
)
"""Empty vocabulary, for numbers written in digits only."""
