"""Microphone tests: an administrator hears a satellite live for ten seconds, with figures. Nothing is kept.

This is a remote microphone. So the room hears a tone before, the access log names whoever listened, guest mode and
mute forbid it, and it cannot be repeated at will.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import logging
import time
from typing import Final, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.budget import TokenBucket
from ..core.errors import (
    Busy,
    CannotListen,
    GuestModeOn,
    HeardOnlyInCommands,
    MutedWhileHeard,
    MutedWhileTested,
    SoundWouldBeLogged,
    TestedTooOften,
    VoicePrivacyError,
    WakesItself,
)
from ..core.house_settings import HouseToggle
from ..core.models import AuditAction, Requester
from ..core.sound_figures import SoundFigures, SoundMeter
from ..core.stream_health import SatelliteState
from ..satellites.base import Satellite
from ..wake_listening.listener import WakeListener
from .access_log import AccessLog
from .live_test import LiveTest
from .settings import SettingsStore

_SECONDS: Final = 10.0
"""Maximum length of a test, in time and in sound."""

_AT_ONCE: Final = 6
"""Tests of a satellite that may follow each other."""

_SECONDS_FOR_ANOTHER: Final = 100.0
"""Seconds after which one more is allowed: whoever repeats tests hears a tenth of what is said at most."""

_LIMITS: Final[HassKey[dict[str, TokenBucket]]] = HassKey(f"{DOMAIN}_microphone_test_limits")
"""What is left of the tests of each satellite, in hass.data because a reload of the entry must not renew it."""

_WIRE_LOG: Final = logging.getLogger("homeassistant.components.websocket_api.http.connection")
"""Home Assistant writes whole messages to it at the level DEBUG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSound:
    """Sound of a satellite as it comes, with its figures."""

    pcm: bytes
    """16 kHz, 16-bit, mono PCM."""

    figures: SoundFigures
    wake: tuple[float, float] | None
    """Highest wake word score of the last two seconds with its threshold, 0 to 1; None if it is not scored here."""


class MicrophoneTests:
    """The microphone tests of a house. It belongs to the event loop."""

    def __init__(
        self, hass: HomeAssistant, access_log: AccessLog, settings: SettingsStore, listener: WakeListener
    ) -> None:
        """Start without tests."""
        self._hass = hass
        self._access_log = access_log
        self._settings = settings
        self._listener = listener
        self._tested: set[str] = set()
        """Satellites that are being tested, or about to be."""

        self._running: set[MicrophoneTest] = set()
        self._limits = hass.data.setdefault(_LIMITS, {})

    async def async_start(
        self,
        satellite: Satellite,
        by: Requester,
        *,
        on_heard: Callable[[LiveSound], None],
        on_end: Callable[[str | None], None],
    ) -> MicrophoneTest:
        """Play a tone in the room, and return the test, which has not begun yet.

        Args:
            satellite: The satellite.
            by: Who listens; asked again while the test runs.
            on_heard: Called about four times a second.
            on_end: Called once when the test ends by itself, with the code of an error or None.

        Raises:
            Busy: The satellite is being tested.
            CannotListen: It is busy with a command or a reply, or the tone was interrupted.
            GuestModeOn, SoundWouldBeLogged, TestedTooOften: It must not be heard now.
            MutedWhileHeard, NoAudioToTest, HeardOnlyInCommands: It sends no audio that can be heard.
            Refused: The right was withdrawn while the tone was played.
        """
        satellite_id = satellite.satellite_id
        if satellite_id in self._tested:
            raise Busy
        self._require(satellite)
        now = time.monotonic()
        limit = self._limits.setdefault(
            satellite_id, TokenBucket(rate=1 / _SECONDS_FOR_ANOTHER, burst=_AT_ONCE, now=now)
        )
        if not limit.spend(1, now):
            raise TestedTooOften(name=satellite.config.name)
        self._tested.add(satellite_id)
        try:
            await self._async_announce(satellite)
            await by.async_check()
            self._require(satellite)
        except BaseException:
            self._tested.discard(satellite_id)
            raise
        test = MicrophoneTest(
            self._hass,
            satellite,
            by,
            listener=self._listener,
            obstacle=self._obstacle,
            on_heard=on_heard,
            on_end=on_end,
        )
        self._running.add(test)

        def over() -> None:
            self._running.discard(test)
            self._tested.discard(satellite_id)

        test.on_over = over
        self._access_log.add(by, AuditAction.MICROPHONE_TESTED, count=1, subject=satellite_id)
        return test

    async def async_stop(self) -> None:
        """End all tests."""
        tests = tuple(self._running)
        for test in tests:
            test.end("not_loaded")
        await asyncio.gather(*(test.async_wait() for test in tests))

    async def _async_announce(self, satellite: Satellite) -> None:
        """Play the tone in the room and wait for its end: it is no part of the figures."""
        if not await satellite.async_play_tone():
            raise CannotListen(name=satellite.config.name)

    def _require(self, satellite: Satellite) -> None:
        """Raise an error if a test of a satellite cannot start now."""
        if (obstacle := self._obstacle() or _told(satellite.test_obstacle)) is not None:
            raise obstacle
        if satellite.state is SatelliteState.RECORDING:
            # The tone would be part of the command.
            raise CannotListen(name=satellite.config.name)

    def _obstacle(self) -> VoicePrivacyError | None:
        """Return why no satellite may be heard now, or None."""
        if self._settings.house(HouseToggle.GUEST_MODE):
            return GuestModeOn()
        # Never written means not to a log either.
        return SoundWouldBeLogged() if _WIRE_LOG.isEnabledFor(logging.DEBUG) else None


class MicrophoneTest(LiveTest[LiveSound]):
    """Ten seconds in which somebody hears a satellite."""

    def __init__(
        self,
        hass: HomeAssistant,
        satellite: Satellite,
        by: Requester,
        *,
        listener: WakeListener,
        obstacle: Callable[[], VoicePrivacyError | None],
        on_heard: Callable[[LiveSound], None],
        on_end: Callable[[str | None], None],
    ) -> None:
        """Prepare; start takes audio."""
        super().__init__(hass, satellite, by, seconds=_SECONDS, on_heard=on_heard, on_end=on_end)
        self.meter = SoundMeter()
        self._listener = listener
        self._obstacle_of_house = obstacle

    @callback
    @override
    def heard(self, pcm: bytes) -> None:
        """Take the next audio, unless no satellite may be heard at this moment, even if that is over soon."""
        if (obstacle := self._obstacle_of_house()) is not None:
            self.end(obstacle.code)
            return
        super().heard(pcm)

    @override
    async def _async_process(self, pcm: bytes) -> LiveSound:
        stream = self._satellite.scored_stream
        return LiveSound(
            pcm=pcm,
            figures=self.meter.add(pcm),
            wake=None if stream is None else self._listener.highest_score(stream),
        )

    @property
    @override
    def _is_complete(self) -> bool:
        return self.meter.seconds >= _SECONDS

    @override
    def _obstacle(self) -> VoicePrivacyError | None:
        return self._obstacle_of_house() or _told(super()._obstacle())


def _told(obstacle: VoicePrivacyError | None) -> VoicePrivacyError | None:
    """Return an obstacle as it concerns sound rather than wake words."""
    match obstacle:
        case WakesItself():
            return HeardOnlyInCommands(**obstacle.placeholders)
        case MutedWhileTested():
            return MutedWhileHeard(**obstacle.placeholders)
    return obstacle
