"""Level, clipping and noise floor of a microphone or a recording, and what they mean for whoever placed the microphone.

Nothing of the sound itself is remembered, only the level of each stretch of 80 ms.
"""

from array import array
from dataclasses import dataclass
from enum import StrEnum
import math
import sys
from typing import Final

from .audio import CHUNK_BYTES, CHUNK_SECONDS, SAMPLE_RATE, SAMPLE_WIDTH, SILENCE_DBFS, level_dbfs

_FULL_SCALE: Final = 32_768

_CLIPPED: Final = 32_760
"""Magnitude from which a sample counts as cut off: some devices stop a little short of full scale."""

_CLIPPED_RUN: Final = 3
"""Cut off samples in a row that count as a clip: a single one may just be loud."""

_FLOOR_PERCENTILE: Final = 10
"""Share of the sound in percent that may be quieter than the noise floor."""

_LOUD_SECONDS: Final = 0.5
"""Length of the loudest parts together, by which speech is judged: a short word is that long."""

_FLOOR_SECONDS: Final = 1.0
"""Sound that is needed before the noise floor says something."""

_JUDGED_SECONDS: Final = 2.0
"""Sound that is needed for a verdict."""

_SILENT_BELOW: Final = -90.0
"""Level in dBFS of a microphone that is unplugged or switched off."""

_CLIPS: Final = 3
"""Clips from which the sound counts as distorted: one may be a knock on the table."""

_CLIPPED_SHARE: Final = 0.005
"""Share of cut off samples from which the sound counts as distorted: far too loud, it is one clip that does not end."""

_SPEECH_ABOVE_FLOOR: Final = 10.0
"""Decibels above the noise floor from which somebody must have spoken."""

_QUIET_BELOW: Final = -45.0
"""Level of the loudest parts in dBFS below which speech is too quiet."""

_CLEAR_ABOVE_FLOOR: Final = 18.0
"""Decibels between the noise floor and the loudest parts below which words drown in noise."""


class SoundVerdict(StrEnum):
    """Meaning of the figures, in the order in which they are looked at."""

    SILENT = "silent"
    """Nothing arrives but digital silence."""

    CLIPPING = "clipping"
    UNSPOKEN = "unspoken"
    """Only the room was heard, so nothing can be said about speech."""

    QUIET = "quiet"
    NOISY = "noisy"
    GOOD = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFigures:
    """Figures of the newest sound, and of all of it so far."""

    level: float
    """Root mean square of the newest sound in dBFS."""

    peak: float
    """Largest sample of the newest sound in dBFS."""

    clips: int
    """Number of times so far that the sound was cut off at full scale."""

    floor: float | None
    """Noise floor so far in dBFS; None while there is too little sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFigures:
    """Figures of a whole recording."""

    level: float
    """Root mean square of its loudest half second in dBFS."""

    peak: float
    """Largest sample in dBFS."""

    clipped: float
    """Share of its samples that are cut off at full scale, 0 to 1."""

    problem: SoundVerdict | None
    """SILENT, CLIPPING or QUIET; None if none of them applies."""


def figures_of_recording(pcm: bytes) -> RecordingFigures:
    """Return the figures of a recording. Takes some milliseconds.

    There is no verdict on noise: somebody speaks in most of a recording, so that its quietest tenth is no noise floor.

    Args:
        pcm: 16 kHz, 16-bit, mono PCM; an incomplete last sample is ignored.
    """
    pcm = pcm[: len(pcm) // SAMPLE_WIDTH * SAMPLE_WIDTH]
    meter = SoundMeter()
    peak = SILENCE_DBFS
    for start in range(0, len(pcm), CHUNK_BYTES):
        peak = max(peak, meter.add(pcm[start : start + CHUNK_BYTES]).peak)
    return RecordingFigures(level=meter.loudest, peak=peak, clipped=meter.clipped, problem=_problem_of(meter))


def _problem_of(meter: SoundMeter) -> SoundVerdict | None:
    """Return what is wrong with sound whatever the room around it is like."""
    if meter.loudest <= _SILENT_BELOW:
        return SoundVerdict.SILENT
    if meter.clips >= _CLIPS or meter.clipped >= _CLIPPED_SHARE:
        return SoundVerdict.CLIPPING
    return SoundVerdict.QUIET if meter.loudest < _QUIET_BELOW else None


class SoundMeter:
    """Figures of one microphone's sound: 16 kHz, 16-bit, mono PCM, in pieces of any length."""

    def __init__(self) -> None:
        """Start without sound."""
        self._levels: list[float] = []
        """Level of each complete stretch of 80 ms in dBFS."""

        self._partial = bytearray()
        self._samples = 0
        self._run = 0
        """Cut off samples in a row up to the newest one."""

        self.clips = 0
        """Number of times that the sound was cut off at full scale."""

        self._cut_off = 0

    @property
    def clipped(self) -> float:
        """Share of all samples so far that are cut off, 0 to 1."""
        return self._cut_off / self._samples if self._samples else 0.0

    @property
    def loudest(self) -> float:
        """Level of the loudest parts in dBFS, of half a second together; of less sound, that of the quietest of it."""
        if not self._levels:
            return SILENCE_DBFS
        return sorted(self._levels)[-min(math.ceil(_LOUD_SECONDS / CHUNK_SECONDS), len(self._levels))]

    @property
    def seconds(self) -> float:
        """Length of the sound so far."""
        return self._samples / SAMPLE_RATE

    def add(self, pcm: bytes) -> SoundFigures:
        """Take the next sound, of complete samples, and return the figures."""
        samples = array("h", pcm)
        if sys.byteorder == "big":
            samples.byteswap()
        self._samples += len(samples)
        highest, lowest = (max(samples), min(samples)) if samples else (0, 0)
        peak = max(highest, -lowest)
        self._count_clips(samples, peak)
        self._partial += pcm
        whole = len(self._partial) // CHUNK_BYTES * CHUNK_BYTES
        for start in range(0, whole, CHUNK_BYTES):
            self._levels.append(level_dbfs(bytes(self._partial[start : start + CHUNK_BYTES])))
        del self._partial[:whole]
        return SoundFigures(
            level=level_dbfs(pcm),
            peak=max(SILENCE_DBFS, 20 * math.log10(peak / _FULL_SCALE)) if peak else SILENCE_DBFS,
            clips=self.clips,
            floor=self.floor,
        )

    @property
    def floor(self) -> float | None:
        """Noise floor in dBFS: what is exceeded nearly always; None while there is too little sound."""
        if len(self._levels) * CHUNK_SECONDS < _FLOOR_SECONDS:
            return None
        return sorted(self._levels)[len(self._levels) * _FLOOR_PERCENTILE // 100]

    @property
    def verdict(self) -> SoundVerdict:
        """Meaning of the figures. A satellite that sends little or no sound of a quiet room counts as unspoken."""
        floor = self.floor
        if floor is None or len(self._levels) * CHUNK_SECONDS < _JUDGED_SECONDS:
            return SoundVerdict.UNSPOKEN
        loud = self.loudest
        problem = _problem_of(self)
        if problem in (SoundVerdict.SILENT, SoundVerdict.CLIPPING):
            return problem
        if loud - floor < _SPEECH_ABOVE_FLOOR:
            return SoundVerdict.UNSPOKEN
        if problem is not None:
            return problem
        return SoundVerdict.NOISY if loud - floor < _CLEAR_ABOVE_FLOOR else SoundVerdict.GOOD

    def _count_clips(self, samples: array[int], peak: int) -> None:
        """Count runs of cut off samples, which may go on from the sound before."""
        if peak < _CLIPPED:
            # Nearly all sound: nothing to look at one by one.
            self._run = 0 if samples else self._run
            return
        for sample in samples:
            self._run = self._run + 1 if abs(sample) >= _CLIPPED else 0
            self._cut_off += self._run > 0
            self.clips += self._run == _CLIPPED_RUN
