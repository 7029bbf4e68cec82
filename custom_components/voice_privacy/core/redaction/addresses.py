"""Detection of written and spoken e-mail addresses in a transcript, e.g. "anna at example dot com"."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from .numbers import Item, Mark, Number, Vocabulary, Word

_TOP_LEVEL: Final = frozenset(
    domain
    for domains in (
        "app at au be biz ca ch cloud co com de dev dk edu email es eu fi fr gov ie info io it lu me net nl",
        "no online org pl pt se tv uk us",
    )
    for domain in domains.split()
)
"""Top-level domains of spoken addresses, so that not every text with "at" and "dot" matches."""

_MAX_LOCAL: Final = 30
_MAX_DOMAIN: Final = 40
"""Maximum number of items before and after the @ of an address."""

_LABEL_WORDS: Final = 3
"""Maximum number of words in a label of a spoken domain, as in "my company dot com"."""


def email_spans(items: Sequence[Item], vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Yield start and end (exclusive) of every e-mail address."""
    for at, item in enumerate(items):
        written = isinstance(item, Mark) and item.text in {"@", "\uff20"}
        if not written and not (isinstance(item, Word) and item.text in vocabulary.at):
            continue
        end = _end_of_domain(items, at, vocabulary, written=written)
        start = _start_of_local_part(items, at, vocabulary)
        if start is not None and end is not None:
            yield start, end


def _end_of_domain(items: Sequence[Item], at: int, vocabulary: Vocabulary, *, written: bool) -> int | None:
    """Return the end (exclusive) of the domain after an @, or None if there is no domain."""
    end: int | None = None
    words = dots = 0
    for place in range(at + 1, min(len(items), at + 1 + _MAX_DOMAIN)):
        item = items[place]
        if _is_dot(items, place, vocabulary):
            if not words:
                break
            dots, words = dots + 1, 0
        elif isinstance(item, Mark):
            if item.text not in {" ", "-", "_", "(", ")", "[", "]", ""}:
                break
        elif _is_connector(item, vocabulary):
            continue
        else:
            words += 1
            if words > (1 if dots else _LABEL_WORDS):
                break
            if _may_end_domain(item, dots, written=written) or (written and place == at + 1):
                end = item.end
    return end


def _may_end_domain(item: Item, dots: int, *, written: bool) -> bool:
    return dots > 0 and isinstance(item, Word) and (written or item.text in _TOP_LEVEL)


def _start_of_local_part(items: Sequence[Item], at: int, vocabulary: Vocabulary) -> int | None:
    """Return the start of the local part before an @, or None if there is none."""
    place = _before(items, at, lambda item: isinstance(item, Mark) and item.text in {" ", "(", "[", ""})
    if place is None or isinstance(items[place], Mark):
        return None
    start = place
    for _ in range(_MAX_LOCAL):
        if start == 0:
            break
        previous = items[start - 1]
        if not isinstance(previous, Mark):
            start -= 1
            continue
        if (
            previous.text in {".", "-", "_", "+", "%", "'", ""}
            and start > 1
            and not isinstance(items[start - 2], Mark)
        ):
            start -= 2
            continue
        before = _before(items, start, lambda item: isinstance(item, Mark) and item.text == " ")
        if before is None or isinstance(items[before], Mark):
            break
        if _joins(items[before], vocabulary):
            name = _before(items, before, lambda item: isinstance(item, Mark) and item.text == " ")
            if name is None or isinstance(items[name], Mark):
                break
            start = name
        elif _is_spelled(items[before]) and _is_spelled(items[start]):
            start = before
        else:
            break
    return items[start].start


def _before(items: Sequence[Item], at: int, skipped: Callable[[Item], bool]) -> int | None:
    """Return the index of the previous item that is not skipped, or None; at most two are skipped."""
    for place in range(at - 1, max(-1, at - 4), -1):
        if not skipped(items[place]):
            return place
    return None


def _is_dot(items: Sequence[Item], place: int, vocabulary: Vocabulary) -> bool:
    """Return whether an item is a dot within an address and not the end of a sentence."""
    item = items[place]
    if isinstance(item, Word):
        return item.text in vocabulary.dot
    return (
        isinstance(item, Mark)
        and item.text == "."
        and 0 < place < len(items) - 1
        and not isinstance(items[place + 1], Mark)
        and not isinstance(items[place - 1], Mark)
    )


def _is_connector(item: Item, vocabulary: Vocabulary) -> bool:
    return isinstance(item, Word) and item.text in vocabulary.between


def _joins(item: Item, vocabulary: Vocabulary) -> bool:
    """Return whether a spoken word joins two parts of a local part."""
    return isinstance(item, Word) and (item.text in vocabulary.dot or item.text in vocabulary.between)


def _is_spelled(item: Item) -> bool:
    """Return whether an item is a single letter, or digits."""
    return isinstance(item, Number) or (isinstance(item, Word) and len(item.text) == 1)
