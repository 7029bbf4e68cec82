"""Every wake word model below a folder: loaded or refused and why, and compared with onnxruntime or LiteRT."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
import hashlib
import importlib
from pathlib import Path
import time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.core.audio import CHUNK_SAMPLES
from custom_components.voice_privacy.core.errors import WakeModelError
from custom_components.voice_privacy.wake.engine import WakeEngine, limit_blas_threads
from custom_components.voice_privacy.wake.engines import load_model
from custom_components.voice_privacy.wake.micro.engine import MicroModel
from custom_components.voice_privacy.wake.micro.frontend import FEATURE_SCALE
from custom_components.voice_privacy.wake.model_files import base_paths
from scripts.benchmarks import ROOT, argument_parser, machine, print_json, print_machine
from scripts.benchmarks._mixing import alone
from scripts.benchmarks._recordings import read_wav

type Floats = NDArray[np.float32]
type Oracle = Callable[[Floats], Floats]
"""Function from embeddings, [1, frames, 96], to the model's output."""

FORMATS: Final = (".onnx", ".tflite")
MICRO: Final = "microWakeWord"
THRESHOLD: Final = 0.5
SATELLITES: Final = 4
"""Number of windows that are also computed together."""

AUDIO: Final = ROOT.parent / "shared" / "audio"


@dataclass(slots=True, kw_only=True)
class Row:
    """Result for a file."""

    path: str
    format: str
    sha256: str
    reason: str | None = None
    """Code of the refusal; None if the model was loaded."""

    message: str | None = None
    load_ms: float = 0.0
    chunk_ms: float | None = None
    compared: int = 0
    """Number of scores that were compared."""

    worst: float | None = None
    """Largest difference of a score, computed alone or together with others."""

    flips: int = 0
    """Scores on the other side of the threshold."""


def spoken_embeddings(audio: Path, models: Path) -> list[Floats]:
    """Return the embeddings of each recording, [chunks, 96]."""
    engine = WakeEngine.load({}, *base_paths(models))
    paths = sorted(path for path in audio.rglob("*") if path.suffix.lower() == ".wav")
    spoken = []
    for seed, path in enumerate(paths):
        if (recording := read_wav(path)) is None:
            continue
        samples = alone(recording, seed)
        chunks = samples[: len(samples) // CHUNK_SAMPLES * CHUNK_SAMPLES].reshape(-1, 1, CHUNK_SAMPLES)
        stream = engine.open_stream()
        rows = [engine.embeddings(stream)]
        for chunk in chunks:
            engine.process([stream], chunk)
            rows.append(engine.embeddings(stream)[-1:])
        engine.close_stream(stream)
        spoken.append(np.concatenate(rows))
    return spoken


def noise_embeddings() -> list[Floats]:
    """Return noise with the size of embeddings, for machines without recordings."""
    random = np.random.default_rng(1)
    return [random.normal(0, 10, (1_000, 96)).astype(np.float32)]


def windows_of(embeddings: Sequence[Floats], frames: int, limit: int) -> Floats:
    """Return at most `limit` windows, [windows, frames, 96], evenly spread over all recordings."""
    long = [np.concatenate((np.repeat(rows[:1], frames, axis=0), rows)) for rows in embeddings]
    views = [np.lib.stride_tricks.sliding_window_view(rows, frames, axis=0) for rows in long]
    starts = [(recording, at) for recording, view in enumerate(views) for at in range(len(view))]
    chosen = [starts[at] for at in np.linspace(0, len(starts) - 1, min(limit, len(starts))).astype(int)]
    return np.stack([views[recording][at].T for recording, at in chosen]).astype(np.float32)


def onnxruntime_oracle(content: bytes) -> Oracle | None:
    """Return onnxruntime's output for a model; None where it is not installed."""
    try:
        import onnxruntime  # noqa: PLC0415  # may be missing
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (name,) = (value.name for value in session.get_inputs())
    return lambda features: np.asarray(session.run(None, {name: features})[0])


def litert_oracle(content: bytes) -> Oracle | None:
    """Return LiteRT's output for a model; None where it is not installed."""
    try:
        litert = importlib.import_module("ai_edge_litert.interpreter")
    except ImportError:
        return None
    interpreter = litert.Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()

    def run(features: Floats) -> Floats:
        interpreter.set_tensor(source["index"], features)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(target["index"]))

    return run


ORACLES: Final = {".onnx": onnxruntime_oracle, ".tflite": litert_oracle}


def score_of(output: Floats) -> float:
    """Return the score in a model's output: the best class but the first, if there are several."""
    flat = output.reshape(-1)
    return float(flat[0] if flat.size == 1 else flat[1:].max())


def model_paths(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder that may be models."""
    yield from sorted(path for path in folder.rglob("*") if path.suffix.lower() in FORMATS and path.is_file())


def examine(path: Path, folder: Path, embeddings: Sequence[Floats], limit: int) -> Row:
    """Load a model and compare it."""
    content = path.read_bytes()
    row = Row(
        path=str(path.relative_to(folder)),
        format=path.suffix.lower(),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    started = time.thread_time()
    try:
        head = load_model(path)
    except WakeModelError as error:
        row.reason, row.message = error.code, str(error)
    row.load_ms = round((time.thread_time() - started) * 1_000, 1)
    if row.reason is not None:
        return row
    if isinstance(head, MicroModel):
        row.format = MICRO
        compare_micro(row, head, content, limit)
        return row
    windows = windows_of(embeddings, head.frames, limit)
    started = time.thread_time()
    ours = np.concatenate([head.scores(window[np.newaxis]) for window in windows])
    row.chunk_ms = round((time.thread_time() - started) * 1_000 / len(windows), 3)
    together = np.concatenate(
        [head.scores(windows[at : at + SATELLITES]) for at in range(0, len(windows), SATELLITES)]
    )
    if (oracle := ORACLES[row.format](content)) is None:
        return row
    theirs = np.array([score_of(oracle(window[np.newaxis])) for window in windows], np.float32)
    row.compared = len(windows)
    for scores in (ours, together):
        row.worst = max(row.worst or 0.0, float(np.abs(scores - theirs).max()))
        row.flips += int(((scores >= THRESHOLD) != (theirs >= THRESHOLD)).sum())
    return row


def compare_micro(row: Row, model: MicroModel, content: bytes, limit: int) -> None:
    """Compare a model of microWakeWord, step by step and several steps at once, on noise whose level changes."""
    network = model.network
    random = np.random.default_rng(1)
    levels = random.integers(0, 671, (limit, network.rows, 1))
    features = (levels * random.random((limit, network.rows, 40))).astype(np.int64)
    state = network.initial_state[np.newaxis].copy()
    started = time.thread_time()
    ours = np.concatenate(
        [
            network.run(features[at : at + SATELLITES].reshape(1, -1, 40), state)[0]
            for at in range(0, limit, SATELLITES)
        ]
    )
    steps_per_chunk = 80 / model.manifest.step / network.rows
    row.chunk_ms = round((time.thread_time() - started) * 1_000 * steps_per_chunk / limit, 3)
    try:
        litert = importlib.import_module("ai_edge_litert.interpreter")
    except ImportError:
        return
    # The delegate that is used otherwise rounds in another way.
    resolver = litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = litert.Interpreter(
        model_content=content, num_threads=1, experimental_op_resolver_type=resolver
    )
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    (scale, zero), (unit, offset) = source["quantization"], target["quantization"]
    limits = np.iinfo(source["dtype"])
    theirs = []
    for rows in features:
        values = np.clip(np.round(rows * FEATURE_SCALE / scale + zero), limits.min, limits.max)
        interpreter.set_tensor(source["index"], values.astype(source["dtype"])[np.newaxis])
        interpreter.invoke()
        theirs.append((float(interpreter.get_tensor(target["index"]).reshape(-1)[0]) - offset) * unit)
    row.compared = limit
    expected = np.array(theirs, np.float32)
    row.worst = float(np.abs(ours - expected).max())
    row.flips = int(((ours > model.manifest.cutoff) != (expected > model.manifest.cutoff)).sum())


def summary_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the counts of a format."""
    loaded = [row for row in rows if row.reason is None]
    compared = [row for row in loaded if row.worst is not None]
    return {
        "files": len(rows),
        "different": len({row.sha256 for row in rows}),
        "loaded": len(loaded),
        "compared_models": len(compared),
        "compared_scores": sum(row.compared for row in compared),
        "worst": max((row.worst for row in compared if row.worst is not None), default=None),
        "flips": sum(row.flips for row in compared),
        "slowest_load_ms": max((row.load_ms for row in rows), default=0.0),
        "slowest_chunk_ms": max((row.chunk_ms or 0.0 for row in loaded), default=0.0),
    }


def main() -> None:
    """Run what the command line asks for."""
    parser = argument_parser(__doc__)
    parser.add_argument("folder", type=Path, help="folder with models, at any depth")
    parser.add_argument("--audio", type=Path, help="folder with WAV files whose embeddings the models hear")
    parser.add_argument("--windows", type=int, default=2_000, help="number of scores per model")
    parser.add_argument(
        "--models", type=Path, default=ROOT / ".tools" / "models", help="folder of openWakeWord's files"
    )
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder} is no folder")
    limit_blas_threads()
    audio = arguments.audio or AUDIO
    try:
        embeddings = spoken_embeddings(audio, arguments.models)
    except WakeModelError:
        embeddings = []
    source = str(audio) if embeddings else "noise"
    embeddings = embeddings or noise_embeddings()
    rows = [
        examine(path, arguments.folder, embeddings, arguments.windows)
        for path in model_paths(arguments.folder)
    ]
    kinds = (*FORMATS, MICRO)
    formats = {kind: summary_of([row for row in rows if row.format == kind]) for kind in kinds}
    refused: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.reason is not None:
            refused[f"{row.reason}: {row.message}"].append(row.path)
    if arguments.json:
        print_json(
            {
                "machine": machine(),
                "embeddings": source,
                "formats": formats,
                "refused": refused,
                "models": [asdict(row) for row in rows],
            }
        )
        return
    print_machine(machine())
    print(f"embeddings of {source}")
    for kind, summary in formats.items():
        print(f"{kind}: " + ", ".join(f"{name} {value}" for name, value in summary.items()))
    for reason, paths in sorted(refused.items(), key=lambda item: -len(item[1])):
        shown = ", ".join(paths[:5]) + (", ..." if len(paths) > 5 else "")
        print(f"refused {len(paths)}, {reason}: {shown}")


if __name__ == "__main__":
    main()
