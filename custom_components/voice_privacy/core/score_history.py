"""How sure the wake engine was, without any audio: enough to ask what another threshold would have done.

An entry tells when which satellite thought it heard a wake word, how sure it was, and what became of it. The
time is cut to the minute and the score to a hundredth: nothing here says what was spoken.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
import math
from typing import Final

NEAR_MISS_FROM: Final = 0.2
"""Score from which something that did not wake a satellite is remembered."""

MAX_ENTRIES: Final = 500
"""Entries kept of each satellite; the oldest goes first."""


class Outcome(StrEnum):
    """What became of it."""

    COMMAND = "command"
    """The satellite woke, and something was said to it."""

    FALSE_WAKE = "false_wake"
    """The satellite woke, and nothing was said to it or somebody labeled it so."""

    NEAR_MISS = "near_miss"
    """The threshold was not reached; nobody knows whether it was meant for us."""

    REJECTED = "rejected"
    """The threshold was reached, and the second stage said no."""

    UNSETTLED = "unsettled"
    """The satellite woke; what followed is not known, or not yet."""


_WOKE: Final = frozenset({Outcome.COMMAND, Outcome.FALSE_WAKE, Outcome.UNSETTLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePeak:
    """The highest score of something that sounded like a wake word, as the worker reports it."""

    wake_word: str
    score: float
    threshold: float
    end_sample: int
    """Samples of the stream (16 kHz, from its start) up to the end of the chunk with that score."""

    generation: int
    """Which life of the stream it was heard in."""

    woke: bool
    """There was a detection."""

    rejected: bool
    """The threshold was reached, and the second stage said no every time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreEntry:
    """One thing that sounded like a wake word."""

    when: datetime
    """Aware, UTC, whole minutes."""

    wake_word: str
    score: float
    """0 to 1, in hundredths."""

    threshold: float
    """The threshold at that time, 0 to 1."""

    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What another threshold would have done to what is remembered, and what happened."""

    threshold: float

    wakes: int
    """How often the satellite would have woken."""

    commands: int
    """Commands that would have been heard."""

    missed: int
    """Commands that would not."""

    false_wakes: int
    """False wakes that would have happened again."""

    avoided: int
    """False wakes that would not."""

    unknown: int
    """Wakes that would have been more: what they were, nobody knows."""

    rejected: int
    """What the second stage would have had to reject, as it did."""


def replay(history: Iterable[ScoreEntry], threshold: float) -> Replay:
    """Return what a threshold would have done.

    Scores are peaks, so a threshold that needs several chunks in a row is taken as one that needs one. Below
    NEAR_MISS_FROM nothing is remembered, and so nothing can be foretold.
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
    """The newest entries of every satellite. Not threadsafe: it belongs to the event loop."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._entries: dict[str, deque[ScoreEntry]] = {}
        self._early: dict[str, Outcome] = {}
        """Outcomes that were known before the peak was over, by satellite."""

    def add(self, satellite_id: str, peak: ScorePeak, when: datetime) -> ScoreEntry:
        """Remember a peak; when is aware."""
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
        """Say what became of a satellite's last wake; in case its peak is not over yet, of that one."""
        entries = self._entries.get(satellite_id, ())
        for at in range(len(entries) - 1, -1, -1):
            if entries[at].outcome is Outcome.UNSETTLED:
                self._entries[satellite_id][at] = replace(entries[at], outcome=outcome)
                return
        self._early[satellite_id] = outcome

    def entries(self, satellite_id: str) -> tuple[ScoreEntry, ...]:
        """Return what is remembered of a satellite, oldest first."""
        return tuple(self._entries.get(satellite_id, ()))

    def forget(self, satellite_id: str | None = None, *, before: datetime | None = None) -> int:
        """Forget a satellite or all of them, or only what is older; return how many entries went."""
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


def _hundredths(score: float) -> float:
    """Return a score in hundredths, rounded down: what did not reach a threshold must not seem to."""
    if not math.isfinite(score):
        raise ValueError("a score is a number")
    return math.floor(min(1.0, max(0.0, score)) * 100 + 1e-6) / 100
