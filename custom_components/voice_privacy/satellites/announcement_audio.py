"""Sound of an announcement: what Home Assistant wants to be played, as one WAV stream."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
import io
import logging
from pathlib import Path
from typing import Final
import wave

from homeassistant.components import assist_satellite, ffmpeg, tts
from homeassistant.components.assist_satellite.const import PREANNOUNCE_FILENAME, PREANNOUNCE_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import is_hass_url
from wyoming.audio import AudioChunkConverter

from ..core.audio import CHANNELS, SAMPLE_WIDTH, SILENCE_DBFS, level_dbfs
from ..core.errors import SoundUnusable
from .wyoming_playback import tone_samples, wav_audio

_LOGGER = logging.getLogger(__name__)

PLAYED_RATE: Final = 22_050
"""Samples per second of everything that a satellite plays, the same as in core's Wyoming integration."""

_READ_BYTES: Final = 8_192

_SOURCE_TIMEOUT: Final = 20.0
"""Seconds without sound after which a file or an address is given up."""

_FROM_FILE: Final = "file"
_FROM_NETWORK: Final = "http,https,tcp,tls"
"""What ffmpeg may open: a playlist on the network must not name files of this machine."""

_AUDIBLE_DBFS: Final = -45.0
"""Level of its loudest moment from which on the room hears a sound."""


async def announcement_audio(
    hass: HomeAssistant,
    announcement: assist_satellite.AssistSatelliteAnnouncement,
    name: str,
    *,
    opens_microphone: bool = False,
) -> AsyncGenerator[bytes]:
    """Yield the sound that precedes an announcement, and the announcement, as one WAV stream.

    One stream means one playback, at whose end the satellite reports `played` once. The sound before is left out
    if it cannot be opened: the announcement matters more.

    Args:
        hass: Home Assistant.
        announcement: What to play.
        name: Name of the satellite, for the error.
        opens_microphone: True if the microphone is opened afterwards. A tone says so if all of it is too quiet to be heard.

    Raises:
        SoundUnusable: if the announcement cannot be opened, or contains no sound.
    """
    header, loudest = _header(), SILENCE_DBFS
    if (before := announcement.preannounce_media_id) is not None:
        try:
            async with contextlib.aclosing(_decoded(hass, before)) as sound:
                async for pcm in sound:
                    loudest = max(loudest, level_dbfs(pcm))
                    yield header + pcm
                    header = b""
        except Exception as err:  # noqa: BLE001
            _LOGGER.warning("The sound before an announcement cannot be played: %s", type(err).__name__)
    empty = True
    try:
        async with contextlib.aclosing(_message(hass, announcement)) as sound:
            async for pcm in sound:
                loudest = max(loudest, level_dbfs(pcm))
                yield header + pcm
                header, empty = b"", False
    except Exception as err:  # noqa: BLE001
        # The error of an engine may contain the text, so only its type is logged.
        _LOGGER.error("An announcement cannot be played: %s", type(err).__name__)
        raise SoundUnusable(name=name) from None
    if empty:
        raise SoundUnusable(name=name)
    if opens_microphone and loudest < _AUDIBLE_DBFS:
        yield tone_samples(PLAYED_RATE)


def _header() -> bytes:
    """Return the WAV header of a stream of unknown length."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((CHANNELS, SAMPLE_WIDTH, PLAYED_RATE, 0, "NONE", ""))
        writer.writeframes(b"")
    return file.getvalue()


async def _message(
    hass: HomeAssistant, announcement: assist_satellite.AssistSatelliteAnnouncement
) -> AsyncGenerator[bytes]:
    """Yield PCM of the announcement itself; spoken text takes no detour through HTTP."""
    token = announcement.tts_token
    stream = tts.async_get_stream(hass, token) if token is not None else None
    if stream is None:
        async with contextlib.aclosing(_decoded(hass, announcement.media_id)) as sound:
            async for pcm in sound:
                yield pcm
        return
    converter = AudioChunkConverter(rate=PLAYED_RATE, width=SAMPLE_WIDTH, channels=CHANNELS)
    async with contextlib.aclosing(wav_audio(stream.async_stream_result())) as chunks:
        async for chunk in chunks:
            yield converter.convert(chunk).audio


async def _async_source(hass: HomeAssistant, media: str) -> tuple[str, str]:
    """Return what ffmpeg opens for a sound, and the protocols that it may use.

    Raises:
        PermissionError: if it is neither on the network nor a file that Home Assistant's configuration allows.
    """
    if media.partition("?")[0].endswith(PREANNOUNCE_URL) and is_hass_url(hass, media):
        # Assist's own sound is a file, which needs no reachable Home Assistant.
        return f"file:{Path(assist_satellite.__file__).parent / PREANNOUNCE_FILENAME}", _FROM_FILE
    if media.lower().startswith(("http://", "https://")):
        return media, _FROM_NETWORK
    path = media.removeprefix("file:")
    path = path.removeprefix("//") if path != media else path
    if not await hass.async_add_executor_job(hass.config.is_allowed_path, path):
        raise PermissionError
    return f"file:{path}", _FROM_FILE


async def _decoded(hass: HomeAssistant, media: str) -> AsyncGenerator[bytes]:
    """Yield a file or an address of any audio format as mono PCM, 16-bit, at PLAYED_RATE.

    Raises:
        OSError: if ffmpeg cannot be started, or the file is not allowed.
        TimeoutError: if the source sends nothing.
    """
    source, protocols = await _async_source(hass, media)
    # Home Assistant's own runner of ffmpeg.
    runner = ffmpeg.HAFFmpeg(ffmpeg.get_ffmpeg_manager(hass).binary)
    options = ("-nostdin", "-loglevel", "quiet", "-protocol_whitelist", protocols)
    output = ("-vn", "-f", "s16le", "-ac", str(CHANNELS), "-ar", str(PLAYED_RATE))
    # The source is not left to the runner, which would split it at blanks into options.
    if not await runner.open(cmd=[*options, "-i", source, *output], input_source=None, output="pipe:1"):
        raise OSError("ffmpeg cannot be started")
    process: asyncio.subprocess.Process = runner.process
    assert process.stdout is not None
    rest = b""
    try:
        while True:
            async with asyncio.timeout(_SOURCE_TIMEOUT):
                data = await process.stdout.read(_READ_BYTES)
            if not data:
                return
            # A read may end within a sample.
            data = rest + data
            whole = len(data) // SAMPLE_WIDTH * SAMPLE_WIDTH
            rest = data[whole:]
            yield data[:whole]
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
