"""microWakeWord: our engine beside pymicro-wakeword, where that is installed."""

from collections.abc import Iterator, Mapping, Sequence
import itertools
from pathlib import Path
import time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.core.audio import CHUNK_SAMPLES
from custom_components.voice_privacy.wake.engines import load_model
from custom_components.voice_privacy.wake.micro.engine import MicroEngine, MicroModel
from custom_components.voice_privacy.wake.model_files import MICRO_WAKE_WORDS
from scripts.benchmarks._rooms import Rooms

type Samples = NDArray[np.int16]

ROUNDS: Final = 9
CHUNKS: Final = 60


def model_paths(folder: Path, wake_words: Sequence[str]) -> Mapping[str, Path]:
    """Return the model of each wake word that has one: fetched ones, the user's own, or the package's."""
    try:
        import pymicro_wakeword  # noqa: PLC0415  # may be missing

        package = [Path(pymicro_wakeword.__file__).parent / "models"]
    except ImportError:
        package = []
    found = {}
    for wake_word in wake_words:
        names = [f"{wake_word}.tflite"]
        if wake_word in MICRO_WAKE_WORDS:
            names.insert(0, MICRO_WAKE_WORDS[wake_word][0].file_name)
        candidates = [place / name for place in (folder, *package) for name in names]
        for path in candidates:
            if path.with_suffix(".json").exists() and isinstance(load_model(path), MicroModel):
                found[wake_word] = path
                break
    return found


def load_micro(paths: Mapping[str, Path]) -> MicroEngine:
    """Return our engine for models of microWakeWord that have the same step."""
    models = {wake_word: load_model(path) for wake_word, path in paths.items()}
    return MicroEngine({word: model for word, model in models.items() if isinstance(model, MicroModel)})


def theirs_of(paths: Mapping[str, Path]) -> list[_Theirs] | None:
    """Return pymicro-wakeword with these models; None where it is not installed."""
    try:
        import pymicro_wakeword  # noqa: F401, PLC0415  # may be missing
    except ImportError:
        return None
    return [_Theirs(path) for path in paths.values()]


class _Theirs:
    """One model and one stream of pymicro-wakeword."""

    def __init__(self, path: Path) -> None:
        from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures  # noqa: PLC0415

        self.model = MicroWakeWord.from_config(path.with_suffix(".json"))
        self.features = MicroWakeWordFeatures()

    def probability(self, chunk: Samples) -> float:
        """Return the highest mean probability in a chunk."""
        best = 0.0
        for features in self.features.process_streaming(chunk.tobytes()):
            best = max(best, self.model.process_streaming_prob(features) or 0.0)
        return best


def measure(rooms: Rooms, theirs: Sequence[_Theirs] | None, satellites: int) -> dict[str, float]:
    """Return the CPU milliseconds per chunk and stream of both sides, measured in turns."""
    random = np.random.default_rng(satellites)
    chunks = random.normal(0, 300, (CHUNKS, CHUNK_SAMPLES)).astype(np.int16)
    figures: dict[str, list[float]] = {"ours_ms": [], "pymicro_ms": []}
    rooms.busy(CHUNKS)
    for _ in range(ROUNDS):
        start = time.process_time()
        rooms.busy(CHUNKS)
        figures["ours_ms"].append((time.process_time() - start) * 1_000 / CHUNKS / satellites)
        start = time.process_time()
        for one, chunk in itertools.product(theirs or (), chunks):
            one.probability(chunk)
        figures["pymicro_ms"].append((time.process_time() - start) * 1_000 / CHUNKS)
    result = {name: round(min(values), 4) for name, values in figures.items()}
    if theirs is None:
        del result["pymicro_ms"]
    else:
        result["ratio"] = round(result["pymicro_ms"] / result["ours_ms"], 2)
    return result


def compare(paths: Mapping[str, Path], recordings: Iterator[Samples]) -> dict[str, Any] | None:
    """Return how our probabilities differ from those of pymicro-wakeword; None where it is not installed."""
    if theirs_of(paths) is None:
        return None
    engine = load_micro(paths)
    cutoffs = [one.model.probability_cutoff for one in theirs_of(paths) or ()]
    worst, flips, chunks = 0.0, 0, 0
    for recording in recordings:
        theirs = theirs_of(paths) or []
        stream = engine.open_stream()
        for start in range(0, len(recording) - CHUNK_SAMPLES + 1, CHUNK_SAMPLES):
            chunk = recording[start : start + CHUNK_SAMPLES]
            ours = engine.probabilities([stream], chunk[np.newaxis])[0].tolist()
            for probability, one, cutoff in zip(ours, theirs, cutoffs, strict=True):
                expected = one.probability(chunk)
                worst = max(worst, abs(probability - expected))
                flips += (probability > cutoff) != (expected > cutoff)
                chunks += 1
        engine.close_stream(stream)
    return {"chunks": chunks, "decisions_that_differ": flips, "worst_difference": round(worst, 6)}
