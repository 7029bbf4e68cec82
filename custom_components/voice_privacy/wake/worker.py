"""Worker thread that detects wake words in the audio of all satellites.

This module does not need numpy: without an engine the worker drops all audio, and only an engine imports
numpy.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
import itertools
import logging
import threading
from time import perf_counter
from typing import TYPE_CHECKING, Final

from ..core.audio import CHUNK_BYTES, CHUNK_SAMPLES, CHUNK_SECONDS, SAMPLE_RATE, SAMPLE_WIDTH
from ..core.load_meter import LoadMeter, PeakMeter
from ..core.models import Detection
from ..core.score_history import ScorePeak
from ..core.wake_trace import WakeTrace, rounded_scores
from ..core.word_start import start_by_level
from .detector import WakeWordDetector
from .second_stage import LOOK_BACK_CHUNKS, Opinion, PeakTracker, SecondStage
from .word_start import find_start

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .engines import ScoringEngine
    from .verifier import Verifier

_LOGGER = logging.getLogger(__name__)

THREAD_NAME: Final = "voice_privacy_wake"

QUEUE_CHUNKS: Final = 50
"""Maximum number of queued chunks (80 ms each) per stream: 4 s."""

RECENT_CHUNKS: Final = 25
"""Chunks (80 ms each) over which the maximum recent score is taken: 2 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeWordSettings:
    """Detection settings of a wake word in a stream."""

    wake_word: str
    """Id of the wake word, e.g. "alexa"."""

    threshold: float = 0.5
    """Minimum score of a chunk with the wake word, 0 to 1."""

    trigger_level: int = 1
    """Consecutive chunks (80 ms each) that must reach the threshold, at least 1."""

    refractory_seconds: float = 2.0
    """Seconds of audio after a detection in which there is no other detection."""

    check_level: bool = False
    """True to ignore sound that is no louder than the room before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStatistics:
    """Statistics of a stream since it was opened; a restart does not reset the counters."""

    chunks_processed: int
    """Number of chunks (80 ms each) that were scored."""

    chunks_dropped: int
    """Number of chunks that were not scored: the queue was full, there was no engine, or it failed."""

    pending: int
    """Number of queued chunks."""

    scores: Mapping[str, float]
    """Highest score of each wake word in the last 2 s, 0 to 1."""

    unknown_wake_words: tuple[str, ...]
    """Requested wake words that the engine does not have."""

    rejected: int = 0
    """Number of wakes rejected by the second stage."""

    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Configured threshold of each wake word, 0 to 1."""

    load: float = 0.0
    """Share of the last minute in which the engine was at work on this stream, 0 to 1."""

    lag: float = 0.0
    """Most seconds in the last minute by which the engine was behind the audio."""


@dataclass(slots=True, eq=False)
class _Stream:
    """State of a stream, shared by both threads and guarded by the worker's lock."""

    wake_words: tuple[WakeWordSettings, ...]
    generation: int
    detectors: dict[str, WakeWordDetector]
    partial: bytearray = field(default_factory=bytearray)
    position: int = 0
    queue: deque[tuple[int, bytes]] = field(default_factory=deque)
    recent: deque[Mapping[str, float]] = field(default_factory=lambda: deque(maxlen=RECENT_CHUNKS))
    heard: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=LOOK_BACK_CHUNKS))
    """Last chunks that were scored, each with its end in samples of the stream."""

    peaks: dict[str, PeakTracker] = field(default_factory=dict)
    filter_scores: dict[str, float] = field(default_factory=dict)
    """Last score of the verifier for each possible wake word that is not over yet."""

    processed: int = 0
    dropped: int = 0
    rejected: int = 0
    failed: bool = False
    load: LoadMeter = field(default_factory=LoadMeter)
    lag: PeakMeter = field(default_factory=PeakMeter)

    def restart(self, generation: int) -> None:
        """Drop all audio and scores, and restart sample positions at zero."""
        self.generation = generation
        self.partial.clear()
        self.queue.clear()
        self.recent.clear()
        self.heard.clear()
        self.filter_scores.clear()
        self.position = 0
        for detector in self.detectors.values():
            detector.reset()
        for tracker in self.peaks.values():
            tracker.reset()

    def trace_of(self, wake_word: str) -> WakeTrace:
        """Return the newest scores of a wake word, back to a chunk that was dropped, and the verifier's."""
        scores: list[float] = []
        next_end: int | None = None
        for (end, _), of_chunk in zip(reversed(self.heard), reversed(self.recent), strict=False):
            if next_end is not None and end != next_end:
                break
            scores.append(of_chunk.get(wake_word, 0.0))
            next_end = end - CHUNK_SAMPLES
        return WakeTrace(
            scores=rounded_scores(reversed(scores)), filter_score=self.filter_scores.get(wake_word)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """Chunk taken from a stream's queue for a tick."""

    stream_id: str
    stream: _Stream
    generation: int
    end_sample: int
    pcm: bytes


def _in_one_piece(heard: Iterable[tuple[int, bytes]]) -> bytes:
    """Return the newest chunks, oldest first, back to one that was dropped."""
    pieces: list[bytes] = []
    next_end: int | None = None
    for end, pcm in reversed(tuple(heard)):
        if next_end is not None and end != next_end:
            break
        pieces.append(pcm)
        next_end = end - CHUNK_SAMPLES
    return b"".join(reversed(pieces))


class _Slots:
    """Engine streams by worker stream. Used by the worker's thread only."""

    def __init__(self) -> None:
        self._engine: ScoringEngine | None = None
        self._slots: dict[_Stream, tuple[int, int]] = {}

    def keep_only(self, engine: ScoringEngine | None, streams: Mapping[_Stream, int]) -> None:
        """Release closed streams, and all streams if the engine has changed; restart those of another generation.

        What an engine remembers of a stream goes at once, not only when its next audio comes.
        """
        another = engine is not self._engine
        for stream in [stream for stream in self._slots if another or stream not in streams]:
            self.discard(stream)
        self._engine = engine
        for stream in self._slots:
            self.handle(stream, streams[stream])

    def handle(self, stream: _Stream, generation: int) -> int:
        """Return the engine handle of a stream, restarted if the stream was restarted."""
        assert self._engine is not None
        handle, known = self._slots.get(stream) or (self._engine.open_stream(), generation)
        if known != generation:
            self._engine.restart_stream(handle)
        self._slots[stream] = (handle, generation)
        return handle

    def rests(self, stream: _Stream) -> bool:
        """Return whether the last chunk of a stream waits, because its room is quiet."""
        slot = self._slots.get(stream)
        return slot is not None and slot[0] in getattr(self._engine, "resting", ())

    def discard(self, stream: _Stream) -> None:
        """Release the slot of a stream; the next call of handle() opens a new slot."""
        if (slot := self._slots.pop(stream, None)) is not None and self._engine is not None:
            self._engine.close_stream(slot[0])


class DetectionWorker:
    """Wake word detection for all satellites in one thread.

    All methods are to be called from the caller's thread (the event loop). None of them waits for the
    engine except `stop`, which waits at most for the current tick.

    Callbacks run in the worker's thread, and never for a generation that has already ended. Since the
    receiver usually switches to another thread, in which the stream may have been restarted by then, it must
    call `is_current` in the thread that restarts streams, and ignore the detection if it returns False.

    When a score crosses its threshold, the second stage checks the last seconds: with the verifier of the
    satellite, or else that of the house, and by level if enabled in the wake word's settings. A rejected
    score is not a detection.
    """

    def __init__(
        self,
        on_detection: Callable[[str, Detection], None],
        on_peak: Callable[[str, ScorePeak], None] | None = None,
    ) -> None:
        """Create a worker without an engine.

        Args:
            on_detection: Called with stream id and detection for every detection; must not block.
            on_peak: Called with stream id and peak for every possible wake word, half a second after its
                end. If the stream is restarted in between, the peak is lost.
        """
        self._on_detection = on_detection
        self._on_peak = on_peak
        self._second_stage = SecondStage()
        self._changed = threading.Condition()
        self._engine: ScoringEngine | None = None
        self._streams: dict[str, _Stream] = {}
        self._generations: Iterator[int] = itertools.count(1)
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._busy = False
        self._untidy = False
        self._slots = _Slots()
        self.load = LoadMeter()

    @property
    def wake_words_available(self) -> tuple[str, ...]:
        """Ids of the engine's wake words."""
        engine = self._engine
        return () if engine is None else engine.wake_words

    def start(self) -> None:
        """Start the thread unless it is running."""
        if self._thread is not None:
            return
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=THREAD_NAME, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread and wait for it; queued audio is not processed."""
        thread, self._thread = self._thread, None
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def set_engine(self, engine: ScoringEngine | None) -> None:
        """Use this engine from the next chunk on; None to drop all audio."""
        with self._changed:
            self._engine = engine
            for stream in self._streams.values():
                if engine is None:
                    stream.dropped += len(stream.queue)
                    stream.queue.clear()
                stream.recent.clear()
            self._untidy = True
            self._changed.notify_all()

    def set_verifiers(self, verifiers: Mapping[tuple[str | None, str], Verifier]) -> None:
        """Use these verifiers from the next chunk on, by satellite (None for the house) and wake word.

        A satellite's verifier takes precedence over that of the house. An empty mapping disables verifiers.
        """
        self._second_stage.set_verifiers(verifiers)

    def open_stream(self, stream_id: str, wake_words: Sequence[WakeWordSettings]) -> None:
        """Start detection of these wake words in a stream; an open stream with the same id is replaced."""
        detectors = {
            settings.wake_word: WakeWordDetector(
                threshold=settings.threshold,
                trigger_level=settings.trigger_level,
                refractory_samples=round(settings.refractory_seconds * SAMPLE_RATE),
            )
            for settings in wake_words
        }
        with self._changed:
            self._streams[stream_id] = _Stream(
                wake_words=tuple(wake_words),
                generation=next(self._generations),
                detectors=detectors,
                peaks={wake_word: PeakTracker(wake_word) for wake_word in detectors},
            )

    def close_stream(self, stream_id: str) -> None:
        """Close a stream and drop its audio; an unknown stream is ignored."""
        with self._changed:
            if self._streams.pop(stream_id, None) is not None:
                self._untidy = True
                self._changed.notify_all()

    def restart_stream(self, stream_id: str) -> None:
        """Drop all audio of a stream, including queued audio, and restart sample positions at zero."""
        with self._changed:
            if (stream := self._streams.get(stream_id)) is not None:
                stream.restart(next(self._generations))
                self._untidy = True
                self._changed.notify_all()

    def is_current(self, stream_id: str, detection: Detection | ScorePeak) -> bool:
        """Return whether the stream has been neither closed nor restarted since this detection or peak."""
        with self._changed:
            stream = self._streams.get(stream_id)
            return stream is not None and stream.generation == detection.generation

    def feed(self, stream_id: str, pcm: bytes) -> None:
        """Append audio to a stream; audio of an unknown stream is ignored.

        If the queue is full, its oldest chunk is dropped.

        Args:
            stream_id: Id of the stream.
            pcm: Mono PCM, 16-bit little-endian, 16 kHz, of any length.
        """
        with self._changed:
            if (stream := self._streams.get(stream_id)) is None:
                return
            stream.partial += pcm
            complete = len(stream.partial) // CHUNK_BYTES
            if not complete:
                return
            for start in range(0, complete * CHUNK_BYTES, CHUNK_BYTES):
                stream.position += CHUNK_SAMPLES
                if self._engine is None:
                    stream.dropped += 1
                    continue
                if len(stream.queue) >= QUEUE_CHUNKS:
                    stream.queue.popleft()
                    stream.dropped += 1
                stream.queue.append((stream.position, bytes(stream.partial[start : start + CHUNK_BYTES])))
            del stream.partial[: complete * CHUNK_BYTES]
            self._changed.notify_all()

    def statistics(self, stream_id: str) -> StreamStatistics:
        """Return the statistics of a stream. Raises KeyError for an unknown stream."""
        available = self.wake_words_available
        with self._changed:
            stream = self._streams[stream_id]
            return StreamStatistics(
                chunks_processed=stream.processed,
                chunks_dropped=stream.dropped,
                pending=len(stream.queue),
                scores={
                    wake_word: max((scores.get(wake_word, 0.0) for scores in stream.recent), default=0.0)
                    for wake_word in stream.detectors
                    if wake_word in available
                },
                unknown_wake_words=tuple(
                    wake_word for wake_word in stream.detectors if wake_word not in available
                ),
                rejected=stream.rejected,
                thresholds={settings.wake_word: settings.threshold for settings in stream.wake_words},
                load=stream.load.share,
                lag=stream.lag.highest,
            )

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait until the running thread has processed and reported every complete chunk; for tools only.

        Returns False if this takes longer than `timeout` seconds.
        """
        with self._changed:
            return self._changed.wait_for(
                lambda: not (self._busy or self._untidy or self._has_work()), timeout
            )

    def _has_work(self) -> bool:
        return any(stream.queue for stream in self._streams.values())

    def _run(self) -> None:
        """Process one queued chunk of every stream per engine call, until stopped."""
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._stopping or self._untidy or self._has_work())
                if self._stopping:
                    self._slots.keep_only(None, {})
                    return
                self._busy, self._untidy = True, False
                engine = self._engine
                jobs = self._take_jobs()
                live = {stream: stream.generation for stream in self._streams.values()}
            begin = perf_counter()
            self._slots.keep_only(engine, live)
            if engine is not None:
                self._tick(engine, jobs)
            self._account(jobs, perf_counter() - begin)

    def _account(self, jobs: Sequence[_Job], spent: float) -> None:
        """Add the time of a tick to the load, in equal parts to the streams that the engine heard, and note the lag."""
        self.load.add(spent)
        heard = [job for job in jobs if not self._slots.rests(job.stream)] or jobs
        for job in heard:
            job.stream.load.add(spent / len(heard))
        for job in jobs:
            job.stream.lag.add(len(job.stream.queue) * CHUNK_SECONDS + spent)

    def _take_jobs(self) -> list[_Job]:
        """Take the oldest queued chunk of every stream."""
        jobs = []
        for stream_id, stream in self._streams.items():
            if stream.queue:
                end_sample, pcm = stream.queue.popleft()
                jobs.append(
                    _Job(
                        stream_id=stream_id,
                        stream=stream,
                        generation=stream.generation,
                        end_sample=end_sample,
                        pcm=pcm,
                    )
                )
        return jobs

    def _tick(self, engine: ScoringEngine, jobs: list[_Job]) -> None:
        """Score the chunks in one call; if that fails, score them one by one to isolate the failure."""
        if not jobs:
            return
        try:
            scores = self._score(engine, jobs)
        except Exception as error:  # noqa: BLE001  # one failing stream must not affect the others
            if len(jobs) > 1:
                for job in jobs:
                    self._tick(engine, [job])
            else:
                self._give_up(jobs[0], error)
            return
        for job, row in zip(jobs, scores, strict=True):
            self._report(engine, job, dict(zip(engine.wake_words, row, strict=True)))

    def _score(self, engine: ScoringEngine, jobs: list[_Job]) -> list[list[float]]:
        """Return the scores, one row per chunk and one column per wake word of the engine."""
        import numpy as np  # noqa: PLC0415  # numpy is available, since there is an engine

        handles = [self._slots.handle(job.stream, job.generation) for job in jobs]
        samples = np.frombuffer(b"".join(job.pcm for job in jobs), dtype="<i2")
        scores: list[list[float]] = engine.process(
            handles, samples.reshape(len(jobs), CHUNK_SAMPLES)
        ).tolist()
        return scores

    def _give_up(self, job: _Job, error: Exception) -> None:
        """Drop the chunk the engine failed on and reset its state; keep the sample position."""
        self._slots.discard(job.stream)
        with self._changed:
            job.stream.dropped += 1
            first = not job.stream.failed
            job.stream.failed = True
        if first:
            # Log the type only: a message or a traceback might contain audio.
            _LOGGER.error(
                "The wake engine failed on a stream (%s) and was reset for it", type(error).__name__
            )

    def _report(self, engine: ScoringEngine, job: _Job, scores: Mapping[str, float]) -> None:
        """Feed the scores to the stream's detectors and report detections and peaks."""
        stream = job.stream
        opinions = self._opinions(engine, job, scores)
        found: list[Detection] = []
        over: list[ScorePeak] = []
        with self._changed:
            stream.processed += 1
            if stream.generation != job.generation or self._streams.get(job.stream_id) is not stream:
                return
            stream.recent.append(scores)
            stream.heard.append((job.end_sample, job.pcm))
            for settings in stream.wake_words:
                if (opinion := opinions.get(settings.wake_word)) is None:
                    continue
                score = scores[settings.wake_word]
                detection = self._detection(job, settings, score, opinion)
                if detection is not None:
                    found.append(detection)
                peak = stream.peaks[settings.wake_word].process(
                    score,
                    job.end_sample,
                    job.generation,
                    threshold=opinion.threshold,
                    woke=detection is not None,
                    rejected=opinion.rejected,
                )
                if opinion.filter_score is not None:
                    stream.filter_scores[settings.wake_word] = opinion.filter_score
                if peak is not None:
                    stream.rejected += peak.rejected
                    over.append(replace(peak, trace=stream.trace_of(peak.wake_word)))
                    stream.filter_scores.pop(peak.wake_word, None)
        for detection in found:
            self._deliver(job.stream_id, self._with_start(engine, job, detection))
        for peak in over:
            self._tell(job.stream_id, peak)

    def _detection(
        self, job: _Job, settings: WakeWordSettings, score: float, opinion: Opinion
    ) -> Detection | None:
        """Return the detection that a score completes, or None."""
        crossed = score >= opinion.threshold and not opinion.rejected
        # The detector has a fixed threshold, which may differ from that of the opinion.
        judged = max(score, settings.threshold) if crossed else 0.0
        if not job.stream.detectors[settings.wake_word].process(judged, job.end_sample):
            return None
        return Detection(
            wake_word=settings.wake_word,
            score=score,
            threshold=opinion.threshold,
            end_sample=job.end_sample,
            generation=job.generation,
            trace=replace(job.stream.trace_of(settings.wake_word), filter_score=opinion.filter_score),
        )

    def _with_start(self, engine: ScoringEngine, job: _Job, detection: Detection) -> Detection:
        """Return a detection with the start of its wake word."""
        with self._changed:
            pcm = _in_one_piece(job.stream.heard)
        start: int | None = None
        try:
            start = find_start(engine, detection.wake_word, detection.score, pcm)
        except Exception as error:  # noqa: BLE001  # the level tells as well, only less exactly
            _LOGGER.debug("The model did not tell where a wake word starts (%s)", type(error).__name__)
        if start is None:
            start = start_by_level(pcm, detection.wake_word)
        return replace(detection, start_sample=detection.end_sample - len(pcm) // SAMPLE_WIDTH + start)

    def _opinions(self, engine: ScoringEngine, job: _Job, scores: Mapping[str, float]) -> dict[str, Opinion]:
        """Return the second stage's verdict on each requested wake word that the engine has."""

        def window() -> NDArray[np.float32]:
            return engine.embeddings(self._slots.handle(job.stream, job.generation))

        def heard() -> tuple[bytes, ...]:
            with self._changed:
                return (*(pcm for _, pcm in job.stream.heard), job.pcm)

        return {
            settings.wake_word: self._second_stage.judge(
                job.stream_id,
                settings.wake_word,
                score,
                threshold=settings.threshold,
                check_level=settings.check_level,
                window=window,
                heard=heard,
            )
            for settings in job.stream.wake_words
            if (score := scores.get(settings.wake_word)) is not None
        }

    def _deliver(self, stream_id: str, detection: Detection) -> None:
        if not self.is_current(stream_id, detection):
            return
        try:
            self._on_detection(stream_id, detection)
        except Exception as error:  # noqa: BLE001  # a receiver's fault must not end the thread
            _LOGGER.error("A detection could not be delivered (%s)", type(error).__name__)

    def _tell(self, stream_id: str, peak: ScorePeak) -> None:
        if self._on_peak is None:
            return
        try:
            self._on_peak(stream_id, peak)
        except Exception as error:  # noqa: BLE001  # a receiver's fault must not end the thread
            _LOGGER.error("A score could not be delivered (%s)", type(error).__name__)
