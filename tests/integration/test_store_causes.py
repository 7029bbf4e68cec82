"""The cause for which the store cannot be opened or written is named."""

import errno
import json
from pathlib import Path
from typing import Any, NoReturn

from homeassistant.config_entries import ConfigEntryState
import pytest

from custom_components.voice_privacy.core.errors import (
    StoreError,
    StoreFull,
    StoreInUse,
    StoreNoLocks,
    StoreNotPermitted,
    StoreReadOnly,
)
from custom_components.voice_privacy.storage.disk import RealDisk, lock_file, store_errors

from .helpers.house import House

_STORAGE = "custom_components.voice_privacy.storage"
_TRANSLATIONS = Path(__file__).parents[2] / "custom_components" / "voice_privacy" / "translations"


def failing(number: int) -> Any:
    """Return a function that fails as the operating system does."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(number, "injected")

    return fail


@pytest.mark.parametrize(
    ("step", "number", "key"),
    [
        (f"{_STORAGE}.disk.RealDisk.make_folder", errno.EACCES, "store_not_permitted"),
        (f"{_STORAGE}.disk.RealDisk.open", errno.EPERM, "store_not_permitted"),
        (f"{_STORAGE}.disk.RealDisk.open", errno.EROFS, "store_read_only"),
        (f"{_STORAGE}.disk.RealDisk.write", errno.EROFS, "store_read_only"),
        (f"{_STORAGE}.disk.fcntl.flock", errno.ENOLCK, "store_no_locks"),
        (f"{_STORAGE}.disk.fcntl.flock", errno.EOPNOTSUPP, "store_no_locks"),
        (f"{_STORAGE}.disk.fcntl.flock", errno.ENOSYS, "store_no_locks"),
        (f"{_STORAGE}.disk.fcntl.flock", errno.EAGAIN, "store_in_use"),
        (f"{_STORAGE}.disk.RealDisk.open", errno.ENOSPC, "store_full"),
        (f"{_STORAGE}.disk.RealDisk.open", errno.EIO, "store_failed"),
    ],
)
async def test_a_store_that_cannot_be_opened_says_why_and_opens_once_it_can(
    house: House, monkeypatch: pytest.MonkeyPatch, step: str, number: int, key: str
) -> None:
    (kept,) = await house.keep()
    with monkeypatch.context() as broken:
        broken.setattr(step, failing(number))
        await house.reload()
        assert house.issue("store") == key
    assert house.entry.state is ConfigEntryState.LOADED
    await house.reload()
    assert house.issue("store") is None
    assert house.ids() == [kept]


@pytest.mark.parametrize(
    ("number", "key"), [(errno.EROFS, "store_read_only"), (errno.EACCES, "store_not_permitted")]
)
async def test_a_store_that_can_no_longer_be_written_says_why(
    house: House, monkeypatch: pytest.MonkeyPatch, number: int, key: str
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(f"{_STORAGE}.vault.write_new_file", failing(number))
        await house.kitchen.ask()
        await house.until_told("discarded", "store_failed")
        assert house.issue("store") == key


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EACCES, StoreNotPermitted),
        (errno.EPERM, StoreNotPermitted),
        (errno.EROFS, StoreReadOnly),
        (errno.EIO, StoreError),
        # Only a lock that fails like this says anything about locks.
        (errno.ENOLCK, StoreError),
    ],
)
def test_each_cause_is_an_error_of_its_own_without_a_path(number: int, error: type[StoreError]) -> None:
    with pytest.raises(StoreError) as err, store_errors():
        raise OSError(number, "injected", "/config/.cache/secret")
    assert type(err.value) is error
    assert "secret" not in str(err.value)


def test_a_lock_that_is_held_is_told_from_locks_that_are_missing(tmp_path: Path) -> None:
    disk = RealDisk()
    handles = [disk.open(tmp_path / "keys", create=True) for _ in range(2)]
    try:
        lock_file(disk, handles[0])
        with pytest.raises(StoreInUse):
            lock_file(disk, handles[1])
    finally:
        for handle in handles:
            disk.close(handle)


@pytest.mark.parametrize("path", sorted(_TRANSLATIONS.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("error", [StoreNotPermitted, StoreReadOnly, StoreNoLocks])
def test_each_cause_is_explained_in_every_language(path: Path, error: type[StoreError]) -> None:
    texts = json.loads(path.read_text("utf-8"))
    confirm = texts["issues"][error.code]["fix_flow"]["step"]["confirm"]
    assert ".cache/voice_privacy" in confirm["description"]
    assert texts["exceptions"][error.code]["message"]
