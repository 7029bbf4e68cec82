"""Wake word entity: our wake engine for streaming satellites of other integrations, if enabled."""

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
from .core.models import Detection
from .core.word_start import word_audio
from .hub.hub import VoicePrivacyHub
from .satellites.engine_run import EngineRun
from .satellites.pipeline import PipelineSatellite
from .satellites.pipeline_runs import identify_run, is_satellite
from .wake.worker import WakeWordSettings

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0

_BUFFER_SAMPLES: Final = int((PRE_ROLL_SECONDS + 3.0) * SAMPLE_RATE)
"""Samples of a stream to buffer: the wake word and the room before it, and audio that arrives before the worker reports a detection."""

_MOST_OF_ONE: Final = 2
"""Maximum streams of one satellite or user: the next one may start before the previous one has ended."""

_MOST_OF_USERS: Final = 8
"""Maximum streams of all apps and browsers together: signed-in users can start any number."""

_MOST: Final = 64
"""Maximum streams in total."""


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the engine if the owner has enabled it; otherwise it could silently become the default engine."""
    if entry.options.get(CONF_OFFER_WAKE_WORD):
        async_add_entities([WakeEngineEntity(entry)])


class _Stream:
    """Buffer of the newest audio of a stream, with its first detection."""

    def __init__(self) -> None:
        """Initialize an empty buffer."""
        self.detection: Detection | None = None
        self._chunks: deque[tuple[bytes, int, int]] = deque()
        """Chunks: 16-bit PCM, Assist's timestamp in milliseconds, and the position after the last sample."""

        self.end = 0
        """Number of samples so far."""

    def append(self, pcm: bytes, timestamp: int) -> None:
        """Append a chunk and drop chunks that are too old."""
        self.end += len(pcm) // SAMPLE_WIDTH
        self._chunks.append((pcm, timestamp, self.end))
        while self._chunks[0][2] < self.end - _BUFFER_SAMPLES:
            self._chunks.popleft()

    def after(self, sample: int) -> list[tuple[bytes, int]]:
        """Return the chunks that end after a sample position, with timestamps, as queued audio for Assist."""
        return [(pcm, timestamp) for pcm, timestamp, end in self._chunks if end > sample]

    def end_before(self, sample: int) -> int:
        """Return where the chunks end that after() does not return."""
        return max((end for _, _, end in self._chunks if end <= sample), default=0)

    def between(self, start: int, end: int) -> bytes:
        """Return the buffered audio between two sample positions."""
        audio = b"".join(pcm for pcm, _, _ in self._chunks)
        origin = self.end - len(audio) // SAMPLE_WIDTH
        first, last = (max(0, sample - origin) * SAMPLE_WIDTH for sample in (start, end))
        return audio[first:last]


class WakeEngineEntity(WakeWordDetectionEntity):
    """Wake word entity that uses the same engine and thread as our own satellites."""

    _attr_has_entity_name = True
    _attr_translation_key = "wake_word"

    def __init__(self, entry: VoicePrivacyConfigEntry) -> None:
        """Attach the entity to the hub's device."""
        self._hub: VoicePrivacyHub = entry.runtime_data.hub
        self._check_level: bool = entry.options.get(CONF_CHECK_LEVEL, DEFAULT_CHECK_LEVEL)
        self._sources: Counter[str] = Counter()
        """Number of open streams by source."""

        self._attr_unique_id = f"{entry.entry_id}-wake_word"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry.entry_id)})

    @override
    async def get_supported_wake_words(self) -> list[WakeWord]:
        """Return the wake words whose models are loaded."""
        return [
            WakeWord(id=wake_word, name=(phrase := self._hub.taught.phrase_of(wake_word)), phrase=phrase)
            for wake_word in self._hub.listening.wake_words_available
        ]

    @override
    async def _async_process_audio_stream(
        self, stream: AsyncIterable[tuple[bytes, int]], wake_word_id: str | None
    ) -> DetectionResult | None:
        """Read a stream until a wake word is detected or the stream ends.

        Returns None at once if too many streams are open. A detection is noticed with the next chunk: waiting
        for both at once would require cancelling the read, which loses a chunk.
        """
        source = identify_run(self.hass).source
        if self._is_too_many(source):
            _LOGGER.warning("Too many streams are open at the wake engine: a new stream is ignored")
            return None
        self._sources[source] += 1
        try:
            return await self._async_listen(stream, wake_word_id, self._hub.satellites.of_source(source))
        finally:
            self._sources[source] -= 1
            # Drop sources whose count is zero.
            self._sources = +self._sources

    def _is_too_many(self, source: str) -> bool:
        """Return whether another stream of a source would exceed a limit."""
        of_users = sum(count for counted, count in self._sources.items() if not is_satellite(counted))
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
        """Read a stream until a detection; satellite is its source, if that has been added here."""
        available = self._hub.listening.wake_words_available
        wake_words = [wake_word_id] if wake_word_id in available else list(available)
        heard = _Stream()
        stream_id = f"assist-{uuid4().hex}"

        run = EngineRun(satellite, stream_id, heard.between)

        def on_detection(detection: Detection) -> None:
            run.woke(detection.end_sample)
            heard.detection = heard.detection or detection

        self._hub.listening.open_stream(
            stream_id,
            [
                WakeWordSettings(wake_word=word, threshold=DEFAULT_THRESHOLD, check_level=self._check_level)
                for word in wake_words
            ],
            on_detection,
            run.on_peak,
            # It ends with its wake word, and no deletion would find what is remembered under its id.
            remembered=False,
        )
        try:
            with run:
                async for pcm, timestamp in stream:
                    if self._hub.stopping:
                        # Nothing hears it any more: the run ends, and the next one finds the next engine.
                        return None
                    admitted = run.admits(pcm)
                    if admitted:
                        heard.append(pcm, timestamp)
                        self._hub.listening.feed_stream(stream_id, pcm)
                    run.heard(heard.end)
                    if admitted and (detection := heard.detection) is not None:
                        return self._result(heard, detection, satellite, timestamp)
        finally:
            self._hub.listening.close_stream(stream_id)
        return None

    def _result(
        self, heard: _Stream, detection: Detection, satellite: PipelineSatellite | None, timestamp: int
    ) -> DetectionResult:
        """Return the result with the audio after the wake word, and report the wake to the satellite."""
        phrase = self._hub.taught.phrase_of(detection.wake_word)
        if satellite is not None:
            wake = Wake.heard(detection, phrase)
            end = heard.end_before(detection.end_sample)
            satellite.woke(wake, word_audio(end, detection.start_sample, heard.between, phrase))
        return DetectionResult(
            wake_word_id=detection.wake_word,
            wake_word_phrase=phrase,
            timestamp=timestamp,
            queued_audio=heard.after(detection.end_sample),
        )
