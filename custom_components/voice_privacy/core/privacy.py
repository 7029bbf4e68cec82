"""Decision whether an utterance may be stored."""

from dataclasses import dataclass
from typing import Final

from .levels import PrivacyLevel, keeps
from .misheard import sounds_like_deletion
from .models import DiscardReason, Utterance

SILENT_BELOW_DBFS: Final = -60.0
"""Level below which an utterance is silent, applied to its loudest 80 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacySettings:
    """Privacy switches of a satellite."""

    guest_mode: bool = False
    """True if nothing is stored anywhere."""

    level: PrivacyLevel = PrivacyLevel.NO_LIMIT
    """Privacy level in force in its room."""

    muted: bool = False
    """True if its microphone is muted, by hand or by the level."""

    save_near_misses: bool = False
    save_recordings: bool = False


def forbids(settings: PrivacySettings, *, near_miss: bool = False) -> DiscardReason | None:
    """Return the reason why these settings forbid keeping, or None if they allow it.

    Where the level is MEMORY_ONLY, what is allowed is kept in memory, and on disk only when somebody asks for that.
    A near miss needs its own consent in addition to that for recordings, and is never kept in memory.
    """
    if settings.muted:
        return DiscardReason.MUTED
    if settings.guest_mode:
        return DiscardReason.GUEST_MODE
    if not keeps(settings.level) and (near_miss or settings.level is not PrivacyLevel.MEMORY_ONLY):
        return DiscardReason.PRIVACY_LEVEL
    if not settings.save_recordings or (near_miss and not settings.save_near_misses):
        return DiscardReason.SAVING_OFF
    return None


def decide(
    utterance: Utterance, settings: PrivacySettings, forbidden: DiscardReason | None = None
) -> DiscardReason | None:
    """Return the reason to discard an utterance, or None if it is to be stored.

    The utterance must have its transcript, even if that is not to be stored. `forbidden` is the reason found during
    the capture; consent given later does not apply retroactively.
    """
    if forbidden is not None:
        return forbidden
    if sounds_like_deletion(utterance.transcript):
        return DiscardReason.VOICE_COMMAND
    if (reason := forbids(settings, near_miss=utterance.near_miss)) is not None:
        return reason
    if not utterance.audio or utterance.peak_dbfs < SILENT_BELOW_DBFS:
        return DiscardReason.SILENT
    return None
