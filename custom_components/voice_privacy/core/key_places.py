"""Check that a folder is suitable for the key file: persistent, and not part of any backup.

A key in a backup can restore deleted recordings; a key that is lost on a restart or an update makes every
recording unreadable. The kernel's mount table shows which of these applies to a folder.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
import os
from pathlib import PurePosixPath
import re
from typing import Final

_BACKED_UP: Final = tuple(
    PurePosixPath(name)
    for name in (
        "/addon_configs",
        "/addons",
        "/backup",
        "/config",
        "/homeassistant",
        "/media",
        "/share",
        "/ssl",
    )
)
"""Folders that Supervisor includes in full backups, or that contain the backups, under all their names."""

_NETWORK_STORAGE_PARENTS: Final = (PurePosixPath("/media"), PurePosixPath("/share"))
"""Supervisor mounts network storage as /media/NAME or /share/NAME and leaves it out of backups."""

_NETWORK: Final = re.compile(r"nfs\d*|cifs|smb\d*|smbfs")
_IN_MEMORY: Final = frozenset({"devtmpfs", "hugetlbfs", "ramfs", "rootfs", "tmpfs"})
_MEMORY_DEVICE: Final = re.compile(r"/dev/z?ram\d+")
_LAYERED: Final = re.compile(r"aufs|overlay|.*overlayfs")

_OCTAL: Final = re.compile(rb"\\([0-3][0-7]{2})")
_SEPARATOR: Final = b"-"
_FIELDS_BEFORE_OPTIONAL: Final = 6


class Installation(StrEnum):
    """Installation types, which differ in what is persistent and what backups contain."""

    CONTAINER = auto()
    PLAIN = auto()
    """Process on the host, for example in a virtual environment."""

    SUPERVISED = auto()
    """Home Assistant OS or Supervised: a container that Supervisor backs up."""


class KeyPlaceRefusal(StrEnum):
    """Reasons why a folder is unsuitable for keys; the values are translation keys."""

    IN_BACKUP = "key_dir_in_backup"
    IN_CONFIG = "key_dir_in_config"
    IN_CONTAINER = "key_dir_in_container"
    IN_MEMORY = "key_dir_in_memory"
    UNKNOWN = "key_dir_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """Line of /proc/self/mountinfo."""

    mount_id: int
    parent_id: int
    device: str
    """Major and minor number of the file system, shared by all its mounts."""

    root: PurePosixPath
    """Folder within the file system that is mounted."""

    point: PurePosixPath
    fs_type: str
    source: str


def parse_mounts(table: bytes) -> tuple[Mount, ...]:
    """Parse /proc/self/mountinfo.

    Raises:
        ValueError: The table is empty or has an invalid line; a partial table would give wrong results.
    """
    mounts = tuple(_parse_mount(line) for line in table.split(b"\n") if line)
    if not mounts:
        raise ValueError("no mounts")
    return mounts


def _parse_mount(line: bytes) -> Mount:
    fields = line.split(b" ")
    # Any number of optional fields precedes the separator.
    end = fields.index(_SEPARATOR, _FIELDS_BEFORE_OPTIONAL)
    fs_type, source = fields[end + 1 : end + 3]
    return Mount(
        mount_id=int(fields[0]),
        parent_id=int(fields[1]),
        device=_unescape(fields[2]),
        root=PurePosixPath(_unescape(fields[3])),
        point=PurePosixPath(_unescape(fields[4])),
        fs_type=_unescape(fs_type),
        source=_unescape(source),
    )


def _unescape(field: bytes) -> str:
    """Decode a field, in which the kernel escapes spaces, tabs, newlines and backslashes in octal."""
    return os.fsdecode(_OCTAL.sub(lambda match: bytes([int(match[1], 8)]), field))


def mount_of(path: PurePosixPath, mounts: Sequence[Mount]) -> Mount | None:
    """Return the mount that holds a path without symbolic links, or None if no mount does.

    Follows the mounts from the root down, as the kernel does. The longest matching mount point alone is not
    enough: another mount may cover it, or a folder above it.
    """
    known = {mount.mount_id for mount in mounts}
    left = [mount for mount in mounts if path.is_relative_to(mount.point)]
    found: Mount | None = None
    while True:
        # In a chroot, or at the root itself, the parent is not in the table.
        here = [
            mount
            for mount in left
            if (
                mount.parent_id not in known or mount.parent_id == mount.mount_id
                if found is None
                else mount.parent_id == found.mount_id
            )
        ]
        if not here:
            return found
        found = min(here, key=lambda mount: len(mount.point.parts))
        left.remove(found)


def key_place_refusal(
    folder: PurePosixPath,
    config_folder: PurePosixPath,
    installation: Installation,
    mounts: Sequence[Mount] | None,
) -> KeyPlaceRefusal | None:
    """Return the reason why a folder is unsuitable for keys, or None if it is suitable.

    Args:
        folder: Absolute path without symbolic links; it need not exist.
        config_folder: Home Assistant's configuration folder, without symbolic links.
        installation: How Home Assistant is installed.
        mounts: Mount table, None if it cannot be read. In a container every folder is then refused.
    """
    table = mounts or ()
    if _lies_below(folder, [config_folder], table):
        return KeyPlaceRefusal.IN_CONFIG
    if (
        installation is Installation.SUPERVISED
        and _lies_below(folder, _BACKED_UP, table)
        and not _is_network_storage(folder, table)
    ):
        return KeyPlaceRefusal.IN_BACKUP
    mount = mount_of(folder, table)
    if mount is not None and (mount.fs_type in _IN_MEMORY or _MEMORY_DEVICE.fullmatch(mount.source)):
        return KeyPlaceRefusal.IN_MEMORY
    if installation is Installation.PLAIN:
        return None
    if not table:
        return KeyPlaceRefusal.UNKNOWN
    if mount is None or _is_container_layer(mount):
        return KeyPlaceRefusal.IN_CONTAINER
    return None


def _lies_below(folder: PurePosixPath, parents: Iterable[PurePosixPath], mounts: Sequence[Mount]) -> bool:
    """Return whether a folder is one of `parents` or below one, also through a bind mount."""
    place = _place_on_disk(folder, mounts)
    for parent in parents:
        if folder.is_relative_to(parent):
            return True
        other = _place_on_disk(parent, mounts)
        if place and other and place[0] == other[0] and place[1].is_relative_to(other[1]):
            return True
    return False


def _place_on_disk(path: PurePosixPath, mounts: Sequence[Mount]) -> tuple[str, PurePosixPath] | None:
    """Return the file system that holds a path, and the path within it."""
    mount = mount_of(path, mounts)
    return None if mount is None else (mount.device, mount.root / path.relative_to(mount.point))


def _is_network_storage(folder: PurePosixPath, mounts: Sequence[Mount]) -> bool:
    """Return whether a folder is on network storage mounted by Supervisor.

    While a server is unreachable, Supervisor mounts an empty local folder instead, which does not count.
    """
    for parent in _NETWORK_STORAGE_PARENTS:
        if folder != parent and folder.is_relative_to(parent):
            point = parent / folder.relative_to(parent).parts[0]
            mount = mount_of(point, mounts)
            return mount is not None and mount.point == point and bool(_NETWORK.fullmatch(mount.fs_type))
    return False


def _is_container_layer(mount: Mount) -> bool:
    """Return whether a mount is the container's file system, which an update replaces.

    This is the root mount, unless it is a complete disk: some virtual machines look like containers, and
    their root is persistent. A container's root is an overlay, or a folder of the host's disk.
    """
    if mount.point != PurePosixPath("/"):
        return False
    return (
        bool(_LAYERED.fullmatch(mount.fs_type))
        or mount.root != PurePosixPath("/")
        or not mount.source.startswith("/dev/")
    )
