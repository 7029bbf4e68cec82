"""What somebody says was wrong with a recording."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from .cleaning import MAX_CORRECTION, clean_text


class Label(StrEnum):
    """Label of a clip, assigned by a listener."""

    CUT_OFF = "cut_off"
    """Meant for the assistant, but its beginning or end is missing."""

    FALSE_WAKE = "false_wake"
    """Not meant for the assistant."""

    MEANT_FOR_US = "meant_for_us"
    WRONG_TRANSCRIPT = "wrong_transcript"
    """Meant for the assistant, but transcribed incorrectly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Label of a recording, with what was actually said if the transcript is wrong."""

    label: Label
    correction: str | None = field(default=None, repr=False)

    @classmethod
    def given(cls, label: Label, correction: object) -> Self:
        """Return cleaned feedback; a correction belongs to a wrong transcript only."""
        text = clean_text(correction, MAX_CORRECTION) or None
        return cls(label=label, correction=text if label is Label.WRONG_TRANSCRIPT else None)

    def as_stored(self) -> dict[str, Any]:
        """Return what is sealed."""
        correction = {} if self.correction is None else {"correction": self.correction}
        return {"label": self.label, **correction}

    @classmethod
    def from_stored(cls, stored: object) -> Self | None:
        """Return what was sealed by this or another version, or None if it cannot be read."""
        if not isinstance(stored, dict):
            return None
        try:
            label = Label(stored["label"])
        except KeyError, ValueError:
            return None
        return cls.given(label, stored.get("correction"))
