"""How sure the wake engine was of late: in memory only, for no longer than Home Assistant runs."""

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

STEP: Final = 0.01
THRESHOLDS: Final = tuple(round(number * STEP, 2) for number in range(round(NEAR_MISS_FROM / STEP), 100))
"""What can be asked about."""


class Memory(Protocol):
    """Says whether anything may be remembered now."""

    @property
    def may_remember(self) -> bool:
        """Whether anything may be kept in memory for later: not in guest mode."""


class Scores:
    """The house's score history. It belongs to the event loop."""

    def __init__(self, memory: Memory) -> None:
        """Start empty; memory says whether anything may be remembered now."""
        self._memory = memory
        self._history = ScoreHistory()

    @callback
    def heard(self, satellite_id: str, peak: ScorePeak) -> None:
        """Remember something that sounded like a wake word."""
        if self._memory.may_remember:
            self._history.add(satellite_id, peak, dt_util.utcnow())

    @callback
    def ended(self, capture: CaptureSession, kind: RecordingKind, reason: DiscardReason | None) -> None:
        """Remember what became of a wake, unless somebody cut it short."""
        if (
            capture.wake.started_by is StartedBy.WAKE_WORD
            and reason not in CUT_SHORT
            and self._memory.may_remember
        ):
            outcome = Outcome.COMMAND if kind is RecordingKind.COMMAND else Outcome.FALSE_WAKE
            self._history.settle(capture.satellite_id, outcome)

    @callback
    def deleted(self, request: DeletionRequest, satellite_ids: set[str], by: Requester) -> None:
        """Forget the satellites that somebody deletes from; what goes by itself leaves its score."""
        if by.kind is RequesterKind.RETENTION:
            return
        for satellite_id in request.satellite_ids or satellite_ids:
            self._history.forget(satellite_id)

    def table(self, satellite_id: str) -> dict[str, list[int]]:
        """Return what each of THRESHOLDS would have done, empty when nothing was heard."""
        if not (entries := self._history.entries(satellite_id)):
            return {}
        replays = [replay(entries, threshold) for threshold in THRESHOLDS]
        return {
            "avoided": [one.avoided for one in replays],
            "missed": [one.missed for one in replays],
            "unknown": [one.unknown for one in replays],
        }
