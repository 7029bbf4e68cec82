"""Announcements of a Wyoming satellite, and the questions that open its microphone."""

import asyncio
from collections.abc import Callable, Iterator
import contextlib

from homeassistant.components.assist_satellite import AssistSatelliteAnnouncement, SatelliteBusyError
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..core.capture import Wake
from ..core.errors import CannotListen, MicrophoneMuted, PlaybackCutOff
from ..core.models import StartedBy
from ..core.segmenter import ANSWER_SECONDS
from .announcement_audio import announcement_audio
from .wyoming import WyomingSatellite


class Announcer:
    """Announcements of one satellite, one at a time. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, satellite: WyomingSatellite) -> None:
        """Prepare to announce."""
        self._hass = hass
        self._satellite = satellite
        self._playback: asyncio.Task[bool] | None = None
        self._interrupted = False
        self._over = asyncio.Event()
        self._over.set()

    @property
    def _name(self) -> str:
        return self._satellite.config.name

    @contextlib.contextmanager
    def action(self) -> Iterator[None]:
        """Hold the satellite for an announcement or a question until it is over. Raises SatelliteBusyError.

        An utterance that is in progress ends here, as in every integration: its microphone would hear the
        announcement.
        """
        if not self._over.is_set():
            raise SatelliteBusyError(
                translation_domain=DOMAIN,
                translation_key="satellite_busy",
                translation_placeholders={"name": self._name},
            )
        self._over.clear()
        self._interrupted = False
        self._satellite.end_utterance()
        try:
            yield
        finally:
            self._over.set()

    @callback
    def check_not_interrupted(self) -> None:
        """Check that nobody has spoken since the action began. Raises CannotListen."""
        if self._interrupted:
            raise CannotListen(name=self._name)

    async def async_play(
        self, announcement: AssistSatelliteAnnouncement, *, opens_microphone: bool = False
    ) -> None:
        """Play an announcement, also on a muted satellite: a mute concerns the microphone.

        A wake word ends it early.

        Args:
            announcement: What to play.
            opens_microphone: True if the microphone is opened afterwards.

        Raises:
            PlaybackCutOff: if the connection is lost before its end.
            SoundUnusable: if there is nothing that can be played.
        """
        if self._interrupted:
            return
        playback = self._playback = self._hass.async_create_background_task(
            self._async_play(announcement, opens_microphone=opens_microphone),
            f"voice_privacy_announcement_{self._satellite.satellite_id}",
        )
        try:
            await asyncio.wait({playback})
        finally:
            playback.cancel()
            self._playback = None
        if not playback.cancelled() and not playback.result():
            raise PlaybackCutOff(name=self._name)

    async def _async_play(self, announcement: AssistSatelliteAnnouncement, *, opens_microphone: bool) -> bool:
        """Play an announcement; return False if the connection is lost before its end."""
        audio = announcement_audio(self._hass, announcement, self._name, opens_microphone=opens_microphone)
        async with contextlib.aclosing(audio):
            return await self._satellite.async_play(audio)

    async def async_interrupt(self, *, wait: bool) -> None:
        """End the announcement because somebody speaks.

        Args:
            wait: True to return when the action is over, and with it the state that it shows.
        """
        self._interrupted = True
        if self._playback is not None:
            self._playback.cancel()
        if wait:
            await self._over.wait()

    @callback
    def check_can_answer(self) -> None:
        """Check that people could answer a question. Raises MicrophoneMuted, CannotListen."""
        if self._satellite.muted:
            raise MicrophoneMuted(name=self._name)
        if not self._satellite.link.connected or not self._satellite.sends_audio:
            raise CannotListen(name=self._name)

    @callback
    def listen(self, over: Callable[[], None]) -> bool:
        """Open the microphone for an answer; return False if somebody speaks already.

        Args:
            over: Called when the utterance is over, whatever ended it.

        Raises:
            MicrophoneMuted: if the satellite has been muted meanwhile.
            CannotListen: if it cannot listen any more.
        """
        if self._satellite.muted:
            raise MicrophoneMuted(name=self._name)
        opens = self._satellite.utterance is None
        wake = Wake(started_by=StartedBy.CONVERSATION, wait_seconds=ANSWER_SECONDS)
        if opens and not self._satellite.open_microphone(wake):
            raise CannotListen(name=self._name)
        if self._satellite.utterance is None:
            over()
        else:
            self._satellite.utterance.on_over = over
        return opens
