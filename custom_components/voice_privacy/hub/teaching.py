"""Teaching a wake word by saying it: an administrator opens a satellite's microphone for one clip after the other.

One session at a time in the house. It is a remote microphone, if only for seconds: the room hears a tone before each
clip, the access log names who opened it, guest mode and mute end the session, and clips are limited by the hour.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
import time
from typing import Any, Final
import unicodedata

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import slugify
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.budget import TokenBucket
from ..core.errors import (
    Busy,
    CannotListen,
    GuestModeOn,
    InvalidRequest,
    MutedWhileTested,
    TaughtNameInvalid,
    TaughtTooOften,
    TaughtWordExists,
    TaughtWordMissing,
    TeachingOver,
    VoicePrivacyError,
)
from ..core.house_settings import HouseToggle
from ..core.models import AuditAction, Requester
from ..core.stream_health import SatelliteState
from ..core.taught_words import ClipKind, clean_word_name, id_of_name
from ..satellites.base import Satellite
from ..wake.model_files import published_words
from ..wake.model_folder import word_key
from ..wake_listening.model_library import async_list_models
from ..wake_listening.taught_models import async_load_enroller, async_load_taught, async_load_trained
from .access_log import AccessLog
from .live_test import LiveTest
from .settings import SettingsStore
from .taught import TaughtWords
from .teaching_audio import ClipLevel, ClipRecording, WordHeard, WordTest
from .teaching_session import JudgedClip, TeachingSession

IDLE_SECONDS: Final = 600.0
"""Seconds without anything after which a session ends."""

CALLS_SECONDS: Final = 60.0
TALK_SECONDS: Final = 600.0
"""Maximum length of the tests: of calls, and of ordinary talk."""

_CLIPS_PER_HOUR: Final = 60
_MAX_TESTS: Final = 2
"""Maximum tests at the same time in the house: each loads an engine of its own."""

_HELD_SECONDS: Final = 30.0
"""Seconds in which what is said for a clip does not wake its satellite, if the clip does not end before ..."""

_HELD_AFTER_SECONDS: Final = 2.0
"""... and seconds after its end in which the wake engine may still report what was said."""

_LIMITS: Final[HassKey[dict[str, TokenBucket]]] = HassKey(f"{DOMAIN}_taught_clip_limits")
"""What is left of the clips of each satellite, in hass.data because a reload of the entry must not renew it."""


def _can_be_said(character: str) -> bool:
    """Return whether a character of a name is more than punctuation or a space."""
    return unicodedata.category(character)[0] not in "PZ"


class Teaching:
    """Teaching sessions and tests of taught words of a house. It belongs to the event loop."""

    def __init__(
        self, hass: HomeAssistant, access_log: AccessLog, settings: SettingsStore, taught: TaughtWords
    ) -> None:
        """Start without a session."""
        self.session: TeachingSession | None = None
        self.wake_words_wanted: Callable[[], Collection[str]] = tuple
        """Returns the wake words in use, with which a new one is compared first; set by the hub."""

        self._hass = hass
        self._access_log = access_log
        self._settings = settings
        self._taught = taught
        self._beginning = False
        self._tests: set[WordTest] = set()
        self._idle: CALLBACK_TYPE | None = None
        self._limits = hass.data.setdefault(_LIMITS, {})

    # --- sessions --------------------------------------------------------------------------------

    async def async_begin(
        self, satellite: Satellite, name: str, by: Requester, on_end: Callable[[str | None], None]
    ) -> TeachingSession:
        """Begin a session for a new word, without opening the microphone.

        Args:
            satellite: The satellite at which the word is said.
            name: Name of the word as it was typed.
            by: Who teaches.
            on_end: Called once when the session ends by itself, with the code of an error or None.

        Raises:
            Busy: There is a session already.
            TaughtNameInvalid, TaughtWordExists: The name cannot be used.
            GuestModeOn, MutedWhileTested, NoAudioToTest, WakesItself: The satellite cannot be used.
            WakeModelError: The engine, or the files that it needs, are missing.
            Refused: The right was withdrawn meanwhile.
        """
        if self.session is not None or self._beginning:
            raise Busy
        self._require(satellite)
        cleaned = clean_word_name(name)
        if cleaned is None or not any(map(_can_be_said, cleaned)):
            raise TaughtNameInvalid
        self._beginning = True
        try:
            wake_word, ready = await self._async_id(cleaned)
            enroller = await async_load_enroller(self._hass)
            trained = await async_load_trained(self._hass, ready)
            await by.async_check()
            self._require(satellite)
            session = TeachingSession(
                self._hass,
                satellite,
                by,
                name=cleaned,
                wake_word=wake_word,
                enroller=enroller,
                trained=trained,
                taught=self._taught,
                on_end=on_end,
            )
        finally:
            self._beginning = False
        self.session = session
        session.on_over = self._over
        self._touch()
        return session

    async def _async_id(self, name: str) -> tuple[str, list[str]]:
        """Return the id of a new word, and the wake words to compare it with. Raises TaughtWordExists."""
        listing = await async_list_models(self._hass)
        known = {file.key for file in listing.files} | {word_key(word) for word in published_words()}
        known |= {word_key(word) for word in self._taught.all_ids}
        wake_word = id_of_name(slugify(name), known, word_key)
        if wake_word is None:
            raise TaughtWordExists(name=name)
        in_use = [word for word in self.wake_words_wanted() if word not in self._taught.models]
        return wake_word, list(dict.fromkeys([*in_use, *listing.ready]))

    def running(self, session_id: str, by: Requester) -> TeachingSession:
        """Return the session of a requester, which goes on for another while. Raises TeachingOver."""
        session = self.session
        if session is None or session.session_id != session_id or session.by.user_id != by.user_id:
            raise TeachingOver
        self._touch()
        return session

    @callback
    def _touch(self) -> None:
        """Let the session end some time from now."""
        self._cancel_idle()
        self._idle = async_call_later(self._hass, IDLE_SECONDS, self._on_idle)

    @callback
    def _on_idle(self, _now: datetime) -> None:
        self._idle = None
        if (session := self.session) is None:
            return
        if session.is_busy:
            self._touch()
        else:
            session.end(TeachingOver.code)

    @callback
    def _over(self) -> None:
        self.session = None
        self._cancel_idle()

    @callback
    def _cancel_idle(self) -> None:
        if self._idle is not None:
            self._idle()
            self._idle = None

    @callback
    def settings_changed(self) -> None:
        """End the session if guest mode or a mute forbids it now."""
        if (session := self.session) is None:
            return
        obstacle = self.obstacle_of_house() or session.satellite.test_obstacle
        if isinstance(obstacle, GuestModeOn | MutedWhileTested):
            session.end(obstacle.code)

    async def async_stop(self) -> None:
        """End everything."""
        session = self.session
        waiting = None if session is None else session.judging
        if session is not None:
            session.end("not_loaded")
        tests = tuple(self._tests)
        for test in tests:
            test.end("not_loaded")
        await asyncio.gather(*(test.async_wait() for test in tests))
        if waiting is not None:
            await asyncio.gather(waiting, return_exceptions=True)

    # --- obstacles -------------------------------------------------------------------------------

    def obstacle_of_house(self) -> VoicePrivacyError | None:
        """Return why no satellite may be heard now, or None."""
        return GuestModeOn() if self._settings.house(HouseToggle.GUEST_MODE) else None

    def obstacle(self, satellite: Satellite) -> VoicePrivacyError | None:
        """Return why a satellite cannot be used to teach a word, or None."""
        return self.obstacle_of_house() or satellite.test_obstacle

    def _require(self, satellite: Satellite) -> None:
        if (obstacle := self.obstacle(satellite)) is not None:
            raise obstacle

    # --- clips -----------------------------------------------------------------------------------

    async def async_record(
        self,
        session: TeachingSession,
        kind: ClipKind,
        person: int,
        *,
        on_level: Callable[[ClipLevel], None],
        on_clip: Callable[[JudgedClip], None],
        on_end: Callable[[str | None], None],
    ) -> ClipRecording:
        """Play a tone in the room, and return a clip, which has not begun yet.

        Args:
            session: The session.
            kind: What is said.
            person: Number of whoever says it, from 1 on.
            on_level: Called about four times a second.
            on_clip: Called with the verdict once the clip is complete.
            on_end: Called last, with the code of an error or None.

        Raises:
            Busy: A clip or a test is under way.
            InvalidRequest: There are enough clips.
            TaughtTooOften: The microphone was opened too often in the last hour.
            CannotListen: The satellite is busy, or the tone was interrupted.
            GuestModeOn, MutedWhileTested, NoAudioToTest, WakesItself, Refused, TeachingOver: It must not be heard.
        """
        if session.is_busy:
            raise Busy
        session.require_room(kind, person)
        satellite = session.satellite
        self._require_quiet(satellite)
        now = time.monotonic()
        limit = self._limits.setdefault(
            satellite.satellite_id, TokenBucket(rate=_CLIPS_PER_HOUR / 3600, burst=_CLIPS_PER_HOUR, now=now)
        )
        if not limit.spend(1, now):
            raise TaughtTooOften(name=satellite.config.name)

        def on_recorded(code: str | None) -> None:
            if code is not None or session.ended:
                on_end(code or TeachingOver.code)
                return
            judging = self._async_judge(session, kind, person, clip.take(), on_clip, on_end)
            session.judging = self._hass.async_create_background_task(judging, "voice_privacy_clip")

        clip = ClipRecording(
            self._hass,
            satellite,
            session.by,
            obstacle=self.obstacle_of_house,
            on_heard=on_level,
            on_end=on_recorded,
        )
        clip.on_over = lambda: self._live_over(session, clip)
        session.live = clip
        # What is said may sound like a wake word that the satellite listens for.
        satellite.taps.hold_wakes(_HELD_SECONDS)
        try:
            await self._async_announce(session)
        except BaseException:
            self._live_over(session, clip)
            raise
        self._access_log.add(
            session.by, AuditAction.MICROPHONE_OPENED, count=1, subject=satellite.satellite_id
        )
        return clip

    async def _async_announce(self, session: TeachingSession) -> None:
        """Play the tone in the room, and check afterwards that the microphone may still be opened."""
        if not await session.satellite.async_play_tone():
            raise CannotListen(name=session.satellite.config.name)
        await session.by.async_check()
        if session.ended:
            raise TeachingOver
        self._require_quiet(session.satellite)

    def _require_quiet(self, satellite: Satellite) -> None:
        """Raise an error if the microphone cannot be opened now: the tone would be part of a command."""
        self._require(satellite)
        if satellite.state is SatelliteState.RECORDING:
            raise CannotListen(name=satellite.config.name)

    async def _async_judge(
        self,
        session: TeachingSession,
        kind: ClipKind,
        person: int,
        pcm: bytes,
        on_clip: Callable[[JudgedClip], None],
        on_end: Callable[[str | None], None],
    ) -> None:
        """Judge a complete clip and tell what became of it."""
        code: str | None = VoicePrivacyError.code
        try:
            on_clip(await session.async_add(kind, person, pcm))
            code = None
        except VoicePrivacyError as err:
            code = err.code
        except asyncio.CancelledError:
            code = TeachingOver.code
        finally:
            session.judging = None
            on_end(code)

    @callback
    def _live_over(self, session: TeachingSession, live: LiveTest[Any]) -> None:
        if session.live is live:
            session.live = None
            if isinstance(live, ClipRecording):
                session.satellite.taps.hold_wakes(_HELD_AFTER_SECONDS)

    # --- tests -----------------------------------------------------------------------------------

    async def async_test(
        self,
        satellite: Satellite,
        by: Requester,
        *,
        session: TeachingSession | None,
        word_id: str | None,
        talk: bool,
        on_heard: Callable[[WordHeard], None],
        on_end: Callable[[str | None], None],
    ) -> WordTest:
        """Return a test of a word that was just made, or of a saved one, which has not begun yet.

        Args:
            satellite: The satellite.
            by: Who tests.
            session: Session whose word is tested, or None.
            word_id: Id of the saved word, without a session.
            talk: True to listen to ordinary talk for ten minutes, not to calls for one.
            on_heard: Called about four times a second.
            on_end: Called once when the test ends by itself, with the code of an error or None.

        Raises:
            Busy: As many tests as allowed are running, or a clip of the session is.
            InvalidRequest, TaughtWordMissing: There is no such word.
            GuestModeOn, MutedWhileTested, NoAudioToTest, WakesItself, Refused, TeachingOver: It must not be heard.
        """
        model = self._taught.models.get(word_id or "") if session is None else session.model
        if model is None:
            raise TaughtWordMissing if session is None else InvalidRequest
        if len(self._tests) >= _MAX_TESTS or (session is not None and session.is_busy):
            raise Busy
        self._require(satellite)
        engine = await async_load_taught(self._hass, {model.wake_word: model})
        await by.async_check()
        self._require(satellite)
        if session is not None and session.ended:
            raise TeachingOver
        if session is None and model.wake_word not in self._taught.models:
            # It was deleted while its engine was being loaded.
            raise TaughtWordMissing
        if len(self._tests) >= _MAX_TESTS or (session is not None and session.is_busy):
            raise Busy
        test = WordTest(
            self._hass,
            satellite,
            engine,
            by,
            seconds=TALK_SECONDS if talk else CALLS_SECONDS,
            obstacle=self.obstacle_of_house,
            on_heard=on_heard,
            on_end=on_end,
        )
        self._tests.add(test)
        if session is not None:
            session.live = test

        def over() -> None:
            self._tests.discard(test)
            if session is not None:
                self._live_over(session, test)

        test.on_over = over
        self._access_log.add(by, AuditAction.WAKE_WORD_TESTED, count=1, subject=satellite.satellite_id)
        return test

    @callback
    def end_tests(self) -> None:
        """End all tests, because a word is deleted."""
        for test in tuple(self._tests):
            test.end(TaughtWordMissing.code)
