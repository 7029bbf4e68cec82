"""Detection and masking of sensitive data in a transcript, for example card numbers.

The rules match patterns, not meaning: they do not find a name, a street or a password in plain words. A
transcript without findings is therefore not necessarily harmless and must not be presented as such.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final

from ..voice_language import base_of
from .addresses import email_spans
from .numbers import NO_WORDS, VOCABULARIES, Item, Mark, Number, Vocabulary, Word, items_of

PLACEHOLDER: Final = "•••"
"""Replacement for a finding of any kind and length, so that it reveals neither."""


class FindingKind(StrEnum):
    """Kind of a finding, in order of precedence."""

    IBAN = "iban"
    PAYMENT_CARD = "payment_card"
    PHONE = "phone"
    EMAIL = "email"
    DIGITS = "digits"
    """Sequence of digits too long to be a time, a year or an amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Part of a text to be masked."""

    kind: FindingKind

    start: int
    """Index of the first character."""

    end: int
    """Index after the last character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """Text with its findings masked."""

    text: str

    findings: tuple[Finding, ...]
    """Findings, with positions in the original text."""


MIN_DIGITS: Final = 6
"""Minimum length of a masked digit sequence: a one-time code has six digits, a time or a year four."""

CARD_DIGITS: Final = range(13, 20)

_INTERNATIONAL_DIGITS: Final = range(8, 16)
"""Length of a phone number with country code (ITU-T E.164)."""

_NATIONAL: Final = re.compile(r"0[1-9]\d{7,10}|1?[2-9]\d{2}[2-9]\d{6}|[6-9]\d{8}|3\d{9}")
"""National phone numbers: with a leading zero, North American, Spanish, Italian mobile."""

_ROUND: Final = re.compile(r"[1-9]\d{0,2}(?:000){1,3}")
"""Round number: 100000, 1 000 000."""

_MAX_GAP: Final = 6
"""Maximum number of items between two parts of a number."""

_SEPARATORS: Final = frozenset(" -\u2010\u2011\u2013\u2014.,/()[]:_'\u2019") | {""}
_YEARS: Final = ("19", "20")

_INNOCENT: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # Time: 10:30, 18h30, 10:30:15.
        r"(?<![\d:])\d{1,2}(?::|[hH])\d{2}(?::\d{2})?(?![\d:])",
        # Date: 24.11.2026, 11/24/26, 2026-11-24.
        r"(?<![\d./-])(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|[12]\d|3[01])\1(?:(?:19|20)\d{2}|\d{2})(?![\d]|[./-]\d)",
        r"(?<![\d./-])(?:19|20)\d{2}([./-])(?:0?[1-9]|1[0-2])\1(?:\d|[0-2]\d|3[01])(?![\d]|[./-]\d)",
        # Amount: 21.5, 1299,99, 1.299.000,00.
        r"(?<![\d.,])\d{1,6}[.,]\d{1,3}(?![\d]|[.,]\d)",
        r"(?<![\d.,'\u2019])[1-9]\d{0,2}[.,'\u2019]\d{3}(?:[.,]\d{1,2})?(?![\d]|[.,'\u2019]\d)",
        r"(?<![\d.,'\u2019])[1-9][.,'\u2019]\d{3}[.,'\u2019]\d{3}(?:[.,]\d{1,2})?(?![\d]|[.,'\u2019]\d)",
        # Price or measurement: $1299, 120000 €, 100000 %.
        r"(?<!\w)[$€£¥] ?\d{1,9}(?!\d|[ -]\d)",
        r"(?<!\d)(?<!\d[ -])\d{1,9} ?[$€£¥%°](?!\w)",
    )
)
"""Patterns of harmless digits, so that strict rules can apply to the rest. No quantifier is unbounded."""

_IBAN_LENGTHS: Final = {
    country: length
    for length, countries in (
        (15, "NO"),
        (16, "BE"),
        (18, "DK FI FO GL NL SD"),
        (19, "MK SI"),
        (20, "AT BA EE KZ LT LU XK MN"),
        (21, "CH HR LI LV"),
        (22, "BG BH CR DE GB GE IE ME RS VA"),
        (23, "AE IL IQ TL SO OM GI"),
        (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
        (25, "LY PT ST"),
        (26, "IS TR"),
        (27, "BI DJ FR GR IT MC SM"),
        (28, "AL AZ BY CY DO GT HU LB NI PL SV"),
        (29, "BR EG PS QA UA"),
        (30, "JO KW MU YE"),
        (31, "MT SC"),
        (32, "LC"),
        (33, "RU"),
    )
    for country in countries.split()
}
"""Length of an IBAN by country (SWIFT registry)."""

_DIGITS_ONLY: Final = frozenset(
    country
    for countries in (
        "AE AT BA BE CZ DE DK EE ES FI FO GL HR HU IL IS LT LY",
        "ME NO PL PT RS SE SI SK TN XK",
    )
    for country in countries.split()
)
"""Countries whose account numbers have no letters. "de" before a number is a word in some languages."""


def find_sensitive(text: str, language: str | None) -> tuple[Finding, ...]:
    """Return the findings in a text, in order and without overlaps. Runs in linear time.

    Args:
        text: Transcript.
        language: Language tag of spoken numbers such as "de-CH". If it is None or not supported, all
            supported languages are tried.
    """
    known = VOCABULARIES.get(base_of(language)) if language else None
    innocent = _innocent_spans(text)
    found = list(_ibans(items_of(text, NO_WORDS)))
    for vocabulary in (known,) if known is not None else VOCABULARIES.values():
        items = items_of(text, vocabulary)
        found += _ibans(items)
        found += (
            Finding(kind=FindingKind.EMAIL, start=start, end=end)
            for start, end in email_spans(items, vocabulary)
        )
        found += _numbers(items, vocabulary, innocent)
    return _merged(found)


def redact(text: str, language: str | None) -> Redacted:
    """Replace every finding of `find_sensitive` in a text with PLACEHOLDER."""
    findings = find_sensitive(text, language)
    parts: list[str] = []
    at = 0
    for finding in findings:
        parts += (text[at : finding.start], PLACEHOLDER)
        at = finding.end
    return Redacted(text="".join((*parts, text[at:])), findings=findings)


def passes_luhn(digits: str) -> bool:
    """Return whether ASCII digits have the valid check digit of a payment card (ISO/IEC 7812)."""
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    backwards = [ord(digit) - 48 for digit in reversed(digits)]
    return not (sum(backwards[::2]) + sum(doubled[digit] for digit in backwards[1::2])) % 10


def passes_mod_97(iban: str) -> bool:
    """Return whether ASCII letters and digits have the valid check digits of an IBAN (ISO 7064)."""
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def _merged(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Merge overlapping findings; the kind that comes first in FindingKind takes precedence."""
    merged: list[Finding] = []
    for finding in sorted(found, key=lambda finding: (finding.start, finding.end)):
        if merged and finding.start < merged[-1].end:
            last = merged.pop()
            kind = min(last.kind, finding.kind, key=tuple(FindingKind).index)
            finding = Finding(kind=kind, start=last.start, end=max(last.end, finding.end))  # noqa: PLW2901
        merged.append(finding)
    return tuple(merged)


# --- digits --------------------------------------------------------------------------------------


def _innocent_spans(text: str) -> frozenset[int]:
    """Return the positions of all characters in a text that belong to times, dates or amounts."""
    return frozenset(
        at for pattern in _INNOCENT for match in pattern.finditer(text) for at in range(*match.span())
    )


def _numbers(items: Sequence[Item], vocabulary: Vocabulary, innocent: frozenset[int]) -> Iterator[Finding]:
    """Yield payment cards, phone numbers and other long numbers."""
    run: list[Number] = []
    opening = gap = 0
    for at, item in enumerate(items):
        if isinstance(item, Number) and item.start not in innocent:
            if not run:
                opening = at
            run.append(item)
            gap = 0
        elif run:
            gap += 1
            if isinstance(item, Number) or gap > _MAX_GAP or not _separates(item, vocabulary):
                yield from _judged(run, _introduction(items, opening), vocabulary)
                run = []
    if run:
        yield from _judged(run, _introduction(items, opening), vocabulary)


def _separates(item: Item, vocabulary: Vocabulary) -> bool:
    if isinstance(item, Mark):
        return item.text in _SEPARATORS
    return isinstance(item, Word) and item.text in vocabulary.between


def _introduction(items: Sequence[Item], opening: int) -> Item | None:
    """Return the plus or the word before a number."""
    for at in range(opening - 1, max(-1, opening - 4), -1):
        item = items[at]
        if isinstance(item, Mark) and item.text in _SEPARATORS:
            continue
        return item
    return None


def _judged(run: Sequence[Number], before: Item | None, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield the finding, if any, in a run of numbers that have only separators between them."""
    start = 0
    if isinstance(before, Word) and before.text in vocabulary.months:
        start = _rest_of_date(run)
    end = len(run)
    if start < end and run[-1].amount and (end - start == 1 or len(run[-1].digits) <= 4):
        end -= 1
    if start == end:
        return
    run = run[start:end]
    plus = not start and (
        (isinstance(before, Mark) and before.text in {"+", "\uff0b"})
        or (isinstance(before, Word) and before.text in vocabulary.plus)
    )
    if (kind := _kind_of(run, plus=plus)) is not None:
        first = before.start if plus and before is not None else run[0].start
        yield Finding(kind=kind, start=first, end=run[-1].end)


def _kind_of(run: Sequence[Number], *, plus: bool) -> FindingKind | None:
    digits = "".join(number.digits for number in run)
    if len(digits) < MIN_DIGITS:
        return None
    international = digits.removeprefix("00") if not plus else digits
    if (plus or international != digits) and len(international) in _INTERNATIONAL_DIGITS:
        return FindingKind.PHONE
    if _holds_card(run):
        return FindingKind.PAYMENT_CARD
    if any(number.thousands for number in run) or _is_date(run) or _is_round(run, digits):
        return None
    return FindingKind.PHONE if _NATIONAL.fullmatch(digits) else FindingKind.DIGITS


def _is_round(run: Sequence[Number], digits: str) -> bool:
    """Return whether numbers form a single round number, and not part of a longer number with zeros."""
    return all(number.digits == "000" for number in run[1:]) and _ROUND.fullmatch(digits) is not None


def _holds_card(run: Sequence[Number]) -> bool:
    """Return whether consecutive numbers form a card number; its expiry date and code may follow."""
    lengths = [len(number.digits) for number in run]
    digits = "".join(number.digits for number in run)
    begin = 0
    for first, length in enumerate(lengths):
        end = begin
        for following in lengths[first:]:
            end += following
            if end - begin >= CARD_DIGITS.stop:
                break
            if end - begin in CARD_DIGITS and passes_luhn(digits[begin:end]):
                return True
        begin += length
    return False


def _is_date(run: Sequence[Number]) -> bool:
    """Return whether numbers form a date, or two years."""
    if len(run) > 6:
        return False
    parts = _with_years([number.digits for number in run])
    small = [len(part) <= 2 and 1 <= int(part) <= 31 for part in parts]
    years = [len(part) == 4 and part.startswith(_YEARS) for part in parts]
    if len(parts) == 2:
        return all(year or little for year, little in zip(years, small, strict=True))
    return len(parts) == 3 and (all((small[0], small[1], years[2])) or all((years[0], small[1], small[2])))


def _with_years(parts: Sequence[str]) -> list[str]:
    """Join the parts of a date whose year was spoken in two parts: "twenty", "twenty six"."""
    joined: list[str] = []
    for part in parts:
        if joined and joined[-1] in _YEARS and len(part) == 2 and len(parts) > 2:
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _rest_of_date(run: Sequence[Number]) -> int:
    """Return how many numbers after the name of a month are its day and year."""
    taken = int(len(run[0].digits) <= 2 and 1 <= int(run[0].digits) <= 31)
    rest = [number.digits for number in run[taken : taken + 2]]
    if rest and len(rest[0]) == 4 and rest[0].startswith(_YEARS):
        return taken + 1
    if len(rest) == 2 and rest[0] in _YEARS and len(rest[1]) == 2:
        return taken + 2
    return taken


# --- IBANs ---------------------------------------------------------------------------------------


def _ibans(items: Sequence[Item]) -> Iterator[Finding]:
    """Yield the IBANs with valid check digits."""
    for at, item in enumerate(items):
        if isinstance(item, Word) and len(item.text) <= 2 and item.text.isascii():
            end = _end_of_iban(items, at)
            if end is not None:
                yield Finding(kind=FindingKind.IBAN, start=item.start, end=end)


def _end_of_iban(items: Sequence[Item], at: int) -> int | None:
    """Return the end (exclusive) of the IBAN that begins at an item, or None if there is none."""
    iban = ""
    wanted = 0
    gap = 0
    for item in items[at : at + 4 * max(_IBAN_LENGTHS.values())]:
        if isinstance(item, Mark):
            gap += 1
            if item.text not in _SEPARATORS or gap > _MAX_GAP:
                return None
            continue
        gap = 0
        iban += _letters_of(item)
        if not wanted and len(iban) >= 2:
            wanted = _IBAN_LENGTHS.get(iban[:2], 0)
            if not wanted:
                return None
        if len(iban) > max(2, wanted) or not iban.isascii() or not iban.isalnum():
            return None
        if len(iban) == wanted:
            return item.end if _is_iban(iban) else None
    return None


def _letters_of(item: Number | Word) -> str:
    """Return the characters of an item in an IBAN; a letter that was parsed as zero is the letter O."""
    if isinstance(item, Word):
        return item.text.upper()
    return "O" if item.end - item.start == 1 and not item.written else item.digits


def _is_iban(iban: str) -> bool:
    """Return whether the check digits are valid, reading each O as the letter or as zero."""
    return any(_has_check_digits(read) for read in (iban, iban[:2] + iban[2:].replace("O", "0")))


def _has_check_digits(iban: str) -> bool:
    """Return whether the check digits are valid and, as in every country, most characters are digits."""
    account = iban[4:]
    fewest = len(account) if iban[:2] in _DIGITS_ONLY else len(account) / 2
    return iban[2:4].isdecimal() and sum(map(str.isdecimal, account)) >= fewest and passes_mod_97(iban)
