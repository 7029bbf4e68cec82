"""Only regular files are opened, whatever has their names, and nothing is waited for."""

from collections.abc import Callable
import errno
import os
from pathlib import Path
import socket
import tempfile
from typing import Final

import pytest

from custom_components.voice_privacy.core.regular_file import (
    FileTooLarge,
    NotARegularFile,
    is_obstacle,
    open_regular,
    read_regular,
    remove_entry,
)


def make_link(path: Path) -> None:
    target = path.with_name("outside")
    target.write_bytes(b"somebody else's")
    path.symlink_to(target)


def make_folder_link(path: Path) -> None:
    path.symlink_to(path.parent)


def make_loop(path: Path) -> None:
    path.symlink_to(path)


def make_dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, tempfile.TemporaryDirectory() as short:
        listener.bind(f"{short}/s")
        Path(short, "s").rename(path)


def make_device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("making a device needs root")


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


NOT_FILES: Final[dict[str, Callable[[Path], None]]] = {
    "link": make_link,
    "link to a folder": make_folder_link,
    "loop": make_loop,
    "dangling link": make_dangling,
    "socket": make_socket,
    "device": make_device,
    "fifo": make_fifo,
    "folder": Path.mkdir,
}


@pytest.mark.parametrize("make", NOT_FILES.values(), ids=NOT_FILES)
@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR, os.O_RDWR | os.O_CREAT])
def test_anything_else_is_not_opened(tmp_path: Path, make: Callable[[Path], None], flags: int) -> None:
    path = tmp_path / "name"
    make(path)
    assert is_obstacle(path)
    with pytest.raises(NotARegularFile):
        open_regular(path, flags)
    with pytest.raises(NotARegularFile):
        read_regular(path, 100)
    assert not (tmp_path / "nowhere").exists()
    assert remove_entry(path)
    assert not path.exists(follow_symlinks=False)
    assert make is not make_link or (tmp_path / "outside").read_bytes() == b"somebody else's"


@pytest.mark.parametrize("make", NOT_FILES.values(), ids=NOT_FILES)
def test_what_replaces_a_file_at_the_last_moment_is_not_opened(
    tmp_path: Path, make: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "name"
    make(path)
    monkeypatch.setattr(
        "custom_components.voice_privacy.core.regular_file.is_obstacle", lambda *_, **__: False
    )
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for flags in (os.O_RDONLY, os.O_RDWR):
        with pytest.raises(NotARegularFile):
            open_regular(path, flags)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_file_is_read_up_to_a_length(tmp_path: Path) -> None:
    path = tmp_path / "name"
    assert not is_obstacle(path)
    assert remove_entry(path)
    with pytest.raises(FileNotFoundError):
        read_regular(path, 3)
    path.write_bytes(b"abc")
    assert read_regular(path, 3) == b"abc"
    with pytest.raises(FileTooLarge):
        read_regular(path, 2)
    os.truncate(path, 1 << 40)
    with pytest.raises(FileTooLarge):
        read_regular(path, 1 << 20)


def test_a_file_of_unknown_size_is_bounded_too() -> None:
    assert read_regular(Path("/proc/self/stat"), 10_000)
    with pytest.raises(FileTooLarge):
        read_regular(Path("/proc/self/stat"), 5)


def test_a_folder_with_content_stays(tmp_path: Path) -> None:
    (tmp_path / "name").mkdir()
    (tmp_path / "name" / "theirs").write_bytes(b"somebody else's")
    assert not remove_entry(tmp_path / "name")
    assert (tmp_path / "name" / "theirs").read_bytes() == b"somebody else's"


def test_errors_carry_a_number_and_no_path(tmp_path: Path) -> None:
    for error, number in ((NotARegularFile(), errno.EINVAL), (FileTooLarge(), errno.EFBIG)):
        assert error.errno == number
        assert error.filename is None
