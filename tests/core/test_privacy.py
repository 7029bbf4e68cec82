"""The privacy gate, in both directions: what is kept was allowed, and what was allowed is kept."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, strategies as st

from custom_components.voice_privacy.core.models import DiscardReason, RecordingKind, StartedBy, Utterance
from custom_components.voice_privacy.core.privacy import PrivacySettings, decide, forbids

_SETTINGS = st.builds(
    PrivacySettings,
    guest_mode=st.booleans(),
    muted=st.booleans(),
    save_near_misses=st.booleans(),
    save_recordings=st.booleans(),
)


def utterance(peak_dbfs: float, audio: bytes = b"\1\1", *, near_miss: bool = False) -> Utterance:
    return Utterance(
        utterance_id="0" * 32,
        satellite_id="kitchen",
        started_at=datetime(2026, 11, 24, tzinfo=UTC),
        started_monotonic=0,
        started_by=StartedBy.WAKE_WORD,
        audio=audio,
        peak_dbfs=peak_dbfs,
        kind=RecordingKind.FALSE_WAKE if near_miss else RecordingKind.COMMAND,
        near_miss=near_miss,
    )


@given(
    _SETTINGS,
    st.none() | st.sampled_from(DiscardReason),
    st.floats(-100, 0),
    st.binary(max_size=2),
    st.booleans(),
)
def test_kept_exactly_when_allowed(
    settings: PrivacySettings, forbidden: DiscardReason | None, peak: float, audio: bytes, near_miss: bool
) -> None:
    allowed = (
        settings.save_recordings
        and (settings.save_near_misses or not near_miss)
        and not settings.guest_mode
        and not settings.muted
        and forbidden is None
        and peak >= -60
        and bool(audio)
    )
    assert (decide(utterance(peak, audio, near_miss=near_miss), settings, forbidden) is None) == allowed


@given(_SETTINGS)
def test_what_is_forbidden_has_a_reason_of_its_own(settings: PrivacySettings) -> None:
    reason = forbids(settings)
    switched_off = {
        DiscardReason.MUTED: PrivacySettings(
            muted=False, guest_mode=settings.guest_mode, save_recordings=settings.save_recordings
        ),
        DiscardReason.GUEST_MODE: PrivacySettings(
            muted=settings.muted, guest_mode=False, save_recordings=settings.save_recordings
        ),
        DiscardReason.SAVING_OFF: PrivacySettings(
            muted=settings.muted, guest_mode=settings.guest_mode, save_recordings=True
        ),
    }
    if reason is not None:
        assert forbids(switched_off[reason]) is not reason


def test_nothing_is_kept_by_default() -> None:
    assert forbids(PrivacySettings()) is DiscardReason.SAVING_OFF


def test_consent_does_not_reach_back() -> None:
    on = PrivacySettings(save_recordings=True)
    assert decide(utterance(-20), on, DiscardReason.GUEST_MODE) is DiscardReason.GUEST_MODE


@given(_SETTINGS, st.sampled_from(RecordingKind))
def test_a_misheard_wish_to_delete_is_kept_as_nothing(settings: PrivacySettings, kind: RecordingKind) -> None:
    spoken = replace(utterance(-20), kind=kind, transcript="Dilly, everything I have ever said")
    assert decide(spoken, settings) is DiscardReason.VOICE_COMMAND
    assert decide(replace(spoken, language="de"), settings) is DiscardReason.VOICE_COMMAND
    ordinary = replace(spoken, transcript="delete the milk from the shopping list")
    assert decide(ordinary, settings) == forbids(settings)
