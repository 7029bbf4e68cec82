"""PCM helpers."""

import io
import math
import struct
import wave

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.audio import (
    SAMPLE_RATE,
    SILENCE_DBFS,
    bytes_of,
    level_dbfs,
    seconds_of,
    wav_from_pcm,
)


def tone(amplitude: float, samples: int = 1_280) -> bytes:
    return struct.pack(
        f"<{samples}h",
        *(round(amplitude * math.sin(2 * math.pi * 440 * i / SAMPLE_RATE)) for i in range(samples)),
    )


@pytest.mark.parametrize("pcm", [b"", b"\0", b"\0\0" * 1_280])
def test_silence_has_the_lowest_level(pcm: bytes) -> None:
    assert level_dbfs(pcm) == SILENCE_DBFS


def test_full_scale_sine_is_3_db_below_full_scale() -> None:
    assert level_dbfs(tone(32_767, 16_000)) == pytest.approx(-3.01, abs=0.02)


def test_ten_times_the_amplitude_is_20_db() -> None:
    assert level_dbfs(tone(20_000)) - level_dbfs(tone(2_000)) == pytest.approx(20, abs=0.05)


@given(st.integers(0, 100_000))
def test_seconds_and_bytes_are_inverse(samples: int) -> None:
    assert bytes_of(seconds_of(bytes(2 * samples)) + 1e-9) == 2 * samples


@given(st.binary(max_size=2_000).map(lambda data: data[: len(data) // 2 * 2]))
def test_wav_holds_the_same_samples(pcm: bytes) -> None:
    with wave.open(io.BytesIO(wav_from_pcm(pcm))) as reader:
        assert (reader.getframerate(), reader.getsampwidth(), reader.getnchannels()) == (16_000, 2, 1)
        assert reader.readframes(reader.getnframes()) == pcm
