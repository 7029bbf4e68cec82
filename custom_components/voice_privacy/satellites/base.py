"""What every satellite is, whoever connects to it, and what it needs from the hub."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
import time
from typing import Protocol

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..core.audio import seconds_of
from ..core.capture import CaptureSession, Wake
from ..core.models import RecordingKind
from ..core.privacy import PrivacySettings, forbids
from ..core.stream_health import SatelliteState
from ..wake.worker import WakeWordSettings
from .wyoming_events import SatelliteInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteConfig:
    """What the owner has set for any satellite, whoever connects to it."""

    satellite_id: str
    """Id of its config subentry."""

    name: str
    child_safe: bool = False
    """What is said to it is never reviewed, whatever else is switched on."""

    wake_words: tuple[WakeWordSettings, ...] = ()
    """What our wake engine listens for; empty when the satellite detects its wake word itself."""


class SatelliteHost(Protocol):
    """What a satellite needs from the hub; the hub is never imported here."""

    @callback
    def satellite_changed(self, satellite: Satellite) -> None:
        """Something that entities show has changed."""

    @callback
    def capture_started(self, satellite: Satellite, capture: CaptureSession) -> None:
        """An utterance has begun: from now on a deletion can reach it."""

    async def async_capture_finished(
        self, satellite: Satellite, capture: CaptureSession, kind: RecordingKind
    ) -> None:
        """An utterance is complete: keep or discard it."""


class Satellite(ABC):
    """What the hub and entities know of a satellite, whoever connects to it."""

    def __init__(
        self,
        hass: HomeAssistant,
        config: SatelliteConfig,
        *,
        settings: Callable[[], PrivacySettings],
        host: SatelliteHost,
    ) -> None:
        """Prepare a satellite; start connects to it.

        Args:
            hass: Home Assistant.
            config: The owner's choices.
            settings: Returns the toggles that govern it.
            host: Takes its utterances.
        """
        self.hass = hass
        self.config: SatelliteConfig = config
        self._settings = settings
        self._host = host

    info: SatelliteInfo | None = None
    """What a satellite that we connect to says of itself."""

    @property
    def satellite_id(self) -> str:
        """Id of the satellite's config subentry."""
        return self.config.satellite_id

    @property
    @abstractmethod
    def state(self) -> SatelliteState:
        """What the microphone does; anything but listening or recording says that it does not listen."""

    @property
    @abstractmethod
    def silence_reason(self) -> str | None:
        """Why a connected, unmuted satellite hears no wake word; None while it does."""

    @property
    def can_press_to_talk(self) -> bool:
        """Whether an utterance can be begun without a wake word."""
        return False

    @property
    def has_other_engine(self) -> bool:
        """Whether another wake word engine of the house hears it, and not ours."""
        return False

    @property
    def engine_broken(self) -> bool:
        """Whether an engine that was chosen for it has not worked for long."""
        return False

    @property
    def mute_is_void(self) -> bool:
        """Whether it is muted, and somebody in the house hears it all the same."""
        return False

    @property
    @abstractmethod
    def mute_violated(self) -> bool:
        """Whether audio keeps coming although the satellite was told to pause."""

    @property
    @abstractmethod
    def mute_confirmed(self) -> bool | None:
        """Whether the muted satellite has stopped sending; None when that cannot be known."""

    @abstractmethod
    def start(self) -> None:
        """Begin to listen."""

    @abstractmethod
    async def async_stop(self) -> None:
        """Listen no more; what is being captured is not kept."""

    @callback
    @abstractmethod
    def mute_changed(self) -> None:
        """Obey the mute toggle."""

    @callback
    def settings_changed(self) -> None:
        """Make a withdrawn consent reach what is being captured."""
        self._forbid_unwanted(self._captures())

    @abstractmethod
    def _captures(self) -> Iterable[CaptureSession]:
        """Return what is being captured."""

    # --- captures --------------------------------------------------------------------------------

    def _new_capture(self, wake: Wake, *, pre_roll: bytes, post_roll: bytes = b"") -> CaptureSession:
        """Open a capture that began with audio from the past; one that privacy forbids is marked at once.

        Args:
            wake: What woke the satellite.
            pre_roll: 16 kHz, 16-bit, mono audio of the wake word.
            post_roll: Audio since then, which the caller adds.
        """
        ago = seconds_of(pre_roll + post_roll)
        capture = CaptureSession(
            self.satellite_id,
            wake,
            pre_roll=pre_roll,
            started_at=dt_util.utcnow() - timedelta(seconds=ago),
            started_monotonic=time.monotonic() - ago,
        )
        self._forbid_unwanted([capture])
        return capture

    def _forbid_unwanted(self, captures: Iterable[CaptureSession]) -> None:
        """Mark captures that the toggles do not allow to be kept."""
        if (reason := forbids(self._settings())) is not None:
            for capture in captures:
                capture.forbid(reason)

    @callback
    def press_to_talk(self) -> bool:
        """Begin an utterance without a wake word; return False when that cannot be done."""
        return False

    @callback
    @abstractmethod
    def check(self) -> None:
        """Look, once a second, whether the satellite still listens."""
