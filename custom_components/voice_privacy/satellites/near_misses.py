"""Near misses of a satellite: the seconds around a sound that almost woke it, if it consents."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
import time
from typing import Final, Protocol, override

from homeassistant.core import callback

from ..core.audio import SAMPLE_RATE, SAMPLE_WIDTH
from ..core.capture import Wake
from ..core.models import DiscardReason, RecordingKind
from ..core.near_miss import AFTER_SECONDS, NearMissLimit, is_near_miss
from ..core.score_history import ScorePeak
from ..core.word_start import word_audio
from ..wake.model_files import phrase_of
from .live_capture import LiveCapture

_AFTER: Final = int(AFTER_SECONDS * SAMPLE_RATE)
"""Samples after the highest score."""


class NearMiss(LiveCapture):
    """Capture of a sound that almost woke a satellite. No pipeline ever hears it."""

    def __init__(self, satellite_id: str, peak: ScorePeak, *, word: bytes, lag: float) -> None:
        """Open a capture.

        Args:
            satellite_id: Id of the satellite.
            peak: Highest score of the sound.
            word: Audio up to the highest score: 16 kHz, 16-bit, mono PCM.
            lag: Seconds of audio that have arrived since.
        """
        wake = Wake.heard(peak, phrase_of(peak.wake_word))
        super().__init__(satellite_id, wake, ignores_made_up_text=False, pre_roll=word)
        self.capture.near_miss = True
        self.capture.started_at -= timedelta(seconds=lag)
        self.capture.started_monotonic -= lag

    @property
    @override
    def kind(self) -> RecordingKind:
        """It led to no command."""
        return RecordingKind.FALSE_WAKE


class NearMissKeeper(Protocol):
    """Satellite whose near misses may be kept."""

    near_misses: NearMissLimit

    @property
    def satellite_id(self) -> str:
        """Id of the satellite's config subentry."""

    @property
    def may_keep_near_miss(self) -> bool:
        """True if what it hears now may be part of a near miss: no command, and with consent."""

    @callback
    def near_miss_begins(self, near_miss: NearMiss) -> None:
        """Register a near miss; from now on a deletion can cover it."""

    @callback
    def near_miss_ends(self, near_miss: NearMiss) -> None:
        """Store or discard a near miss."""


@dataclass(slots=True)
class _Open:
    """Near miss whose last second still arrives."""

    live: NearMiss
    taken: int
    """Sample of the stream up to which it has its audio."""

    until: int
    """Sample at which its audio ends; a wake up to there makes it no near miss."""

    settled: int
    """Sample from which on the worker has reported any such wake."""


class NearMissWatch:
    """Finds the near misses in one stream, whose samples count from zero. It belongs to the event loop."""

    def __init__(self, keeper: NearMissKeeper, between: Callable[[int, int], bytes]) -> None:
        """Watch a stream; between returns its buffered audio between two samples."""
        self._keeper = keeper
        self._between = between
        self._end = 0
        self._from = 0
        """Sample from which on a near miss may begin: what was heard before is part of something else."""

        self._open: _Open | None = None
        self._deletions = keeper.near_misses.deletions

    @callback
    def heard(self, end: int) -> None:
        """Take the audio that has arrived, up to a sample of the stream."""
        self._forget_deleted()
        self._end = end
        if not self._keeper.may_keep_near_miss:
            self._from = end
            self._drop()
        elif (current := self._open) is not None:
            self._take(current)
            if end >= current.settled:
                self._finish(current)

    @callback
    def peaked(self, peak: ScorePeak) -> None:
        """Open a near miss if a score came close to a wake."""
        self._forget_deleted()
        if self._open is not None or not is_near_miss(peak) or not self._keeper.may_keep_near_miss:
            return
        at = peak.end_sample
        word = word_audio(at, None, self._between, phrase_of(peak.wake_word))
        if not word or at > self._end or at - len(word) // SAMPLE_WIDTH < self._from:
            return
        lag = (self._end - at) / SAMPLE_RATE
        live = NearMiss(self._keeper.satellite_id, peak, word=word, lag=lag)
        self._open = current = _Open(
            live=live,
            taken=at,
            until=at + _AFTER,
            # The worker is as far behind then as it is now.
            settled=self._end + _AFTER,
        )
        self._keeper.near_miss_begins(live)
        self._take(current)

    @callback
    def woke(self, end: int) -> None:
        """Note a wake whose wake word ends at a sample: what was just heard is no near miss."""
        self._from = max(self._from, end)
        if (current := self._open) is None:
            return
        if end <= current.until:
            self._drop()
        else:
            self._finish(current)

    @callback
    def restart(self) -> None:
        """Forget the stream, whose samples count from zero again."""
        self._drop()
        self._end = self._from = 0

    def _forget_deleted(self) -> None:
        """Let no near miss begin with sound that arrived before a deletion that covers it."""
        if self._deletions != (deletions := self._keeper.near_misses.deletions):
            self._deletions = deletions
            self._from = self._end

    def _take(self, current: _Open) -> None:
        """Add the audio that has arrived, up to the end of the near miss."""
        end = min(self._end, current.until)
        if end > current.taken:
            current.live.add(self._between(current.taken, end))
            current.taken = end

    def _finish(self, current: _Open) -> None:
        """Hand over a near miss, unless there were too many in the last minute."""
        self._take(current)
        if not self._keeper.near_misses.admits(time.monotonic()):
            self._drop()
            return
        self._open = None
        self._from = max(self._from, current.until)
        current.live.close()
        self._keeper.near_miss_ends(current.live)

    def _drop(self) -> None:
        """Discard the open near miss."""
        if (current := self._open) is None:
            return
        self._open = None
        current.live.capture.forbid(DiscardReason.STOPPED)
        current.live.close()
        self._keeper.near_miss_ends(current.live)
