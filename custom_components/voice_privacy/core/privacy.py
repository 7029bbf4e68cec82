"""May it be kept? The one decision that stands between an utterance and the disk."""

from dataclasses import dataclass
from typing import Final

from .models import DiscardReason, Utterance

SILENT_BELOW_DBFS: Final = -60.0
"""An utterance whose loudest 80 ms stay below this holds nothing that anyone could hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacySettings:
    """The toggles that govern one satellite."""

    guest_mode: bool = False
    """Nothing is kept anywhere."""

    muted: bool = False
    save_recordings: bool = False


def forbids(settings: PrivacySettings) -> DiscardReason | None:
    """Return why nothing may be kept under these settings, or None when it may."""
    if settings.muted:
        return DiscardReason.MUTED
    if settings.guest_mode:
        return DiscardReason.GUEST_MODE
    if not settings.save_recordings:
        return DiscardReason.SAVING_OFF
    return None


def decide(
    utterance: Utterance, settings: PrivacySettings, forbidden: DiscardReason | None = None
) -> DiscardReason | None:
    """Return why an utterance is to be discarded, or None when it is to be kept.

    Forbidden is what was found while it was being captured; consent that is given later does not
    reach back to it.
    """
    if forbidden is not None:
        return forbidden
    if (reason := forbids(settings)) is not None:
        return reason
    if not utterance.audio or utterance.peak_dbfs < SILENT_BELOW_DBFS:
        return DiscardReason.SILENT
    return None
