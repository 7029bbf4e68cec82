"""Base class of all satellites, and the interface that they use to call the hub."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
import logging
from typing import Protocol

from homeassistant.core import HomeAssistant, callback

from ..core.capture import CaptureSession
from ..core.contention import Rival
from ..core.error_place import type_and_place
from ..core.errors import VoicePrivacyError
from ..core.levels import PrivacyLevel
from ..core.models import RecordingKind
from ..core.near_miss import NearMissLimit
from ..core.privacy import PrivacySettings, forbids
from ..core.stream_health import SatelliteState
from ..wake.worker import WakeWordSettings
from .audio_taps import AudioTaps
from .live_capture import LiveCapture
from .near_misses import NearMiss
from .wyoming_events import SatelliteInfo

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteConfig:
    """Owner's configuration of a satellite, whichever integration connects to it."""

    satellite_id: str
    """Id of its config subentry."""

    name: str
    ignores_made_up_text: bool = True
    """True if a transcript that speech-to-text made up on silence is no command."""

    child_safe: bool = False
    """True if its recordings are never reviewed, regardless of any toggle."""

    wake_words: tuple[WakeWordSettings, ...] = ()
    """Wake words for the built-in wake engine; empty if the satellite detects its wake word itself."""


class SatelliteHost(Protocol):
    """Callbacks into the hub, which is never imported here."""

    @callback
    def satellite_changed(self, satellite: Satellite) -> None:
        """Handle a change of state that entities show."""

    @callback
    def capture_started(self, satellite: Satellite, capture: CaptureSession) -> None:
        """Register a new utterance; from now on a deletion can cover it."""

    async def async_capture_finished(
        self, satellite: Satellite, capture: CaptureSession, kind: RecordingKind
    ) -> None:
        """Store or discard a complete utterance."""


class Satellite(ABC):
    """A satellite as seen by the hub and entities, whichever integration connects to it."""

    def __init__(
        self,
        hass: HomeAssistant,
        config: SatelliteConfig,
        *,
        settings: Callable[[], PrivacySettings],
        host: SatelliteHost,
    ) -> None:
        """Set up a satellite; start connects to it.

        Args:
            hass: Home Assistant.
            config: The owner's configuration.
            settings: Returns the satellite's privacy settings.
            host: Receives its utterances.
        """
        self.hass = hass
        self.config: SatelliteConfig = config
        self._settings = settings
        self._host = host
        self.taps = AudioTaps()
        """Taps on its audio, which end with a mute."""

        self._live: set[LiveCapture] = set()
        """Utterances and near misses that have not been handed over yet."""

        self.near_misses = NearMissLimit()

    info: SatelliteInfo | None = None
    """Self-description of a satellite that this integration connects to, or None."""

    @property
    def satellite_id(self) -> str:
        """Id of the satellite's config subentry."""
        return self.config.satellite_id

    @property
    @abstractmethod
    def state(self) -> SatelliteState:
        """State of the microphone; it is not listening in any state but listening or recording."""

    @property
    @abstractmethod
    def silence_reason(self) -> str | None:
        """Reason why an unmuted satellite detects no wake word; None while it does, or if it is unknown."""

    @property
    def rival(self) -> Rival | None:
        """Server that uses the satellite instead of us, or keeps taking it."""
        return None

    @property
    def can_press_to_talk(self) -> bool:
        """True if an utterance can be started without a wake word."""
        return False

    @property
    def has_other_engine(self) -> bool:
        """True if another wake word engine of Home Assistant hears it instead of the built-in one."""
        return False

    @property
    def engine_broken(self) -> bool:
        """True if an engine chosen for it has been failing for a long time."""
        return False

    @property
    @abstractmethod
    def test_obstacle(self) -> VoicePrivacyError | None:
        """Reason why no wake word can be tested with its audio now, or None."""

    @property
    def mute_is_void(self) -> bool:
        """True if it is muted but its audio still reaches an Assist pipeline."""
        return False

    @property
    def is_scored(self) -> bool:
        """True if the built-in wake engine scores what it hears, so that near misses are known."""
        return False

    @property
    def wake_words(self) -> tuple[WakeWordSettings, ...]:
        """Wake words that are listened for in its audio; none if it detects its wake word itself."""
        return self.config.wake_words

    @property
    def scored_stream(self) -> str | None:
        """Id of the stream in which the built-in wake engine scores its audio now, or None."""
        return None

    @property
    @abstractmethod
    def mute_violated(self) -> bool:
        """True if audio keeps arriving although the satellite was told to pause."""

    @property
    @abstractmethod
    def mute_confirmed(self) -> bool | None:
        """True if the muted satellite has stopped sending audio; None if that cannot be determined."""

    @abstractmethod
    def start(self) -> None:
        """Start listening."""

    @abstractmethod
    async def async_stop(self) -> None:
        """Stop listening; the current utterance is discarded."""

    @callback
    @abstractmethod
    def mute_changed(self) -> None:
        """Apply the mute toggle."""

    @callback
    def settings_changed(self) -> None:
        """Apply withdrawn consent to the current utterances."""
        self._forbid_unwanted()

    # --- captures --------------------------------------------------------------------------------

    def _open(self, live: LiveCapture) -> None:
        """Register a new capture; mark it at once if it must not be stored."""
        self._live.add(live)
        self._forbid_unwanted()
        self._host.capture_started(self, live.capture)

    async def _async_hand_over(self, live: LiveCapture) -> None:
        """Pass a complete utterance to the hub, which stores or discards it."""
        self._live.discard(live)
        try:
            await self._host.async_capture_finished(self, live.capture, live.kind)
        except Exception as err:  # noqa: BLE001
            # The message may contain what was said; its type does not.
            _LOGGER.error("An utterance of %s was lost: %s", self.satellite_id, type_and_place(err))

    @callback
    def _forbid_unwanted(self) -> None:
        """Mark live captures that the toggles forbid to store."""
        settings = self._settings()
        for live in self._live:
            live.capture.memory_only |= settings.level is PrivacyLevel.MEMORY_ONLY
            if (reason := forbids(settings, near_miss=live.capture.near_miss)) is not None:
                live.capture.forbid(reason)

    @property
    def _takes_utterance(self) -> bool:
        """True while an utterance takes audio."""
        return any(live.listening and not live.capture.near_miss for live in self._live)

    @property
    def may_keep_near_miss(self) -> bool:
        """True if what it hears now may be part of a near miss: no command, and with consent."""
        if self.taps.holds_wakes:
            # A clip of a word that is being taught is never kept, however near it comes to another word.
            return False
        return not self._takes_utterance and forbids(self._settings(), near_miss=True) is None

    @callback
    def near_miss_begins(self, near_miss: NearMiss) -> None:
        """Register a near miss; from now on a deletion can cover it."""
        self._open(near_miss)

    @callback
    def near_miss_ends(self, near_miss: NearMiss) -> None:
        """Pass a near miss to the hub in the background."""
        self.hass.async_create_background_task(
            self._async_hand_over(near_miss), f"voice_privacy_near_miss_{self.satellite_id}"
        )

    @callback
    def press_to_talk(self) -> bool:
        """Start an utterance without a wake word; return False if that is not possible."""
        return False

    async def async_play_tone(self) -> bool:
        """Play the tone that announces an open microphone, and wait until the room has heard it.

        Returns False if the room cannot hear it now. A satellite that cannot play for us counts as heard.
        """
        return True

    @callback
    @abstractmethod
    def check(self) -> None:
        """Check once a second that the satellite still listens."""
