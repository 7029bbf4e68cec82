"""The built-in wake engine on Home Assistant's event loop: its models and its audio streams."""

from collections.abc import Callable, Collection, Mapping, Sequence
import contextlib
from dataclasses import replace
import logging
from typing import TYPE_CHECKING, Protocol

from homeassistant.core import HomeAssistant, callback

from ..core.errors import WakeEngineUnavailable, WakeModelError
from ..core.models import Detection
from ..core.score_history import ScorePeak
from ..core.wake_trace import HeardBy, WakeTrace
from ..wake.worker import DetectionWorker, StreamStatistics, WakeWordSettings
from .model_downloads import async_check_engine, async_load_engine
from .model_library import UsedFiles, async_used_files

if TYPE_CHECKING:
    from ..wake.taught import TaughtWord
    from ..wake.verifier import Verifier

_LOGGER = logging.getLogger(__name__)


class PeakListener(Protocol):
    """Receiver of score peaks: the score history."""

    @callback
    def heard(self, satellite_id: str, peak: ScorePeak) -> None:
        """Handle a score peak of a satellite."""


class WakeListener:
    """One worker thread for all streams; detections are delivered on the event loop."""

    def __init__(self, hass: HomeAssistant, scores: PeakListener) -> None:
        """Set up the worker; scores receives peaks with the id of their stream."""
        self.worker = DetectionWorker(self._on_detection, self._on_peak)
        self.model_error: Exception | None = None
        """Error that prevents listening for wake words, or for some of them; None if there is none."""

        self.files: UsedFiles = {}
        """Files that the engine was loaded from."""

        self.verifiers: dict[str, Verifier] = {}
        """Trained verifiers by wake word."""

        self.learnable: frozenset[str] = frozenset()
        """Wake words for which a verifier can be trained."""

        self.heard_by: Mapping[str, HeardBy] = {}
        """Engines of the wake words."""

        self.on_tightened: Callable[[str, float], object] = lambda _word, _threshold: None
        """Called with a taught word and its threshold, once the ordinary talk of the house has tightened it."""

        self._hass = hass
        self._scores = scores
        self._streams: dict[str, Callable[[Detection], None]] = {}
        self._peaks: dict[str, Callable[[ScorePeak], None]] = {}
        self._remembered: set[str] = set()
        """Streams whose peaks are part of the score history."""

    @property
    def wake_words_available(self) -> tuple[str, ...]:
        """Wake words that can be detected now."""
        return self.worker.wake_words_available

    @property
    def unavailable(self) -> WakeEngineUnavailable | None:
        """Error that prevents the wake engine from running on this machine, or None."""
        return self.model_error if isinstance(self.model_error, WakeEngineUnavailable) else None

    @property
    def load(self) -> float | None:
        """Share of the last minute in which the wake engine was at work, 0 to 1; None without an engine."""
        return self.worker.load.share if self.worker.wake_words_available else None

    def start(self) -> None:
        """Start the worker's thread."""
        self.worker.start()

    async def async_stop(self) -> None:
        """End the worker's thread, and let go of the engine: it holds numbers of voices, whoever still holds this."""
        await self._hass.async_add_executor_job(self.worker.stop)
        self.worker.set_engine(None)

    async def async_load(
        self, wanted: Collection[str], taught: Mapping[str, TaughtWord] | None = None
    ) -> None:
        """Load the wake engine with these wake words; a failure is remembered but stops nothing else.

        Args:
            wanted: Ids of the wake words.
            taught: Wake words that were taught here, by id; one of them takes precedence over a file with its name.
        """
        self.model_error = None
        self.files = {}
        try:
            await async_check_engine(self._hass)
            if not wanted:
                # The old engine would go on to hear, and hold the numbers of, a taught word that was deleted.
                self.worker.set_engine(None)
                return
            self.files = await async_used_files(self._hass, wanted)
            engine = await async_load_engine(self._hass, wanted, taught)
            # Needs numpy, which has been checked, and imported.
            from ..wake.gated import GatedEngines  # noqa: PLC0415

            self.worker.set_engine(GatedEngines(engine, self._on_tightened))
            self.learnable = frozenset(engine.learnable)
            self.heard_by = engine.heard_by
            for wake_word, error in engine.unusable.items():
                _LOGGER.warning("The model of the wake word %s cannot be used: %s", wake_word, error)
            # A single wake word without a usable model also needs the user's attention.
            self.model_error = next(iter(engine.unusable.values()), None)
        except WakeEngineUnavailable as err:
            _LOGGER.warning("The wake word engine cannot run on this machine (%s)", err)
            self.model_error = err
            self.worker.set_engine(None)
        except WakeModelError as err:
            _LOGGER.error("No wake word model can be used: %s", err)
            self.model_error = err
            self.worker.set_engine(None)
        except Exception as err:  # noqa: BLE001
            # A bad model file must not affect switches, store or deletion.
            _LOGGER.error("Loading wake word models failed: %s", type(err).__name__)
            self.model_error = err
            self.worker.set_engine(None)

    def statistics(self, satellite_id: str) -> StreamStatistics:
        """Return the statistics of a satellite's stream; empty if the engine does not hear it."""
        try:
            return self.worker.statistics(satellite_id)
        except KeyError:
            return StreamStatistics(
                chunks_processed=0, chunks_dropped=0, pending=0, scores={}, unknown_wake_words=()
            )

    def highest_score(self, stream_id: str) -> tuple[float, float] | None:
        """Return the highest score of the last two seconds with its threshold; None if nothing is scored."""
        statistics = self.statistics(stream_id)
        return max(
            ((score, statistics.thresholds[word]) for word, score in statistics.scores.items()), default=None
        )

    @callback
    def use_verifiers(self, verifiers: Mapping[str, Verifier]) -> None:
        """Replace all verifiers, given by wake word."""
        self.verifiers = dict(verifiers)
        self.worker.set_verifiers({(None, wake_word): verifier for wake_word, verifier in verifiers.items()})

    @callback
    def open_stream(
        self,
        stream_id: str,
        wake_words: Sequence[WakeWordSettings],
        on_detection: Callable[[Detection], None],
        on_peak: Callable[[ScorePeak], None] | None = None,
        *,
        remembered: bool = True,
    ) -> None:
        """Listen for wake words in a stream; an open stream with that id is replaced.

        Args:
            stream_id: Id of the stream, which is its satellite's id if it is remembered.
            wake_words: Wake words to listen for.
            on_detection: Called on the event loop.
            on_peak: Called on the event loop for each possible wake word, half a second after its end.
            remembered: True if its peaks are part of the score history.
        """
        self._streams[stream_id] = on_detection
        if remembered:
            self._remembered.add(stream_id)
        if on_peak is not None:
            self._peaks[stream_id] = on_peak
        self.worker.open_stream(stream_id, wake_words)

    @callback
    def feed_stream(self, stream_id: str, pcm: bytes) -> None:
        """Process the next audio of a stream: 16 kHz, 16-bit, mono PCM; the worker drops it if overloaded."""
        self.worker.feed(stream_id, pcm)

    @callback
    def close_stream(self, stream_id: str) -> None:
        """Stop listening to a stream and discard its audio."""
        self._streams.pop(stream_id, None)
        self._peaks.pop(stream_id, None)
        self._remembered.discard(stream_id)
        self.worker.close_stream(stream_id)

    @callback
    def restart_stream(self, stream_id: str) -> None:
        """Discard a stream's audio; its samples count from zero again."""
        self.worker.restart_stream(stream_id)

    def _on_detection(self, stream_id: str, detection: Detection) -> None:
        """Pass a detection from the worker's thread to the event loop."""
        # The event loop may already be closed while Home Assistant stops.
        with contextlib.suppress(RuntimeError):
            self._hass.loop.call_soon_threadsafe(self._deliver, stream_id, detection)

    def _on_peak(self, stream_id: str, peak: ScorePeak) -> None:
        """Pass a score peak from the worker's thread to the event loop."""
        with contextlib.suppress(RuntimeError):
            self._hass.loop.call_soon_threadsafe(self._deliver_peak, stream_id, peak)

    def _on_tightened(self, wake_word: str, threshold: float) -> None:
        """Pass a tightened threshold from the worker's thread to the event loop."""
        with contextlib.suppress(RuntimeError):
            self._hass.loop.call_soon_threadsafe(self._deliver_tightened, wake_word, threshold)

    @callback
    def _deliver_tightened(self, wake_word: str, threshold: float) -> None:
        self.on_tightened(wake_word, threshold)

    @callback
    def _deliver(self, stream_id: str, detection: Detection) -> None:
        """Deliver a detection, unless its stream has been restarted or closed since."""
        on_detection = self._streams.get(stream_id)
        if on_detection is not None and self.worker.is_current(stream_id, detection):
            on_detection(replace(detection, trace=self._with_engine(detection)))

    @callback
    def _deliver_peak(self, stream_id: str, peak: ScorePeak) -> None:
        """Deliver a score peak to the score history, and to its stream unless that was restarted since."""
        if stream_id in self._remembered:
            self._scores.heard(stream_id, peak)
        on_peak = self._peaks.get(stream_id)
        if on_peak is not None and self.worker.is_current(stream_id, peak):
            on_peak(replace(peak, trace=self._with_engine(peak)))

    def _with_engine(self, found: Detection | ScorePeak) -> WakeTrace:
        """Return how a wake word was heard, with the engine that heard it."""
        return replace(found.trace or WakeTrace(), heard_by=self.heard_by.get(found.wake_word))
