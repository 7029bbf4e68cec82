"""Location of the key file: next to the recordings, or a folder chosen by the owner."""

from collections.abc import Mapping
from dataclasses import dataclass
import fcntl
import os
from pathlib import Path, PurePosixPath
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.hassio import is_hassio
from homeassistant.util.package import is_docker_env

from ..core.key_places import Installation, KeyPlaceRefusal, Mount, key_place_refusal, parse_mounts
from ..core.regular_file import open_regular

CONF_KEY_DIR: Final = "key_dir"
CONF_KEY_DIRS_BEFORE: Final = "key_dirs_before"

_MOUNT_TABLE: Final = Path("/proc/self/mountinfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFolders:
    """Current key folder, and earlier ones."""

    chosen: Path | None = None
    """None for the folder of the recordings."""

    before: tuple[Path, ...] = ()
    """Earlier folders; keys found there are moved to the current one."""


def key_folders(data: Mapping[str, Any], options: Mapping[str, Any]) -> KeyFolders:
    """Return the key folders from the entry's data and options."""
    chosen = options.get(CONF_KEY_DIR)
    return KeyFolders(
        chosen=Path(chosen) if chosen else None,
        before=tuple(Path(folder) for folder in data.get(CONF_KEY_DIRS_BEFORE, ())),
    )


@callback
def runs_supervised(hass: HomeAssistant) -> bool:
    """Return whether Supervisor creates the backups.

    Supervisor sets an environment variable in the container, even if the hassio integration failed to load.
    """
    return is_hassio(hass) or bool(os.environ.get("SUPERVISOR"))


def key_folder_error(config_folder: Path, text: str, *, supervised: bool) -> str | None:
    """Return an error key if a folder cannot hold the keys, else None; creates it if missing. Blocks."""
    folder = Path(text)
    if not folder.is_absolute():
        return "key_dir_not_absolute"
    try:
        if folder.exists() and not folder.is_dir():
            return "key_dir_not_writable"
        if (refusal := refused_place(config_folder, folder, supervised=supervised)) is not None:
            return refusal
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _try_out(folder / ".voice_privacy_test")
    except OSError, ValueError:
        # ValueError: a name that the file system does not support.
        return "key_dir_not_writable"
    return None


def refused_place(config_folder: Path, folder: Path, *, supervised: bool) -> KeyPlaceRefusal | None:
    """Return the reason why a folder must not hold the keys, or None. It need not exist. Blocks.

    Raises:
        OSError: The folder cannot be accessed.
        ValueError: The file system does not support its name.
    """
    return key_place_refusal(
        PurePosixPath(folder.resolve()),
        PurePosixPath(config_folder.resolve()),
        _installation(supervised=supervised),
        _read_mounts(),
    )


def _installation(*, supervised: bool) -> Installation:
    if supervised:
        return Installation.SUPERVISED
    return Installation.CONTAINER if is_docker_env() else Installation.PLAIN


def _read_mounts() -> tuple[Mount, ...] | None:
    """Return the mount table, or None if it is not available, as on macOS."""
    try:
        return parse_mounts(_MOUNT_TABLE.read_bytes())
    except OSError, ValueError:
        return None


def _try_out(path: Path) -> None:
    """Test all operations that the key file needs. Raises OSError."""
    handle = open_regular(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.pwrite(handle, b"test", 0)
        os.fsync(handle)
    finally:
        os.close(handle)
        path.unlink()
