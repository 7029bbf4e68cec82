"""What may be reviewed, and what is known of a clip that waits for it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
import re
from typing import Final

from .models import RecordingKind
from .redaction.redact import PLACEHOLDER, find_sensitive
from .retention_policy import TRAINING

POOL_DAYS: Final = timedelta(days=30)
"""How long a clip stays in the review pool at most."""

RELEASE_HOURS: Final = (6, 18)
"""Hours of the house's day at which reviewers get to know of clips, all at once."""

UNCHECKED: Final = "unchecked"
"""Finding of a clip without a transcript: no rule could look for anything in it."""


class Label(StrEnum):
    """What somebody who listened says of a clip."""

    CUT_OFF = "cut_off"
    """Meant for us, but its beginning or end is missing."""

    FALSE_WAKE = "false_wake"
    """Not meant for us."""

    MEANT_FOR_US = "meant_for_us"
    WRONG_TRANSCRIPT = "wrong_transcript"
    """Meant for us, but understood as something else."""


class NotProposed(StrEnum):
    """Why a recording never enters the review pool."""

    CHILD_SAFE = "child_safe"
    GUEST_MODE = "guest_mode"
    HOUSE_OFF = "house_off"
    SATELLITE_OFF = "satellite_off"


def may_be_proposed(
    *, house_on: bool, satellite_on: bool, guest_mode: bool, child_safe: bool
) -> NotProposed | None:
    """Return why a recording may not be reviewed, or None when the house and its satellite both consent."""
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
    """Name what a transcript must not be reviewed for, each kind once."""
    return tuple(sorted({finding.kind.value for finding in find_sensitive(text, language)}))


def mask_names(text: str, names: Collection[str]) -> str:
    """Return a text in which every whole word or phrase that is one of these names is masked."""
    wanted = sorted((re.escape(name.strip()) for name in names if name.strip()), key=len, reverse=True)
    if not wanted:
        return text
    return re.sub(rf"(?<!\w)(?:{'|'.join(wanted)})(?!\w)", PLACEHOLDER, text, flags=re.IGNORECASE)


def _releases_around(now: datetime) -> list[datetime]:
    """Return the releases of the days around an aware time, in its zone, as UTC."""
    # A zone may skip a day, as Samoa did in 2011: yesterday is two days before today then.
    days = (now.date() + timedelta(days=days) for days in (-2, -1, 0, 1, 2))
    return [
        datetime.combine(day, time(hour), tzinfo=now.tzinfo).astimezone(UTC)
        for day in days
        for hour in RELEASE_HOURS
    ]


def last_release(now: datetime) -> datetime:
    """Return when clips were last released; now is aware and in the house's zone."""
    return max(one for one in _releases_around(now) if one <= now.astimezone(UTC))


def next_release(now: datetime) -> datetime:
    """Return when clips are released next; now is aware and in the house's zone."""
    return min(one for one in _releases_around(now) if one > now.astimezone(UTC))


def may_be_known(now: datetime, proposed_at: datetime, ends_at: datetime) -> bool:
    """Return whether reviewers may know of a clip, so that its coming and going do not tell when it was said.

    It comes with all others at a release, and goes at the last one before its time is up. All three are
    aware; now is in the house's zone.
    """
    return proposed_at < last_release(now) and next_release(now) < ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """One clip in the review pool."""

    review_id: str
    """Random, 32 hexadecimal digits: all that a reviewer sees."""

    recording_id: str
    satellite_id: str
    kind: RecordingKind
    proposed_at: datetime
    """Aware, UTC."""

    findings: tuple[str, ...] = ()
    """Kinds of what the redaction found, or UNCHECKED; never what it was."""

    allowed: bool = False
    """The owner has listened and lets it be reviewed in spite of the findings."""

    label: Label | None = None
    correction: str | None = field(default=None, repr=False)
    """What was really said, for WRONG_TRANSCRIPT."""

    @property
    def barred(self) -> bool:
        """Whether only the owner may hear it."""
        return bool(self.findings) and not self.allowed

    @property
    def expires_at(self) -> datetime:
        """When it leaves the pool by itself."""
        waits = self.kind is RecordingKind.FALSE_WAKE and self.label is None
        return self.proposed_at + (TRAINING if waits else POOL_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolReceipt:
    """What taking clips out of the review pool did, as read back from disk."""

    taken_out: int = 0
    left: int = 0
    """Notes of those clips that are still on disk."""

    unlearned: bool = False
    """Something had been learned from them: those weights are erased."""
