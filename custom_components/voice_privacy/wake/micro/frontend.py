"""Audio features of microWakeWord: 40 bands every 10 or 20 ms, equal bit by bit to TensorFlow's micro front end.

Each frame of 30 ms is windowed, transformed (in fixed_fft.py) and summed in mel bands; the noise of each band is
estimated and subtracted, its gain controlled (PCAN) and its logarithm taken. The models were trained on the rounding
errors of that arithmetic, which decide in a quiet room. Everything is therefore computed in integers, or in floats
that hold the integers exactly.
"""

import itertools
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...core.audio import CHUNK_SAMPLES, SAMPLE_RATE
from .fixed_fft import BINS, FFT_SIZE, FixedFft

BANDS: Final = 40
"""Number of features of a frame."""

FRAME_SAMPLES: Final = 480
TAIL_SAMPLES: Final = 320
"""Number of samples kept from one chunk for the frames of the next."""

FEATURE_SCALE: Final = 0.0390625
"""Unit of the integer features: 10 / 256."""

_WINDOW_BITS: Final = 12
_WEIGHT_BITS: Final = 12
_LOWEST_HERTZ: Final = 125.0
_HIGHEST_HERTZ: Final = 7_500.0
_CORRECTION_BITS: Final = 3
_NOISE_BITS: Final = 14
_ESTIMATE_BITS: Final = 10
_SMOOTHING: Final = (0.025, 0.06)
"""Smoothing of the noise estimate of even and odd bands."""

_REMAINING: Final = 0.05
"""Fraction of a band that noise reduction always leaves."""

_GAIN_BITS: Final = 21
_GAIN_OFFSET: Final = 80.0
_GAIN_STRENGTH: Final = 0.95
_GAIN_LIMIT: Final = 32_767
_SNR_SHIFT: Final = 6
_LOG_BITS: Final = 16
_LOG_SEGMENT_BITS: Final = 7
_LOG_SHIFT: Final = 6
_NATURAL: Final = 45_426
"""Natural logarithm of 2, in units of 2^-16."""

_BATCH: Final = 32
"""Frames that are transformed together: with more, the buffers leave the processor's nearest caches."""

REMEMBERED_FRAMES: Final = 800
"""Number of newest frames that decide the features of the next.

The estimate of the noise moves to each frame by at least 2.5 % of the distance. Of whatever it was 800 frames ago, two
billionths are left, which is less than a unit, and rounding ends most of the rest.
"""

_USUAL: Final = 1 << 14
"""Limit of bands whose logarithms are in a table."""

# Operations with such arrays start sooner than with Python's numbers.
_NOISE_SHIFT: Final = np.array(_NOISE_BITS, np.int64)

type Integers = NDArray[np.int64]


class Frontend:
    """Feature extraction of many streams. It has no state of its own: callers keep tails and noise estimates."""

    def __init__(self, step_milliseconds: int) -> None:
        """Compute the tables for frames that start every 10 or 20 ms."""
        self._step = step_milliseconds * SAMPLE_RATE // 1_000
        self.frames = CHUNK_SAMPLES // self._step
        """Number of frames that a chunk completes, apart from the first chunk of a stream."""

        self.first_frames = self.frames - TAIL_SAMPLES // self._step
        """Number of frames that the first chunk of a stream completes."""

        self._window = _window()
        self._weights = _mel_weights()
        self._transforms: dict[int, FixedFft] = {}
        smoothing = np.array([int(_SMOOTHING[band % 2] * (1 << _NOISE_BITS)) for band in range(BANDS)])
        self._smoothing = smoothing.astype(np.int64)
        self._keeping = ((1 << _NOISE_BITS) - self._smoothing)[np.newaxis]
        self._gains = _gain_table()
        self._logarithms, self._slopes = _log_table()
        self._usual_logarithms = self._exact_logarithm(np.arange(_USUAL))

    def features(self, samples: NDArray[np.int16], estimate: Integers, *, first: bool = False) -> Integers:
        """Return the integer features of as many chunks of each stream, [streams, frames, 40].

        Args:
            samples: Last TAIL_SAMPLES samples before the chunks and the chunks, [streams, samples], contiguous.
            estimate: Noise estimate of each stream, [streams, 40], zero at its start; it is updated.
            first: True if the first chunks are those of their streams: frames then start within the chunk.
        """
        bands = self._all_bands(samples, first=first)
        estimates = self._noise(bands, estimate)
        return self._logarithm(self._gain(self._reduce_noise(bands, estimates), estimates))

    def listen(self, samples: NDArray[np.int16], estimate: Integers, *, first: bool = False) -> None:
        """Update the noise estimate like features(), without any features."""
        self._noise(self._all_bands(samples, first=first), estimate)

    def _all_bands(self, samples: NDArray[np.int16], *, first: bool) -> Integers:
        """Return the amplitude in each mel band, [streams, frames, 40]."""
        start = TAIL_SAMPLES if first else 0
        streams, frames = len(samples), (samples.shape[1] - start - TAIL_SAMPLES) // self._step
        # The windows overlap; sliding_window_view would take longer than the rest.
        stride = samples.itemsize
        windows = np.ndarray(
            (streams, frames, FRAME_SAMPLES),
            np.int16,
            samples,
            start * stride,
            (samples.shape[1] * stride, self._step * stride, stride),
        )
        if frames > _BATCH:
            pieces = [
                self._bands(of_stream[np.newaxis, at : at + _BATCH])
                for of_stream in windows
                for at in range(0, frames, _BATCH)
            ]
        else:
            together = _BATCH // frames
            pieces = [self._bands(windows[at : at + together]) for at in range(0, streams, together)]
        bands = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        return bands.reshape(streams, frames, BANDS)

    def _bands(self, windows: NDArray[np.int16]) -> Integers:
        """Return the amplitude in each mel band, [frames, 40], of windows of samples, [streams, frames, 480]."""
        weighted = windows * self._window
        weighted >>= _WINDOW_BITS
        frames = weighted.astype(np.int16).reshape(-1, FRAME_SAMPLES)
        # Like the reference, the loudest sample ignores -32,768, which has no positive counterpart.
        loudest = np.abs(frames).max(axis=1, initial=0)
        shift = 15 - np.frexp(loudest.astype(np.float64))[1]
        if (transform := self._transforms.get(len(frames))) is None:
            transform = self._transforms[len(frames)] = FixedFft(len(frames), FRAME_SAMPLES)
        sums = self._weights @ transform.energy(frames << shift[:, None].astype(np.int16))
        # The sums are below 2^48, so that floats hold them, and their roots are never halfway between integers.
        roots = np.rint(np.sqrt(sums))
        np.minimum(roots, 0xFFFF, out=roots, where=sums < 2.0**32)
        amplitudes: Integers = roots.T.astype(np.int64)
        amplitudes >>= shift[:, None]
        return amplitudes

    def _noise(self, bands: Integers, estimate: Integers) -> Integers:
        """Return the noise estimate after each frame, [streams, frames, 40], and update the newest."""
        estimates: Integers = (bands << _ESTIMATE_BITS) * self._smoothing
        kept = np.empty_like(estimate)
        last = estimate
        # Arguments by position, since this is done for each frame.
        for now in estimates.transpose(1, 0, 2):
            np.multiply(last, self._keeping, kept)
            np.add(now, kept, now)
            np.right_shift(now, _NOISE_SHIFT, now)
            last = now
        estimate[...] = last
        return estimates

    def _reduce_noise(self, bands: Integers, estimates: Integers) -> Integers:
        scaled: Integers = bands << _ESTIMATE_BITS
        remaining = (bands * int(_REMAINING * (1 << _NOISE_BITS))) >> _NOISE_BITS
        scaled -= np.minimum(estimates, scaled)
        scaled >>= _ESTIMATE_BITS
        np.maximum(scaled, remaining, out=scaled)
        return scaled

    def _gain(self, bands: Integers, estimates: Integers) -> Integers:
        """Return the bands after gain control, which depends on the noise."""
        mantissa, interval = np.frexp(estimates.astype(np.float64))
        fraction = (mantissa * 2_048).astype(np.int64) & 0x3FF
        start, slope, bend = (table.take(interval) for table in self._gains)
        gain: Integers = bend * fraction
        gain >>= 5
        gain += slope
        gain *= fraction
        gain += 1 << 14
        gain >>= 15
        gain += start
        gain *= bands
        gain >>= _SNR_SHIFT
        faint = gain < 1 << 13
        squares = gain * gain
        squares >>= 20
        gain >>= 6
        gain -= 1 << 6
        np.copyto(gain, squares, where=faint)
        return gain

    def _logarithm(self, bands: Integers) -> Integers:
        """Return the scaled natural logarithm of the bands; nearly always, a table has it."""
        if bands.max() >= _USUAL:
            return self._exact_logarithm(bands)
        return self._usual_logarithms.take(bands)

    def _exact_logarithm(self, bands: Integers) -> Integers:
        mantissa, exponent = np.frexp((bands << _CORRECTION_BITS).astype(np.float64))
        fraction = (mantissa * (2 << _LOG_BITS)).astype(np.int64) & 0xFFFF
        segment = fraction >> (_LOG_BITS - _LOG_SEGMENT_BITS)
        correction: Integers = self._slopes.take(segment) * (fraction & 0x1FF)
        correction >>= _LOG_BITS
        correction += self._logarithms.take(segment)
        correction += fraction
        correction += (exponent.astype(np.int64) - 1) << _LOG_BITS
        correction *= _NATURAL
        correction += 1 << (_LOG_BITS - 1)
        correction >>= _LOG_BITS
        correction <<= _LOG_SHIFT
        correction += 1 << (_LOG_BITS - 1)
        correction >>= _LOG_BITS
        # Only a band of zero has no logarithm: others have at least the correction bits.
        correction[bands == 0] = 0
        return correction


def _window() -> NDArray[np.int32]:
    """Return the weights of a frame's samples. Like the reference, compute each step in single precision."""
    turn = np.float32(np.pi) * np.float32(2) / np.float32(FRAME_SAMPLES)
    angles = turn * (np.arange(FRAME_SAMPLES, dtype=np.float32) + np.float32(0.5))
    cosines = np.cos(angles.astype(np.float64)).astype(np.float32)
    weights = np.float32(0.5) - np.float32(0.5) * cosines
    window: NDArray[np.int32] = np.floor(weights * np.float32(1 << _WINDOW_BITS) + np.float32(0.5)).astype(
        np.int32
    )
    return window


def _mel(hertz: float) -> np.float32:
    return np.float32(1_127) * np.float32(math.log1p(np.float32(hertz) / np.float32(700)))


def _mel_weights() -> NDArray[np.float64]:
    """Return the weights of the bins in each band, [40, bins], with the bins in the order of BINS.

    Like the reference, compute each step in single precision.
    """
    hertz = SAMPLE_RATE / FFT_SIZE
    lowest = _mel(_LOWEST_HERTZ)
    spacing = (_mel(_HIGHEST_HERTZ) - lowest) / np.float32(BANDS + 1)
    edges = [lowest, *(lowest + spacing * np.float32(number) for number in range(1, BANDS + 2))]
    # Bands overlap: a bin's weight in a band falls as that in the next one rises.
    weights = np.zeros((BANDS + 2, FFT_SIZE // 2))
    number = int(1.5 + _LOWEST_HERTZ / hertz)
    for band, (start, end) in enumerate(itertools.pairwise(edges)):
        while (position := _mel(number * hertz)) <= end:
            falling = (end - position) / (end - start)
            weights[band, number] = _fixed(falling)
            weights[band + 1, number] = _fixed(np.float32(1) - falling)
            number += 1
    ordered = weights[1:-1, BINS]
    ordered[:, BINS.index(FFT_SIZE // 4)] = 0
    return np.ascontiguousarray(ordered)


def _fixed(weight: np.float32) -> float:
    return float(np.floor(weight * np.float32(1 << _WEIGHT_BITS) + np.float32(0.5)))


def _gain_at(estimate: int) -> int:
    """Return the gain of a band with a noise estimate."""
    noise = estimate / (1 << (_ESTIMATE_BITS - _CORRECTION_BITS))
    gain = (1 << _GAIN_BITS) * (noise + _GAIN_OFFSET) ** -_GAIN_STRENGTH
    return min(_GAIN_LIMIT, int(gain + 0.5))


def _gain_table() -> Integers:
    """Return start, slope (times 32) and bend of the gain for each number of bits of a noise estimate, [3, 33]."""
    table = np.zeros((3, 33), np.int64)
    table[0, 0], table[0, 1] = _gain_at(0), _gain_at(1)
    for bits in range(2, 33):
        start = 1 << (bits - 1)
        end = 2 * start - (bits == 32)
        first, middle, last = _gain_at(start), _gain_at(start + start // 2), _gain_at(end)
        slope = 4 * (middle - first) - (last - first)
        table[:, bits] = first, slope << 5, last - first - slope
    return table


def _log_table() -> tuple[Integers, Integers]:
    """Return the difference of log2(1 + x) to x at each segment's start, and its change over the segment."""
    segments = 1 << _LOG_SEGMENT_BITS
    unit = 1 << _LOG_BITS
    values = [
        math.floor((math.log2(1 + number / segments) - number / segments) * unit + 0.5)
        for number in range(segments + 1)
    ]
    table = np.array(values, np.int64)
    return table[:-1], np.diff(table)
