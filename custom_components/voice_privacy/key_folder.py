"""Where the keys live: beside the recordings, or in a folder that the owner has chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
import fcntl
import os
from pathlib import Path
from typing import Any, Final

CONF_KEY_DIR: Final = "key_dir"
CONF_KEY_DIRS_BEFORE: Final = "key_dirs_before"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFolders:
    """The folder of the keys, and those where they were before."""

    chosen: Path | None = None
    """None for beside the recordings."""

    before: tuple[Path, ...] = ()
    """Keys that are found there move to where they shall be."""


def key_folders(data: Mapping[str, Any], options: Mapping[str, Any]) -> KeyFolders:
    """Read what the owner has chosen from the entry's data and options."""
    chosen = options.get(CONF_KEY_DIR)
    return KeyFolders(
        chosen=Path(chosen) if chosen else None,
        before=tuple(Path(folder) for folder in data.get(CONF_KEY_DIRS_BEFORE, ())),
    )


def key_folder_error(config_folder: Path, text: str) -> str | None:
    """Return why keys cannot live in a folder, or None when they can; it is made if it is missing. Blocks."""
    folder = Path(text)
    if not folder.is_absolute():
        return "key_dir_not_absolute"
    try:
        if folder.resolve().is_relative_to(config_folder.resolve()):
            # Its backups would hold the keys, and a restored one would bring deleted recordings back.
            return "key_dir_in_config"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _try_out(folder / ".voice_privacy_test")
    except OSError:
        return "key_dir_not_writable"
    return None


def _try_out(path: Path) -> None:
    """Do once what the key file needs. Raises OSError."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.pwrite(handle, b"test", 0)
        os.fsync(handle)
    finally:
        os.close(handle)
        path.unlink()
