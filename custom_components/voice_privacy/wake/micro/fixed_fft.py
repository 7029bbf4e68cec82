"""Fourier transform of 512 samples in 16-bit fixed-point arithmetic, equal bit by bit to KISS FFT."""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

FFT_SIZE: Final = 512

_PAIRS: Final = FFT_SIZE // 2
_BITS: Final = 15
_UNIT: Final = (1 << _BITS) - 1
_HALF: Final = 1 << (_BITS - 1)

type Words = NDArray[np.int32]


class FixedFft:
    """Energy spectrum of a fixed number of frames; every product is rounded to 16 bits.

    The complex transform of the 256 pairs of samples has four stages, each of which combines four numbers. Arrays
    have the axes [real and imaginary part, ..., frame], so that the innermost loops are long. All buffers and views
    are made once: most of the time goes into starting the operations, not into their loops.
    """

    def __init__(self, frames: int, samples: int, bins: range) -> None:
        """Prepare for frames of up to 512 samples; bins are those of the spectrum that are needed."""
        self._input, self._other = np.zeros((2, 2, _PAIRS, frames), np.int32)
        self._pairs = self._input[:, : samples // 2].transpose(2, 1, 0)
        self._stages: list[_Stage] = []
        source, target = self._input, self._other
        for number in range(4):
            self._stages.append(_Stage(number, source, target))
            source, target = target, source
        # With four stages the result is where the input was; the input beyond the samples must be zero again.
        self._padding = self._input[:, samples // 2 :]
        self._spectrum = _Spectrum(self._input, bins)

    def energy(self, frames: NDArray[np.int16]) -> NDArray[np.float64]:
        """Return the energy of the bins, [frames, bins], of frames, [frames, samples]; valid until the next call."""
        self._padding[...] = 0
        self._pairs[...] = frames.reshape(len(frames), -1, 2)
        for stage in self._stages:
            stage.run()
        return self._spectrum.energy()


class _Stage:
    """One stage of the complex transform: combines four transforms of 4^number values into one four times longer."""

    def __init__(self, number: int, source: Words, target: Words) -> None:
        frames = source.shape[-1]
        blocks = 4**number
        self._source = source
        self._crossed = np.empty_like(source)
        self._turn: _Turn | None = None
        if number:
            # The first of the four numbers is not turned: a product with almost 1 leaves it as it is.
            turns = np.arange(blocks)[:, None] * np.arange(4) / (4 * blocks)
            values = source.reshape(2, blocks, 4, -1, frames)
            self._turn = _Turn(values, turns[..., None, None])
        quarters = source.reshape(2, blocks, 2, 2, -1)
        self._first, self._second = quarters[:, :, 0], quarters[:, :, 1]
        sums, differences = np.empty((2, *self._first.shape), np.int32)
        self._sums, self._differences = sums, differences
        self._even = sums[:, :, 0], sums[:, :, 1]
        # A number times -i is itself with real and imaginary part exchanged, and one of the signs.
        self._odd = differences[:, :, 0], differences[::-1, :, 1]
        result = target.reshape(2, 4, blocks, -1)
        part, quarter = result.strides[:2]
        self._outputs = result[:, 0], result[:, 2]
        shape, strides = result[:, 0].shape, result.strides[2:]
        self._plus = as_strided(result[0, 1:], shape, (part + 2 * quarter, *strides))
        self._minus = as_strided(result[0, 3:], shape, (part - 2 * quarter, *strides))

    def run(self) -> None:
        """Transform the source into the target; the source is overwritten."""
        _divide(self._source, 4)
        if self._turn is not None:
            self._turn.run()
        np.add(self._first, self._second, out=self._sums)
        np.subtract(self._first, self._second, out=self._differences)
        np.add(*self._even, out=self._outputs[0])
        np.subtract(*self._even, out=self._outputs[1])
        np.add(*self._odd, out=self._plus)
        np.subtract(*self._odd, out=self._minus)


class _Turn:
    """Rotation of complex values in place."""

    def __init__(self, values: Words, turns: NDArray[np.float64]) -> None:
        self._values, self._exchanged = values, values[::-1]
        self._crossed = np.empty_like(values)
        angles = -2 * np.pi * turns
        self._real, imaginary = (
            np.floor(0.5 + _UNIT * part).astype(np.int32) for part in (np.cos(angles), np.sin(angles))
        )
        self._imaginary = np.stack((-imaginary, imaginary))

    def run(self) -> None:
        """Rotate the values backwards by the turns."""
        np.multiply(self._exchanged, self._imaginary, out=self._crossed)
        self._crossed += _HALF
        self._values *= self._real
        self._values += self._crossed
        self._values >>= _BITS


class _Spectrum:
    """Spectrum of the real samples, out of the transform of their pairs."""

    def __init__(self, transform: Words, bins: range) -> None:
        middle = _PAIRS // 2
        near, far = transform[:, 1 : middle + 1], transform[:, : middle - 1 : -1]
        self._inputs = near, far
        # Of each pair of bins: both values, their sum and difference, and the two results.
        self._both = np.empty((2, *near.shape), np.int32)
        self._near, self._far = self._both
        self._sums = np.empty_like(near)
        self._differences = np.empty_like(near)
        self._turn = _Turn(self._differences, ((np.arange(1, middle + 1) / _PAIRS + 0.5) / 2)[:, None])
        spectrum = np.zeros((2, _PAIRS, near.shape[-1]), np.int32)
        self._low = spectrum[:, 1 : middle + 1]
        self._high = spectrum[:, : middle - 1 : -1]
        self._used = spectrum[:, bins.start : bins.stop]
        self._energy = np.empty((near.shape[-1], len(bins)))
        self._sum = self._energy.T

    def energy(self) -> NDArray[np.float64]:
        """Return the energy of the bins, [frames, bins]."""
        self._near[...], self._far[...] = self._inputs
        np.negative(self._far[1], out=self._far[1])
        _divide(self._both, 2)
        np.add(self._near, self._far, out=self._sums)
        np.subtract(self._near, self._far, out=self._differences)
        self._turn.run()
        np.add(self._sums, self._differences, out=self._low)
        # The middle bin is in both halves; the upper half counts.
        np.subtract(self._sums[0], self._differences[0], out=self._high[0])
        np.subtract(self._differences[1], self._sums[1], out=self._high[1])
        self._used >>= 1
        self._used *= self._used
        np.add(self._used[0], self._used[1], out=self._sum)
        return self._energy


def _divide(values: Words, divisor: int) -> None:
    """Divide values in place, with the rounding of KISS FFT."""
    values *= _UNIT // divisor
    values += _HALF
    values >>= _BITS
