"""Taught wake words on disk: sealed, read back, and gone with their keys, whatever happens in between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest

from custom_components.voice_privacy.core.errors import KeyFileLost, StoreError
from custom_components.voice_privacy.core.taught_words import SavedWord
from custom_components.voice_privacy.storage import taught_vault
from custom_components.voice_privacy.storage.key_file_format import HEADER_BYTES, MIRRORS, SLOT_BYTES
from custom_components.voice_privacy.storage.taught_vault import TAUGHT_FOLDER, TaughtVault

from .simulated_disk import PowerCut, SimulatedDisk

STORE = Path("/store")
TAUGHT = STORE / TAUGHT_FOLDER


def word(number: int = 1, **changes: object) -> SavedWord:
    """Return a taught word."""
    made = SavedWord(
        wake_word=f"hey_house_{number}",
        name=f"Hey Häuschen {number}",
        created=date(2026, 11, 30),
        user_id="somebody",
        people=2,
        clips=8,
        anti_examples=2,
        is_short=False,
        model=bytes(range(256)) * 40 + number.to_bytes(2),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def opened(disk: SimulatedDisk) -> tuple[TaughtVault, dict[str, SavedWord | None]]:
    """Open a vault; return it with its words."""
    vault = TaughtVault(STORE, disk=disk)
    return vault, {stored.key_id: stored.word for stored in vault.open()}


def slots(disk: SimulatedDisk) -> list[bytes]:
    """Return the bytes of all slots of both mirrors."""
    return [disk.content(TAUGHT / name)[HEADER_BYTES:] for name in MIRRORS]


def test_nothing_is_created_before_there_is_a_word(tmp_path: Path) -> None:
    vault = TaughtVault(tmp_path)
    assert vault.open() == []
    assert vault.delete(["0" * 32]).destroyed == 0
    assert vault.remove() == 0
    assert list(tmp_path.iterdir()) == []


def test_words_are_sealed_and_come_back(tmp_path: Path) -> None:
    vault = TaughtVault(tmp_path)
    first, second = vault.keep(word(1)), vault.keep(word(2))
    changed = word(1, anti_examples=3, model=b"other numbers")
    vault.replace(first, changed)
    assert [(one.key_id, one.word) for one in vault.open()] == [(first, changed), (second, word(2))]
    vault.close()
    again = TaughtVault(tmp_path)
    assert [(one.key_id, one.word) for one in again.open()] == [(first, changed), (second, word(2))]
    for path in (tmp_path / TAUGHT_FOLDER).iterdir():
        raw = path.read_bytes()
        assert b"Hey" not in raw
        assert b"hey_house" not in raw
        assert b"somebody" not in raw
        assert bytes(range(64)) not in raw
        assert path.stat().st_mode & 0o077 == 0


def test_a_deleted_word_leaves_neither_key_nor_file() -> None:
    disk = SimulatedDisk()
    vault, _ = opened(disk)
    first, second = vault.keep(word(1)), vault.keep(word(2))
    (before, _), key = slots(disk), vault._keys.key_of(first)
    # The control: what is searched can be found.
    assert key is not None
    assert key in before
    assert f"{first}.word" in disk.names()

    done = vault.delete([first])
    assert (done.destroyed, done.files_left) == (1, 0)
    for mirror in slots(disk):
        assert key not in mirror
        assert mirror[:SLOT_BYTES] == bytes(SLOT_BYTES)
    assert not [name for name in disk.names() if name.startswith(first)]
    assert [one.key_id for one in vault.open()] == [second]
    assert vault.delete([first]).destroyed == 0
    assert vault.remove() == 1
    assert disk.names() == []


@pytest.mark.parametrize(
    "harm",
    [
        lambda raw: raw[:-1],
        lambda raw: raw[:30],
        lambda raw: b"",
        lambda raw: raw[:70] + bytes([raw[70] ^ 1]) + raw[71:],
        lambda raw: raw[:9] + b"\x09" + raw[10:],
        lambda raw: raw + b"more",
        lambda raw: bytes(len(raw)),
        lambda raw: raw * 400,
        None,
    ],
)
def test_a_damaged_file_costs_only_its_word(harm: Callable[[bytes], bytes] | None, tmp_path: Path) -> None:
    vault = TaughtVault(tmp_path)
    first, second = vault.keep(word(1)), vault.keep(word(2))
    vault.close()
    path = tmp_path / TAUGHT_FOLDER / f"{first}.word"
    if harm is None:
        path.unlink()
    else:
        path.write_bytes(harm(path.read_bytes()))
    again = TaughtVault(tmp_path)
    assert [(one.key_id, one.word) for one in again.open()] == [(first, None), (second, word(2))]
    # It can still be deleted.
    assert again.delete([first]).files_left == 0
    assert [one.key_id for one in again.open()] == [second]


def test_swapped_files_open_neither(tmp_path: Path) -> None:
    vault = TaughtVault(tmp_path)
    first, second = (tmp_path / TAUGHT_FOLDER / f"{vault.keep(word(number))}.word" for number in (1, 2))
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    assert [stored.word for stored in vault.open()] == [None, None]


def test_without_keys_words_fail_closed(tmp_path: Path) -> None:
    vault = TaughtVault(tmp_path)
    first, second = vault.keep(word(1)), vault.keep(word(2))
    vault.close()
    folder = tmp_path / TAUGHT_FOLDER
    for name in MIRRORS:
        (folder / name).write_bytes(b"what is this")
    lost = TaughtVault(tmp_path)
    with pytest.raises(KeyFileLost):
        lost.open()
    # Nothing is taken for removed, and nothing new is written over it.
    assert lost.file_ids() == sorted([first, second])
    with pytest.raises(KeyFileLost):
        lost.keep(word(3))
    assert lost.delete([first]).destroyed == 0
    assert lost.file_ids() == [second]
    assert lost.delete([second]).destroyed == 1
    assert not folder.exists()
    assert lost.keep(word(3))


def test_one_damaged_mirror_harms_nothing(tmp_path: Path) -> None:
    vault = TaughtVault(tmp_path)
    kept = vault.keep(word())
    vault.close()
    (tmp_path / TAUGHT_FOLDER / MIRRORS[0]).write_bytes(b"")
    assert [one.word for one in TaughtVault(tmp_path).open()] == [word()]
    assert kept


def test_keys_follow_the_key_folder(tmp_path: Path) -> None:
    store, keys = tmp_path / "store", tmp_path / "keys"
    vault = TaughtVault(store)
    vault.keep(word())
    vault.close()
    missing = TaughtVault(store, keys)
    with pytest.raises(KeyFileLost):
        missing.open()
    keys.mkdir()
    moved = TaughtVault(store, keys)
    assert [one.word for one in moved.open()] == [word()]
    assert {path.name for path in (keys / TAUGHT_FOLDER).iterdir()} == set(MIRRORS)
    assert not {path.name for path in (store / TAUGHT_FOLDER).iterdir()} & set(MIRRORS)
    moved.close()
    back = TaughtVault(store, None, key_folders_before=[keys])
    assert [one.word for one in back.open()] == [word()]
    assert back.remove() == 1
    assert not (store / TAUGHT_FOLDER).exists()


def test_what_does_not_read_back_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = TaughtVault(tmp_path)
    kept = vault.keep(word(1))
    monkeypatch.setattr(taught_vault, "open_word", lambda *_: word(9))
    with pytest.raises(StoreError):
        vault.keep(word(2))
    monkeypatch.undo()
    assert [one.key_id for one in vault.open()] == [kept]
    assert len(vault.file_ids()) == 1


def test_power_cuts_leave_a_word_or_none() -> None:
    """Whatever is cut, what was acknowledged is there, what was deleted is not, and no destroyed key is left."""
    random = Random(17)
    for steps in range(1, 60):
        disk = SimulatedDisk()
        vault, _ = opened(disk)
        kept, gone = vault.keep(word(1)), vault.keep(word(2))
        key = vault._keys.key_of(gone)
        assert key is not None
        disk.steps_left = steps
        deleted = added = replaced = False
        try:
            vault.replace(kept, word(1, model=b"new numbers"))
            replaced = True
            vault.delete([gone])
            deleted = True
            vault.keep(word(3))
            added = True
        except PowerCut:
            disk.cut_power(random)
        else:
            disk.kill()
        vault, words = opened(disk)
        assert words[kept] in ([word(1, model=b"new numbers")] + ([] if replaced else [word(1)]))
        assert not (deleted and gone in words)
        assert all(one is not None for key_id, one in words.items() if key_id != gone)
        names = {one.wake_word for one in words.values() if one is not None}
        assert not added or "hey_house_3" in names
        assert len(words) == len(vault.file_ids())
        if deleted:
            assert not any(key in mirror for mirror in slots(disk))
        vault.delete(list(words))
        vault.close()
        assert opened(disk)[1] == {}


def test_what_was_not_kept_leaves_no_file_even_if_its_key_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = SimulatedDisk()
    vault, _ = opened(disk)
    kept = vault.keep(word(1))

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(vault, "_check", fail)
    monkeypatch.setattr(vault._keys, "destroy", fail)
    with pytest.raises(StoreError):
        vault.keep(word(2))
    monkeypatch.undo()
    assert [name for name in disk.names() if name.endswith(".word")] == [f"{kept}.word"]
    vault.close()
    # Somebody was told that it was not kept: it cannot be heard later.
    _, words = opened(disk)
    assert [one for one in words.values() if one is not None] == [word(1)]
