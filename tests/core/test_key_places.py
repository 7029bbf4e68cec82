"""Where keys may live, by the table of mounts: never where a backup, an update or a restart reaches them."""

from pathlib import PurePosixPath
from typing import Final

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.key_places import (
    Installation,
    KeyPlaceRefusal,
    Mount,
    key_place_refusal,
    mount_of,
    parse_mounts,
)

CONTAINER, PLAIN, SUPERVISED = Installation.CONTAINER, Installation.PLAIN, Installation.SUPERVISED
IN_BACKUP = KeyPlaceRefusal.IN_BACKUP
IN_CONFIG = KeyPlaceRefusal.IN_CONFIG
IN_CONTAINER = KeyPlaceRefusal.IN_CONTAINER
IN_MEMORY = KeyPlaceRefusal.IN_MEMORY

CONTAINER_TABLE: Final = rb"""
600 500 0:60 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w
601 600 0:63 / /proc rw,nosuid - proc proc rw
602 600 0:64 / /dev rw,nosuid - devtmpfs devtmpfs rw
603 602 0:65 / /dev/shm rw,nosuid - tmpfs shm rw
604 600 0:22 /dbus /run/dbus ro,relatime - tmpfs tmpfs rw
605 600 0:70 / /tmp rw - tmpfs tmpfs rw
606 600 253:1 / /var/log rw - ext4 /dev/zram0 rw
"""

OS_TABLE: Final = (
    CONTAINER_TABLE
    + rb"""
610 600 8:8 /supervisor/homeassistant /config rw,relatime master:9 - ext4 /dev/sda8 rw
611 600 8:8 /supervisor/share /share rw,relatime master:9 - ext4 /dev/sda8 rw
612 600 8:8 /supervisor/media /media rw,relatime master:9 - ext4 /dev/sda8 rw
613 600 8:8 /supervisor/ssl /ssl ro,relatime master:9 - ext4 /dev/sda8 rw
614 611 0:80 / /share/nas rw master:20 - nfs4 10.0.0.2:/export rw
615 612 0:81 / /media/films rw master:21 - cifs //10.0.0.2/films rw
616 612 0:82 / /media/old rw master:22 - smb3 //10.0.0.2/old rw
617 611 8:8 /supervisor/emergency/away /share/away ro - ext4 /dev/sda8 rw
618 611 8:17 / /share/stick rw - ext4 /dev/sdb1 rw
619 614 0:83 / /share/nas/second rw - nfs4 10.0.0.2:/export/second rw
620 611 0:84 / /share/deep/nas rw - nfs4 10.0.0.2:/deep rw
621 600 8:8 /supervisor/share/hidden /hidden rw - ext4 /dev/sda8 rw
622 600 8:8 /supervisor /everything rw - ext4 /dev/sda8 rw
623 611 0:85 / /share/ramdisk rw - tmpfs tmpfs rw
"""
)

VOLUME_TABLE: Final = (
    CONTAINER_TABLE
    + rb"""
610 600 8:1 /srv/ha /config rw - ext4 /dev/sda1 rw
611 600 8:1 /srv/keys /keys rw - ext4 /dev/sda1 rw
612 600 8:1 /srv/ha/keys /inside rw - ext4 /dev/sda1 rw
613 600 8:1 /srv /srv rw - ext4 /dev/sda1 rw
614 600 0:90 / /nas rw - nfs4 10.0.0.2:/export rw
615 600 8:1 /srv/my\040keys\134\011 /my\040keys\134\011 rw - ext4 /dev/sda1 rw
616 600 8:1 /srv/share /share rw - ext4 /dev/sda1 rw
617 600 8:1 /srv/hahaha /hahaha rw - ext4 /dev/sda1 rw
"""
)

DEBIAN_TABLE: Final = rb"""
1 1 0:2 / / rw - rootfs rootfs rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
28 27 0:30 / /tmp rw - tmpfs tmpfs rw
29 27 0:31 / /run rw shared:5 master:7 propagate_from:2 - tmpfs tmpfs rw
30 29 8:33 / /run/media/stick rw - vfat /dev/sdc1 rw
31 27 254:16 / /mnt/crypt rw - ext4 /dev/mapper/crypt rw
32 27 254:0 /home/ha/config/keys /mnt/alias rw - ext4 /dev/vda rw
33 27 0:33 / /mnt/ram rw - ramfs none rw
"""


def refusal(
    folder: str, installation: Installation, table: bytes | None, config: str = "/config"
) -> KeyPlaceRefusal | None:
    """Decide about a folder."""
    mounts = None if table is None else parse_mounts(table)
    return key_place_refusal(PurePosixPath(folder), PurePosixPath(config), installation, mounts)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/config", IN_CONFIG),
        ("/config/.cache/keys", IN_CONFIG),
        ("/homeassistant/keys", IN_BACKUP),
        ("/share", IN_BACKUP),
        ("/share/keys", IN_BACKUP),
        ("/share/not/there/yet", IN_BACKUP),
        ("/media/keys", IN_BACKUP),
        ("/ssl/keys", IN_BACKUP),
        ("/backup/keys", IN_BACKUP),
        ("/addons/local/keys", IN_BACKUP),
        ("/addon_configs/keys", IN_BACKUP),
        # A server that is away, a disk that is no network storage, and a name that only begins like it.
        ("/share/away/keys", IN_BACKUP),
        ("/share/stick/keys", IN_BACKUP),
        ("/share/nasty/keys", IN_BACKUP),
        # Supervisor knows only what it has mounted itself, one level down.
        ("/share/deep/nas/keys", IN_BACKUP),
        ("/share/ramdisk/keys", IN_BACKUP),
        # Other names of the same folders.
        ("/hidden/keys", IN_BACKUP),
        ("/everything/media/keys", IN_BACKUP),
        ("/everything/homeassistant/keys", IN_CONFIG),
        ("/share/nas", None),
        ("/share/nas/keys", None),
        ("/share/nas/second/keys", None),
        ("/media/films/not/there/yet", None),
        ("/media/old/keys", None),
        ("/data/keys", IN_CONTAINER),
        ("/root/keys", IN_CONTAINER),
        ("/var/lib/keys", IN_CONTAINER),
        ("/shares/keys", IN_CONTAINER),
        ("/", IN_CONTAINER),
        ("/tmp/keys", IN_MEMORY),
        ("/dev/shm/keys", IN_MEMORY),
        ("/dev/keys", IN_MEMORY),
        ("/run/dbus/keys", IN_MEMORY),
        ("/var/log/keys", IN_MEMORY),
    ],
)
def test_home_assistant_os(folder: str, expected: KeyPlaceRefusal | None) -> None:
    assert refusal(folder, SUPERVISED, OS_TABLE) == expected


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/config/keys", IN_CONFIG),
        ("/inside", IN_CONFIG),
        ("/srv/ha/keys", IN_CONFIG),
        ("/keys", None),
        ("/keys/not/there/yet", None),
        ("/srv/keys", None),
        ("/hahaha/keys", None),
        ("/nas/keys", None),
        ("/my keys\\\t/safe", None),
        ("/my/keys", IN_CONTAINER),
        # No Supervisor, no backups of these.
        ("/share/keys", None),
        ("/media/keys", IN_CONTAINER),
        ("/root/keys", IN_CONTAINER),
        ("/tmp/keys", IN_MEMORY),
    ],
)
def test_container(folder: str, expected: KeyPlaceRefusal | None) -> None:
    assert refusal(folder, CONTAINER, VOLUME_TABLE) == expected


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/home/ha/config/keys", IN_CONFIG),
        ("/mnt/alias", IN_CONFIG),
        ("/home/ha/keys", None),
        ("/share/keys", None),
        ("/", None),
        ("/mnt/crypt/keys", None),
        ("/run/media/stick/keys", None),
        ("/run/keys", IN_MEMORY),
        ("/tmp/keys", IN_MEMORY),
        ("/mnt/ram/keys", IN_MEMORY),
    ],
)
def test_the_machine_itself(folder: str, expected: KeyPlaceRefusal | None) -> None:
    assert refusal(folder, PLAIN, DEBIAN_TABLE, "/home/ha/config") == expected


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (b"/ / rw - overlay overlay rw", IN_CONTAINER),
        (b"/ / rw - overlay /dev/null rw", IN_CONTAINER),
        (b"/ / rw - fuse.fuse-overlayfs fuse-overlayfs rw", IN_CONTAINER),
        (b"/ / rw - aufs none rw", IN_CONTAINER),
        (b"/ / rw - zfs pool/docker/4711 rw", IN_CONTAINER),
        (b"/docker/btrfs/subvolumes/4711 / rw - btrfs /dev/sda1 rw", IN_CONTAINER),
        (b"/docker/vfs/dir/4711 / rw - ext4 /dev/sda1 rw", IN_CONTAINER),
        (b"/ / rw - tmpfs tmpfs rw", IN_MEMORY),
        # The disk of a virtual machine that only looks like a container.
        (b"/ / rw - ext4 /dev/vda rw", None),
        # A chroot, whose own root is no mount point.
        (b"/ /proc rw - proc proc rw", IN_CONTAINER),
    ],
)
def test_kinds_of_container_roots(root: bytes, expected: KeyPlaceRefusal | None) -> None:
    assert refusal("/keys", CONTAINER, b"600 500 0:60 " + root) == expected


def test_without_a_table_only_containers_refuse_everything() -> None:
    assert refusal("/keys", PLAIN, None) is None
    assert refusal("/keys", CONTAINER, None) == KeyPlaceRefusal.UNKNOWN
    assert refusal("/keys", SUPERVISED, None) == KeyPlaceRefusal.UNKNOWN
    assert refusal("/share/nas/keys", SUPERVISED, None) == IN_BACKUP
    assert refusal("/config/keys", PLAIN, None) == IN_CONFIG


@pytest.mark.parametrize(
    "table",
    [
        b"",
        b"\n\n",
        b"garbage",
        b"27 1 254:0 / / rw",
        b"27 1 254:0 / / rw - ext4",
        b"27 one 254:0 / / rw - ext4 /dev/vda rw",
        b"27 1 254:0 / / rw - ext4 /dev/vda rw\n28 27 0:30",
    ],
)
def test_half_a_table_is_none(table: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_mounts(table)


def test_a_line_is_read_whole() -> None:
    assert parse_mounts(
        b"36 35 98:0 /mnt\\0401 /mnt\\0122\\134 rw shared:1 master:2 - fuse.x\\040y  rw,a\n"
    ) == (
        Mount(
            mount_id=36,
            parent_id=35,
            device="98:0",
            root=PurePosixPath("/mnt 1"),
            point=PurePosixPath("/mnt\n2\\"),
            fs_type="fuse.x y",
            source="",
        ),
    )


@pytest.mark.parametrize(
    ("path", "mount_id"),
    [("/", 2), ("/a", 6), ("/a/b/c", 6), ("/x", 8), ("/x/y/z", 9), ("/xy", 2), ("/q/r", 10)],
)
def test_what_was_mounted_over_hides_what_is_below(path: str, mount_id: int) -> None:
    table = b"".join(
        b"%d %d 8:%d / %s rw - ext4 /dev/sda%d rw\n" % (number, parent, number, point, number)
        for number, parent, point in (
            (1, 1, b"/"),
            (2, 1, b"/"),
            # Mounted first, then hidden by one over the folder above.
            (5, 2, b"/a/b"),
            (6, 2, b"/a"),
            # Two at the same point.
            (7, 2, b"/x"),
            (8, 7, b"/x"),
            (9, 8, b"/x/y"),
            (10, 2, b"/q"),
        )
    )
    mount = mount_of(PurePosixPath(path), parse_mounts(table))
    assert mount is not None
    assert mount.mount_id == mount_id


def test_a_circle_of_mounts_ends() -> None:
    table = b"1 2 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    assert mount_of(PurePosixPath("/keys"), parse_mounts(table)) is None


NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8
).filter(lambda name: name not in {".", ".."})


@given(point=st.lists(NAMES, min_size=1, max_size=3), below=st.lists(NAMES, max_size=3))
def test_whatever_a_mount_point_is_called_it_is_found(point: list[str], below: list[str]) -> None:
    path = PurePosixPath("/", *point)
    escaped = str(path).encode()
    for byte in (b"\\", b" ", b"\t", b"\n"):
        escaped = escaped.replace(byte, b"\\%03o" % ord(byte))
    table = b"1 0 0:1 / / rw - overlay overlay rw\n2 1 8:1 / %s rw - ext4 /dev/sda1 rw\n" % escaped
    assert refusal(str(path.joinpath(*below)), CONTAINER, table, "/nowhere/else/at/all") is None
    assert refusal(str(path.parent), CONTAINER, table, "/nowhere/else/at/all") == IN_CONTAINER
