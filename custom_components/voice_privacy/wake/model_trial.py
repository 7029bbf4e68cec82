"""Trial of model files: which engine runs a file at what cost, or why none does.

The loader itself bounds time and memory of each file. Results are remembered until the file changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
import threading
import time
from typing import TYPE_CHECKING, Final

from ..core.errors import ModelFileInvalid, WakeModelError
from .availability import is_known_to_fail
from .model_content import MAX_FILE_SIZE, read_model_file
from .model_folder import FoundFile, stamp_of

if TYPE_CHECKING:
    from .classifiers import Head
    from .micro.engine import MicroModel

_MAX_REMEMBERED: Final = 4_000
_RUNS: Final = 5
"""Chunks for which the cost of a model is measured."""

_MAX_SECONDS: Final = 0.2
"""Time after which a measurement ends early."""


class ModelEngine(StrEnum):
    """Engine that runs a model."""

    OPENWAKEWORD = "openwakeword"
    MICRO = "micro"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Outcome of loading and running a model once."""

    engine: ModelEngine | None = None
    cost: float | None = None
    """Milliseconds per chunk of one stream; for openWakeWord without the embedding, which all its words share."""

    error: WakeModelError | None = None
    """Why the model cannot be used, or None."""


def try_content(load: Callable[[], Head | MicroModel]) -> Trial:
    """Load a model and measure its cost; blocks. Needs numpy."""
    from .micro.engine import MicroModel  # noqa: PLC0415  # needs numpy

    try:
        model = load()
        if isinstance(model, MicroModel):
            return Trial(engine=ModelEngine.MICRO, cost=_cost_of_micro(model))
        return Trial(engine=ModelEngine.OPENWAKEWORD, cost=_cost_of_head(model))
    except WakeModelError as error:
        return Trial(error=_without_trace(error))
    except Exception as error:  # noqa: BLE001  # files are untrusted, and numpy may raise anything
        return Trial(
            error=_without_trace(ModelFileInvalid(f"the model does not run: {type(error).__name__}"))
        )


class Trials:
    """Remembered trials by path. Thread-safe; one file is tried at a time, so that memory is bounded."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._known: dict[str, tuple[tuple[object, ...], Trial]] = {}
        self._lock = threading.Lock()

    def known(self, file: FoundFile) -> Trial | None:
        """Return the trial of an unchanged file, or None if it has not been tried; blocks on the disk."""
        stamp, trial = self._known.get(str(file.path), (None, None))
        return trial if stamp == _stamp(file) else None

    def of(self, file: FoundFile) -> Trial | None:
        """Return the trial of a file; blocks. Returns None where the engine cannot run."""
        if is_known_to_fail():
            return None
        try:
            from .engines import load_model  # noqa: PLC0415  # needs numpy
        except Exception:  # noqa: BLE001  # a broken numpy raises anything
            return None
        with self._lock:
            if (trial := self.known(file)) is not None:
                return trial
            stamp = _stamp(file)
            if not 0 < file.size <= MAX_FILE_SIZE:
                trial = _refused_unread(file)
            else:
                trial = try_content(lambda: load_model(file.path))
            while len(self._known) >= _MAX_REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[str(file.path)] = stamp, trial
            return trial


TRIALS: Final = Trials()
"""Trials of this process."""


def _refused_unread(file: FoundFile) -> Trial:
    """Return the trial of a file of an impossible size."""
    try:
        read_model_file(file.path, MAX_FILE_SIZE)
    except WakeModelError as error:
        return Trial(error=_without_trace(error))
    return Trial(error=ModelFileInvalid("the model file is empty"))


def _stamp(file: FoundFile) -> tuple[object, ...]:
    """Return what changes whenever a model or its manifest is written or replaced."""
    try:
        return file.stamp, stamp_of(file.manifest.stat())
    except OSError, ValueError:
        return file.stamp, None


def _without_trace(error: WakeModelError) -> WakeModelError:
    """Return an error without the frames it was raised in, which hold the content of the file."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _cost_of_head(head: Head) -> float:
    import numpy as np  # noqa: PLC0415

    from .embedding import EMBEDDING_SIZE  # noqa: PLC0415

    features = np.random.default_rng(1).normal(0, 10, (1, head.frames, EMBEDDING_SIZE)).astype(np.float32)
    return min(_timed(lambda: head.scores(features)))


def _cost_of_micro(model: MicroModel) -> float:
    import numpy as np  # noqa: PLC0415

    from ..core.audio import CHUNK_SAMPLES  # noqa: PLC0415
    from .micro.engine import MicroEngine  # noqa: PLC0415

    engine = MicroEngine({"": model})
    stream = engine.open_stream()
    chunk = np.random.default_rng(1).integers(-3_000, 3_000, (1, CHUNK_SAMPLES), np.int16)
    # The first chunk has fewer frames.
    engine.process([stream], chunk)
    costs = _timed(lambda: engine.process([stream], chunk))
    return sorted(costs)[len(costs) // 2]


def _timed(run: Callable[[], object]) -> list[float]:
    """Return the milliseconds of this thread that each of a few runs takes."""
    costs: list[float] = []
    began = time.thread_time()
    while len(costs) < _RUNS and time.thread_time() - began < _MAX_SECONDS:
        before = time.thread_time()
        run()
        costs.append((time.thread_time() - before) * 1_000)
    return costs
