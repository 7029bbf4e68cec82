"""A user's own wake word models: add a file to the folder, and remove one."""

import contextlib
import os
from pathlib import Path
import stat
import tempfile
from typing import Final
import unicodedata

from ..core.errors import (
    InvalidRequest,
    ModelDamaged,
    ModelExists,
    ModelFileMissing,
    ModelFileTooLarge,
    ModelNameInvalid,
    ModelNotRemoved,
    ModelNotWritten,
)
from ..core.regular_file import read_regular
from .model_content import MAX_FILE_SIZE
from .model_files import STAGING_PREFIX, is_reserved, is_taken_for_copy, sync_folder, writing_errors
from .model_folder import MANIFEST, SUFFIXES, FoundFile, scan, wake_word_of
from .model_trial import try_content

MAX_MANIFEST_SIZE: Final = 64 * 1024
_MAX_NAME_BYTES: Final = 200


def add_model(folder: Path, file_name: str, content: bytes, manifest: bytes | None) -> str:
    """Add a model to the folder and return its name there; blocks. Needs numpy.

    The model is tried before anything is written. A file with the same content may be there already; another one is
    never replaced. When this returns, the files are on disk and were read back.

    Args:
        folder: Folder of the models.
        file_name: Name of the file, without a path.
        content: Content of the model.
        manifest: Content of the manifest of a microWakeWord model, or None.

    Raises:
        InvalidRequest: There is a manifest, but the model is not named like a TensorFlow Lite model.
        ModelNameInvalid: The name cannot be that of a model.
        ModelExists: There is another file with the name.
        ModelDiskFull: There is no space left.
        ModelNotWritten: The folder is not writable.
        WakeModelError: The model cannot be used.
    """
    name = checked_name(file_name)
    if manifest is not None and Path(name).suffix.lower() != SUFFIXES[0]:
        raise InvalidRequest
    if len(content) > MAX_FILE_SIZE or (manifest is not None and len(manifest) > MAX_MANIFEST_SIZE):
        raise ModelFileTooLarge("the file is too large for a wake word model")
    _try(content, _manifest_there(folder / name) if manifest is None else manifest)
    if is_taken_for_copy(name, content):
        raise ModelDamaged("the file is a damaged copy of a published one")
    wanted = {name: content}
    if manifest is not None:
        # First, so that the model is never there without it.
        wanted = {Path(name).with_suffix(MANIFEST).name: manifest, **wanted}
    elif Path(name).suffix.lower() == SUFFIXES[0]:
        _remove_empty((folder / name).with_suffix(MANIFEST))
    missing = [one for one, what in wanted.items() if not _require_same(folder / one, what)]
    written: list[Path] = []
    with writing_errors():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for one in missing:
                _write_new(folder / one, wanted[one])
                written.append(folder / one)
        except BaseException:
            for path in written:
                path.unlink(missing_ok=True)
            raise
    return name


def _manifest_there(path: Path) -> bytes | None:
    """Return the manifest that a model would find beside it, or None."""
    with contextlib.suppress(OSError):
        return read_regular(path.with_suffix(MANIFEST), MAX_MANIFEST_SIZE, follow=True) or None
    return None


def _try(content: bytes, manifest: bytes | None) -> None:
    """Load a model without writing it. Raises WakeModelError."""
    from .engines import parse_model_file  # noqa: PLC0415  # needs numpy

    trial = try_content(lambda: parse_model_file(content, manifest))
    if trial.error is not None:
        raise trial.error


def checked_name(file_name: str) -> str:
    """Return the name of an uploaded file in its usual form. Raises ModelNameInvalid."""
    name = unicodedata.normalize("NFC", file_name)
    path = Path(name)
    if (
        not name.isprintable()
        or "/" in name
        or "\\" in name
        or name.startswith(".")
        or name != name.strip()
        or path.suffix.lower() not in SUFFIXES
        or len(name.encode(errors="replace")) > _MAX_NAME_BYTES
        or not wake_word_of(name)
        or is_reserved(name)
    ):
        raise ModelNameInvalid("the name of the file cannot be that of a model")
    return name


def _require_same(path: Path, content: bytes) -> bool:
    """Return whether a file is there with this content. Raises ModelExists if it has another."""
    _remove_empty(path)
    if not path.exists(follow_symlinks=False):
        return False
    with contextlib.suppress(OSError):
        if read_regular(path, MAX_FILE_SIZE, follow=True) == content:
            return True
    raise ModelExists("another file has this name", file=path.name)


def _remove_empty(path: Path) -> None:
    """Remove an empty file: a power cut leaves it of a name that was just taken. Raises as writing_errors does."""
    with writing_errors(), contextlib.suppress(FileNotFoundError):
        if stat.S_ISREG((found := path.lstat()).st_mode) and not found.st_size:
            path.unlink()


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet, whole or not at all. Raises OSError, ModelExists or ModelNotWritten."""
    descriptor, staged = tempfile.mkstemp(prefix=STAGING_PREFIX, dir=path.parent)
    claimed = False
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(staged).chmod(0o644)
        try:
            # Not every file system has links, with which a file could be renamed without replacing another.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644))
        except FileExistsError:
            raise ModelExists("another file has this name", file=path.name) from None
        claimed = True
        Path(staged).replace(path)
        sync_folder(path.parent)
        _read_back(path, content)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(staged).unlink(missing_ok=True)
        if claimed:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        raise


def _read_back(path: Path, content: bytes) -> None:
    """Raise ModelNotWritten if a file does not contain what was written."""
    if read_regular(path, len(content)) != content:
        raise ModelNotWritten("the file does not contain what was written")


def remove_model(folder: Path, name: str) -> None:
    """Remove a model, with its manifest, for good; blocks.

    Args:
        folder: Folder of the models.
        name: Path of the file relative to the folder, as it is listed.

    Raises:
        ModelFileMissing: There is no such file in the folder.
        ModelNotRemoved: The file cannot be removed.
    """
    files = scan(folder)[0]
    # Only what is listed: that is inside of the folder, and no part of its path is a link.
    if (file := next((file for file in files if file.name == name), None)) is None:
        raise ModelFileMissing("the model file does not exist")
    # The model last: what is left of a removal that fails can still be listed and removed.
    paths = [*_manifest_of(file, files), file.path]
    try:
        for path in paths:
            path.unlink(missing_ok=True)
        sync_folder(file.path.parent)
    except OSError as error:
        raise ModelNotRemoved("the model file cannot be removed") from error
    if any(os.path.lexists(path) for path in paths):
        raise ModelNotRemoved("the model file is still there")


def _manifest_of(file: FoundFile, files: tuple[FoundFile, ...]) -> list[Path]:
    """Return the manifest of a model, unless another model has the same."""
    if not file.is_tflite or file.manifest.is_dir():
        return []
    if any(other.is_tflite and other.manifest == file.manifest for other in files if other is not file):
        return []
    return [file.manifest]
