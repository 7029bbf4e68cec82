"""CPU of the wake engines against openwakeword and pymicro-wakeword; with --audio: what one hears in a folder of WAV files."""

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
import itertools
from pathlib import Path
import time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.core.audio import CHUNK_SAMPLES, SAMPLE_RATE
from custom_components.voice_privacy.core.errors import WakeModelError
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.engines import WakeEngines, load_engines
from custom_components.voice_privacy.wake.micro.engine import MicroEngine
from custom_components.voice_privacy.wake.model_files import WAKE_WORDS, base_paths, installed_models
from scripts.benchmarks import ROOT, argument_parser, machine, print_json, print_machine
from scripts.benchmarks._hearing import (
    BATCH,
    THRESHOLDS,
    add_arguments,
    counts_of,
    print_table,
    sources_of,
    table_of,
)
from scripts.benchmarks._micro import compare, load_micro, measure as measure_micro, model_paths, theirs_of
from scripts.benchmarks._mixing import alone
from scripts.benchmarks._recordings import read_wav
from scripts.benchmarks._rooms import DESCRIPTION, Rooms

type Samples = NDArray[np.int16]

SATELLITES: Final = (1, 4, 16, 32)
WARM_UP_CHUNKS: Final = 130
"""openwakeword grows slower over its first 10 s: its buffer of samples fills."""

ROUNDS: Final = 9
CHUNKS_PER_ROUND: Final = 25
ORACLE_MEGABYTES: Final = 45
"""Memory of one openwakeword Model, generously."""


def load_engine(models: Path, wake_words: Sequence[str]) -> tuple[WakeEngine, Mapping[str, Path]]:
    """Return the product's engine for these wake words, and their model files."""
    there = {model.wake_word: model.path for model in installed_models(models)}
    if unknown := [wake_word for wake_word in wake_words if wake_word not in there]:
        raise SystemExit(f"scripts/bench: {models} holds no model for {', '.join(unknown)}")
    paths = {wake_word: there[wake_word] for wake_word in wake_words}
    return WakeEngine.load(paths, *base_paths(models)), paths


# --- CPU -----------------------------------------------------------------------------------------


def oracle_maker(models: Path, paths: Mapping[str, Path]) -> Callable[[], Any] | None:
    """Return a maker of openwakeword Models, one for each satellite; None where it cannot run."""
    try:
        from openwakeword.model import Model  # noqa: PLC0415  # may be missing
    except ImportError:
        return None
    return lambda: Model(
        [str(path) for path in paths.values()],
        inference_framework="onnx",
        melspec_model_path=str(models / "melspectrogram.onnx"),
        embedding_model_path=str(models / "embedding_model.onnx"),
    )


def affordable_models(wanted: int) -> int:
    """Return how many openwakeword Models fit into half of the memory that is free."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) // 1_024 for line in lines if line.startswith("MemAvailable"))
    except OSError, StopIteration:
        return wanted
    return max(1, min(wanted, free // 2 // ORACLE_MEGABYTES))


def cpu_milliseconds(deed: Callable[[], object], streams: int) -> float:
    """Return the CPU time of all threads for a chunk of a stream, where the deed is one round."""
    start = time.process_time()
    deed()
    return (time.process_time() - start) * 1_000 / CHUNKS_PER_ROUND / streams


def measure(
    engine: WakeEngine, make_oracle: Callable[[], Any] | None, satellites: int, models: list[Any]
) -> dict[str, Any]:
    """Return the CPU time of both sides at a number of satellites, measured in turns."""
    random = np.random.default_rng(satellites)
    chunks = random.normal(0, 300, (WARM_UP_CHUNKS, satellites, CHUNK_SAMPLES)).astype(np.int16)
    rooms = Rooms(WakeEngines(engine, []), satellites)

    def theirs(models: Sequence[Any], count: int = CHUNKS_PER_ROUND) -> None:
        for at, (number, model) in itertools.product(range(count), enumerate(models)):
            model.predict(chunks[at, number])

    rooms.busy(WARM_UP_CHUNKS)
    result: dict[str, Any] = {}
    if make_oracle is not None:
        fresh = [
            make_oracle()
            for _ in range(affordable_models(satellites - len(models)) if satellites > len(models) else 0)
        ]
        theirs(fresh, WARM_UP_CHUNKS)
        models += fresh
        result["openwakeword_models"] = len(models)
    figures: dict[str, list[float]] = {"ours": [], "openwakeword": []}
    for _ in range(ROUNDS):
        figures["ours"].append(cpu_milliseconds(lambda: rooms.busy(CHUNKS_PER_ROUND), satellites))
        if models:
            figures["openwakeword"].append(cpu_milliseconds(lambda: theirs(models), len(models)))
    result["ours_ms"] = round(min(figures["ours"]), 4)
    if models:
        result["openwakeword_ms"] = round(min(figures["openwakeword"]), 4)
        result["ratio"] = round(result["openwakeword_ms"] / result["ours_ms"], 2)
    return result | in_quiet_rooms(rooms, satellites, result["ours_ms"])


def in_quiet_rooms(rooms: Rooms, satellites: int, busy: float) -> dict[str, float]:
    """Return the CPU time in quiet rooms, its share of that in busy ones, and how long all take to wake up."""
    rooms.settle()
    quiet = min(cpu_milliseconds(lambda: rooms.quiet(CHUNKS_PER_ROUND), satellites) for _ in range(ROUNDS))
    return {
        "quiet_ms": round(quiet, 4),
        "quiet_share": round(quiet / busy, 3),
        "longest_call_when_all_open_ms": round(rooms.open_all(), 1),
    }


def micro_row(paths: Mapping[str, Path], satellites: int) -> dict[str, float]:
    """Return the CPU times of microWakeWord at a number of satellites."""
    rooms = Rooms(WakeEngines(None, [load_micro(paths)]), satellites)
    result = measure_micro(rooms, theirs_of(paths), satellites)
    return result | in_quiet_rooms(rooms, satellites, result["ours_ms"])


def run_cpu(arguments: Namespace) -> None:
    """Compare CPU times."""
    wake_words = arguments.word or ["alexa"]
    engine, paths = load_engine(arguments.models, wake_words)
    make_oracle = oracle_maker(arguments.models, paths)
    oracles: list[Any] = []
    result: dict[str, Any] = {
        "machine": machine(),
        "state_kilobytes_per_stream": round(engine.state_size * 4 / 1_000, 1),
        "unit": f"CPU milliseconds per 80 ms chunk and stream, lowest of {ROUNDS} rounds",
        "rooms": DESCRIPTION,
        "wake_words": list(wake_words),
        "satellites": {str(count): measure(engine, make_oracle, count, oracles) for count in SATELLITES},
    }
    if micro := model_paths(arguments.models, wake_words):
        result["microwakeword"] = {
            "wake_words": list(micro),
            "satellites": {str(count): micro_row(micro, count) for count in SATELLITES},
        }
    if arguments.json:
        print_json(result)
        return
    print_machine(result["machine"])
    print(f"{result['unit']}; {', '.join(wake_words)}")
    if make_oracle is None:
        print("openwakeword cannot be imported here: only our own figures")
    print(result["rooms"])
    print_rows(result["satellites"], "openwakeword")
    print_micro(result)


def print_rows(satellites: Mapping[str, Mapping[str, Any]], theirs: str) -> None:
    """Print the figures of one engine."""
    print(
        f"{'satellites':>10}  {'busy':>8}  {theirs:>12}  {'ratio':>6}  {'quiet room':>10}  {'share':>6}  {'all open':>8}"
    )
    for count, row in satellites.items():
        other, ratio = row.get(f"{theirs}_ms", "-"), row.get("ratio", "-")
        print(
            f"{count:>10}  {row['ours_ms']:>8}  {other:>12}  {ratio:>6}  {row['quiet_ms']:>10}  {row['quiet_share']:>6.1%}"
            f"  {row['longest_call_when_all_open_ms']:>8}"
        )


def print_micro(result: Mapping[str, Any]) -> None:
    """Print the figures of microWakeWord, if there are any."""
    if (micro := result.get("microwakeword")) is None:
        print("there is no model of microWakeWord: neither in the folder nor in pymicro-wakeword")
        return
    print(f"microWakeWord: {', '.join(micro['wake_words'])}")
    print_rows(micro["satellites"], "pymicro")


# --- recordings ----------------------------------------------------------------------------------


def engine_for(
    arguments: Namespace, wake_word: str
) -> tuple[WakeEngine | MicroEngine | WakeEngines, Mapping[str, Path]]:
    """Return the chosen engine, and its model if that is one of microWakeWord alone."""
    if arguments.engine == "openwakeword":
        return load_engine(arguments.models, [wake_word])[0], {}
    if not (micro := model_paths(arguments.models, [wake_word])):
        raise SystemExit(
            f"scripts/bench: there is no model of microWakeWord for {wake_word}: install pymicro-wakeword, or put its "
            f"model and manifest into {arguments.models}"
        )
    if arguments.engine == "micro":
        return load_micro(micro), micro
    head = arguments.models / WAKE_WORDS[wake_word].file_name if wake_word in WAKE_WORDS else None
    if head is None or not head.exists():
        raise SystemExit(f"scripts/bench: {arguments.models} holds no model of openWakeWord for {wake_word}")
    return load_engines({wake_word: head}, base_paths(arguments.models), micro), {}


def as_heard_in(paths: Sequence[Path]) -> Iterator[Samples]:
    """Yield the recordings that can be read, as a satellite would hear them."""
    for seed, path in enumerate(paths):
        if (recording := read_wav(path)) is not None:
            yield alone(recording, seed)


def hear_files(engine: WakeEngine | MicroEngine | WakeEngines, paths: Sequence[Path]) -> dict[str, Any]:
    """Return in how many files the wake word was detected."""
    files = unreadable = samples = 0
    detected = dict.fromkeys(map(str, THRESHOLDS), 0)
    detections = dict.fromkeys(map(str, THRESHOLDS), 0)
    for group in itertools.batched(enumerate(paths), BATCH, strict=False):
        recordings = [(seed, recording) for seed, path in group if (recording := read_wav(path)) is not None]
        unreadable += len(group) - len(recordings)
        files += len(recordings)
        samples += sum(len(recording) for _, recording in recordings)
        if not recordings:
            continue
        for counts in counts_of(engine, [alone(recording, seed) for seed, recording in recordings]):
            for threshold, count in zip(detections, counts, strict=True):
                detections[threshold] += count
                detected[threshold] += count > 0
    return {
        "files": files,
        "unreadable": unreadable,
        "hours": round(samples / SAMPLE_RATE / 3_600, 6),
        "thresholds": {
            threshold: {"files_detected": detected[threshold], "detections": detections[threshold]}
            for threshold in detections
        },
    }


def run_audio(arguments: Namespace) -> None:
    """Hear every WAV file of a folder; if some are named after the wake word, in noise and beside other speech too."""
    if len(arguments.word or ["alexa"]) != 1:
        raise SystemExit("scripts/bench: with --audio name one --word")
    (wake_word,) = arguments.word or ["alexa"]
    engine, micro = engine_for(arguments, wake_word)
    paths = sorted(path for path in arguments.audio.rglob("*") if path.suffix.lower() == ".wav")
    result = {"machine": machine(), "wake_word": wake_word, "engine": arguments.engine}
    result |= hear_files(engine, paths)
    if micro:
        result["against_pymicro"] = compare(micro, as_heard_in(paths))
    if (sources := sources_of(arguments, wake_word)) is not None:
        result["table"] = table_of(engine, sources)
    if arguments.json:
        print_json(result)
        return
    print_machine(result["machine"])
    print(f"{wake_word}: {result['files']} files, {result['hours']} hours, {result['unreadable']} unreadable")
    print(f"{'threshold':>10}  {'files detected':>14}  {'detections':>10}")
    for threshold, counts in result["thresholds"].items():
        print(f"{threshold:>10}  {counts['files_detected']:>14}  {counts['detections']:>10}")
    if result.get("against_pymicro"):
        print(f"against pymicro-wakeword: {result['against_pymicro']}")
    if "table" in result:
        half = f", {arguments.half} half of all recordings" if arguments.half else ""
        print(f"\n{wake_word} with {arguments.engine}{half}")
        print_table(result["table"])
    else:
        print(f"no folder is named {wake_word}: nothing to mix with noise or to compare with other speech")


def main() -> None:
    """Run what the command line asks for."""
    parser = argument_parser(__doc__)
    parser.add_argument("--audio", type=Path, help="folder with WAV files of any rate and width")
    parser.add_argument(
        "--engine",
        choices=("openwakeword", "micro", "both"),
        default="openwakeword",
        help="engine for --audio; both: as for a wake word with two ears",
    )
    add_arguments(parser)
    parser.add_argument("--word", action="append", help="id of a wake word, default alexa; may be repeated")
    parser.add_argument(
        "--models", type=Path, default=ROOT / ".tools" / "models", help="folder of the models"
    )
    arguments = parser.parse_args()
    if arguments.audio is not None and not arguments.audio.is_dir():
        parser.error(f"{arguments.audio} is no folder")
    try:
        (run_cpu if arguments.audio is None else run_audio)(arguments)
    except WakeModelError as error:
        raise SystemExit(f"scripts/bench: {error}") from error


if __name__ == "__main__":
    main()
