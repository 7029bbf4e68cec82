"""Rescaling of exact sums to 8 bits, equal bit by bit to TensorFlow Lite's optimized kernels.

Values are whole numbers without their zero point: a tensor's real values are its values times its scale.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ModelFileInvalid, UnsupportedModel
from ..tflite.reader import Tensor

type Floats = NDArray[np.float32]

_FRACTION_BITS: Final = 31
_SHIFT: Final = np.array(_FRACTION_BITS, np.int64)
_SIGN: Final = np.array(63, np.int64)
_MOST_LEFT: Final = 7
"""Maximum bits by which a scale may exceed 1: sums of 24 bits, times 31 bits, remain within 64 bits."""

_MOST_RIGHT: Final = 31
_REPEATED: Final = 64
"""Most rows for which tables are repeated."""

_SUM_BITS: Final = 20
_RANGES: Final = {"int8": (-128, 127), "uint8": (0, 255)}
_NONE, _RELU, _RELU6 = 0, 1, 3


class Scale:
    """Scale and zero point of a tensor of 8 bits."""

    def __init__(self, tensor: Tensor) -> None:
        """Read the quantization. Raises UnsupportedModel or ModelFileInvalid."""
        quantization = tensor.quantization
        if quantization is None or str(tensor.dtype) not in _RANGES or len(quantization.scales) != 1:
            raise UnsupportedModel("this engine needs tensors of 8 bits with a scale")
        self.scale = np.float32(quantization.scales[0])
        self.zero_point = int(quantization.zero_points[0])
        low, high = _RANGES[str(tensor.dtype)]
        if not self.scale > 0 or not low <= self.zero_point <= high:
            raise ModelFileInvalid("the model contains a damaged quantization")
        self.low, self.high = low - self.zero_point, high - self.zero_point

    def same(self, other: Scale) -> bool:
        """Return whether values mean the same in both tensors."""
        return (self.scale, self.low, self.high) == (other.scale, other.low, other.high)

    def limits(self, activation: int) -> tuple[int, int]:
        """Return the lowest and highest value after a fused activation. Raises UnsupportedModel."""
        if activation == _NONE:
            return self.low, self.high
        if activation == _RELU:
            return max(0, self.low), self.high
        if activation == _RELU6:
            return max(0, self.low), min(self.high, _round(6 / float(self.scale)))
        raise UnsupportedModel(f"this engine does not support activation {activation}")


class Rescaling:
    """Multiplication of sums by a factor for each channel, rounded and limited.

    The reference rounds to whole 2^-31ths first and then again. Halves are then rounded away from zero, or up where
    it uses vector instructions.
    """

    def __init__(
        self, factors: Any, limits: tuple[int, int], *, up: int = 0, bias: NDArray[np.int64] | None = None
    ) -> None:
        """Convert the factors to fixed point.

        Args:
            factors: Factor of each channel.
            limits: Lowest and highest result.
            up: Number of channels, the first ones, whose halves are rounded up.
            bias: What is added to the sums before.

        Raises:
            UnsupportedModel: A factor is too large.
        """
        numbers = [_fixed_point(float(factor)) for factor in np.atleast_1d(factors)]
        if any(shift > _MOST_LEFT for _, shift in numbers):
            raise UnsupportedModel("this engine does not support such a large scale")
        shifts = np.array([shift for _, shift in numbers], np.int64)
        factors = np.array([number for number, _ in numbers], np.int64) << np.maximum(shifts, 0)
        first = np.full_like(factors, 1 << (_FRACTION_BITS - 1))
        if bias is not None:
            first += bias * factors
        right = np.maximum(-shifts, 0)
        away = right > 0
        away[:up] = False
        # What is rounded differently is negative, and therefore limited to the lowest result anyway.
        self._turns_away = bool(away.any()) and limits[0] < 0
        self._low, self._high = (np.array(limit, np.int64) for limit in limits)
        half = (np.int64(1) << right) >> 1
        self._channels = len(factors)
        tables: tuple[NDArray[np.int64], ...] = (factors, first, half, right, -away.astype(np.int64))
        if not self._turns_away:
            # Both roundings are one; the sum remains within 64 bits.
            tables = (factors, first + (half << _FRACTION_BITS), right + _FRACTION_BITS)
        self._tables = np.stack(tables)[:, np.newaxis]

    def __call__(self, sums: NDArray[Any]) -> Floats:
        """Return the results of sums, [..., channels], which are whole numbers."""
        return self.exact(sums.astype(np.int64)).astype(np.float32)

    def exact(self, sums: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the results of sums, [..., channels], which are overwritten if they are contiguous."""
        result = sums.reshape(-1, self._channels if self._channels > 1 else sums.shape[-1])
        tables = self._tables_for(len(result))
        if self._turns_away:
            factors, first, half, right, away = tables
            np.multiply(result, factors, result)
            np.add(result, first, result)
            np.right_shift(result, _SHIFT, result)
            result += (result >> _SIGN) & away
            np.add(result, half, result)
        else:
            factors, first, right = tables
            np.multiply(result, factors, result)
            np.add(result, first, result)
        np.right_shift(result, right, result)
        np.maximum(result, self._low, result)
        np.minimum(result, self._high, result)
        return result.reshape(sums.shape)

    def _tables_for(self, count: int) -> NDArray[np.int64]:
        """Return the tables for so many rows: operations on arrays of the same shape start soonest."""
        if count > _REPEATED:
            return self._tables[:, :1]
        if self._tables.shape[1] < count:
            self._tables = np.repeat(self._tables[:, :1], count, axis=1)
        return self._tables[:, :count]


class Adding:
    """Sum of two tensors with different scales."""

    def __init__(self, first: Scale, second: Scale, output: Scale, activation: int) -> None:
        """Prepare the factors. Raises UnsupportedModel."""
        twice = 2 * max(float(first.scale), float(second.scale))
        unlimited = (-(2**31), 2**31 - 1)
        self._first, self._second = (
            Rescaling(float(one.scale) / twice, unlimited) for one in (first, second)
        )
        factor = twice / ((1 << _SUM_BITS) * float(output.scale))
        self._output = Rescaling(factor, output.limits(activation))

    def __call__(self, first: Floats, second: Floats) -> Floats:
        """Return the sum."""
        result = self._first.exact(first.astype(np.int64) << _SUM_BITS)
        result = result + self._second.exact(second.astype(np.int64) << _SUM_BITS)
        return self._output.exact(result).astype(np.float32)


def _fixed_point(factor: float) -> tuple[int, int]:
    """Return a factor as a number of 31 bits and a shift to the left."""
    if not 0 <= factor < math.inf:
        raise ModelFileInvalid("the model contains a damaged quantization")
    mantissa, shift = math.frexp(factor)
    number = _round(mantissa * (1 << _FRACTION_BITS))
    if number == 1 << _FRACTION_BITS:
        number, shift = number // 2, shift + 1
    return (0, 0) if shift < -_MOST_RIGHT else (number, shift)


def _round(value: float) -> int:
    """Return a number that is not negative, rounded half up."""
    return math.floor(value + 0.5)
