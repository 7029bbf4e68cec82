"""Wake word model files: published models, installed models and installation."""

from collections.abc import Callable, Iterable, Iterator
import contextlib
from dataclasses import dataclass, replace
import errno
from functools import partial
import hashlib
import itertools
import os
from pathlib import Path
import re
import shutil
import tempfile
from typing import Final

from ..core.errors import (
    ModelDamaged,
    ModelDiskFull,
    ModelFileInvalid,
    ModelFileMissing,
    ModelHashMismatch,
    ModelIsPointer,
    ModelIsWebPage,
    ModelNameInvalid,
    ModelNotWritten,
    NotAWakeWordModel,
    WakeModelError,
)
from ..core.regular_file import read_regular
from .model_content import MAX_FILE_SIZE
from .model_folder import SUFFIXES, FoundFile, is_other_model, scan, wake_word_of, word_key
from .model_trial import TRIALS, ModelEngine, Trial
from .published_models import (
    EMBEDDING,
    LICENSE_URL,
    MELSPECTROGRAM,
    MICRO_FOLDER,
    MICRO_REQUIREMENT,
    MICRO_WAKE_WORDS,
    PACKAGE_FOLDER,
    PACKAGE_REQUIREMENT,
    RELEASE_URL,
    WAKE_WORDS,
    PublishedFile,
)

__all__ = [
    "EMBEDDING",
    "LICENSE_URL",
    "MAX_FILE_SIZE",
    "MELSPECTROGRAM",
    "MICRO_FOLDER",
    "MICRO_REQUIREMENT",
    "MICRO_WAKE_WORDS",
    "PACKAGE_FOLDER",
    "PACKAGE_REQUIREMENT",
    "RELEASE_URL",
    "WAKE_WORDS",
    "PublishedFile",
    "wake_word_of",
]

STAGING_PREFIX: Final = ".voice_privacy-"
"""Beginning of the names of files and folders that are being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """Wake word with an installed model."""

    wake_word: str
    path: Path
    official: bool
    """True for a published file, False for a user's own model."""

    micro: bool = False
    """True for a model of microWakeWord, which needs no other file."""


_REQUESTS: Final = {f"{name}_v0.1{suffix}" for name in ("timer", "weather") for suffix in SUFFIXES}
"""Models that openWakeWord publishes beside the wake words: they recognize requests and are not offered."""

_BASE_FILES: Final = (MELSPECTROGRAM, EMBEDDING)
_FIRST_PART: Final = 4_096
"""Size in bytes of the first of the parts by which a damaged copy is recognized."""

_PART_DIGITS: Final = 16


def published_words() -> frozenset[str]:
    """Return the ids of all published wake words."""
    return frozenset(WAKE_WORDS) | frozenset(MICRO_WAKE_WORDS)


def phrase_of(wake_word: str) -> str:
    """Return the spoken phrase of a wake word id, e.g. "Hey Jarvis" for "hey_jarvis".

    For a user's own model this is a guess based on the id.
    """
    return " ".join(part.capitalize() for part in re.split(r"[\s_-]+", wake_word) if part)


@dataclass(frozen=True, slots=True)
class Candidate:
    """File that may be used for a wake word."""

    file: FoundFile
    wake_word: str
    published: tuple[PublishedFile, ...] = ()
    """Published files that it belongs to and equals; none for a user's own file."""

    damaged: bool = False
    """True for a published file with other content, which fetching replaces."""

    @property
    def excluded(self) -> WakeModelError | None:
        """Reason why the file is never used, whatever it contains."""
        name = self.file.path.name
        if is_other_model(name) or (not self.published and name in _REQUESTS):
            return NotAWakeWordModel("the file has the name of another model")
        if not self.wake_word:
            return ModelNameInvalid("the name of the file contains no wake word")
        if self.damaged:
            return ModelDamaged("the file differs from the published one")
        return None

    @property
    def model(self) -> InstalledModel:
        """The candidate as an installed model; blocks."""
        trial = TRIALS.known(self.file)
        return InstalledModel(
            wake_word=self.wake_word,
            path=self.file.path,
            official=bool(self.published),
            micro=self.file.is_tflite and self.file.manifest.exists()
            if trial is None or trial.engine is None
            else trial.engine is ModelEngine.MICRO,
        )


def candidates(folder: Path) -> tuple[tuple[Candidate, ...], bool]:
    """Return the files of a folder that may be wake word models, and whether these are all; blocks.

    The files that all models of openWakeWord need are left out: they are neither wake words nor to be removed.
    """
    files, complete = scan(folder)
    base = {file.file_name for file in _BASE_FILES}
    return tuple(_candidate(folder, file) for file in files if file.name not in base), complete


def ranked(
    group: Iterable[Candidate], trial_of: Callable[[FoundFile], Trial | None] = TRIALS.of
) -> list[Candidate]:
    """Return the files of a wake word, that to use first; blocks, and tries them if there are several.

    A file that can be used comes before one that cannot; then a user's own before a published one, openWakeWord's
    published model before that for microWakeWord, and the newest version before older ones.
    """
    files = list(group)
    return sorted(files, key=partial(_rank, trial_of), reverse=True) if len(files) > 1 else files


def by_word(files: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    """Return the files that are not excluded by the key of their wake word."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in files:
        if candidate.excluded is None and 0 < candidate.file.size <= MAX_FILE_SIZE:
            groups.setdefault(word_key(candidate.wake_word), []).append(candidate)
    return groups


def installed_models(folder: Path) -> tuple[InstalledModel, ...]:
    """Return the wake words with models in a folder, sorted by id; blocks.

    Of several files for a wake word, one is used: see `ranked`. A damaged published file counts as missing.
    """
    groups = by_word(candidates(folder)[0])
    models = [ranked(group)[0].model for group in groups.values()]
    return tuple(sorted(models, key=lambda model: model.wake_word))


def models_of(folder: Path, wake_words: Iterable[str]) -> dict[str, InstalledModel]:
    """Return the models of those of these wake words that have any, under these ids; blocks."""
    groups = by_word(candidates(folder)[0])
    found: dict[str, InstalledModel] = {}
    for wake_word in wake_words:
        if (group := groups.get(word_key(wake_word))) is not None:
            found[wake_word] = replace(ranked(group)[0].model, wake_word=wake_word)
    return found


def _candidate(folder: Path, file: FoundFile) -> Candidate:
    """Find out whether a file is a published one, intact or damaged, or a user's own; blocks."""
    wake_word, published = _published(file.name)
    if not published:
        return Candidate(file, wake_word_of(file.path.name))
    if is_published(file.path, published[0]):
        intact = all(is_published(folder / one.file_name, one) for one in published[1:])
        return Candidate(file, wake_word, published if intact else (), damaged=not intact)
    # Only openWakeWord's names can be those of a user's own models; the others are used for fetched files only.
    if file.name == published[0].file_name and not published[0].free and _is_own(file, published[0]):
        return Candidate(file, wake_word)
    return Candidate(file, wake_word, damaged=True)


def _published(name: str) -> tuple[str, tuple[PublishedFile, ...]]:
    """Return the wake word of a model directly in the folder, and the published files that its name belongs to."""
    for wake_word, files in MICRO_WAKE_WORDS.items():
        if name == files[0].file_name:
            return wake_word, files
    for wake_word, published in WAKE_WORDS.items():
        if name in (published.file_name, _second_name(published)):
            return wake_word, (published,)
    return "", ()


def _second_name(published: PublishedFile) -> str:
    """Return the name of a published file where a user's own file has the first name."""
    path = Path(published.file_name)
    return f"{path.stem}.published{path.suffix}"


def _is_own(file: FoundFile, published: PublishedFile) -> bool:
    """Return whether a file with a published name is a user's own, and not a damaged copy; blocks.

    A damaged copy contains parts of the published file, or nothing that is worth keeping.
    """
    trial = TRIALS.of(file)
    if trial is None or isinstance(trial.error, ModelIsPointer | ModelIsWebPage):
        return False
    try:
        content = read_regular(file.path, MAX_FILE_SIZE, follow=True)
    except OSError:
        return False
    # Something that is no model for this engine may be one for another.
    is_something = len(content) >= _FIRST_PART and any(content) and bool(published.parts)
    return (type(trial.error) is not ModelFileInvalid or is_something) and not _is_copy(content, published)


def _is_copy(content: bytes, published: PublishedFile) -> bool:
    """Return whether a content shares a part with a published file."""
    length = published.size
    cuts = [(0, _FIRST_PART), *itertools.pairwise((0, length // 3, 2 * length // 3, length))]
    parts = (hashlib.sha256(content[start:end]).hexdigest()[:_PART_DIGITS] for start, end in cuts)
    return any(ours == theirs for ours, theirs in zip(parts, published.parts, strict=False))


def is_reserved(name: str) -> bool:
    """Return whether a file name is that of another kind of model, or is used for fetched files only."""
    published = _published(name)[1]
    fetched = bool(published) and (published[0].free or name != published[0].file_name)
    return fetched or is_other_model(name) or name in _REQUESTS


def is_taken_for_copy(name: str, content: bytes) -> bool:
    """Return whether a file would count as a damaged copy of the published file with its name."""
    published = _published(name)[1]
    return bool(published) and not _matches(content, published[0]) and _is_copy(content, published[0])


def _rank(trial_of: Callable[[FoundFile], Trial | None], candidate: Candidate) -> tuple[object, ...]:
    """Return the key that sorts the file to use last."""
    official = bool(candidate.published)
    usable = 2
    if not official:
        trial = trial_of(candidate.file)
        usable = 1 if trial is None else 2 * (trial.error is None)
    openwakeword = official and not candidate.published[0].free
    return usable, not official, openwakeword, candidate.file.age


def base_paths(folder: Path) -> tuple[Path, Path]:
    """Return the paths of the melspectrogram and the embedding, which every wake word needs; blocks.

    Raises ModelFileMissing if a file is missing, and ModelFileInvalid if it differs from the published file.
    """
    for published in _BASE_FILES:
        path = folder / published.file_name
        if not path.exists(follow_symlinks=False):
            raise ModelFileMissing("a model file that every wake word needs is missing")
        if not is_published(path, published):
            raise ModelFileInvalid("a model file that every wake word needs is damaged")
    return folder / MELSPECTROGRAM.file_name, folder / EMBEDDING.file_name


def missing_files(
    folder: Path, wake_words: Iterable[str], *, licensed: bool = True, usable: bool = False
) -> tuple[PublishedFile, ...]:
    """Return the published files that must be fetched for these wake words; blocks.

    A damaged base file counts as missing. Raises ModelFileMissing for a wake word that is neither published
    nor in the folder.

    Args:
        folder: Folder of the models.
        wake_words: Ids of the wake words.
        licensed: True if the license of openWakeWord's models is accepted: then they are preferred to those for
            microWakeWord.
        usable: True to also fetch the published model of a wake word whose own model cannot be used.
    """
    wanted = sorted(set(wake_words))
    there = models_of(folder, wanted)
    heads: list[PublishedFile] = []
    micro: list[PublishedFile] = []
    needs_base = not wanted
    for wake_word in wanted:
        model = there.get(wake_word)
        if model is not None and not (
            usable and wake_word in published_words() and _is_refused(folder, model)
        ):
            needs_base |= not model.micro
        elif wake_word in WAKE_WORDS and (licensed or wake_word not in MICRO_WAKE_WORDS):
            heads.append(WAKE_WORDS[wake_word])
            needs_base = True
        elif wake_word in MICRO_WAKE_WORDS:
            micro += MICRO_WAKE_WORDS[wake_word]
        else:
            raise ModelFileMissing("there is no model for this wake word")
    base = [file for file in _BASE_FILES if needs_base and not is_published(folder / file.file_name, file)]
    return (*base, *heads, *(file for file in micro if not is_published(folder / file.file_name, file)))


def _is_refused(folder: Path, model: InstalledModel) -> bool:
    """Return whether a user's own model is known to be unusable; blocks."""
    if model.official:
        return False
    file = next((file for file in scan(folder)[0] if file.path == model.path), None)
    trial = None if file is None else TRIALS.of(file)
    return trial is not None and trial.error is not None


def is_published(path: Path, published: PublishedFile) -> bool:
    """Return whether a file exists and has the published content; blocks."""
    try:
        return _matches(read_regular(path, published.size, follow=True), published)
    except OSError:
        return False


def install(folder: Path, published: PublishedFile, content: bytes) -> Path:
    """Write a published file atomically; blocks.

    A damaged file is replaced, but no file of the user's own: the published file gets another name then.

    Raises ModelHashMismatch, ModelDiskFull or ModelNotWritten, without leaving any files behind.
    """
    if not _matches(content, published):
        raise ModelHashMismatch("the downloaded file differs from the published file")
    path = _place_of(folder, published)
    with writing_errors():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=STAGING_PREFIX, dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            if path.is_dir() and not path.is_symlink():
                # Fails unless the folder is empty: a user's files are never removed for a model.
                path.rmdir()
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        sync_folder(folder)
    return path


def _place_of(folder: Path, published: PublishedFile) -> Path:
    """Return the path where a published file is to be written; blocks."""
    for file in scan(folder)[0]:
        if file.name == published.file_name and not (found := _candidate(folder, file)).damaged:
            return folder / (published.file_name if found.published else _second_name(published))
    return folder / published.file_name


def sweep(folder: Path) -> None:
    """Remove the remains of an interrupted fetch; blocks."""
    for path in folder.glob(f"{STAGING_PREFIX}*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()


@contextlib.contextmanager
def staging_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty temporary folder on the same file system as the models; blocks.

    The folder is always removed. Raises ModelDiskFull or ModelNotWritten.
    """
    with writing_errors():
        folder.mkdir(parents=True, exist_ok=True)
        staging = tempfile.TemporaryDirectory(prefix=STAGING_PREFIX, dir=folder, ignore_cleanup_errors=True)
    with staging as path:
        yield Path(path)


@contextlib.contextmanager
def writing_errors() -> Iterator[None]:
    """Convert OSError while writing into ModelDiskFull or ModelNotWritten."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelDiskFull("there is no space left for a model file") from error
        raise ModelNotWritten("the model folder is not writable") from error


def _matches(content: bytes, published: PublishedFile) -> bool:
    return hashlib.sha256(content).hexdigest() == published.sha256


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
