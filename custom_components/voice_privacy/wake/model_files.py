"""Which wake word models exist, which are on this machine, and how a file of theirs gets there."""

from collections.abc import Iterable, Iterator, Mapping
import contextlib
from dataclasses import dataclass
import errno
import hashlib
import os
from pathlib import Path
import re
import shutil
import tempfile
from typing import Final

from ..core.cleaning import MAX_NAME, clean_text
from ..core.errors import (
    ModelDiskFull,
    ModelFileInvalid,
    ModelFileMissing,
    ModelHashMismatch,
    ModelNotWritten,
)
from ..core.regular_file import read_regular

MAX_FILE_SIZE: Final = 16 * 1024 * 1024
"""Bytes of a model file; the largest published one has 1.8 MB."""

RELEASE_URL: Final = "https://github.com/dscripka/openWakeWord/releases/download/v0.5.1/"
"""Where openWakeWord's author publishes the files; a file's name follows."""

PACKAGE_REQUIREMENT: Final = "openwakeword==0.5.1"
"""The Python package that holds the same files."""

PACKAGE_FOLDER: Final = "openwakeword/resources/models"
"""Where in the package they lie."""

LICENSE_URL: Final = "https://creativecommons.org/licenses/by-nc-sa/4.0/"

_VERSION: Final = re.compile(r"_v\d+(\.\d+)*$")
_SUFFIX: Final = ".onnx"
_STAGING_PREFIX: Final = ".voice_privacy-"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """A model file as openWakeWord v0.5.1 published it."""

    file_name: str
    sha256: str
    """Of its content, 64 hexadecimal digits."""

    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """A wake word whose model is on this machine."""

    wake_word: str
    path: Path
    official: bool
    """It is the file that openWakeWord published, not one of the user's own."""


MELSPECTROGRAM: Final = PublishedFile(
    file_name="melspectrogram.onnx",
    sha256="ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f",
    size=1_087_958,
)
EMBEDDING: Final = PublishedFile(
    file_name="embedding_model.onnx",
    sha256="70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f",
    size=1_326_578,
)
WAKE_WORDS: Final[Mapping[str, PublishedFile]] = {
    "alexa": PublishedFile(
        file_name="alexa_v0.1.onnx",
        sha256="6ff566a01d12670e8d9e3c59da32651db1575d17272a601b7f8a39283dfbae3e",
        size=854_246,
    ),
    "hey_jarvis": PublishedFile(
        file_name="hey_jarvis_v0.1.onnx",
        sha256="94a13cfe60075b132f6a472e7e462e8123ee70861bc3fb58434a73712ee0d2cb",
        size=1_271_370,
    ),
    "hey_mycroft": PublishedFile(
        file_name="hey_mycroft_v0.1.onnx",
        sha256="c2a311e8fa1338de89c31b3b46dc4dffd4af2f9a8d6ddead48893c2d301b1f18",
        size=857_691,
    ),
    "hey_rhasspy": PublishedFile(
        file_name="hey_rhasspy_v0.1.onnx",
        sha256="5a9b3ed3be2910e35780e097905aa9f35a9c10038df47914cf2b3ec4d670f6ea",
        size=204_081,
    ),
    "timer": PublishedFile(
        file_name="timer_v0.1.onnx",
        sha256="371e44535470a29248b3b8f1bbbbaf2525c86417fd8f75c67fcf02ae0b9626df",
        size=1_742_475,
    ),
    "weather": PublishedFile(
        file_name="weather_v0.1.onnx",
        sha256="8441da8e746899e8d969528d5bad5651cdd563079c05962788f77753041f60e7",
        size=1_149_158,
    ),
}
"""Published wake words by id."""

_BASE_FILES: Final = (MELSPECTROGRAM, EMBEDDING)
_NO_WAKE_WORDS: Final = {MELSPECTROGRAM.file_name, EMBEDDING.file_name, "silero_vad.onnx"}


def wake_word_of(file_name: str) -> str:
    """Return the id of the wake word that a model file is for: "hey_jarvis_v0.1.onnx" is "hey_jarvis"."""
    return clean_text(_VERSION.sub("", file_name.removesuffix(_SUFFIX)), MAX_NAME)


def phrase_of(wake_word: str) -> str:
    """Return what one says: "hey_jarvis" is "Hey Jarvis"; for the user's own, what the id suggests."""
    return " ".join(part.capitalize() for part in re.split(r"[\s_-]+", wake_word) if part)


def installed_models(folder: Path) -> tuple[InstalledModel, ...]:
    """Return the wake words whose models are in a folder, by id; blocks.

    A published file comes before a user's own of the same id; of those the last by name wins, which is
    the newest version. A file with a published name and other content is damaged or outdated: it does
    not count, and fetching replaces it.
    """
    found: dict[str, InstalledModel] = {}
    for path in _model_files(folder):
        if not (wake_word := wake_word_of(path.name)):
            continue
        published = WAKE_WORDS.get(wake_word)
        official = published is not None and path.name == published.file_name
        if published is not None and official and not is_published(path, published):
            continue
        if official or not (wake_word in found and found[wake_word].official):
            found[wake_word] = InstalledModel(wake_word=wake_word, path=path, official=official)
    return tuple(found[wake_word] for wake_word in sorted(found))


def base_paths(folder: Path) -> tuple[Path, Path]:
    """Return the files of the melspectrogram and the embedding, which every wake word needs; blocks.

    Raises ModelFileMissing when one is not there and ModelFileInvalid when one is not as published.
    """
    for published in _BASE_FILES:
        path = folder / published.file_name
        if not path.exists(follow_symlinks=False):
            raise ModelFileMissing("a model file that every wake word needs is not there")
        if not is_published(path, published):
            raise ModelFileInvalid("a model file that every wake word needs is damaged")
    return folder / MELSPECTROGRAM.file_name, folder / EMBEDDING.file_name


def missing_files(folder: Path, wake_words: Iterable[str]) -> tuple[PublishedFile, ...]:
    """Return the published files that must be fetched for these wake words; blocks.

    A base file that is damaged counts as missing. Raises ModelFileMissing for a wake word that is neither
    published nor in the folder.
    """
    missing = [
        published for published in _BASE_FILES if not is_published(folder / published.file_name, published)
    ]
    there = {model.wake_word for model in installed_models(folder)}
    for wake_word in sorted(set(wake_words) - there):
        if wake_word not in WAKE_WORDS:
            raise ModelFileMissing("there is no model for this wake word")
        missing.append(WAKE_WORDS[wake_word])
    return tuple(missing)


def is_published(path: Path, published: PublishedFile) -> bool:
    """Return whether a file is there and has the published content; blocks."""
    try:
        return _matches(read_regular(path, published.size, follow=True), published)
    except OSError:
        return False


def install(folder: Path, published: PublishedFile, content: bytes) -> Path:
    """Write a published file so that it is there whole or not at all; blocks.

    Raises ModelHashMismatch, ModelDiskFull or ModelNotWritten; nothing is left behind then.
    """
    if not _matches(content, published):
        raise ModelHashMismatch("a source sent another file than the published one")
    path = folder / published.file_name
    with writing_errors():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=_STAGING_PREFIX, dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            if path.is_dir() and not path.is_symlink():
                # Only an empty one: nobody's files are removed for a model.
                path.rmdir()
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(folder)
    return path


def sweep(folder: Path) -> None:
    """Remove what a fetch that was killed has left behind; blocks."""
    for path in folder.glob(f"{_STAGING_PREFIX}*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()


@contextlib.contextmanager
def staging_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder on the file system of the models, removed whatever happens; blocks.

    Raises ModelDiskFull or ModelNotWritten.
    """
    with writing_errors():
        folder.mkdir(parents=True, exist_ok=True)
        staging = tempfile.TemporaryDirectory(prefix=_STAGING_PREFIX, dir=folder, ignore_cleanup_errors=True)
    with staging as path:
        yield Path(path)


@contextlib.contextmanager
def writing_errors() -> Iterator[None]:
    """Turn what the operating system says about writing into ModelDiskFull or ModelNotWritten."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelDiskFull("there is no space left for a model file") from error
        raise ModelNotWritten("the model folder cannot be written to") from error


def _matches(content: bytes, published: PublishedFile) -> bool:
    return hashlib.sha256(content).hexdigest() == published.sha256


def _model_files(folder: Path) -> list[Path]:
    """Return the files in a folder that may be wake words, by name; what cannot be looked at is left out.

    A link to a file is as good as the file: it is only read. Names that are not UTF-8 or not printable are
    names of no wake word.
    """
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if _may_be_wake_word(entry))
    except OSError:
        return []
    return [folder / name for name in names]


def _may_be_wake_word(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry of a folder is a file that may hold a wake word."""
    name = entry.name
    if not name.endswith(_SUFFIX) or name.startswith(".") or name in _NO_WAKE_WORDS or not name.isprintable():
        return False
    try:
        return entry.is_file() and 0 < entry.stat().st_size <= MAX_FILE_SIZE
    except OSError:
        return False


def _sync_folder(folder: Path) -> None:
    """Make a rename in this folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
