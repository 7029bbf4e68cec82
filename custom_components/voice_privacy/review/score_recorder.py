"""Recent wake word scores, kept in memory only."""

from collections.abc import Collection
from typing import Final, Protocol

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..core.capture import CaptureSession
from ..core.models import (
    CUT_SHORT,
    DeletionRequest,
    DiscardReason,
    RecordingKind,
    Requester,
    RequesterKind,
    StartedBy,
)
from ..core.score_history import NEAR_MISS_FROM, Outcome, ScoreHistory, ScorePeak, replay
from ..wake.model_folder import word_key

STEP: Final = 0.01
THRESHOLDS: Final = tuple(round(number * STEP, 2) for number in range(round(NEAR_MISS_FROM / STEP), 100))
"""Thresholds for which the score history is replayed."""


class Memory(Protocol):
    """Permission to keep data in memory."""

    @property
    def may_remember(self) -> bool:
        """True if data may be kept in memory for later, which guest mode forbids."""


class Scores:
    """Score history of all satellites. It belongs to the event loop."""

    def __init__(self, memory: Memory) -> None:
        """Start empty; memory tells whether data may be kept now."""
        self._memory = memory
        self._history = ScoreHistory()

    @callback
    def heard(self, satellite_id: str, peak: ScorePeak) -> None:
        """Add a score peak of a satellite to its history."""
        if self._memory.may_remember:
            self._history.add(satellite_id, peak, dt_util.utcnow())

    @callback
    def ended(self, capture: CaptureSession, kind: RecordingKind, reason: DiscardReason | None) -> None:
        """Record the outcome of a wake, unless the utterance was cut short."""
        if (
            capture.wake.started_by is StartedBy.WAKE_WORD
            and reason not in CUT_SHORT
            and self._memory.may_remember
        ):
            outcome = Outcome.COMMAND if kind is RecordingKind.COMMAND else Outcome.FALSE_WAKE
            self._history.settle(capture.satellite_id, outcome)

    @callback
    def deleted(self, request: DeletionRequest, satellite_ids: set[str], by: Requester) -> None:
        """Clear the history of satellites that a requester deletes from; retention leaves it."""
        if by.kind is RequesterKind.RETENTION:
            return
        for satellite_id in request.satellite_ids or satellite_ids:
            self._history.forget(satellite_id)

    @callback
    def words_deleted(self, word_ids: Collection[str]) -> None:
        """Forget the scores of deleted wake words: another one may get such an id."""
        keys = {word_key(word_id) for word_id in word_ids}
        self._history.forget_words(lambda wake_word: word_key(wake_word) in keys)

    def table(self, satellite_id: str) -> dict[str, list[int]]:
        """Return the outcome counts for each of THRESHOLDS; empty if there is no history."""
        if not (entries := self._history.entries(satellite_id)):
            return {}
        replays = [replay(entries, threshold) for threshold in THRESHOLDS]
        return {
            "avoided": [simulated.avoided for simulated in replays],
            "missed": [simulated.missed for simulated in replays],
            "unknown": [simulated.unknown for simulated in replays],
        }
