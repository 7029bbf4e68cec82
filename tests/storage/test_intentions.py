"""The file of deletions that are not done yet: read as it was written, and harmless however it is damaged."""

import os
from pathlib import Path

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.voice_privacy.storage.disk import RealDisk
from custom_components.voice_privacy.storage.intentions import (
    read_intentions,
    remove_intentions,
    write_intentions,
)
from custom_components.voice_privacy.storage.vault import Vault

DISK = RealDisk()
NAME = "to-delete"
IDS = st.text("0123456789abcdef", min_size=32, max_size=32)


@settings(max_examples=50)
@given(st.dictionaries(IDS, st.none() | IDS))
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, intended: dict[str, str | None]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    write_intentions(DISK, folder, dict.fromkeys(["f" * 32], None))
    write_intentions(DISK, folder, intended)
    assert read_intentions(DISK, folder) == intended
    assert [path.name for path in folder.iterdir()] == ([NAME] if intended else [])


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_damage_names_nothing_that_is_no_id(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("store")
    kept = "a" * 32
    (folder / NAME).write_bytes(content + f"\n{kept} -\n".encode())
    found = read_intentions(DISK, folder)
    assert kept in found
    assert all(len(recording_id) == 32 and recording_id.isalnum() for recording_id in found)


@pytest.mark.parametrize("kind", ["link", "folder", "fifo", "huge", "none"])
def test_what_is_no_file_of_ours_is_read_as_nothing_and_is_no_obstacle(tmp_path: Path, kind: str) -> None:
    path = tmp_path / NAME
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(f"{'b' * 32} -\n")
    match kind:
        case "link":
            path.symlink_to(elsewhere)
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "huge":
            path.touch()
            os.truncate(path, 1 << 40)
    assert read_intentions(DISK, tmp_path) == {}
    intended: dict[str, str | None] = {"c" * 32: None}
    write_intentions(DISK, tmp_path, intended)
    assert read_intentions(DISK, tmp_path) == intended
    assert elsewhere.read_text() == f"{'b' * 32} -\n"
    remove_intentions(DISK, tmp_path)
    assert read_intentions(DISK, tmp_path) == {}


def test_it_goes_with_the_store(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    vault = Vault(folder)
    vault.open()
    vault.write_intentions({"d" * 32: "e" * 32})
    assert vault.read_intentions() == {"d" * 32: "e" * 32}
    vault.remove()
    assert not folder.exists()
