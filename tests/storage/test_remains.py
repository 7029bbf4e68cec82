"""Search of our folders: a copy is found wherever it is and whatever it is called, and what is not read is not vouched for."""

from collections.abc import Callable
import os
from pathlib import Path

import pytest

from custom_components.voice_privacy.storage import remains
from custom_components.voice_privacy.storage.disk import RealDisk
from custom_components.voice_privacy.storage.remains import Evidence, file_remains

TOKEN = "f00dcafe" * 4
RECORDING_ID = "0123456789abcdef" * 2
KEY = bytes(range(32))
OLD = 1_000_000_000


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """A deleted recording of a store whose keys are on another disk."""
    folder, keys, disk = tmp_path / "store", tmp_path / "keys", tmp_path / "disk"
    for path in (folder, keys, disk):
        path.mkdir()
    (folder / "audio").symlink_to(disk)
    for path in (keys / "keys.a", keys / "keys.b", folder / "settings"):
        path.write_bytes(bytes(8_192))
    return Evidence(
        recording_id=RECORDING_ID,
        key=KEY,
        file=folder / "audio" / f"{1:016x}-{RECORDING_ID}.sealed",
        written=(folder / "settings").stat().st_mtime,
        folder=folder,
        key_folders=(keys, folder),
    )


def search(evidence: Evidence) -> bool | None:
    """Search as the self-test does."""
    return file_remains(RealDisk(), evidence, (TOKEN,))


def test_nothing_is_left(evidence: Evidence) -> None:
    (evidence.folder / "keys.a").write_bytes(bytes(100))
    (evidence.key_folders[0] / "theirs").mkdir()
    (evidence.folder / "loop").symlink_to(evidence.folder)
    os.mkfifo(evidence.folder / "pipe")
    assert search(evidence) is False


@pytest.mark.parametrize(
    "name",
    [
        "store/keys.a.old",
        "store/copy/keys.a",
        "store/audio/keys.b",
        "store/deep/er/x",
        "keys/keys.a.set-aside",
        "keys/copy",
        "disk/copy",
    ],
)
@pytest.mark.parametrize(
    "content",
    [
        KEY,
        KEY.hex().encode(),
        bytes.fromhex(RECORDING_ID),
        RECORDING_ID.encode(),
        TOKEN.encode(),
        TOKEN.encode("utf-16-le"),
    ],
    ids=["key", "key in hexadecimal digits", "id as in a sealed file", "id", "text", "wide text"],
)
def test_a_copy_is_found(evidence: Evidence, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(70) + content + bytes(70))
    assert search(evidence) is True


@pytest.mark.parametrize("name", ["store/x", "disk/x", "keys/x"])
@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_a_name_is_enough(evidence: Evidence, tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / f"{name}-{RECORDING_ID}.bak"
    match kind:
        case "file":
            path.touch()
        case "folder" if name != "keys/x":
            path.mkdir()
            (path / RECORDING_ID).touch()
        case _:
            path.symlink_to("nowhere")
    assert search(evidence) is True


def test_a_large_file_is_read_to_its_end(evidence: Evidence) -> None:
    with (evidence.folder / "large").open("wb") as file:
        file.truncate(40 * 1024 * 1024 - 10)
        file.seek(0, os.SEEK_END)
        file.write(KEY)
    assert search(evidence) is True


def test_old_files_are_not_read(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    (evidence.folder / "old").write_bytes(KEY)
    os.utime(evidence.folder / "old", (OLD, OLD))
    assert search(evidence) is False


def test_what_is_too_much_to_read_is_not_vouched_for(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remains, "_MOST_BYTES", 10_000)
    assert search(evidence) is False
    (evidence.folder / "more").write_bytes(bytes(9_000))
    assert search(evidence) is None


def test_a_file_that_vanishes_meanwhile_is_nothing(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: Callable[..., int] = RealDisk.open

    def vanish(self: RealDisk, path: Path, **kwargs: bool) -> int:
        path.unlink()
        return opened(self, path, **kwargs)

    monkeypatch.setattr(RealDisk, "open", vanish)
    assert search(evidence) is False


def test_a_file_that_cannot_be_read_is_an_error(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError

    monkeypatch.setattr(RealDisk, "open", refuse)
    with pytest.raises(PermissionError):
        search(evidence)
