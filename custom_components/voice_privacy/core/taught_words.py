"""Wake words that were taught by saying them: their names, their ids, and what is kept of them."""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self

from .cleaning import clean_text

MAX_NAME: Final = 40
"""Maximum characters of a taught wake word's name, and of its id."""

CLIPS_WANTED: Final = 8
"""Clips of the word that are asked for."""

OTHERS_WANTED: Final = 2
"""Clips of each phrase that must not wake a satellite."""

MAX_CLIPS: Final = 16
"""Maximum clips of the word, and of what must not wake, in one session."""

_NO_ID: Final = "taught_word"
"""Id of a word whose name has no letters that an id may have, such as emoji."""

_MAX_CLIPS_STORED: Final = 1_000
_NO_SLUG: Final = frozenset({"", "unknown"})
"""What Home Assistant makes of a name without letters."""


class ClipKind(StrEnum):
    """What is said in a clip."""

    WORD = "word"
    """The new wake word."""

    OTHER = "other"
    """What must not wake a satellite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedWord:
    """Taught wake word as it is sealed on disk."""

    wake_word: str
    """Id, by which satellites refer to it."""

    name: str
    created: date
    user_id: str | None
    """User who taught it."""

    people: int
    """Number of people who said it."""

    clips: int
    anti_examples: int
    is_short: bool
    """True if the word is so short that other speech is easily taken for it."""

    model: bytes = field(repr=False)
    """Numbers made from voices, as `wake/taught.py` writes them."""

    def about(self) -> dict[str, Any]:
        """Return everything but the model, as JSON takes it."""
        about = asdict(self)
        del about["model"]
        return about | {"created": self.created.isoformat()}

    @classmethod
    def read(cls, about: dict[str, Any], model: bytes) -> Self:
        """Return a word from what was sealed. Raises KeyError, TypeError or ValueError if it is malformed."""
        wake_word, name, user_id = about["wake_word"], about["name"], about["user_id"]
        if not (isinstance(wake_word, str) and isinstance(name, str) and isinstance(user_id, str | None)):
            raise TypeError
        if not wake_word or clean_text(name, MAX_NAME) != name or not name or len(wake_word) > MAX_NAME:
            raise ValueError
        return cls(
            wake_word=wake_word,
            name=name,
            created=date.fromisoformat(about["created"]),
            user_id=user_id,
            people=_count(about["people"]),
            clips=_count(about["clips"]),
            anti_examples=_count(about["anti_examples"]),
            is_short=about["is_short"] is True,
            model=model,
        )


@dataclass(frozen=True, slots=True)
class StoredWord:
    """A word on disk by the id of its key."""

    key_id: str
    word: SavedWord | None
    """None if it cannot be opened; it can still be deleted."""


def _count(value: object) -> int:
    """Return a stored count. Raises TypeError or ValueError."""
    if type(value) is not int:
        raise TypeError
    if not 0 <= value <= _MAX_CLIPS_STORED:
        raise ValueError
    return value


def clean_word_name(typed: object) -> str | None:
    """Return a typed name without invisible characters; None if nothing is left of it, or if it is too long."""
    name = clean_text(typed, MAX_NAME + 1)
    return name if 0 < len(name) <= MAX_NAME else None


def id_of_name(slug: str, taken: Collection[str], key_of: Callable[[str], str]) -> str | None:
    """Return the id of a new word, or None if there is a wake word with this name already.

    Args:
        slug: The name in the letters that an id may have.
        taken: Keys of all wake words that there are.
        key_of: Returns the key of an id; ids that are the same words to a person have the same key.
    """
    if slug in _NO_SLUG:
        numbered = (_NO_ID if number == 1 else f"{_NO_ID}_{number}" for number in range(1, len(taken) + 2))
        return next(one for one in numbered if key_of(one) not in taken)
    wake_word = slug[:MAX_NAME].strip("_")
    return None if key_of(wake_word) in taken else wake_word
