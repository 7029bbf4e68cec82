"""What does not belong into a store's folders costs itself: never the store, never a thread, never a promise."""

from collections.abc import Callable, Iterator
import errno
import os
from pathlib import Path
import struct
import tracemalloc
from typing import Final
import zlib

import pytest

from custom_components.voice_privacy.core.errors import (
    AudioFolderMissing,
    KeyFileLost,
    RecordingUnreadable,
    StoreError,
)
from custom_components.voice_privacy.core.models import RecordingInfo
from custom_components.voice_privacy.core.regular_file import remove_entry
from custom_components.voice_privacy.storage.disk import RealDisk
from custom_components.voice_privacy.storage.key_file_format import HEADER_BYTES, MIRRORS, SLOT_BYTES
from custom_components.voice_privacy.storage.key_move import erase_keys
from custom_components.voice_privacy.storage.vault import ASIDE_FOLDER, MARKER, NOTES_FOLDER
from tests.core.test_regular_file import NOT_FILES
from tests.fuzz.mutations import ENDS_OF_RANGES
from tests.fuzz.vaults import run

from .test_vault import VaultFolder, ids, without_boot
from .utterances import make_utterance

EVERY_KIND: Final = pytest.mark.parametrize("make", NOT_FILES.values(), ids=NOT_FILES)
MB: Final = 1 << 20


def make_full_folder(path: Path) -> None:
    """Make a folder with somebody else's file in it."""
    path.mkdir()
    (path / "theirs").write_bytes(b"theirs")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[VaultFolder]:
    house = VaultFolder(tmp_path / "store")
    yield house
    house.vault.close()


def sealed(house: VaultFolder, number: int) -> Path:
    return house.file_of(make_utterance(number))


# --- the folder of the sealed files -------------------------------------------------------------------


@pytest.mark.parametrize("with_rows", [False, True])
@EVERY_KIND
def test_a_name_with_a_key_is_an_unreadable_recording_that_can_be_deleted(
    house: VaultFolder, make: Callable[[Path], None], with_rows: bool
) -> None:
    infos = house.keep(1, 2)
    path = sealed(house, 1)
    path.unlink()
    make(path)
    state = house.open({info.recording_id: without_boot(info) for info in infos} if with_rows else None)
    lost, kept = ids(infos)
    assert state.unreadable == {lost}
    assert kept in ids(state.recordings)
    with pytest.raises(RecordingUnreadable):
        house.vault.read(lost)
    assert house.vault.read(kept)[1].audio == make_utterance(2).audio
    assert house.vault.destroy([lost]) == [lost]
    assert house.vault.sweep(50) == 0
    assert not path.exists(follow_symlinks=False)
    assert house.keep(3)
    assert ids(house.open().recordings) == [kept, make_utterance(3).utterance_id]


def test_a_folder_with_content_stays_when_its_recording_is_deleted(house: VaultFolder) -> None:
    infos = house.keep(1, 2, 3)
    path = sealed(house, 1)
    path.unlink()
    make_full_folder(path)
    house.open()
    assert len(house.vault.destroy(ids(infos))) == 3
    assert house.vault.sweep(50) == 0
    assert house.vault.pending_removal == 0
    assert (path / "theirs").read_bytes() == b"theirs"
    assert house.files() == {path.name}
    state = house.open()
    assert (state.recordings, state.unreadable, house.vault.pending_removal) == ([], frozenset(), 0)


@pytest.mark.parametrize("suffix", ["", ".tmp", ".new"])
@pytest.mark.parametrize("sequence", [1, 2, 900, (1 << 64) - 1])
@EVERY_KIND
def test_a_name_without_a_key_is_left_alone(
    house: VaultFolder, make: Callable[[Path], None], sequence: int, suffix: str
) -> None:
    infos = house.keep(1, 2)
    path = house.audio / f"{sequence:016x}-{'ab' * 16}.sealed{suffix}"
    make(path)
    state = house.open()
    assert ids(state.recordings) == ids(infos)
    assert (state.unreadable, state.files_set_aside, house.vault.pending_removal) == (frozenset(), 0, 0)
    assert path.exists(follow_symlinks=False)
    assert house.keep(3)


def test_names_that_are_not_ours_are_left_alone(house: VaultFolder) -> None:
    infos = house.keep(1)
    raw = os.fsencode(house.audio)
    names = (
        b"\xff\xfe.sealed",
        b"\n",
        b"x" * 255,
        "ü\u202e".encode(),
        infos[0].recording_id.upper().encode(),
    )
    for name in names:
        with open(os.path.join(raw, name), "wb") as file:  # noqa: PTH118, PTH123
            file.write(b"theirs")
    assert ids(house.open().recordings) == ids(infos)
    house.vault.destroy(ids(infos))
    house.vault.sweep(50)
    assert len(house.files()) == len(names)
    house.vault.remove()
    assert len(list(house.audio.iterdir())) == len(names)


@EVERY_KIND
def test_what_a_renewed_file_is_replaced_by_costs_nothing(
    house: VaultFolder, make: Callable[[Path], None]
) -> None:
    infos = house.keep(1)
    path = sealed(house, 1)
    make(path.with_name(path.name + ".new"))
    assert ids(house.open().recordings) == ids(infos)
    assert house.vault.read(infos[0].recording_id)[1].audio == make_utterance(1).audio
    assert not house.vault.forget_text(infos[0].recording_id).has_text
    assert house.vault.read(infos[0].recording_id)[1].transcript is None


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_a_file_that_cannot_be_read_costs_itself(
    house: VaultFolder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    infos = house.keep(1, 2, 3)
    broken, deleted = sealed(house, 1), sealed(house, 3)
    raw = deleted.read_bytes()
    house.vault.destroy([infos[2].recording_id])
    house.vault.sweep(50)
    deleted.write_bytes(raw)
    really = RealDisk.open

    def fail(disk: RealDisk, path: Path, *, create: bool = False) -> int:
        if path in {broken, deleted}:
            raise OSError(number, "broken")
        return really(disk, path, create=create)

    with monkeypatch.context() as patch:
        patch.setattr(RealDisk, "open", fail)
        state = house.open()
        assert state.unreadable == {infos[0].recording_id}
        assert ids(state.recordings) == ids(infos[1:2])
        with pytest.raises(RecordingUnreadable):
            house.vault.read(infos[0].recording_id)
        assert house.keep(4)
    # Whose the other one is could not be read: the next opening removes it.
    assert ids(house.open().recordings) == [*ids(infos[:2]), make_utterance(4).utterance_id]
    assert not deleted.exists()


def test_a_file_that_cannot_be_removed_does_not_keep_the_others(
    house: VaultFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    infos = house.keep(*range(1, 6))
    stubborn = sealed(house, 1)
    really = RealDisk.remove

    def fail(disk: RealDisk, path: Path) -> bool:
        if path == stubborn:
            raise PermissionError(errno.EPERM, "immutable")
        return really(disk, path)

    with monkeypatch.context() as patch:
        patch.setattr(RealDisk, "remove", fail)
        assert len(house.vault.destroy(ids(infos))) == 5
        assert house.vault.sweep(2) == 3
        with pytest.raises(StoreError):
            house.vault.sweep(50)
        assert house.files() == {stubborn.name}
        assert house.vault.pending_removal == 1
    assert house.vault.sweep(50) == 0
    assert house.files() == set()


def test_a_file_under_another_name_of_a_living_recording_is_not_deleted(house: VaultFolder) -> None:
    infos = house.keep(1, 2)
    path = sealed(house, 1)
    other = path.with_name(f"{infos[1].sequence:016x}-{infos[0].recording_id}.sealed")
    path.rename(other)
    state = house.open()
    assert state.files_set_aside == 1
    assert (house.folder / ASIDE_FOLDER / other.name).exists()
    (house.folder / ASIDE_FOLDER / other.name).rename(path)
    assert ids(house.open().recordings) == ids(infos)


@pytest.mark.parametrize("at", [8, 12, 28, 44, 52, 56, 60])
@pytest.mark.parametrize("number", ENDS_OF_RANGES)
def test_a_forged_header_is_a_damaged_recording(house: VaultFolder, at: int, number: int) -> None:
    infos = house.keep(1)
    path = sealed(house, 1)
    raw = bytearray(path.read_bytes())
    size = 8 if at == 44 else 4
    before = bytes(raw[at : at + size])
    raw[at : at + size] = (number & ((1 << 8 * size) - 1)).to_bytes(size, "little")
    path.write_bytes(raw)
    tracemalloc.start()
    state = house.open()
    damaged = raw[at : at + size] != before
    assert state.unreadable == (set(ids(infos)) if damaged else set())
    if damaged:
        with pytest.raises(RecordingUnreadable):
            house.vault.read(infos[0].recording_id)
    assert tracemalloc.get_traced_memory()[1] < 4 * MB
    tracemalloc.stop()
    assert house.vault.destroy(ids(infos)) == ids(infos)
    house.vault.sweep(50)
    assert house.files() == set()


def test_a_huge_file_is_not_read(house: VaultFolder) -> None:
    infos = house.keep(1)
    os.truncate(sealed(house, 1), 1 << 40)
    tracemalloc.start()
    assert ids(house.open().recordings) == ids(infos)
    with pytest.raises(RecordingUnreadable):
        house.vault.read(infos[0].recording_id)
    assert tracemalloc.get_traced_memory()[1] < 4 * MB
    tracemalloc.stop()
    house.vault.destroy(ids(infos))
    house.vault.sweep(50)
    assert house.files() == set()


# --- the marker and the other folders -----------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\0" * 33, b"?" * 33, b"0" * 33, b"00", b"\xff" * 10_000])
def test_a_marker_that_makes_no_sense_is_written_again(house: VaultFolder, content: bytes) -> None:
    infos = house.keep(1, 2)
    (house.audio / MARKER).write_bytes(content)
    assert ids(house.open().recordings) == ids(infos)
    assert house.vault.audio_available
    assert (house.audio / MARKER).read_text("ascii").strip() == house.vault.store_id


@pytest.mark.parametrize("make", [*NOT_FILES.values(), make_full_folder], ids=[*NOT_FILES, "full folder"])
def test_what_has_the_markers_name_is_moved_out_of_the_way(
    house: VaultFolder, make: Callable[[Path], None]
) -> None:
    infos = house.keep(1)
    (house.audio / MARKER).unlink()
    make(house.audio / MARKER)
    house.open()
    assert house.vault.audio_available
    assert house.keep(2)
    assert house.vault.destroy(ids(infos)) == ids(infos)
    assert house.vault.sweep(50) == 0


def test_a_marker_that_goes_while_this_runs_is_written_at_the_next_opening(house: VaultFolder) -> None:
    house.keep(1)
    (house.audio / MARKER).write_bytes(b"")
    with pytest.raises(AudioFolderMissing):
        house.keep(2)
    assert house.vault.must_be_opened_again()
    house.open()
    assert house.keep(2)


def test_a_mount_point_is_not_taken_for_the_folder(house: VaultFolder) -> None:
    """Neither an empty folder nor files of another store make it ours."""
    house.keep(1)
    raw = sealed(house, 1).read_bytes()
    path = sealed(house, 1)
    (house.audio / MARKER).write_bytes(b"")
    path.unlink()
    house.open()
    assert not house.vault.audio_available
    path.write_bytes(raw[:12] + bytes(16) + raw[28:])
    house.open()
    assert not house.vault.audio_available
    path.write_bytes(raw)
    house.open()
    assert house.vault.audio_available


@pytest.mark.parametrize("name", ["audio", ASIDE_FOLDER, NOTES_FOLDER])
@pytest.mark.parametrize("kind", ["dangling link", "loop", "fifo", "socket"])
def test_something_else_in_the_place_of_a_folder_keeps_nobody_from_deleting(
    house: VaultFolder, name: str, kind: str
) -> None:
    infos = house.keep(1, 2)
    place = house.folder / name
    if place.exists():
        place.rename(house.folder / "elsewhere")
    NOT_FILES[kind](place)
    house.open()
    assert house.vault.destroy(ids(infos[:1])) == ids(infos[:1])
    if name == "audio":
        assert not house.vault.audio_available
        with pytest.raises(AudioFolderMissing):
            house.keep(3)
        # Without a key nothing is left that could be in the folder that is gone.
        house.vault.destroy(ids(infos))
        house.open()
    assert house.keep(3)
    house.vault.write_note(make_utterance(3).utterance_id, b"a note")
    assert house.vault.read_notes() == {make_utterance(3).utterance_id: b"a note"}


@EVERY_KIND
def test_files_are_set_aside_past_what_has_their_names(
    house: VaultFolder, make: Callable[[Path], None]
) -> None:
    house.keep(1)
    path = sealed(house, 1)
    foreign = house.audio / f"{900:016x}-{'cd' * 16}.sealed"
    foreign.write_bytes(path.read_bytes())
    aside = house.folder / ASIDE_FOLDER
    aside.mkdir()
    make(aside / foreign.name)
    assert house.open().files_set_aside == 1
    assert (aside / foreign.name).read_bytes() == path.read_bytes()
    assert house.open().files_set_aside == 1
    house.vault.remove_set_aside()
    assert house.open().files_set_aside == 0


def test_a_stray_name_does_not_keep_a_new_store_from_being_made(tmp_path: Path) -> None:
    audio = tmp_path / "store" / "audio"
    audio.mkdir(parents=True)
    (audio / f"{1:016x}-{'ab' * 16}.sealed").symlink_to("nowhere")
    house = VaultFolder(tmp_path / "store")
    assert house.keep(1)
    house.vault.close()


def test_an_audio_folder_that_cannot_be_listed_is_given_no_new_keys(
    house: VaultFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.keep(1)
    house.vault.close()
    for name in MIRRORS:
        (house.folder / name).unlink()

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(RealDisk, "list", fail)
    (house.audio / MARKER).unlink()
    with pytest.raises(KeyFileLost):
        house.open()


# --- notes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [*NOT_FILES.values(), make_full_folder], ids=[*NOT_FILES, "full folder"])
def test_what_has_a_notes_name_costs_that_note(house: VaultFolder, make: Callable[[Path], None]) -> None:
    one, two = ids(house.keep(1, 2))
    house.vault.write_note(two, b"a note")
    make(house.folder / NOTES_FOLDER / f"{one}.note")
    make(house.folder / NOTES_FOLDER / f"{'ab' * 16}.note")
    house.open()
    assert house.vault.read_notes() == {two: b"a note"}
    house.vault.write_note(one, b"another")
    assert house.vault.read_notes() == {one: b"another", two: b"a note"}
    assert house.vault.remove_notes([one, two]) == 0


def test_a_huge_note_is_not_read(house: VaultFolder) -> None:
    one, two = ids(house.keep(1, 2))
    for recording_id in (one, two):
        house.vault.write_note(recording_id, b"a note")
    os.truncate(house.folder / NOTES_FOLDER / f"{one}.note", 1 << 40)
    house.open()
    assert house.vault.read_notes() == {two: b"a note"}
    with pytest.raises(StoreError):
        house.vault.write_note(two, bytes(1 << 20))
    assert house.vault.read_notes() == {two: b"a note"}


# --- the key file -----------------------------------------------------------------------------------


def rows_of(infos: list[RecordingInfo]) -> dict[str, RecordingInfo]:
    return {info.recording_id: without_boot(info) for info in infos}


@pytest.mark.parametrize("name", MIRRORS)
@pytest.mark.parametrize("make", [*NOT_FILES.values(), make_full_folder], ids=[*NOT_FILES, "full folder"])
def test_the_other_mirror_stands_in_for_what_is_no_file(
    house: VaultFolder, make: Callable[[Path], None], name: str
) -> None:
    infos = house.keep(1, 2)
    (house.folder / name).unlink()
    make(house.folder / name)
    assert ids(house.open().recordings) == ids(infos)
    house.vault.destroy(ids(infos[:1]))
    house.vault.close()
    one, other = ((house.folder / mirror).read_bytes() for mirror in MIRRORS)
    assert one == other
    assert ids(house.open().recordings) == ids(infos[1:])


@EVERY_KIND
def test_where_both_are_no_files_nothing_is_started_over(
    house: VaultFolder, make: Callable[[Path], None]
) -> None:
    """A link may lead to where the keys are now."""
    infos = house.keep(1)
    house.vault.close()
    elsewhere = house.folder / "elsewhere"
    elsewhere.mkdir()
    for name in MIRRORS:
        (house.folder / name).rename(elsewhere / name)
        make(house.folder / name)
    for _ in range(2):
        with pytest.raises(KeyFileLost):
            house.open()
    for name in MIRRORS:
        assert remove_entry(house.folder / name)
        (elsewhere / name).rename(house.folder / name)
    assert ids(house.open().recordings) == ids(infos)


@pytest.mark.parametrize("name", MIRRORS)
@pytest.mark.parametrize("field", range(3, 7))
@pytest.mark.parametrize("number", [*ENDS_OF_RANGES, 1 << 40, 1 << 48, (1 << 48) - 1, 1 << 62])
def test_a_forged_header_of_a_mirror_raises_nothing_and_brings_nothing_back(
    house: VaultFolder, name: str, field: int, number: int
) -> None:
    infos = house.keep(1, 2, 3)
    house.vault.destroy(ids(infos[:1]))
    house.vault.close()
    forge(house.folder / name, field, number)
    for number_kept in (4, 5):
        assert ids(house.open(rows_of(infos)).recordings)[:2] == ids(infos[1:])
        if (field, number) == (4, (1 << 48) - 1) and name == MIRRORS[0]:
            # It says that the last sequence that can be was given: deleting still works.
            with pytest.raises(StoreError):
                house.keep(number_kept)
        else:
            house.keep(number_kept)
    assert house.vault.destroy(ids(infos)) == ids(infos[1:])


def forge(path: Path, field: int, number: int) -> None:
    """Change a field of a mirror's header, and make its checksum fit."""
    raw = bytearray(path.read_bytes())
    values = list(struct.unpack_from("<8sHxxxxxx16sQQQQ", raw))
    values[field] = number
    header = struct.pack("<8sHxxxxxx16sQQQQ", *values)
    raw[: len(header) + 4] = header + struct.pack("<I", zlib.crc32(header))
    path.write_bytes(raw)


@pytest.mark.parametrize("number", [1 << 48, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_a_forged_slot_is_a_damaged_key(house: VaultFolder, number: int) -> None:
    infos = house.keep(1, 2)
    house.vault.close()
    for name in MIRRORS:
        raw = bytearray((house.folder / name).read_bytes())
        body = raw[HEADER_BYTES : HEADER_BYTES + 16] + struct.pack("<Q", number)
        body += raw[HEADER_BYTES + 24 : HEADER_BYTES + 56]
        raw[HEADER_BYTES : HEADER_BYTES + 60] = body + struct.pack("<I", zlib.crc32(body))
        (house.folder / name).write_bytes(raw)
    state = house.open()
    assert ids(state.recordings) == ids(infos[1:])
    assert state.unreadable == set(ids(infos[:1]))
    assert house.keep(3)
    assert house.vault.destroy(ids(infos)) == ids(infos)


def test_a_key_in_two_slots_is_destroyed_in_both(house: VaultFolder) -> None:
    infos = house.keep(1, 2, 3)
    house.vault.close()
    for name in MIRRORS:
        raw = bytearray((house.folder / name).read_bytes())
        last = HEADER_BYTES + 2 * SLOT_BYTES
        raw[last : last + SLOT_BYTES] = raw[HEADER_BYTES : HEADER_BYTES + SLOT_BYTES]
        (house.folder / name).write_bytes(raw)
    house.open()
    key = (house.folder / MIRRORS[0]).read_bytes()[HEADER_BYTES + 24 : HEADER_BYTES + 56]
    assert house.vault.destroy(ids(infos[:1])) == ids(infos[:1])
    assert all(key not in (house.folder / name).read_bytes() for name in MIRRORS)
    assert infos[0].recording_id not in ids(house.open().recordings)


def test_damaged_keys_that_look_alike_are_all_destroyed(house: VaultFolder) -> None:
    infos = house.keep(1, 2, 3)
    house.vault.close()
    for name in MIRRORS:
        raw = bytearray((house.folder / name).read_bytes())
        for at in (HEADER_BYTES, HEADER_BYTES + SLOT_BYTES):
            raw[at : at + 16] = bytes(16)
        (house.folder / name).write_bytes(raw)
    assert ids(house.open().recordings) == ids(infos[2:])
    house.vault.destroy(ids(infos))
    assert all(not (house.folder / name).read_bytes()[HEADER_BYTES:].strip(b"\0") for name in MIRRORS)


@pytest.mark.parametrize("name", MIRRORS)
def test_a_huge_mirror_is_a_damaged_one(house: VaultFolder, name: str) -> None:
    infos = house.keep(1, 2)
    house.vault.close()
    os.truncate(house.folder / name, 1 << 40)
    tracemalloc.start()
    assert ids(house.open().recordings) == ids(infos)
    assert tracemalloc.get_traced_memory()[1] < 4 * MB
    tracemalloc.stop()
    assert (house.folder / name).stat().st_size < MB
    house.vault.destroy(ids(infos[:1]))
    assert ids(house.open().recordings) == ids(infos[1:])


def test_two_huge_mirrors_are_lost_keys_and_can_be_removed(house: VaultFolder) -> None:
    house.keep(1)
    house.vault.close()
    for name in MIRRORS:
        os.truncate(house.folder / name, 1 << 40)
    with pytest.raises(KeyFileLost):
        house.open()
    with (house.folder / MIRRORS[0]).open("rb") as file:
        assert file.read(8) == b"VPKEYS\r\n"


@EVERY_KIND
def test_keys_are_erased_past_what_is_no_file(house: VaultFolder, make: Callable[[Path], None]) -> None:
    house.keep(1)
    house.vault.close()
    (house.folder / MIRRORS[1]).unlink()
    make(house.folder / MIRRORS[1])
    erase_keys(RealDisk(), house.folder)
    assert not any((house.folder / name).exists(follow_symlinks=False) for name in MIRRORS)


@EVERY_KIND
def test_uninstalling_removes_names_of_ours_and_follows_none(
    house: VaultFolder, make: Callable[[Path], None]
) -> None:
    house.keep(1, 2)
    path = sealed(house, 1)
    path.unlink()
    make(path)
    make(house.audio / f"{77:016x}-{'ab' * 16}.sealed")
    house.vault.remove()
    # What a link leads to is somebody else's.
    assert not house.audio.exists() or house.files() == {"outside"}


def test_mutated_vaults_keep_their_promises() -> None:
    """Nine hundred of them are for people to run: python -m tests.fuzz.vaults 900."""
    report = run(60)
    assert report.passed, report
