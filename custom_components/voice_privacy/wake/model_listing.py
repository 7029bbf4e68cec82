"""Every file in the folder of wake word models, and whether it can be used; what cannot is explained, not hidden."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
import time
from typing import Final

from ..core.errors import (
    ModelBaseMissing,
    ModelFileInvalid,
    ModelFileMissing,
    ModelNotTried,
    WakeEngineUnavailable,
    WakeModelError,
)
from .model_files import Candidate, base_paths, by_word, candidates, phrase_of, ranked
from .model_folder import word_key
from .model_trial import TRIALS, ModelEngine, Trial
from .second_ear import second_ears

MAX_SECONDS: Final = 20.0
"""Time for trying files in one listing; what has been tried is remembered, so that the next one continues."""


class ModelStatus(StrEnum):
    """Whether a file can be used."""

    READY = "ready"
    REFUSED = "refused"
    HIDDEN = "hidden"
    """Could be used, but another file of the same wake word is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """File in the model folder."""

    file: str
    """Path relative to the model folder, with "/"."""

    wake_word: str
    phrase: str
    size: int
    """Size in bytes."""

    own: bool
    """False for a published file, intact or damaged."""

    status: ModelStatus
    engine: ModelEngine | None = None
    cost: float | None = None
    """Milliseconds per chunk of one stream."""

    used_file: str | None = None
    """File that is used instead of a hidden one."""

    error: WakeModelError | None = None
    """Reason why the file is refused."""

    @property
    def key(self) -> str:
        """Key that all files of the wake word have."""
        return word_key(self.wake_word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Files in the model folder, sorted by wake word, that which is used first."""

    files: tuple[ListedFile, ...]
    complete: bool
    """False if the folder holds more files than are listed."""

    @property
    def ready(self) -> list[str]:
        """Ids of the wake words that can be used, sorted."""
        return sorted({file.wake_word for file in self.files if file.status is ModelStatus.READY})

    @property
    def needs_base(self) -> list[str]:
        """Ids of the wake words that could be used if the base models of openWakeWord were fetched."""
        return [file.wake_word for file in self.files if isinstance(file.error, ModelBaseMissing)]

    @property
    def refused(self) -> list[ListedFile]:
        """Files that cannot be used."""
        return [file for file in self.files if file.status is ModelStatus.REFUSED]


def list_files(folder: Path, seconds: float = MAX_SECONDS) -> Listing:
    """Return every file that may be a model, each tried unless it has been before; blocks.

    Args:
        folder: Folder of the models.
        seconds: Time after which no further file is tried.
    """
    found, complete = candidates(folder)
    deadline = time.monotonic() + seconds
    base = _base_error(folder)
    trials = {candidate.file.name: _trial(candidate, deadline, base) for candidate in found}
    used: dict[str, str] = {}
    for key, group in by_word(found).items():
        usable = [candidate for candidate in group if trials[candidate.file.name].error is None]
        if usable:
            used[key] = ranked(usable, TRIALS.known)[0].file.name
    second = _second(folder, found, set(used.values()))
    files = [_listed(candidate, trials[candidate.file.name], used, second) for candidate in found]
    return Listing(files=tuple(sorted(files, key=_order)), complete=complete)


def _trial(candidate: Candidate, deadline: float, base: WakeModelError | None) -> Trial:
    """Return the trial of a file, or the reason why it is refused without one."""
    if (error := candidate.excluded) is not None:
        return Trial(error=error)
    trial = TRIALS.known(candidate.file)
    if trial is None:
        if time.monotonic() > deadline:
            return Trial(error=ModelNotTried("there are too many files to try them all at once"))
        trial = TRIALS.of(candidate.file)
    if trial is None:
        return Trial(error=WakeEngineUnavailable("the wake engine cannot run"))
    if trial.engine is ModelEngine.OPENWAKEWORD and base is not None:
        return Trial(engine=trial.engine, cost=trial.cost, error=base)
    return trial


def _base_error(folder: Path) -> WakeModelError | None:
    """Return why no model of openWakeWord can run, or None."""
    try:
        base_paths(folder)
    except ModelFileMissing, ModelFileInvalid:
        return ModelBaseMissing("the files that openWakeWord's models need are missing or damaged")
    return None


def _second(folder: Path, found: Iterable[Candidate], used: Collection[str]) -> frozenset[Path]:
    """Return the files with which both engines hear a wake word together; blocks."""
    models = [candidate.model for candidate in found if candidate.file.name in used]
    return frozenset(second_ears(folder, models).values())


def _listed(candidate: Candidate, trial: Trial, used: dict[str, str], second: Collection[Path]) -> ListedFile:
    wake_word, name = candidate.wake_word, candidate.file.name
    used_file = used.get(word_key(wake_word))
    status = ModelStatus.REFUSED
    if trial.error is None:
        is_used = used_file == name or candidate.file.path in second
        status = ModelStatus.READY if is_used else ModelStatus.HIDDEN
    return ListedFile(
        file=name,
        wake_word=wake_word,
        phrase=phrase_of(wake_word) or candidate.file.path.stem,
        size=candidate.file.size,
        own=not (candidate.published or candidate.damaged),
        status=status,
        engine=trial.engine,
        cost=None if trial.cost is None else round(trial.cost, 3),
        used_file=used_file if status is ModelStatus.HIDDEN else None,
        error=trial.error,
    )


def _order(file: ListedFile) -> tuple[object, ...]:
    return file.key, list(ModelStatus).index(file.status), file.file
