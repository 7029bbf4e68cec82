"""Lossless compression of PCM audio, using only the standard library.

Speech changes little from one sample to the next. The codec stores the difference of each 16-bit sample to
the one before it, zigzag-coded so that small differences of either sign have a high byte of 0. All low bytes
come before all high bytes, and zlib entropy-codes the result. zlib is in every Python build, while the
Python in Home Assistant's container images is built without zstd.

numpy is not used either: recordings must be stored and read on machines where it cannot be imported.
Instead, a block of samples is one large integer with a 16-bit lane per sample, so that an arithmetic
operation processes the whole block in C. A block is a quarter of a second of audio, so that no operation
blocks the interpreter for more than a fraction of a millisecond.
"""

from typing import Final
import zlib

from ..core.errors import RecordingUnreadable, StoreError

MAX_AUDIO_BYTES: Final = 16 * 1024 * 1024
"""Limit of memory use when decompressing: 8.7 minutes, while the longest recording is half a minute."""

_BLOCK_SAMPLES: Final = 4_096
_BLOCK_BYTES: Final = 2 * _BLOCK_SAMPLES
_LANE_BITS: Final = 16

_ONES: Final = int.from_bytes(b"\x01\x00" * _BLOCK_SAMPLES, "little")
"""1 in every lane."""

_TOP_BITS: Final = _ONES << 15
_LOW_BITS: Final = _TOP_BITS - _ONES

_MEMORY_LEVEL: Final = 6
"""zlib memory level: adapts codes every 4,096 bytes instead of 16,384, since speech changes quickly."""


def compress(audio: bytes) -> bytes:
    """Compress audio.

    Args:
        audio: 16-bit little-endian mono PCM. Any bytes are restored exactly, but only PCM gets smaller.

    Raises:
        StoreError: The audio is longer than MAX_AUDIO_BYTES, which decompress() would refuse.
    """
    if len(audio) > MAX_AUDIO_BYTES:
        raise StoreError
    # Sequences of differences hardly ever repeat. Matching only runs of one byte, such as silence, takes a
    # fifth of the time of a full search and costs 1.4 % of the PCM size. The level has no effect on it.
    packer = zlib.compressobj(memLevel=_MEMORY_LEVEL, strategy=zlib.Z_RLE)
    return packer.compress(_to_planes(audio)) + packer.flush()


def decompress(packed: bytes) -> bytes:
    """Restore the audio that compress() was given.

    Raises:
        RecordingUnreadable: The data is damaged, truncated, followed by other bytes, or inflates to more than
            MAX_AUDIO_BYTES.
    """
    unpacker = zlib.decompressobj()
    try:
        # One byte more than allowed, so that the end of the longest stream is reached.
        planes = unpacker.decompress(packed, MAX_AUDIO_BYTES + 1)
    except zlib.error as err:
        raise RecordingUnreadable from err
    if not unpacker.eof or unpacker.unused_data or len(planes) > MAX_AUDIO_BYTES:
        raise RecordingUnreadable
    return _from_planes(planes)


def _to_planes(audio: bytes) -> bytes:
    """Return the low bytes of all coded differences, then their high bytes, then a trailing odd byte."""
    end = len(audio) // 2 * 2
    # The first sample's difference is its difference to 0. Two bytes earlier is one sample earlier.
    padded = b"\0\0" + audio[:end]
    lows, highs = [], []
    for start in range(0, end, _BLOCK_BYTES):
        stop = min(start + _BLOCK_BYTES, end)
        samples = int.from_bytes(padded[start + 2 : stop + 2], "little")
        previous = int.from_bytes(padded[start:stop], "little")
        coded = _zigzag(_subtract(samples, previous)).to_bytes(stop - start, "little")
        lows.append(coded[::2])
        highs.append(coded[1::2])
    return b"".join((*lows, *highs, audio[end:]))


def _from_planes(planes: bytes) -> bytes:
    """Invert _to_planes()."""
    count = len(planes) // 2
    blocks = []
    last = 0
    for start in range(0, count, _BLOCK_SAMPLES):
        stop = min(start + _BLOCK_SAMPLES, count)
        coded = bytearray(2 * (stop - start))
        coded[::2] = planes[start:stop]
        coded[1::2] = planes[count + start : count + stop]
        samples = _running_sums(_unzigzag(int.from_bytes(coded, "little")), last)
        # The lanes above a short last block hold sums, but no samples.
        block = samples.to_bytes(_BLOCK_BYTES, "little")[: len(coded)]
        last = int.from_bytes(block[-2:], "little")
        blocks.append(block)
    return b"".join((*blocks, planes[2 * count :]))


def _add(left: int, right: int) -> int:
    """Add lane by lane modulo 2**16 and drop bits above the block.

    Adding only the lower 15 bits keeps carries inside their lane; top bits are then added without carry.
    """
    return ((left & _LOW_BITS) + (right & _LOW_BITS)) ^ ((left ^ right) & _TOP_BITS)


def _subtract(left: int, right: int) -> int:
    """Subtract lane by lane modulo 2**16.

    Setting the top bits first keeps borrows inside their lane; they are corrected afterwards.
    """
    return ((left | _TOP_BITS) - (right & _LOW_BITS)) ^ (~(left ^ right) & _TOP_BITS)


def _spread(flags: int) -> int:
    """Return 0xFFFF in each lane where `flags` has 1, and 0 where it has 0."""
    return (flags << _LANE_BITS) - flags


def _zigzag(differences: int) -> int:
    """Map the signed lanes 0, -1, 1, -2 and so on to 0, 1, 2, 3."""
    negative = (differences & _TOP_BITS) >> 15
    return ((differences & _LOW_BITS) << 1) ^ _spread(negative)


def _unzigzag(coded: int) -> int:
    """Invert _zigzag()."""
    negative = coded & _ONES
    return ((coded ^ negative) >> 1) ^ _spread(negative)


def _running_sums(differences: int, before: int) -> int:
    """Return in each lane the sum of `before` and all lanes up to it.

    Each step doubles the number of lanes that a sum covers, so that a block takes 12 additions.
    """
    sums = _add(differences, before)
    reach = _LANE_BITS
    while reach < _BLOCK_SAMPLES * _LANE_BITS:
        sums = _add(sums, sums << reach)
        reach *= 2
    return sums
