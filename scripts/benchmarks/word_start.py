"""Milliseconds of a recording from before its wake word, and cut from the word, against a fixed 1.5 s."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
import itertools
from pathlib import Path
import queue
import shutil
import time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.core.audio import CHUNK_SAMPLES, SAMPLE_RATE
from custom_components.voice_privacy.core.capture import PRE_ROLL_SECONDS
from custom_components.voice_privacy.core.errors import WakeModelError
from custom_components.voice_privacy.core.models import Detection
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.model_files import phrase_of
from custom_components.voice_privacy.wake.word_start import find_start
from custom_components.voice_privacy.wake.worker import DetectionWorker, WakeWordSettings
from scripts.benchmarks import ROOT, argument_parser, machine, print_json, print_machine
from scripts.benchmarks._recordings import read_wav
from scripts.benchmarks.verifier import VOICES, flite
from scripts.benchmarks.wake import load_engine

type Samples = NDArray[np.int16]

SENTENCES: Final = (
    "the doctor said that he should come back on Thursday",
    "nobody knows that I lost my job last week",
    "please do not tell anybody about the surprise party",
    "we are going to sell the house before the summer",
)
STRETCHES: Final = ("0.85", "1.0", "1.15")
LEVEL: Final = 2_500.0
"""Level of speech, 16-bit units."""

QUIET: Final = 20.0
"""Standard deviation of the noise of a quiet room, 16-bit units."""

WORD_RANGE_DB: Final = 32.0
"""What is quieter than the loudest 10 ms of a recording by more is no part of its word."""

ABOVE_NOISE_DB: Final = 9.0
FRAME: Final = SAMPLE_RATE // 100
LONGEST_GAP: Final = 25
"""Quiet frames within a word."""

CLICK: Final = 10
CLICK_GAP: Final = 4
"""Frames of a click at most, and of the quiet after it at least."""

GAPS: Final = {"no pause": 0.0, "0.4 s pause": 0.4, "silence": None}
"""What is between the speech and the wake word; None: there is no speech."""

WORD_SECONDS: Final = (0.3, 1.0)
"""Length of a wake word. What seems to be longer or shorter is noise, and nobody knows where its word begins."""

TIMED: Final = 20


def spoken_part(samples: Samples) -> Samples:
    """Return a recording without what is before and after its word, judged by level; clicks and hum do not count."""
    count = len(samples) // FRAME
    frames = np.diff(samples[: count * FRAME].astype(np.float64), prepend=0.0).reshape(-1, FRAME)
    levels = 10 * np.log10(np.mean(frames**2, axis=1) + 0.01)
    noise = np.quantile(levels[levels > levels.min()], 0.15) if levels.max() > levels.min() else levels.min()
    loud = np.flatnonzero(levels >= max(levels.max() - WORD_RANGE_DB, noise + ABOVE_NOISE_DB))
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > LONGEST_GAP) + 1)
    word = max(parts, key=lambda part: float(np.sum(10 ** (levels[part] / 10))))
    pieces = np.split(word, np.flatnonzero(np.diff(word) > CLICK_GAP) + 1)
    while len(pieces) > 1 and len(pieces[0]) < CLICK:
        pieces.pop(0)
    return samples[pieces[0][0] * FRAME : (word[-1] + 1) * FRAME]


def at_level(samples: Samples) -> NDArray[np.float64]:
    """Return speech whose louder parts have the same level as any other's."""
    frames = samples[: len(samples) // FRAME * FRAME].astype(np.float64).reshape(-1, FRAME)
    power = np.mean(frames**2, axis=1)
    return samples * (LEVEL / np.sqrt(np.mean(power[power >= power.max() / 100])))


def composed(word: Samples, before: Samples | None, gap: float | None, seed: int) -> tuple[Samples, int]:
    """Return a stream with a word, and the sample at which the word begins."""
    random = np.random.default_rng(seed)
    parts = [np.zeros(int(random.uniform(1.5, 2.5) * SAMPLE_RATE))]
    if before is not None and gap is not None:
        parts += [at_level(before), np.zeros(int(gap * SAMPLE_RATE))]
    start = sum(map(len, parts))
    stream = np.concatenate((*parts, at_level(word), np.zeros(SAMPLE_RATE)))
    stream += random.normal(0, QUIET, len(stream))
    return stream.round().clip(-32_768, 32_767).astype(np.int16), start


def material(arguments: Namespace) -> tuple[list[Samples], list[Samples]]:
    """Return words, and speech to come before them."""
    words: list[Samples] = []
    speech: list[Samples] = []
    if arguments.audio is not None:
        words = list(recordings(arguments.audio / arguments.word))
        others = list(recordings(arguments.audio / "other"))
        speech = [np.concatenate(pair) for pair in itertools.pairwise(others)]
    if shutil.which("flite") is not None:
        speech += [spoken_part(flite(text, voice, "1.0")) for text in SENTENCES for voice in VOICES]
        words = words or [
            spoken_part(flite(phrase_of(arguments.word), voice, stretch))
            for voice in VOICES
            for stretch in STRETCHES
        ]
    if not words or not speech:
        raise SystemExit("scripts/bench: there is no speech: name a folder with --audio, or install flite")
    return words, speech


def recordings(folder: Path) -> Iterator[Samples]:
    """Yield the words that were recorded in a folder, where their starts are known."""
    for path in sorted(folder.glob("*.wav")):
        if (samples := read_wav(path)) is not None and samples.any():
            word = spoken_part(samples)
            if WORD_SECONDS[0] <= len(word) / SAMPLE_RATE <= WORD_SECONDS[1]:
                yield word


class Ears:
    """The product's worker."""

    def __init__(self, engine: WakeEngine, wake_word: str, threshold: float) -> None:
        """Start the worker's thread."""
        self._found: queue.SimpleQueue[Detection] = queue.SimpleQueue()
        self._settings = WakeWordSettings(wake_word=wake_word, threshold=threshold)
        self.worker = DetectionWorker(lambda _, detection: self._found.put(detection))
        self.worker.set_engine(engine)
        self.worker.start()

    def detections(self, stream: Samples) -> list[Detection]:
        """Return what is detected in a stream."""
        self.worker.open_stream("bench", [self._settings])
        for at in range(0, len(stream), 20 * CHUNK_SAMPLES):
            self.worker.feed("bench", stream[at : at + 20 * CHUNK_SAMPLES].astype("<i2").tobytes())
            self.worker.wait_until_idle(60)
        self.worker.close_stream("bench")
        return [self._found.get() for _ in range(self._found.qsize())]


def figures(starts: Sequence[tuple[int, int]]) -> dict[str, float]:
    """Return the figures of recordings, each given by its first sample and the first sample of its word."""
    early = np.array([(start - begins) * 1_000 / SAMPLE_RATE for begins, start in starts] or [0.0])
    return {
        "kept_median_ms": round(float(np.median(early.clip(0)))),
        "kept_worst_ms": round(float(early.clip(0).max())),
        "cut_median_ms": round(float(np.median((-early).clip(0)))),
        "cut_worst_ms": round(float((-early).clip(0).max())),
        "within_200_ms_uncut": int(np.sum((early >= 0) & (early <= 200))),
    }


def milliseconds(engine: WakeEngine, wake_word: str, streams: Sequence[tuple[bytes, float]]) -> float:
    """Return the median CPU time to find a start."""
    taken = []
    for pcm, score in streams:
        began = time.process_time()
        find_start(engine, wake_word, score, pcm)
        taken.append((time.process_time() - began) * 1_000)
    return round(float(np.median(taken)), 1) if taken else 0.0


def run(arguments: Namespace) -> None:
    """Compose, hear, count."""
    engine, _ = load_engine(arguments.models, [arguments.word])
    words, speech = material(arguments)
    ears = Ears(engine, arguments.word, arguments.threshold)
    conditions: dict[str, Any] = {}
    timed: list[tuple[bytes, float]] = []
    for name, gap in GAPS.items():
        ours: list[tuple[int, int]] = []
        fixed: list[tuple[int, int]] = []
        for seed, word in enumerate(words):
            before = speech[seed * 7 % len(speech)] if gap is not None else None
            stream, start = composed(word, before, gap, seed)
            # What wakes it before the word is said is another matter.
            detection = next(iter(ears.detections(stream)), None)
            if detection is None or detection.end_sample < start or detection.start_sample is None:
                continue
            earliest = detection.end_sample - int(PRE_ROLL_SECONDS * SAMPLE_RATE)
            ours.append((max(detection.start_sample, earliest), start))
            fixed.append((max(earliest, 0), start))
            heard = stream[max(0, detection.end_sample - 25 * CHUNK_SAMPLES) : detection.end_sample]
            timed.append((heard.astype("<i2").tobytes(), detection.score))
        conditions[name] = {"wakes": len(ours), "found": figures(ours), "fixed_1.5_s": figures(fixed)}
    ears.worker.stop()
    result = {
        "machine": machine(),
        "wake_word": arguments.word,
        "threshold": arguments.threshold,
        "words": len(words),
        "cpu_ms_per_detection": milliseconds(engine, arguments.word, timed[:TIMED]),
        "conditions": conditions,
    }
    if arguments.json:
        print_json(result)
        return
    print_machine(result["machine"])
    print(
        f"{arguments.word}: {len(words)} words, threshold {arguments.threshold}, "
        f"{result['cpu_ms_per_detection']} ms of CPU per detection"
    )
    print(f"{'before the word':>16} {'start':>12} {'wakes':>6}  kept ms median/worst  cut ms median/worst")
    for name, row in conditions.items():
        for kind in ("found", "fixed_1.5_s"):
            of = row[kind]
            kept = f"{of['kept_median_ms']} / {of['kept_worst_ms']}"
            cut = f"{of['cut_median_ms']} / {of['cut_worst_ms']}"
            print(f"{name:>16} {kind:>12} {row['wakes']:>6}  {kept:>20}  {cut:>19}")


def main() -> None:
    """Run what the command line asks for."""
    parser = argument_parser(__doc__)
    parser.add_argument(
        "--audio", type=Path, help="folder with recordings of the wake word in WORD/ and speech in other/"
    )
    parser.add_argument("--word", default="alexa", help="id of the wake word")
    parser.add_argument("--threshold", type=float, default=0.5)
    parser.add_argument(
        "--models", type=Path, default=ROOT / ".tools" / "models", help="folder of the models"
    )
    arguments = parser.parse_args()
    if arguments.audio is not None and not arguments.audio.is_dir():
        parser.error(f"{arguments.audio} is no folder")
    try:
        run(arguments)
    except WakeModelError as error:
        raise SystemExit(f"scripts/bench: {error}") from error


if __name__ == "__main__":
    main()
