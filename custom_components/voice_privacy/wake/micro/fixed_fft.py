"""Fourier transform of 512 samples in 16-bit fixed-point arithmetic, equal bit by bit to KISS FFT."""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

FFT_SIZE: Final = 512

_PAIRS: Final = FFT_SIZE // 2
_STAGES: Final = 4

BINS: Final = (*range(1, _PAIRS // 2 + 1), *range(_PAIRS - 1, _PAIRS // 2 - 1, -1))
"""Bins of the spectrum in the order in which they are computed. The middle bin is in both halves: the second counts."""

_BITS: Final = 15
_UNIT: Final = (1 << _BITS) - 1

# Operations with such arrays start sooner than with Python's numbers.
_HALF: Final = np.array(1 << (_BITS - 1), np.int32)
_SHIFT: Final = np.array(_BITS, np.int32)
_HALVE: Final = np.array(1, np.int32)
_FRACTIONS: Final = {divisor: np.array(_UNIT // divisor, np.int32) for divisor in (2, 4)}

type Words = NDArray[np.int32]


class FixedFft:
    """Energy spectrum of a fixed number of frames; every product is rounded to 16 bits.

    The complex transform of the 256 pairs of samples has four stages, each of which combines four numbers. Arrays
    have the axes [real and imaginary part, ..., frame]. All buffers, views and tables are made once and have the full
    size: most of the time goes into starting the operations and their inner loops.
    """

    def __init__(self, frames: int, samples: int) -> None:
        """Prepare for frames of up to 512 samples."""
        self._input, other = np.zeros((2, 2, _PAIRS, frames), np.int32)
        self._pairs = self._input[:, : samples // 2].transpose(2, 1, 0)
        self._padding = self._input[:, samples // 2 :]
        self._stages: list[_Stage] = []
        source, target = self._input, other
        for number in range(_STAGES):
            self._stages.append(_Stage(number, source, target))
            source, target = target, source
        # With four stages the transform ends where the input was.
        self._spectrum = _Spectrum(self._input)

    def energy(self, frames: NDArray[np.int16]) -> NDArray[np.float64]:
        """Return the energy of the bins in the order of BINS, [bins, frames], of frames, [frames, samples].

        The result is valid until the next call.
        """
        self._padding[...] = 0
        self._pairs[...] = frames.reshape(len(frames), -1, 2)
        for stage in self._stages:
            stage.run()
        return self._spectrum.energy()


class _Stage:
    """One stage of the complex transform: combines four transforms of 4^number values into one four times longer.

    The four numbers that are combined are the first axis of the source: [part, 4, other digits, transform, frame].
    The result is stored with the next digit of the input first, and the new digit of the output before the others.
    """

    def __init__(self, number: int, source: Words, target: Words) -> None:
        frames = source.shape[-1]
        length = 4**number
        self._source = source
        self._turn: _Turn | None = None
        if number:
            # The first of the four numbers is not turned: a product with almost 1 leaves it as it is.
            turns = np.arange(4)[:, None] * np.arange(length) / (4 * length)
            self._turn = _Turn(source.reshape(2, 4, -1, length, frames), turns[:, None, :, None])
        halves = source.reshape(2, 2, 2, -1)
        self._first, self._second = halves[:, 0], halves[:, 1]
        sums, differences = np.empty((2, *self._first.shape), np.int32)
        self._sums, self._differences = sums, differences
        shape = (2, _PAIRS // 4 // length, length * frames)
        self._even = sums[:, 0].reshape(shape), sums[:, 1].reshape(shape)
        # A number times -i is itself with real and imaginary part exchanged, and one of the signs.
        self._odd = differences[:, 0].reshape(shape), differences[::-1, 1].reshape(shape)
        result = target.reshape(2, _PAIRS // 4 // length, 4, length * frames)
        self._outputs = result[:, :, 0], result[:, :, 2]
        part, digit = result.strides[0], result.strides[2]
        strides = result[:, :, 0].strides[1:]
        self._plus = as_strided(result[0, :, 1:], shape, (part + 2 * digit, *strides))
        self._minus = as_strided(result[0, :, 3:], shape, (part - 2 * digit, *strides))

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
        real, imaginary = (
            np.broadcast_to(np.floor(0.5 + _UNIT * part), values.shape[1:]).astype(np.int32, order="C")
            for part in (np.cos(angles), np.sin(angles))
        )
        self._real = real
        self._imaginary = np.stack((-imaginary, imaginary))

    def run(self) -> None:
        """Rotate the values backwards by the turns."""
        np.multiply(self._exchanged, self._imaginary, out=self._crossed)
        self._crossed += _HALF
        self._values *= self._real
        self._values += self._crossed
        self._values >>= _SHIFT


class _Spectrum:
    """Energy spectrum of the real samples, out of the transform of their pairs."""

    def __init__(self, transform: Words) -> None:
        middle = _PAIRS // 2
        frames = transform.shape[-1]
        # Each pair of bins: both values, their sum and difference, and the two results.
        self._inputs = transform[:, 1 : middle + 1], transform[:, : middle - 1 : -1]
        self._both = np.empty((2, 2, middle, frames), np.int32)
        self._near, self._far = self._both
        self._sums, self._differences = np.empty((2, 2, middle, frames), np.int32)
        self._turn = _Turn(self._differences, ((np.arange(1, middle + 1) / _PAIRS + 0.5) / 2)[:, None])
        self._results = np.empty((2, 2, middle, frames), np.int32)
        self._low, self._high = self._results
        self._energy = np.empty((2, middle, frames))
        self._all = self._energy.reshape(_PAIRS, frames)

    def energy(self) -> NDArray[np.float64]:
        """Return the energy of the bins in the order of BINS, [bins, frames]."""
        self._near[...], self._far[...] = self._inputs
        np.negative(self._far[1], out=self._far[1])
        _divide(self._both, 2)
        np.add(self._near, self._far, out=self._sums)
        np.subtract(self._near, self._far, out=self._differences)
        self._turn.run()
        np.add(self._sums, self._differences, out=self._low)
        np.subtract(self._sums[0], self._differences[0], out=self._high[0])
        np.subtract(self._differences[1], self._sums[1], out=self._high[1])
        self._results >>= _HALVE
        self._results *= self._results
        np.add(self._results[:, 0], self._results[:, 1], out=self._energy)
        return self._all


def _divide(values: Words, divisor: int) -> None:
    """Divide values in place, with the rounding of KISS FFT."""
    values *= _FRACTIONS[divisor]
    values += _HALF
    values >>= _SHIFT
