"""Rules of the review pool and the state of its clips."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
import re
from typing import Final

from .feedback import Label
from .models import RecordingKind
from .redaction.redact import PLACEHOLDER, find_sensitive
from .retention_policy import TRAINING

__all__ = [
    "POOL_DAYS",
    "RELEASE_HOURS",
    "UNCHECKED",
    "Label",
    "NotProposed",
    "PoolReceipt",
    "ReviewItem",
    "kinds_found",
    "last_release",
    "mask_names",
    "may_be_known",
    "may_be_proposed",
    "next_release",
]

POOL_DAYS: Final = timedelta(days=30)
"""Maximum time that a clip stays in the review pool."""

RELEASE_HOURS: Final = (6, 18)
"""Local hours at which clips become visible to reviewers, all at once."""

UNCHECKED: Final = "unchecked"
"""Finding of a clip without a transcript, in which sensitive data cannot be searched for."""


class NotProposed(StrEnum):
    """Reason why a recording never enters the review pool."""

    CHILD_SAFE = "child_safe"
    GUEST_MODE = "guest_mode"
    HOUSE_OFF = "house_off"
    SATELLITE_OFF = "satellite_off"


def may_be_proposed(
    *, house_on: bool, satellite_on: bool, guest_mode: bool, child_safe: bool
) -> NotProposed | None:
    """Return the reason why a recording may not be reviewed, or None if house and satellite both consent."""
    if child_safe:
        return NotProposed.CHILD_SAFE
    if guest_mode:
        return NotProposed.GUEST_MODE
    if not house_on:
        return NotProposed.HOUSE_OFF
    if not satellite_on:
        return NotProposed.SATELLITE_OFF
    return None


def kinds_found(text: str, language: str | None) -> tuple[str, ...]:
    """Return the sorted kinds of sensitive data in a transcript, each once."""
    return tuple(sorted({finding.kind.value for finding in find_sensitive(text, language)}))


def mask_names(text: str, names: Collection[str]) -> str:
    """Mask every occurrence of these names as whole words or phrases in a text."""
    wanted = sorted((re.escape(name.strip()) for name in names if name.strip()), key=len, reverse=True)
    if not wanted:
        return text
    return re.sub(rf"(?<!\w)(?:{'|'.join(wanted)})(?!\w)", PLACEHOLDER, text, flags=re.IGNORECASE)


def _releases_around(now: datetime) -> list[datetime]:
    """Return the release times of the days around an aware time, computed in its zone, in UTC."""
    # A zone may skip a day, as Samoa did in 2011: yesterday is then two days before today.
    days = (now.date() + timedelta(days=days) for days in (-2, -1, 0, 1, 2))
    return [
        datetime.combine(day, time(hour), tzinfo=now.tzinfo).astimezone(UTC)
        for day in days
        for hour in RELEASE_HOURS
    ]


def last_release(now: datetime) -> datetime:
    """Return the time of the last release; `now` is aware and in the house's time zone."""
    return max(release for release in _releases_around(now) if release <= now.astimezone(UTC))


def next_release(now: datetime) -> datetime:
    """Return the time of the next release; `now` is aware and in the house's time zone."""
    return min(release for release in _releases_around(now) if release > now.astimezone(UTC))


def may_be_known(now: datetime, proposed_at: datetime, ends_at: datetime) -> bool:
    """Return whether a clip is visible to reviewers, without revealing when it was recorded.

    A clip appears together with all others at a release, and disappears at the last release before it
    expires.

    Args:
        now: Aware, in the house's time zone.
        proposed_at: Time at which the clip entered the pool, aware.
        ends_at: Time at which the clip leaves the pool, aware.
    """
    return proposed_at < last_release(now) and next_release(now) < ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """Clip in the review pool."""

    review_id: str
    """Random, 32 hexadecimal digits; the only id that a reviewer sees."""

    recording_id: str
    satellite_id: str
    kind: RecordingKind
    proposed_at: datetime
    """Time at which it entered the pool, aware, UTC."""

    findings: tuple[str, ...] = ()
    """Kinds of sensitive data found, or UNCHECKED; never the data itself."""

    allowed: bool = False
    """True if the owner has listened and released it in spite of the findings."""

    label: Label | None = None
    correction: str | None = field(default=None, repr=False)
    """Corrected transcript, for WRONG_TRANSCRIPT."""

    @property
    def barred(self) -> bool:
        """True if only the owner may listen to it."""
        return bool(self.findings) and not self.allowed

    @property
    def expires_at(self) -> datetime:
        """Time at which it expires from the pool."""
        waits = self.kind is RecordingKind.FALSE_WAKE and self.label is None
        return self.proposed_at + (TRAINING if waits else POOL_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolReceipt:
    """Result of removing clips from the review pool, as read back from disk."""

    taken_out: int = 0
    left: int = 0
    """Number of notes of those clips that are still on disk."""

    unlearned: bool = False
    """True if weights had been trained on those clips and were erased."""
