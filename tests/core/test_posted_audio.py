"""Audio as clients send it to the speech-to-text API."""

import io
import wave

import pytest

from custom_components.voice_privacy.core.posted_audio import PostedAudio

PCM = bytes(range(200)) * 40


def wav(pcm: bytes, channels: int = 1, rate: int = 16_000, width: int = 2) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(pcm)
    return buffer.getvalue()


def stereo(pcm: bytes) -> bytes:
    return b"".join(pcm[at : at + 2] + b"\7\7" for at in range(0, len(pcm), 2))


def convert(data: bytes, step: int, channels: int = 1, width: int = 2) -> tuple[bytes, bool]:
    audio = PostedAudio(channels, width)
    pcm = b"".join(audio.feed(data[at : at + step]) for at in range(0, len(data), step))
    return pcm, audio.readable


HEADER = wav(PCM)[:44]
STREAMED = HEADER[:40] + b"\xff\xff\xff\xff" + PCM
RF64 = b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0" + bytes(28) + HEADER[12:40] + b"\xff\xff\xff\xff" + PCM
EXTENSIBLE = (
    HEADER[:16]
    + b"\x28\0\0\0\xfe\xff"
    + HEADER[22:36]
    + b"\x16\0\x10\0\4\0\0\0\1\0"
    + bytes(14)
    + HEADER[36:]
    + PCM
)
MISLEADING = HEADER[:12] + b"LIST\x08\0\0\0fmt junk" + HEADER[12:] + PCM
WITH_LIST = HEADER[:36] + b"LIST\x05\0\0\0hello\0" + HEADER[36:] + PCM


@pytest.mark.parametrize("step", [1, 3, 7, 44, 1_000, 100_000])
@pytest.mark.parametrize(
    ("data", "channels"),
    [
        (PCM, 1),
        (b"RIFF" + PCM[4:8] + b"no" + PCM, 1),
        (wav(PCM), 1),
        (wav(PCM) + b"LIST\x04\0\0\0tail", 1),
        (STREAMED, 1),
        (WITH_LIST, 1),
        (RF64, 1),
        (EXTENSIBLE, 1),
        (MISLEADING, 1),
        (stereo(PCM), 2),
        (wav(stereo(PCM), 2), 2),
        (wav(stereo(PCM), 2), 1),
        (wav(PCM), 2),
    ],
)
def test_only_the_samples_remain(data: bytes, channels: int, step: int) -> None:
    expected = data if data.startswith(b"RIFF" + PCM[4:8]) else PCM
    assert convert(data, step, channels) == (expected, True)


@pytest.mark.parametrize("step", [1, 1_000])
@pytest.mark.parametrize(
    "data",
    [
        *(start + PCM for start in (b"ID3\3\0", b"OggS\0", b"fLaC", b"RIFX", b"FORM", b"\x1aE\xdf\xa3")),
        wav(PCM, rate=48_000),
        wav(PCM, width=1),
        wav(PCM, width=3),
        b"RIFF\0\0\0\0WAVEdata\0\0\0\0" + PCM,
    ],
)
def test_what_cannot_be_converted_is_left_out(data: bytes, step: int) -> None:
    assert convert(data, step) == (b"", False)


def test_an_endless_header_and_other_widths_are_not_read() -> None:
    assert convert(b"RIFF\0\0\0\0WAVEjunk\xff\xff\xff\x7f" + bytes(70_000), 4_096) == (b"", False)
    assert convert(PCM, 100, width=1) == (b"", False)
