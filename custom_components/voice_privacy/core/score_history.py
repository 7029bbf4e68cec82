"""History of wake word scores, without audio, to simulate the effect of other thresholds.

An entry has the time, wake word, score and outcome of a possible wake word of a satellite. Times are
truncated to minutes and scores to hundredths, so that an entry reveals nothing about what was spoken.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
import math
from typing import Final

from .wake_trace import WakeTrace

NEAR_MISS_FROM: Final = 0.2
"""Minimum score for recording a sound that did not wake the satellite."""

MAX_ENTRIES: Final = 500
"""Maximum entries per satellite; the oldest is dropped first."""


class Outcome(StrEnum):
    """Outcome of a possible wake word."""

    COMMAND = "command"
    """The satellite woke and received a command."""

    FALSE_WAKE = "false_wake"
    """The satellite woke without a command, or the wake was labeled as a false wake."""

    NEAR_MISS = "near_miss"
    """The threshold was not reached; it is unknown whether it was meant for the assistant."""

    REJECTED = "rejected"
    """The threshold was reached, but the second stage rejected it."""

    UNSETTLED = "unsettled"
    """The satellite woke; the outcome is unknown, or not known yet."""


_WOKE: Final = frozenset({Outcome.COMMAND, Outcome.FALSE_WAKE, Outcome.UNSETTLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePeak:
    """Highest score of a possible wake word, as reported by the worker."""

    wake_word: str
    score: float
    threshold: float
    end_sample: int
    """Samples of the stream (16 kHz, from its start) up to the end of the chunk with this score."""

    generation: int
    """Generation of the stream in which it was heard."""

    woke: bool
    """True if there was a detection."""

    rejected: bool
    """True if the threshold was reached and the second stage rejected it every time."""

    trace: WakeTrace | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreEntry:
    """Possible wake word in the history."""

    when: datetime
    """Time, aware, UTC, truncated to minutes."""

    wake_word: str
    score: float
    """0 to 1, in hundredths."""

    threshold: float
    """Threshold at that time, 0 to 1."""

    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Simulated effect of a threshold on the history, compared with the actual outcomes."""

    threshold: float

    wakes: int
    """Wakes at this threshold."""

    commands: int
    """Commands that would still have been heard."""

    missed: int
    """Commands that would have been missed."""

    false_wakes: int
    """False wakes that would have happened again."""

    avoided: int
    """False wakes that would have been avoided."""

    unknown: int
    """Additional wakes at this threshold, outcome unknown."""

    rejected: int
    """Wakes that the second stage would have had to reject again."""


def replay(history: Iterable[ScoreEntry], threshold: float) -> Replay:
    """Simulate a threshold on a score history.

    Scores are peaks, so a trigger that needs several consecutive chunks is treated as if it needed one
    chunk. Scores below NEAR_MISS_FROM are not recorded, so lower thresholds cannot be simulated.
    """
    counts = {outcome: [0, 0] for outcome in Outcome}
    for entry in history:
        counts[entry.outcome][entry.score >= threshold] += 1
    again = {outcome: reached for outcome, (_, reached) in counts.items()}
    return Replay(
        threshold=threshold,
        wakes=sum(reached for outcome, reached in again.items() if outcome is not Outcome.REJECTED),
        commands=again[Outcome.COMMAND],
        missed=counts[Outcome.COMMAND][0],
        false_wakes=again[Outcome.FALSE_WAKE],
        avoided=counts[Outcome.FALSE_WAKE][0],
        unknown=again[Outcome.NEAR_MISS],
        rejected=again[Outcome.REJECTED],
    )


class ScoreHistory:
    """Newest entries of every satellite. Not thread-safe: use it in the event loop only."""

    def __init__(self) -> None:
        """Start with an empty history."""
        self._entries: dict[str, deque[ScoreEntry]] = {}
        self._early: dict[str, Outcome] = {}
        """Outcomes reported before the peak was over, by satellite."""

    def add(self, satellite_id: str, peak: ScorePeak, when: datetime) -> ScoreEntry:
        """Add an entry for a peak and return it; `when` is aware."""
        outcome = Outcome.NEAR_MISS
        if peak.woke:
            outcome = self._early.pop(satellite_id, Outcome.UNSETTLED)
        elif peak.rejected:
            outcome = Outcome.REJECTED
        entry = ScoreEntry(
            when=when.astimezone(UTC).replace(second=0, microsecond=0),
            wake_word=peak.wake_word,
            score=_hundredths(peak.score),
            threshold=peak.threshold,
            outcome=outcome,
        )
        self._entries.setdefault(satellite_id, deque(maxlen=MAX_ENTRIES)).append(entry)
        return entry

    def settle(self, satellite_id: str, outcome: Outcome) -> None:
        """Set the outcome of a satellite's last unsettled wake, or of the current peak if there is none."""
        entries = self._entries.get(satellite_id, ())
        for at in range(len(entries) - 1, -1, -1):
            if entries[at].outcome is Outcome.UNSETTLED:
                self._entries[satellite_id][at] = replace(entries[at], outcome=outcome)
                return
        self._early[satellite_id] = outcome

    def entries(self, satellite_id: str) -> tuple[ScoreEntry, ...]:
        """Return the entries of a satellite, oldest first."""
        return tuple(self._entries.get(satellite_id, ()))

    def forget(self, satellite_id: str | None = None, *, before: datetime | None = None) -> int:
        """Delete the entries of a satellite or of all, optionally only older ones; return their number."""
        gone = 0
        for of_satellite in [satellite_id] if satellite_id is not None else list(self._entries):
            entries = self._entries.get(of_satellite, deque())
            kept = [entry for entry in entries if before is not None and entry.when >= before]
            gone += len(entries) - len(kept)
            self._entries[of_satellite] = deque(kept, maxlen=MAX_ENTRIES)
            if not kept:
                del self._entries[of_satellite]
                self._early.pop(of_satellite, None)
        return gone

    def forget_words(self, is_word: Callable[[str], bool]) -> None:
        """Delete the entries of all wake words for which a function returns True."""
        for satellite_id, entries in list(self._entries.items()):
            kept = [entry for entry in entries if not is_word(entry.wake_word)]
            self._entries[satellite_id] = deque(kept, maxlen=MAX_ENTRIES)
            if not kept:
                del self._entries[satellite_id]


def _hundredths(score: float) -> float:
    """Round a score down to hundredths, so that it never appears to reach a threshold that it missed."""
    if not math.isfinite(score):
        raise ValueError("score is not a finite number")
    return math.floor(min(1.0, max(0.0, score)) * 100 + 1e-6) / 100
