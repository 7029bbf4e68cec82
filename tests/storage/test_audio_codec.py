"""Compression of audio: exact for any bytes, small for speech, quick, and bounded when reading."""

import random
import struct
import time
import tracemalloc
from typing import Final
import zlib

from hypothesis import example, given, strategies as st
import pytest

from custom_components.voice_privacy.core.errors import RecordingUnreadable, StoreError
from custom_components.voice_privacy.storage.audio_codec import MAX_AUDIO_BYTES, compress, decompress

BLOCK: Final = 8_192
"""Bytes that the codec handles at a time."""

LOWEST: Final = b"\x00\x80"
HIGHEST: Final = b"\xff\x7f"


def planes_of(audio: bytes) -> bytes:
    """Return what the format says that zlib compresses, sample by sample."""
    coded = bytearray()
    previous = 0
    for (sample,) in struct.iter_unpack("<h", audio[: len(audio) // 2 * 2]):
        difference = (sample - previous + 0x8000) % 0x10000 - 0x8000
        coded += struct.pack("<H", 2 * difference if difference >= 0 else -2 * difference - 1)
        previous = sample
    return bytes(coded[::2] + coded[1::2]) + audio[len(audio) // 2 * 2 :]


def made_up_speech(seconds: float, seed: int = 1) -> bytes:
    """Return a voice-like sum of harmonics that swells and fades, above the noise of a room."""
    noise = random.Random(seed)
    samples = []
    phase = level = 0.0
    for number in range(int(seconds * 16_000)):
        if number % 1_600 == 0:
            level, pitch = noise.choice((0, 300, 1_500, 4_000)), noise.uniform(90, 220)
        phase = (phase + pitch / 16_000) % 1
        samples.append(round(level * (phase - 0.5) + noise.gauss(0, 12)))
    return struct.pack(f"<{len(samples)}h", *samples)


AUDIO: Final = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from([LOWEST, HIGHEST, b"\x00\x00", b"\xff\xff", b"\x01\x00", b"\x00"])).map(
        b"".join
    ),
    st.builds(
        lambda seed, size: random.Random(seed).randbytes(size),
        st.integers(),
        st.integers(-3, 3).map(lambda more: 2 * BLOCK + more) | st.integers(0, 3 * BLOCK),
    ),
)


@given(AUDIO)
@example(b"")
@example(b"\x80")
@example(LOWEST * BLOCK)
@example((LOWEST + HIGHEST) * BLOCK)
@example((HIGHEST + LOWEST + b"\x00\x00") * BLOCK + b"\x7f")
def test_any_bytes_come_back_exactly(audio: bytes) -> None:
    packed = compress(audio)

    assert decompress(packed) == audio
    assert zlib.decompress(packed) == planes_of(audio), "the format is as described"


@pytest.mark.parametrize("around", [0, BLOCK, 2 * BLOCK])
@pytest.mark.parametrize("more", [-3, -2, -1, 0, 1, 2, 3])
def test_ends_of_blocks(around: int, more: int) -> None:
    audio = random.Random(7).randbytes(max(0, around + more))
    assert decompress(compress(audio)) == audio


def test_speech_gets_smaller_than_zlib_makes_it() -> None:
    audio = made_up_speech(10)
    assert len(compress(audio)) < 0.5 * len(audio)
    assert len(compress(audio)) < 0.75 * len(zlib.compress(audio))


def test_silence_vanishes_and_noise_hardly_grows() -> None:
    assert len(compress(bytes(960_000))) < 5_000
    noise = random.Random(1).randbytes(960_000)
    assert len(compress(noise)) < 1.002 * len(noise)


def test_longest_recording_is_packed_and_opened_quickly() -> None:
    """CPU time of this thread, so that other work on the machine does not count; the limits are generous."""
    audio = made_up_speech(30)
    packing, opening = [], []
    for _ in range(3):
        begin = time.thread_time()
        packed = compress(audio)
        middle = time.thread_time()
        assert decompress(packed) == audio
        opening.append(time.thread_time() - middle)
        packing.append(middle - begin)
    assert min(packing) < 30 * 0.002
    assert min(opening) < 0.1


@given(audio=AUDIO, data=st.data())
def test_whatever_is_cut_off_or_added_is_refused(audio: bytes, data: st.DataObject) -> None:
    packed = compress(audio)
    with pytest.raises(RecordingUnreadable):
        decompress(packed[: data.draw(st.integers(0, len(packed) - 1))])
    with pytest.raises(RecordingUnreadable):
        decompress(packed + data.draw(st.binary(min_size=1, max_size=20)))
    with pytest.raises(RecordingUnreadable):
        decompress(packed + packed)


@given(audio=st.binary(min_size=1, max_size=300), offset=st.integers(0), flip=st.integers(1, 255))
def test_damage_is_refused(audio: bytes, offset: int, flip: int) -> None:
    packed = bytearray(compress(audio))
    packed[offset % len(packed)] ^= flip
    try:
        restored = decompress(bytes(packed))
    except RecordingUnreadable:
        return
    # A few bits of a zlib stream carry nothing.
    assert restored == audio


@given(st.binary(max_size=300))
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(RecordingUnreadable):
        decompress(data)


def test_size_is_bounded_both_ways() -> None:
    longest = bytes(MAX_AUDIO_BYTES)
    assert decompress(compress(longest)) == longest
    with pytest.raises(StoreError):
        compress(bytes(MAX_AUDIO_BYTES + 1))
    with pytest.raises(RecordingUnreadable):
        decompress(zlib.compress(bytes(MAX_AUDIO_BYTES + 1)))


def test_bomb_takes_no_more_memory_than_the_longest_recording() -> None:
    packer = zlib.compressobj()
    bomb = b"".join(packer.compress(bytes(MAX_AUDIO_BYTES)) for _ in range(20)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(RecordingUnreadable):
            decompress(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * MAX_AUDIO_BYTES
