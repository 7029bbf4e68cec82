"""The key file: durable in both mirrors, destroyed in place, healed, never started over silently."""

from collections.abc import Iterator
import contextlib
from pathlib import Path
import secrets

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.errors import KeyFileLost, StoreError, StoreInUse
from custom_components.voice_privacy.storage.disk import RealDisk
from custom_components.voice_privacy.storage.key_file import GROWTH, KeyFile
from custom_components.voice_privacy.storage.key_file_format import (
    HEADER_BYTES,
    KEY_BYTES,
    MIRRORS,
    SLOT_BYTES,
)


def new_id(number: int) -> str:
    return f"{number:032x}"


@contextlib.contextmanager
def opened(folder: Path, expected_store: str | None = None, *, may_create: bool = False) -> Iterator[KeyFile]:
    keys = KeyFile(RealDisk(), folder)
    keys.open(expected_store=expected_store, may_create=may_create)
    try:
        yield keys
    finally:
        keys.close()


def add(keys: KeyFile, number: int) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    keys.add(new_id(number), keys.next_sequence(), key)
    return key


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def three_keys(folder: Path) -> dict[str, bytes]:
    """A key file with three keys, closed."""
    with opened(folder, may_create=True) as keys:
        return {new_id(number): add(keys, number) for number in (1, 2, 3)}


def keys_in(folder: Path) -> dict[str, bytes | None]:
    with opened(folder) as keys:
        return {recording_id: keys.key_of(recording_id) for recording_id in keys.sequences()}


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def slot_offset(folder: Path, recording_id: str) -> int:
    offset = (folder / MIRRORS[0]).read_bytes().index(bytes.fromhex(recording_id))
    assert offset >= HEADER_BYTES
    assert offset % SLOT_BYTES == 0
    return offset


def test_keys_survive_reopening_and_lie_once_in_each_mirror(
    folder: Path, three_keys: dict[str, bytes]
) -> None:
    assert keys_in(folder) == three_keys
    for mirror in MIRRORS:
        content = (folder / mirror).read_bytes()
        assert [content.count(key) for key in three_keys.values()] == [1, 1, 1]


def test_sequences_are_never_used_twice(folder: Path) -> None:
    with opened(folder, may_create=True) as keys:
        add(keys, 1)
        add(keys, 2)
        assert list(keys.destroy([new_id(2)])) == [new_id(2)]
    with opened(folder) as keys:
        assert keys.issued == 2
        assert keys.next_sequence() == 3


def test_destroyed_key_is_zero_in_both_mirrors(folder: Path, three_keys: dict[str, bytes]) -> None:
    offset = slot_offset(folder, new_id(2))
    with opened(folder) as keys:
        assert list(keys.destroy([new_id(2), new_id(9), new_id(2)])) == [new_id(2)]
        assert not keys.destroy([new_id(2)])
    for mirror in MIRRORS:
        content = (folder / mirror).read_bytes()
        assert content[offset : offset + SLOT_BYTES] == bytes(SLOT_BYTES)
        assert three_keys[new_id(2)] not in content
    assert keys_in(folder) == {
        recording_id: key for recording_id, key in three_keys.items() if recording_id != new_id(2)
    }


def test_slots_are_used_again_and_the_file_grows_by_blocks(folder: Path) -> None:
    with opened(folder, may_create=True) as keys:
        for number in range(GROWTH):
            add(keys, number)
        size = (folder / MIRRORS[0]).stat().st_size
        keys.destroy([new_id(5)])
        add(keys, 1000)
        assert (folder / MIRRORS[0]).stat().st_size == size
        add(keys, 1001)
        assert (folder / MIRRORS[0]).stat().st_size == size + GROWTH * SLOT_BYTES
        assert len(keys.sequences()) == GROWTH + 1


@pytest.mark.parametrize("lost", MIRRORS)
def test_f08_missing_mirror_is_rebuilt(folder: Path, three_keys: dict[str, bytes], lost: str) -> None:
    (folder / lost).unlink()
    assert keys_in(folder) == three_keys
    (folder / next(mirror for mirror in MIRRORS if mirror != lost)).unlink()
    assert keys_in(folder) == three_keys
    with opened(folder) as keys:
        assert keys.next_sequence() == 4


@pytest.mark.parametrize("rotten", MIRRORS)
@given(data=st.data())
def test_f08_one_rotten_byte_is_healed(
    tmp_path_factory: pytest.TempPathFactory, rotten: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("keys")
    with opened(folder, may_create=True) as keys:
        wanted = {new_id(number): add(keys, number) for number in (1, 2, 3)}
        gone = add(keys, 4)
        keys.destroy([new_id(4)])
    size = (folder / rotten).stat().st_size
    # The header's block is mostly padding: aim at its beginning and at the slots.
    offset = data.draw(st.integers(0, 63) | st.integers(HEADER_BYTES, min(size, HEADER_BYTES + 320) - 1))
    before = (folder / rotten).read_bytes()[offset]
    overwrite(folder / rotten, offset, bytes([before ^ data.draw(st.integers(1, 255))]))

    with opened(folder) as keys:
        assert {recording_id: keys.key_of(recording_id) for recording_id in keys.sequences()} == wanted
        assert keys.damaged == {}
        assert keys.issued == 4
    contents = [(folder / mirror).read_bytes() for mirror in MIRRORS]
    assert contents[0] == contents[1]
    assert gone not in contents[0]


@pytest.mark.parametrize("stale", MIRRORS)
def test_f08_stale_mirror_brings_nothing_back(folder: Path, three_keys: dict[str, bytes], stale: str) -> None:
    old = (folder / stale).read_bytes()
    with opened(folder) as keys:
        keys.destroy([new_id(2)])
        three_keys[new_id(4)] = add(keys, 4)
    (folder / stale).write_bytes(old)
    del three_keys[new_id(2)]

    assert keys_in(folder) == three_keys
    assert (folder / MIRRORS[0]).read_bytes() == (folder / MIRRORS[1]).read_bytes()


@pytest.mark.parametrize("stale", MIRRORS)
def test_stale_mirror_heals_no_damaged_slot(folder: Path, three_keys: dict[str, bytes], stale: str) -> None:
    """The older mirror may hold a key that was destroyed since: lost is better than back."""
    old = (folder / stale).read_bytes()
    offset = slot_offset(folder, new_id(2))
    with opened(folder) as keys:
        keys.destroy([new_id(2)])
    (folder / stale).write_bytes(old)
    other = next(mirror for mirror in MIRRORS if mirror != stale)
    overwrite(folder / other, offset + 30, b"\x01")

    with opened(folder) as keys:
        assert new_id(2) not in keys.sequences()
        assert len(keys.damaged) == 1
        assert keys.destroy(list(keys.damaged))
    assert all(three_keys[new_id(2)] not in (folder / mirror).read_bytes() for mirror in MIRRORS)


@pytest.mark.parametrize("zeroed", MIRRORS)
def test_block_that_turned_into_zeros_is_no_deletion(
    folder: Path, three_keys: dict[str, bytes], zeroed: str
) -> None:
    overwrite(folder / zeroed, HEADER_BYTES, bytes(512))
    assert keys_in(folder) == three_keys


@pytest.mark.parametrize("garbage", [b"", bytes(HEADER_BYTES), b"\xff" * HEADER_BYTES])
def test_lost_key_file_is_never_started_over(
    folder: Path, three_keys: dict[str, bytes], garbage: bytes
) -> None:
    for mirror in MIRRORS:
        overwrite(folder / mirror, 0, garbage.ljust(64, b"\0"))
    before = [(folder / mirror).read_bytes() for mirror in MIRRORS]
    for may_create in (False, True):
        with pytest.raises(KeyFileLost), opened(folder, may_create=may_create):
            pass
    assert [(folder / mirror).read_bytes() for mirror in MIRRORS] == before


def test_missing_key_file_is_made_only_when_allowed(folder: Path) -> None:
    with pytest.raises(KeyFileLost), opened(folder):
        pass
    with opened(folder, may_create=True) as keys:
        assert keys.sequences() == {}


def test_mirrors_of_two_stores_need_somebody_who_knows(tmp_path: Path) -> None:
    ids = []
    for name in ("first", "second"):
        with opened(tmp_path / name, may_create=True) as keys:
            ids.append(keys.store_id)
            add(keys, 1)
    (tmp_path / "first" / MIRRORS[0]).replace(tmp_path / "second" / MIRRORS[0])
    with pytest.raises(KeyFileLost), opened(tmp_path / "second"):
        pass
    with opened(tmp_path / "second", ids[1]) as keys:
        assert keys.store_id == ids[1]
    with opened(tmp_path / "second") as keys:
        assert keys.store_id == ids[1]


def test_second_opener_is_refused(folder: Path) -> None:
    with opened(folder, may_create=True), pytest.raises(StoreInUse), opened(folder):
        pass
    with opened(folder):
        pass


def test_file_is_private(folder: Path, three_keys: dict[str, bytes]) -> None:
    assert folder.stat().st_mode & 0o077 == 0
    assert all((folder / mirror).stat().st_mode & 0o077 == 0 for mirror in MIRRORS)


def test_same_recording_cannot_be_added_twice(folder: Path) -> None:
    with opened(folder, may_create=True) as keys:
        add(keys, 1)
        with pytest.raises(StoreError):
            add(keys, 1)


def test_failed_write_is_read_and_written_again(folder: Path, three_keys: dict[str, bytes]) -> None:
    """A deletion that failed halfway is not acknowledged, and the next attempt completes it."""

    class Failing(RealDisk):
        failing_sync = -1

        def sync(self, handle: int) -> None:
            self.failing_sync -= 1
            if self.failing_sync == 0:
                raise OSError(5, "injected")
            super().sync(handle)

    disk = Failing()
    keys = KeyFile(disk, folder)
    keys.open(expected_store=None, may_create=False)
    for failing in (1, 2):
        disk.failing_sync = failing
        with pytest.raises(OSError, match="injected"):
            keys.destroy([new_id(failing)])
        keys.destroy([new_id(failing)])
        assert new_id(failing) not in keys.sequences()
        for mirror in MIRRORS:
            assert three_keys[new_id(failing)] not in (folder / mirror).read_bytes()
    assert keys.key_of(new_id(3)) == three_keys[new_id(3)]
    keys.close()


def test_key_that_reads_back_is_not_acknowledged(folder: Path, three_keys: dict[str, bytes]) -> None:
    class Lying(RealDisk):
        def read_back(self, handle: int, size: int, offset: int) -> bytes:
            return b"\x01" * size

    keys = KeyFile(Lying(), folder)
    keys.open(expected_store=None, may_create=False)
    with pytest.raises(StoreError):
        keys.destroy([new_id(1)])
    keys.close()
