"""What may be reviewed: only what everybody concerned has agreed to."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from custom_components.voice_privacy.core.models import RecordingKind
from custom_components.voice_privacy.core.retention_policy import TRAINING
from custom_components.voice_privacy.core.review import (
    POOL_DAYS,
    UNCHECKED,
    Label,
    NotProposed,
    ReviewItem,
    may_be_proposed,
)

_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def an_item(kind: RecordingKind = RecordingKind.COMMAND, label: Label | None = None) -> ReviewItem:
    """Return a clip that came in at noon."""
    return ReviewItem(
        review_id="a",
        recording_id="b",
        satellite_id="kitchen",
        kind=kind,
        proposed_at=_NOON,
        label=label,
    )


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_both_consents_and_nothing_against_it(
    house: bool, satellite: bool, guests: bool, child: bool
) -> None:
    reason = may_be_proposed(house_on=house, satellite_on=satellite, guest_mode=guests, child_safe=child)
    assert (reason is None) is (house and satellite and not guests and not child)
    told = {
        NotProposed.CHILD_SAFE: child,
        NotProposed.GUEST_MODE: guests,
        NotProposed.HOUSE_OFF: not house,
        NotProposed.SATELLITE_OFF: not satellite,
    }
    assert reason is None or told[reason]


def test_a_finding_bars_a_clip_until_the_owner_allows_it() -> None:
    item = an_item()
    assert not item.barred
    found = ReviewItem(
        review_id="a",
        recording_id="b",
        satellite_id="kitchen",
        kind=RecordingKind.COMMAND,
        proposed_at=_NOON,
        findings=(UNCHECKED,),
    )
    assert found.barred
    allowed = ReviewItem(
        review_id="a",
        recording_id="b",
        satellite_id="kitchen",
        kind=RecordingKind.COMMAND,
        proposed_at=_NOON,
        findings=(UNCHECKED,),
        allowed=True,
    )
    assert not allowed.barred


def test_a_false_wake_waits_a_week_for_its_label() -> None:
    assert an_item().expires_at == _NOON + POOL_DAYS
    assert an_item(RecordingKind.FALSE_WAKE).expires_at == _NOON + TRAINING
    labeled = an_item(RecordingKind.FALSE_WAKE, Label.FALSE_WAKE)
    assert labeled.expires_at == _NOON + POOL_DAYS
    assert timedelta() < TRAINING < POOL_DAYS
