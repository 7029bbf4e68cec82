"""What lies in the folder of wake word models: every file that may be one, with what its name says."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
import os
from pathlib import Path
import re
from typing import Final

from ..core.cleaning import MAX_NAME, clean_text

MAX_DEPTH: Final = 4
"""Maximum number of folders between the model folder and a file."""

MAX_FILES: Final = 1_000
"""Maximum number of model files that are listed."""

SUFFIXES: Final = (".tflite", ".onnx")
"""Endings of model files, in any case; of two files of the same version, that with the last ending is used."""

MANIFEST: Final = ".json"
"""Ending of the file that comes with each model of microWakeWord."""

_MAX_ENTRIES: Final = 20_000
"""Maximum number of entries, of any kind, that are looked at."""

_VERSION: Final = re.compile(r"_v(\d+(?:\.\d+)*)$", re.IGNORECASE)
_OTHER_MODELS: Final = re.compile(
    r"(melspectrogram|embedding_model|silero_vad|vad)(\W|_v\d|$)", re.IGNORECASE
)
"""Names of other models that come with wake words, also as browsers name a second copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """File whose name ends like that of a model."""

    name: str
    """Path relative to the model folder, with "/"."""

    path: Path
    size: int
    stamp: tuple[int, ...]
    """Changes whenever the file is written or replaced."""

    @property
    def wake_word(self) -> str:
        """Wake word id that the name stands for; empty if it stands for none."""
        return wake_word_of(self.path.name)

    @property
    def is_tflite(self) -> bool:
        """True if the file is named like a TensorFlow Lite model."""
        return self.path.suffix.lower() == SUFFIXES[0]

    @property
    def manifest(self) -> Path:
        """Path of the manifest that a microWakeWord model has beside it."""
        return self.path.with_suffix(MANIFEST)

    @property
    def age(self) -> tuple[tuple[int, ...], int, int, str]:
        """Key that sorts the newest version of a model last."""
        version = _VERSION.search(self.path.stem)
        numbers = version[1].split(".") if version else ()
        suffix = SUFFIXES.index(self.path.suffix.lower())
        return tuple(map(int, numbers)), suffix, -self.name.count("/"), self.name


def wake_word_of(file_name: str) -> str:
    """Return the wake word id of a model file, e.g. "hey_jarvis" for "hey_jarvis_v0.1.onnx"."""
    return clean_text(_VERSION.sub("", Path(file_name).stem), MAX_NAME)


def word_key(wake_word: str) -> str:
    """Return a key that is equal for ids that are the same words to a person, e.g. "Hey-Jarvis" and "hey_jarvis"."""
    return " ".join(part for part in re.split(r"[\s_-]+", wake_word) if part).casefold()


def is_other_model(file_name: str) -> bool:
    """Return whether a file has the name of another model that comes with wake words."""
    return _OTHER_MODELS.match(Path(file_name).stem) is not None


def scan(folder: Path) -> tuple[tuple[FoundFile, ...], bool]:
    """Return the files that may be models, and whether these are all; blocks.

    Subfolders are entered up to MAX_DEPTH, the shallowest first, but not through links, which may lead anywhere or
    in circles. Links to files are accepted, because models are only read. Hidden files and folders, names that are
    not printable, and entries that cannot be read are skipped.
    """
    files: list[FoundFile] = []
    waiting: deque[tuple[Path, str, int]] = deque([(folder, "", 0)])
    seen = 0
    while waiting:
        place, prefix, depth = waiting.popleft()
        for entry in _entries(place):
            if (seen := seen + 1) > _MAX_ENTRIES:
                return tuple(files), False
            if entry.name.startswith(".") or not entry.name.isprintable():
                continue
            if _is_folder(entry):
                if depth < MAX_DEPTH:
                    waiting.append((Path(entry.path), f"{prefix}{entry.name}/", depth + 1))
            elif (found := _found(entry, prefix)) is not None:
                if len(files) >= MAX_FILES:
                    return tuple(files), False
                files.append(found)
    return tuple(files), True


def _entries(place: Path) -> Iterator[os.DirEntry[str]]:
    """Yield the entries of a folder in the order of their names; none if it cannot be read."""
    try:
        with os.scandir(place) as entries:
            first = [entry for _, entry in zip(range(_MAX_ENTRIES + 1), entries, strict=False)]
    except OSError:
        return
    yield from sorted(first, key=lambda entry: entry.name)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _found(entry: os.DirEntry[str], prefix: str) -> FoundFile | None:
    """Return an entry as a file that may be a model, or None."""
    path = Path(entry.path)
    if path.suffix.lower() not in SUFFIXES:
        return None
    try:
        if not entry.is_file():
            return None
        return FoundFile(
            name=prefix + entry.name, path=path, size=(stat := entry.stat()).st_size, stamp=stamp_of(stat)
        )
    except OSError:
        return None


def stamp_of(stat: os.stat_result) -> tuple[int, ...]:
    """Return what changes whenever a file is written or replaced."""
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
