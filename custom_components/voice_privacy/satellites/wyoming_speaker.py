"""Loudspeaker of a Wyoming satellite: one playback after the other, and the tone for an opened microphone."""

import asyncio
from collections.abc import AsyncIterable
import logging
from typing import Final

from homeassistant.core import HomeAssistant, callback

from .wyoming_connection import WyomingLink
from .wyoming_playback import async_play_wav, opened_tone

_LOGGER = logging.getLogger(__name__)

_PLAYED_GRACE_SECONDS: Final = 2.0


class WyomingSpeaker:
    """Plays audio on a satellite. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, link: WyomingLink, satellite_id: str) -> None:
        """Prepare to play over a connection."""
        self._hass = hass
        self._link = link
        self._satellite_id = satellite_id
        self._lock = asyncio.Lock()
        self._played = asyncio.Event()
        self._losses = 0
        """Number of connections that have been lost."""

        self._tones: set[asyncio.Task[bool]] = set()

    @property
    def playing(self) -> bool:
        """True while something is played."""
        return self._lock.locked()

    async def async_play(self, chunks: AsyncIterable[bytes]) -> bool:
        """Play a WAV stream and wait until it has been played; return False if the connection was lost before."""
        async with self._lock:
            self._played.clear()
            losses = self._losses

            async def until_lost() -> AsyncIterable[bytes]:
                # The rest of it means nothing to the next connection.
                async for chunk in chunks:
                    if self._losses != losses:
                        return
                    yield chunk

            if (seconds := await async_play_wav(self._link, until_lost())) or self._link.connected:
                try:
                    async with asyncio.timeout(seconds + _PLAYED_GRACE_SECONDS):
                        await self._played.wait()
                except TimeoutError:
                    _LOGGER.debug("Satellite %s did not report the end of playback", self._satellite_id)
            return self._link.connected and self._losses == losses

    async def async_play_tone(self) -> bool:
        """Play the tone and wait for its end; return False if it was interrupted."""
        task = self.play_tone()
        await asyncio.wait({task})
        return not task.cancelled() and task.exception() is None and task.result()

    @callback
    def play_tone(self) -> asyncio.Task[bool]:
        """Start the tone that tells the room that its microphone has been opened; return its task."""

        async def tone() -> AsyncIterable[bytes]:
            yield opened_tone()

        task = self._hass.async_create_background_task(
            self.async_play(tone()), f"voice_privacy_tone_{self._satellite_id}"
        )
        self._tones.add(task)
        task.add_done_callback(self._tones.discard)
        return task

    @callback
    def cancel_tone(self) -> None:
        """Stop the tone."""
        for tone in self._tones:
            tone.cancel()

    @callback
    def on_played(self) -> None:
        """Note that the satellite has finished playing."""
        self._played.set()

    @callback
    def on_lost(self) -> None:
        """Note that the satellite cannot report the end of playback any more."""
        self._losses += 1
        self._played.set()

    async def async_stop(self) -> None:
        """Stop the tone and wait for its end."""
        for tone in (tones := list(self._tones)):
            tone.cancel()
        await asyncio.gather(*tones, return_exceptions=True)
