"""Spoken replies come from engines that may send anything."""

import asyncio
from collections.abc import AsyncIterator
import struct
import time
from typing import Any

import pytest
from wyoming.audio import AudioChunk
from wyoming.event import Event

from custom_components.voice_privacy.satellites.wyoming_playback import async_play_wav


class Link:
    """A connection that takes everything."""

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self.sent: list[Event] = []
        self.discarded = 0
        self.most = 1 << 30

    async def async_send(self, event: Event) -> bool:
        """Take an event, as long as there is room."""
        if len(self.sent) == self.most:
            self.most += 1
            await asyncio.Event().wait()
        self.sent.append(event)
        return True

    def discard_audio(self) -> None:
        """Count."""
        self.discarded += 1


def wav(pcm: bytes, *, rate: int = 22_050, width: int = 2, channels: int = 1) -> bytes:
    """Return a WAV file, be its format possible or not."""
    frame = width * channels
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(pcm),
        b"WAVE",
        b"fmt ",
        16,
        1,
        channels,
        rate,
        rate * frame & 0xFFFFFFFF,
        frame & 0xFFFF,
        width * 8,
        b"data",
        len(pcm),
    )
    return head + pcm


async def whole(*pieces: bytes) -> AsyncIterator[bytes]:
    """Yield what an engine yields."""
    for piece in pieces:
        yield piece


async def play(link: Any, *pieces: bytes) -> float:
    """Play this."""
    return await async_play_wav(link, whole(*pieces))


@pytest.mark.parametrize(
    "changes",
    [
        {"rate": 0},
        {"rate": 10**9},
        {"channels": 9},
        {"channels": 65_535},
        {"width": 5},
        {"width": 100},
    ],
)
async def test_a_format_that_no_speaker_plays_is_refused(changes: dict[str, int]) -> None:
    link = Link()
    with pytest.raises(ValueError, match="no speaker"):
        await play(link, wav(bytes(4_000), **changes))
    assert not link.sent


@pytest.mark.parametrize("pieces", [(b"",), (b"x" * 9_000,), (b"RIFF", b"x" * 3_000, b"x" * 3_000), ()])
async def test_what_is_no_wav_is_not_played(pieces: tuple[bytes, ...]) -> None:
    link = Link()
    assert await play(link, *pieces) == 0
    assert not link.sent


async def test_a_long_reply_in_one_piece_is_cut_in_no_time() -> None:
    link = Link()
    pcm = bytes(range(256)) * 40_000
    computed = time.thread_time()
    await play(link, wav(pcm))
    assert time.thread_time() - computed < 1.5
    chunks = [event for event in link.sent if AudioChunk.is_type(event.type)]
    assert b"".join(event.payload or b"" for event in chunks) == pcm
    assert {len(event.payload or b"") for event in chunks} == {2_048}


async def test_who_speaks_again_does_not_hear_the_rest() -> None:
    link = Link()
    link.most = 4
    playing = asyncio.create_task(play(link, wav(bytes(200_000))))
    await asyncio.sleep(0)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert link.discarded == 1
    kinds = [event.type for event in link.sent]
    assert kinds == ["audio-start", "audio-chunk", "audio-chunk", "audio-chunk", "audio-stop"]
