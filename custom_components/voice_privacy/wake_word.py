"""Our wake engine for satellites of other integrations that stream; only where the owner offers it."""

from collections import Counter, deque
from collections.abc import AsyncIterable
import logging
from typing import Final, override
from uuid import uuid4

from homeassistant.components.wake_word import DetectionResult, WakeWord, WakeWordDetectionEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_CHECK_LEVEL, CONF_OFFER_WAKE_WORD, DEFAULT_CHECK_LEVEL, DEFAULT_THRESHOLD, DOMAIN
from .coordinator import VoicePrivacyConfigEntry
from .core.audio import SAMPLE_RATE, SAMPLE_WIDTH
from .core.capture import PRE_ROLL_SECONDS, Wake
from .core.models import Detection, StartedBy
from .hub.hub import VoicePrivacyHub
from .satellites.pipeline import PipelineSatellite
from .satellites.pipeline_runs import identify_run, is_satellite
from .wake.model_files import phrase_of
from .wake.worker import WakeWordSettings

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0

_BUFFER_SAMPLES: Final = int((PRE_ROLL_SECONDS + 3.0) * SAMPLE_RATE)
"""The wake word, and what is said while its detection is still on its way from the worker."""

_MOST_OF_ONE: Final = 2
"""Streams of one satellite or user at a time: the next one may begin before the last has ended."""

_MOST_OF_USERS: Final = 8
"""Streams of all apps and browsers together: whoever is signed in can begin as many as there are."""

_MOST: Final = 64
"""Streams of all together."""


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the engine where the owner has decided so: else it might silently become the default one."""
    if entry.options.get(CONF_OFFER_WAKE_WORD):
        async_add_entities([WakeEngineEntity(entry)])


class _Stream:
    """The newest audio of one stream, and what was detected in it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.detection: Detection | None = None
        self._chunks: deque[tuple[bytes, int, int]] = deque()
        """Audio, Assist's timestamp in milliseconds, and the sample after its last."""

        self._end = 0

    def append(self, pcm: bytes, timestamp: int) -> None:
        """Add audio and forget what is too old."""
        self._end += len(pcm) // SAMPLE_WIDTH
        self._chunks.append((pcm, timestamp, self._end))
        while self._chunks[0][2] < self._end - _BUFFER_SAMPLES:
            self._chunks.popleft()

    def after(self, sample: int) -> list[tuple[bytes, int]]:
        """Return the chunks that end after a sample, as Assist wants them back."""
        return [(pcm, timestamp) for pcm, timestamp, end in self._chunks if end > sample]

    def before(self, sample: int) -> bytes:
        """Return the wake word: the last audio up to a sample, without what after() returns."""
        heard = b"".join(pcm for pcm, _, end in self._chunks if end <= sample)
        return heard[-int(PRE_ROLL_SECONDS * SAMPLE_RATE) * SAMPLE_WIDTH :]


class WakeEngineEntity(WakeWordDetectionEntity):
    """The engine that our own satellites are heard with, on the same thread."""

    _attr_has_entity_name = True
    _attr_translation_key = "wake_word"

    def __init__(self, entry: VoicePrivacyConfigEntry) -> None:
        """Belong to the hub's device."""
        self._hub: VoicePrivacyHub = entry.runtime_data.hub
        self._check_level: bool = entry.options.get(CONF_CHECK_LEVEL, DEFAULT_CHECK_LEVEL)
        self._sources: Counter[str] = Counter()
        """How many streams of each source are being listened to."""

        self._attr_unique_id = f"{entry.entry_id}-wake_word"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry.entry_id)})

    @override
    async def get_supported_wake_words(self) -> list[WakeWord]:
        """Return the wake words that can be heard right now."""
        return [
            WakeWord(id=wake_word, name=phrase_of(wake_word), phrase=phrase_of(wake_word))
            for wake_word in self._hub.listening.wake_words_available
        ]

    @override
    async def _async_process_audio_stream(
        self, stream: AsyncIterable[tuple[bytes, int]], wake_word_id: str | None
    ) -> DetectionResult | None:
        """Read a stream until a wake word is heard in it, or until it ends; nothing is heard in one too many.

        A detection is noticed with the next chunk: whoever waited for both at once would have to cancel
        the reading, and would lose a chunk.
        """
        source = identify_run(self.hass).source
        if self._is_too_many(source):
            _LOGGER.warning("Too much is streamed to the wake engine at once: a stream is not listened to")
            return None
        self._sources[source] += 1
        try:
            return await self._async_listen(stream, wake_word_id, self._hub.satellites.of_source(source))
        finally:
            self._sources[source] -= 1
            # Counts of nothing are dropped.
            self._sources = +self._sources

    def _is_too_many(self, source: str) -> bool:
        """Return whether one more stream of a source is too much."""
        of_users = sum(count for one, count in self._sources.items() if not is_satellite(one))
        return (
            self._sources[source] >= _MOST_OF_ONE
            or (not is_satellite(source) and of_users >= _MOST_OF_USERS)
            or self._sources.total() >= _MOST
        )

    async def _async_listen(
        self,
        stream: AsyncIterable[tuple[bytes, int]],
        wake_word_id: str | None,
        satellite: PipelineSatellite | None,
    ) -> DetectionResult | None:
        """Read a stream; the satellite is whose it is, if that has been added to ours."""
        available = self._hub.listening.wake_words_available
        wake_words = [wake_word_id] if wake_word_id in available else list(available)
        heard = _Stream()
        stream_id = f"assist-{uuid4().hex}"

        def on_detection(detection: Detection) -> None:
            heard.detection = heard.detection or detection

        self._hub.listening.open_stream(
            stream_id,
            [
                WakeWordSettings(wake_word=word, threshold=DEFAULT_THRESHOLD, check_level=self._check_level)
                for word in wake_words
            ],
            on_detection,
        )
        try:
            async for pcm, timestamp in stream:
                if satellite is not None and satellite.blocked:
                    continue
                heard.append(pcm, timestamp)
                self._hub.listening.feed_stream(stream_id, pcm)
                if (detection := heard.detection) is not None:
                    return self._result(heard, detection, satellite, timestamp)
        finally:
            self._hub.listening.close_stream(stream_id)
        return None

    def _result(
        self, heard: _Stream, detection: Detection, satellite: PipelineSatellite | None, timestamp: int
    ) -> DetectionResult:
        """Tell Assist what was heard, and hand back what was said after it."""
        phrase = phrase_of(detection.wake_word)
        if satellite is not None:
            wake = Wake(
                started_by=StartedBy.WAKE_WORD,
                wake_word=detection.wake_word,
                phrase=phrase,
                score=detection.score,
                threshold=detection.threshold,
            )
            satellite.woke(wake, heard.before(detection.end_sample))
        return DetectionResult(
            wake_word_id=detection.wake_word,
            wake_word_phrase=phrase,
            timestamp=timestamp,
            queued_audio=heard.after(detection.end_sample),
        )
