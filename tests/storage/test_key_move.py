"""Keys that move to another folder: never lost, never in two places for good, never older than they were."""

from pathlib import Path
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.voice_privacy.core.errors import KeyFileLost, RecordingNotFound, StoreError
from custom_components.voice_privacy.storage.key_file_format import MIRRORS
from custom_components.voice_privacy.storage.vault import Vault

from .simulated_disk import PowerCut, SimulatedDisk
from .utterances import DAY, make_utterance

HOME, ELSEWHERE, THIRD = Path("/store"), Path("/safe/keys"), Path("/other")


def opened(disk: SimulatedDisk, key_folder: Path | None, *before: Path) -> Vault:
    vault = Vault(HOME, key_folder, disk=disk, key_folders_before=before)
    vault.open()
    vault.reconcile(None)
    return vault


def places(disk: SimulatedDisk, key: bytes) -> set[Path]:
    """Return the folders in whose files a key lies."""
    return {path.parent for path, file in disk._cached.items() if key in file.cached}


def filled(disk: SimulatedDisk) -> tuple[list[str], dict[str, bytes]]:
    """Keep three recordings and delete one; return the ids and all keys."""
    vault = opened(disk, None)
    ids = [vault.keep(make_utterance(number), DAY).recording_id for number in (1, 2, 3)]
    keys = {recording_id: vault._keys.key_of(recording_id) or b"" for recording_id in ids}
    vault.destroy(ids[:1])
    vault.close()
    disk.make_folder(ELSEWHERE)
    disk.make_folder(THIRD)
    return ids, keys


def test_keys_move_and_leave_nothing_behind() -> None:
    disk = SimulatedDisk()
    ids, keys = filled(disk)
    for folder, before in ((ELSEWHERE, ()), (THIRD, (ELSEWHERE,)), (None, (ELSEWHERE, THIRD))):
        vault = opened(disk, folder, *before)
        assert vault.read(ids[1])[1].audio == make_utterance(2).audio
        assert places(disk, keys[ids[1]]) == {folder or HOME}
        with pytest.raises(RecordingNotFound):
            vault.read(ids[0])
        vault.close()
    # Nothing of a key is left where it was, not even in what was removed.
    last = opened(disk, ELSEWHERE)
    last.destroy(ids[1:])
    assert not any(key in raw for key in keys.values() for raw in disk.everything())


@settings(max_examples=200, deadline=None)
@given(
    steps=st.lists(st.integers(0, 40), min_size=1, max_size=4),
    seed=st.integers(0, 2**32 - 1),
    power=st.booleans(),
)
def test_a_crash_on_the_way_loses_nothing(steps: list[int], seed: int, power: bool) -> None:
    disk, random = SimulatedDisk(), Random(seed)
    ids, keys = filled(disk)
    for left in steps:
        disk.steps_left = left
        try:
            opened(disk, ELSEWHERE).close()
        except PowerCut:
            if power:
                disk.cut_power(random)
        disk.kill()
    vault = opened(disk, ELSEWHERE)
    for number, recording_id in enumerate(ids[1:], 2):
        assert vault.read(recording_id)[1].audio == make_utterance(number).audio
        assert places(disk, keys[recording_id]) == {ELSEWHERE}
    vault.destroy(ids[1:])
    assert not any(key in raw for key in keys.values() for raw in disk.everything())


def test_old_keys_that_come_back_bring_nothing_back() -> None:
    """Not even where they lie in the folder from which they were moved."""
    disk = SimulatedDisk()
    ids, keys = filled(disk)
    stale = {name: disk.content(HOME / name) for name in MIRRORS}
    vault = opened(disk, ELSEWHERE)
    vault.destroy([ids[1]])
    vault.close()
    for name, raw in stale.items():
        handle = disk.open(HOME / name, create=True)
        disk.write(handle, raw, 0)
        disk.sync(handle)
        disk.close(handle)
    assert places(disk, keys[ids[1]]) == {HOME}
    vault = opened(disk, ELSEWHERE)
    with pytest.raises(RecordingNotFound):
        vault.read(ids[1])
    assert vault.read(ids[2])[1].audio == make_utterance(3).audio
    assert places(disk, keys[ids[1]]) == places(disk, keys[ids[2]]) - {ELSEWHERE} == set()


def test_another_stores_keys_are_left_alone() -> None:
    disk = SimulatedDisk()
    ids, keys = filled(disk)
    stranger = Vault(Path("/stranger"), disk=disk)
    stranger.open()
    stranger.close()
    for name in MIRRORS:
        disk.rename(Path("/stranger") / name, ELSEWHERE / name)
    theirs = [disk.content(ELSEWHERE / name) for name in MIRRORS]
    with pytest.raises(StoreError):
        opened(disk, ELSEWHERE)
    assert [disk.content(ELSEWHERE / name) for name in MIRRORS] == theirs
    vault = opened(disk, None, ELSEWHERE)
    assert vault.read(ids[1])[1].audio == make_utterance(2).audio
    assert places(disk, keys[ids[1]]) == {HOME}
    assert [disk.content(ELSEWHERE / name) for name in MIRRORS] == theirs


def test_a_missing_key_folder_is_no_new_store(tmp_path: Path) -> None:
    """The disk with the keys is not there: nothing is made in its place, and all is well when it is back."""
    home, safe = tmp_path / "store", tmp_path / "safe"
    safe.mkdir()
    vault = Vault(home, safe)
    vault.open()
    vault.reconcile(None)
    kept = vault.keep(make_utterance(1), DAY).recording_id
    vault.close()
    safe.rename(tmp_path / "unplugged")
    with pytest.raises(KeyFileLost):
        Vault(home, safe).open()
    assert not safe.exists()
    (tmp_path / "unplugged").rename(safe)
    vault = Vault(home, safe)
    vault.open()
    vault.reconcile(None)
    assert vault.read(kept)[1].audio == make_utterance(1).audio
    vault.remove()
    assert list(safe.parent.iterdir()) == []
