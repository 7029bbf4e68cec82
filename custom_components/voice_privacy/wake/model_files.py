"""Wake word model files: published models, installed models and installation."""

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
"""Maximum size of a model file in bytes; the largest published file has 1.8 MB."""

RELEASE_URL: Final = "https://github.com/dscripka/openWakeWord/releases/download/v0.5.1/"
"""Base URL of the files published by openWakeWord's author; a file name follows."""

PACKAGE_REQUIREMENT: Final = "openwakeword==0.5.1"
"""Python package that contains the same files."""

PACKAGE_FOLDER: Final = "openwakeword/resources/models"
"""Folder of the files within the package."""

MICRO_REQUIREMENT: Final = "pymicro-wakeword==2.5.0"
"""Python package that contains ESPHome's microWakeWord models, under the Apache License 2.0."""

MICRO_FOLDER: Final = "pymicro_wakeword/models"
"""Folder of the models within that package."""

LICENSE_URL: Final = "https://creativecommons.org/licenses/by-nc-sa/4.0/"

_VERSION: Final = re.compile(r"_v(\d+(?:\.\d+)*)$", re.IGNORECASE)
_SUFFIXES: Final = (".tflite", ".onnx")
"""Endings of model files, in any case; of two files of the same version, that with the last ending is used."""

_MANIFEST: Final = ".json"
"""Ending of the file that comes with each model of microWakeWord."""

_STAGING_PREFIX: Final = ".voice_privacy-"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """Model file as published by openWakeWord v0.5.1, or by ESPHome for microWakeWord."""

    file_name: str
    sha256: str
    """SHA-256 of its content, 64 hexadecimal digits."""

    size: int
    """Size in bytes."""

    package_name: str = ""
    """Name in its package, if that is another."""

    free: bool = False
    """True if its license needs no acceptance: a file for microWakeWord."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """Wake word with an installed model."""

    wake_word: str
    path: Path
    official: bool
    """True for a published file, False for a user's own model."""

    micro: bool = False
    """True for a model with the manifest of a microWakeWord model, which needs no other file."""


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
}
"""Wake words published by openWakeWord, by id."""


def _micro(
    name: str, size: int, sha256: str, manifest_size: int, manifest_sha256: str
) -> tuple[PublishedFile, ...]:
    """Return the model of a wake word and its manifest."""
    return tuple(
        PublishedFile(
            # A user's own model may have the name that this one has in its package.
            file_name=f"{name}.micro{suffix}",
            package_name=f"{name}{suffix}",
            sha256=digest,
            size=length,
            free=True,
        )
        for suffix, digest, length in (
            (_SUFFIXES[0], sha256, size),
            (_MANIFEST, manifest_sha256, manifest_size),
        )
    )


MICRO_WAKE_WORDS: Final[Mapping[str, tuple[PublishedFile, ...]]] = {
    "alexa": _micro(
        "alexa",
        55_856,
        "9011a8155b04de858c48038529235cbc0e42e9fca05a55bf588cb80a653a723b",
        377,
        "1d999798b35b1fe2606465b75ab840be51c1811d2909d5e620cefb6e96f8abd0",
    ),
    "hey_jarvis": _micro(
        "hey_jarvis",
        52_272,
        "21a7976add39ee24ec96c63d96b7aaa18e24d1d9824b963e451da8feb4b78b77",
        388,
        "b153867d818675d8abcc9dace474afe7f83551ae0d5a9b1d71a98681320185af",
    ),
    "hey_mycroft": _micro(
        "hey_mycroft",
        57_248,
        "c2a9b6ed51182db72e014781d5a4ece1929dc232a40b5b4be384f0295f0e1571",
        390,
        "57b2b06fe5fdbbe834a242fabc7af31e4194a550fc382b2c88636a6d62d0d57e",
    ),
    "okay_nabu": _micro(
        "okay_nabu",
        80_824,
        "d89128c4d16a72de429119fb2254ce46649553c2a24f5dd840175c80d7b9d094",
        416,
        "f8026e2ce93a0855ca23483036fd2d74ee924a2588d9ea6a6c6c7478fbf4be57",
    ),
}
"""Wake words published by ESPHome for microWakeWord, by id: model and manifest."""

_REQUESTS: Final = {f"{name}_v0.1{suffix}" for name in ("timer", "weather") for suffix in _SUFFIXES}
"""Models that openWakeWord publishes beside the wake words: they recognize requests and are not offered."""

_BASE_FILES: Final = (MELSPECTROGRAM, EMBEDDING)
_NO_WAKE_WORDS: Final = re.compile(
    r"(melspectrogram|embedding_model|silero_vad|vad)(\W|_v\d|$)", re.IGNORECASE
)
"""Names of other models that come with wake words, also as browsers name a second copy."""


def wake_word_of(file_name: str) -> str:
    """Return the wake word id of a model file, e.g. "hey_jarvis" for "hey_jarvis_v0.1.onnx"."""
    return clean_text(_VERSION.sub("", Path(file_name).stem), MAX_NAME)


def published_words() -> frozenset[str]:
    """Return the ids of all published wake words."""
    return frozenset(WAKE_WORDS) | frozenset(MICRO_WAKE_WORDS)


def phrase_of(wake_word: str) -> str:
    """Return the spoken phrase of a wake word id, e.g. "Hey Jarvis" for "hey_jarvis".

    For a user's own model this is a guess based on the id.
    """
    return " ".join(part.capitalize() for part in re.split(r"[\s_-]+", wake_word) if part)


def installed_models(folder: Path) -> tuple[InstalledModel, ...]:
    """Return the wake words with models in a folder, sorted by id; blocks.

    A published file takes precedence over a user's own files with the same id, and openWakeWord's over that for
    microWakeWord. Of a user's own files the newest version is used. A file with a published name and other content
    is damaged or outdated: it is ignored, and fetching replaces it.
    """
    found: dict[str, InstalledModel] = {}
    for path in _model_files(folder):
        wake_word, published = _published(path.name)
        if not wake_word or (not published and path.name in _REQUESTS):
            continue
        if not all(is_published(folder / one.file_name, one) for one in published):
            continue
        model = InstalledModel(
            wake_word=wake_word,
            path=path,
            official=bool(published),
            micro=path.suffix.lower() == _SUFFIXES[0] and path.with_suffix(_MANIFEST).exists(),
        )
        if wake_word not in found or _rank(model) >= _rank(found[wake_word]):
            found[wake_word] = model
    return tuple(found[wake_word] for wake_word in sorted(found))


def _published(file_name: str) -> tuple[str, tuple[PublishedFile, ...]]:
    """Return the wake word of a model, and the published files it belongs to; none for a user's own."""
    for wake_word, files in MICRO_WAKE_WORDS.items():
        if file_name == files[0].file_name:
            return wake_word, files
    wake_word = wake_word_of(file_name)
    head = WAKE_WORDS.get(wake_word)
    return wake_word, (head,) if head is not None and file_name == head.file_name else ()


def _rank(model: InstalledModel) -> tuple[bool, bool]:
    return model.official, model.official and not model.micro


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
    folder: Path, wake_words: Iterable[str], *, licensed: bool = True
) -> tuple[PublishedFile, ...]:
    """Return the published files that must be fetched for these wake words; blocks.

    A damaged base file counts as missing. Raises ModelFileMissing for a wake word that is neither published
    nor in the folder.

    Args:
        folder: Folder of the models.
        wake_words: Ids of the wake words.
        licensed: True if the license of openWakeWord's models is accepted: then they are preferred to those for
            microWakeWord.
    """
    wanted = sorted(set(wake_words))
    there = {model.wake_word: model for model in installed_models(folder)}
    heads: list[PublishedFile] = []
    micro: list[PublishedFile] = []
    needs_base = not wanted
    for wake_word in wanted:
        if wake_word in there:
            needs_base |= not there[wake_word].micro
        elif wake_word in WAKE_WORDS and (licensed or wake_word not in MICRO_WAKE_WORDS):
            heads.append(WAKE_WORDS[wake_word])
            needs_base = True
        elif wake_word in MICRO_WAKE_WORDS:
            micro += MICRO_WAKE_WORDS[wake_word]
        else:
            raise ModelFileMissing("there is no model for this wake word")
    base = [file for file in _BASE_FILES if needs_base and not is_published(folder / file.file_name, file)]
    return (*base, *heads, *(file for file in micro if not is_published(folder / file.file_name, file)))


def is_published(path: Path, published: PublishedFile) -> bool:
    """Return whether a file exists and has the published content; blocks."""
    try:
        return _matches(read_regular(path, published.size, follow=True), published)
    except OSError:
        return False


def install(folder: Path, published: PublishedFile, content: bytes) -> Path:
    """Write a published file atomically; blocks.

    Raises ModelHashMismatch, ModelDiskFull or ModelNotWritten, without leaving any files behind.
    """
    if not _matches(content, published):
        raise ModelHashMismatch("the downloaded file differs from the published file")
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
                # Fails unless the folder is empty: a user's files are never removed for a model.
                path.rmdir()
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(folder)
    return path


def sweep(folder: Path) -> None:
    """Remove the remains of an interrupted fetch; blocks."""
    for path in folder.glob(f"{_STAGING_PREFIX}*"):
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
        staging = tempfile.TemporaryDirectory(prefix=_STAGING_PREFIX, dir=folder, ignore_cleanup_errors=True)
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


def _model_files(folder: Path) -> list[Path]:
    """Return the files in a folder that may be wake word models, the newest version last; skip unreadable entries.

    Links to files are accepted, because models are only read. Names that are not UTF-8 or not printable are
    skipped.
    """
    try:
        with os.scandir(folder) as entries:
            files = {entry.name: entry for entry in entries}
    except OSError:
        return []
    names = [name for name, entry in files.items() if _may_be_wake_word(entry)]
    return [folder / name for name in sorted(names, key=_age)]


def _age(file_name: str) -> tuple[tuple[int, ...], int, str]:
    """Return the key that sorts the newest version of a model last."""
    path = Path(file_name)
    version = _VERSION.search(path.stem)
    numbers = version[1].split(".") if version else ()
    return tuple(map(int, numbers)), _SUFFIXES.index(path.suffix.lower()), file_name


def _may_be_wake_word(entry: os.DirEntry[str]) -> bool:
    """Return whether a folder entry may be a wake word model."""
    name, path = entry.name, Path(entry.name)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES or name.startswith(".") or not name.isprintable():
        return False
    if _NO_WAKE_WORDS.match(path.stem):
        return False
    try:
        return entry.is_file() and 0 < entry.stat().st_size <= MAX_FILE_SIZE
    except OSError:
        return False


def _sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
