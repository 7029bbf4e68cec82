"""Conversion of an utterance into the listed and the sealed part of a recording."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from ..core.audio import seconds_of
from ..core.feedback import Feedback
from ..core.models import RecordingContent, RecordingInfo, Utterance
from ..core.run_outcome import RunOutcome
from ..core.wake_trace import WakeTrace


def info_from(utterance: Utterance, sequence: int, local_date: date) -> RecordingInfo:
    """Return the listed fields of an utterance; its sealed size is not known yet and is 0."""
    return RecordingInfo(
        recording_id=utterance.utterance_id,
        sequence=sequence,
        satellite_id=utterance.satellite_id,
        started_at=utterance.started_at,
        started_monotonic=utterance.started_monotonic,
        local_date=local_date,
        duration=seconds_of(utterance.audio),
        size=0,
        kind=utterance.kind,
        near_miss=utterance.near_miss,
        has_text=utterance.content().has_text,
    )


def with_extras(content: RecordingContent, plain: Mapping[str, object]) -> RecordingContent:
    """Add the fields that a file of another version may lack, or have in a form that cannot be read."""
    return replace(
        content,
        trace=WakeTrace.from_stored(plain.get("wake")),
        run=RunOutcome.from_stored(plain.get("run")),
        feedback=Feedback.from_stored(plain.get("feedback")),
    )
