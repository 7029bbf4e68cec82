"""Keys and sealed files together: kept is readable, deleted is gone, whatever happens to either."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
import errno
from pathlib import Path
import shutil

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.errors import (
    KeyFileLost,
    RecordingNotFound,
    RecordingUnreadable,
    StoreError,
    StoreFull,
    StoreInUse,
)
from custom_components.voice_privacy.core.models import RecordingInfo, RecordingKind, Utterance
from custom_components.voice_privacy.storage import sealed_file
from custom_components.voice_privacy.storage.audio_codec import MAX_AUDIO_BYTES
from custom_components.voice_privacy.storage.disk import RealDisk
from custom_components.voice_privacy.storage.key_file_format import MIRRORS
from custom_components.voice_privacy.storage.reconciled import Reconciled
from custom_components.voice_privacy.storage.vault import ASIDE_FOLDER, AUDIO_FOLDER, MARKER, Vault

from . import mounts
from .utterances import DAY, contents_below, find, make_utterance, windows_of


class VaultFolder:
    """A store that is opened again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.audio = folder / AUDIO_FOLDER
        self.vault = Vault(folder)
        self.state = self.open()

    def open(self, rows: Mapping[str, RecordingInfo] | None = None) -> Reconciled:
        self.vault.close()
        self.vault = Vault(self.folder)
        self.vault.open()
        self.state = self.vault.reconcile(rows)
        self.vault.sweep(1_000)
        return self.state

    def keep(self, *numbers: int) -> list[RecordingInfo]:
        return [self.vault.keep(make_utterance(number), DAY) for number in numbers]

    def files(self) -> set[str]:
        return {path.name for path in self.audio.iterdir()} - {MARKER}

    def file_of(self, utterance: Utterance) -> Path:
        (path,) = self.audio.glob(f"*{utterance.utterance_id}*")
        return path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[VaultFolder]:
    house = VaultFolder(tmp_path / "store")
    yield house
    house.vault.close()


def ids(infos: Iterable[RecordingInfo]) -> list[str]:
    return [info.recording_id for info in infos]


def without_boot(info: RecordingInfo) -> RecordingInfo:
    return replace(info, started_monotonic=None)


def test_round_trip(house: VaultFolder) -> None:
    utterance = make_utterance(1, kind=RecordingKind.FALSE_WAKE)
    info = house.vault.keep(utterance, DAY)
    assert (info.sequence, info.local_date, info.duration) == (1, DAY, 0.25)
    assert info.started_monotonic == utterance.started_monotonic
    assert info.size == house.file_of(utterance).stat().st_size

    for rows in (None, {}, {info.recording_id: without_boot(info)}):
        state = house.open(rows)
        assert state.recordings == [without_boot(info)]
        assert state.unreadable == frozenset()
        found, content = house.vault.read(info.recording_id)
        assert found == without_boot(info)
        assert content.audio == utterance.audio
        for name in ("started_by", "wake_word", "score", "threshold", "transcript", "reply", "language"):
            assert getattr(content, name) == getattr(utterance, name)


@given(
    audio=st.binary(max_size=200).map(lambda data: data[: len(data) // 2 * 2]),
    text=st.none() | st.text(max_size=2_000),
    satellite=st.text(max_size=60),
)
def test_any_content_round_trips(
    tmp_path_factory: pytest.TempPathFactory, audio: bytes, text: str | None, satellite: str
) -> None:
    house = VaultFolder(tmp_path_factory.mktemp("store"))
    utterance = make_utterance(1, audio=audio, transcript=text, reply=text, satellite_id=satellite)
    info = house.vault.keep(utterance, DAY)
    assert house.open().recordings == [without_boot(info)]
    content = house.vault.read(info.recording_id)[1]
    assert (content.audio, content.transcript) == (audio, text)
    house.vault.close()


def test_keeping_twice_changes_nothing(house: VaultFolder) -> None:
    (info,) = house.keep(1)
    assert house.vault.keep(make_utterance(1), DAY) == without_boot(info)
    assert len(house.files()) == 1
    assert house.keep(2)[0].sequence == 2


def test_deleted_is_gone_and_others_are_not(house: VaultFolder) -> None:
    infos = house.keep(1, 2, 3)
    rows = {info.recording_id: without_boot(info) for info in infos}
    doomed = infos[1].recording_id
    assert house.vault.destroy([doomed, "f" * 32]) == [doomed]
    with pytest.raises(RecordingNotFound):
        house.vault.read(doomed)
    assert house.vault.destroy([doomed]) == []
    assert len(house.files()) == 3
    assert house.vault.sweep(50) == 0
    assert len(house.files()) == 2

    for known in (None, {}, rows):
        state = house.open(known)
        assert ids(state.recordings) == [infos[0].recording_id, infos[2].recording_id]
        assert state.dead_rows == ([doomed] if known else [])
        with pytest.raises(RecordingNotFound):
            house.vault.read(doomed)
        assert house.vault.read(infos[2].recording_id)[1].audio == make_utterance(3).audio


def test_files_of_destroyed_keys_are_swept_at_the_next_opening(house: VaultFolder) -> None:
    infos = house.keep(1, 2)
    house.vault.destroy([infos[0].recording_id])
    # The process ends before it sweeps.
    house.open()
    assert {name[17:49] for name in house.files()} == {infos[1].recording_id}


def test_sweep_takes_a_few_at_a_time(house: VaultFolder) -> None:
    house.vault.destroy(ids(house.keep(*range(1, 8))))
    assert [house.vault.sweep(3), house.vault.sweep(3), house.vault.sweep(3)] == [4, 1, 0]
    assert house.files() == set()


def test_rows_are_believed_so_that_files_need_not_be_read(house: VaultFolder) -> None:
    infos = {info.recording_id: without_boot(info) for info in house.keep(1, 2, 3)}
    for path in house.audio.glob("*.sealed"):
        path.write_bytes(b"")
    state = house.open(infos)
    assert state.recordings == list(infos.values())
    assert state.missing_rows == []


def test_lost_rows_are_found_in_the_files(house: VaultFolder) -> None:
    infos = [without_boot(info) for info in house.keep(1, 2, 3)]
    wrong = {infos[1].recording_id: replace(infos[1], sequence=99)}
    state = house.open({infos[0].recording_id: infos[0]} | wrong)
    assert state.recordings == infos
    assert state.missing_rows == infos[1:]
    assert state.dead_rows == []


def damage_truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def damage_lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def damage_first(path: Path) -> None:
    path.write_bytes(b"X" + path.read_bytes()[1:])


def damage_last(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


def damage_info(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[70] ^= 1
    path.write_bytes(raw)


def damage_remove(path: Path) -> None:
    path.unlink()


def damage_swap(path: Path) -> None:
    other = next(candidate for candidate in sorted(path.parent.glob("*.sealed")) if candidate != path)
    path.write_bytes(other.read_bytes())


@pytest.mark.parametrize(
    "damage",
    [damage_truncate, damage_lengthen, damage_first, damage_last, damage_info, damage_remove, damage_swap],
)
@pytest.mark.parametrize("with_rows", [True, False])
def test_f10_unreadable_file_is_reported_deletable_and_hurts_no_other(
    house: VaultFolder, damage: object, with_rows: bool
) -> None:
    infos = house.keep(1, 2, 3)
    assert callable(damage)
    damage(house.file_of(make_utterance(2)))
    state = house.open({info.recording_id: without_boot(info) for info in infos} if with_rows else None)
    bad = infos[1].recording_id
    with pytest.raises(RecordingUnreadable):
        house.vault.read(bad)
    assert (bad in ids(state.recordings)) or (bad in state.unreadable)
    for number, info in ((1, infos[0]), (3, infos[2])):
        assert house.vault.read(info.recording_id)[1].audio == make_utterance(number).audio

    assert house.vault.destroy([bad]) == [bad]
    house.vault.sweep(50)
    state = house.open()
    assert ids(state.recordings) == [infos[0].recording_id, infos[2].recording_id]
    assert state.unreadable == frozenset()
    assert len(house.files()) == 2


@pytest.fixture(params=[1, 3, 0xFFFF])
def other_version(request: pytest.FixtureRequest) -> int:
    """A version of the sealed format that this code does not know, older or newer."""
    return int(request.param)


def test_file_of_another_version_is_unreadable_deletable_and_hurts_no_other(
    house: VaultFolder, other_version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key and its seal are right: only the version tells that its content would be misread."""
    house.keep(1)
    with monkeypatch.context() as patch:
        patch.setattr(sealed_file, "_VERSION", other_version)
        (other,) = house.keep(2)
        assert house.vault.read(other.recording_id)[1].audio == make_utterance(2).audio
    house.keep(3)
    file = house.file_of(make_utterance(2))

    for rows in (None, {other.recording_id: without_boot(other)}):
        state = house.open(rows)
        assert (other.recording_id in ids(state.recordings)) == (rows is not None), "rows are believed"
        assert (other.recording_id in state.unreadable) == (rows is None)
        assert state.files_set_aside == 0
        for again in (house.vault.read, house.vault.forget_text):
            with pytest.raises(RecordingUnreadable):
                again(other.recording_id)
        with pytest.raises(RecordingUnreadable):
            house.keep(2)
        assert file.exists()
    for number in (1, 3):
        utterance = make_utterance(number)
        assert house.vault.read(utterance.utterance_id)[1].audio == utterance.audio

    assert house.vault.destroy([other.recording_id]) == [other.recording_id]
    state = house.open()
    assert state.unreadable == frozenset()
    assert not file.exists()
    assert len(house.files()) == 2


def test_audio_too_long_to_be_read_back_is_not_kept(house: VaultFolder) -> None:
    house.keep(1)
    with pytest.raises(StoreError):
        house.vault.keep(make_utterance(2, audio=bytes(MAX_AUDIO_BYTES + 2)), DAY)
    assert len(house.files()) == 1
    longest = make_utterance(3, audio=bytes(MAX_AUDIO_BYTES))
    assert house.vault.read(house.vault.keep(longest, DAY).recording_id)[1].audio == longest.audio
    assert len(house.open().recordings) == 2


@given(offset=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_no_flipped_bit_passes(tmp_path_factory: pytest.TempPathFactory, offset: int, flip: int) -> None:
    house = VaultFolder(tmp_path_factory.mktemp("store"))
    (info,) = house.keep(1)
    path = house.file_of(make_utterance(1))
    raw = bytearray(path.read_bytes())
    raw[offset % len(raw)] ^= flip
    path.write_bytes(raw)
    with pytest.raises(RecordingUnreadable):
        house.vault.read(info.recording_id)
    house.vault.close()


def test_damaged_key_is_reported_and_deletable(house: VaultFolder) -> None:
    infos = house.keep(1, 2)
    house.vault.close()
    for mirror in MIRRORS:
        path = house.folder / mirror
        raw = bytearray(path.read_bytes())
        raw[raw.index(bytes.fromhex(infos[0].recording_id)) + 40] ^= 1
        path.write_bytes(raw)
    state = house.open({infos[0].recording_id: without_boot(infos[0])})
    assert ids(state.recordings) == [infos[1].recording_id]
    assert state.unreadable == {infos[0].recording_id}
    with pytest.raises(RecordingUnreadable):
        house.vault.read(infos[0].recording_id)
    with pytest.raises(RecordingUnreadable):
        house.keep(1)
    assert house.vault.destroy([infos[0].recording_id]) == [infos[0].recording_id]
    house.vault.sweep(50)
    assert house.open().unreadable == frozenset()
    assert len(house.files()) == 1


def test_older_key_file_purges_nothing_and_new_sequences_do_not_change_that(house: VaultFolder) -> None:
    """Both mirrors were rolled back, say by a snapshot: what is newer stays until somebody decides."""
    old = house.keep(1)
    house.vault.close()
    snapshot = {mirror: (house.folder / mirror).read_bytes() for mirror in MIRRORS}
    house.open()
    newer = [without_boot(info) for info in house.keep(2, 3)]
    house.vault.close()
    kept = {mirror: (house.folder / mirror).read_bytes() for mirror in MIRRORS}
    for mirror, content in snapshot.items():
        (house.folder / mirror).write_bytes(content)

    rows = {info.recording_id: without_boot(info) for info in [*old, *newer]}
    state = house.open(rows)
    assert ids(state.recordings) == ids(old)
    assert (state.files_set_aside, state.ahead_rows, state.dead_rows) == (2, sorted(ids(newer)), [])
    house.keep(4, 5, 6)
    assert house.open().files_set_aside == 2
    assert len(list((house.folder / ASIDE_FOLDER).iterdir())) == 2

    # The right key file comes back, and with it the recordings.
    house.vault.close()
    for mirror, content in kept.items():
        (house.folder / mirror).write_bytes(content)
    state = house.open()
    assert ids(state.recordings) == ids([*old, *newer])
    assert house.vault.read(newer[1].recording_id)[1].audio == make_utterance(3).audio


def test_files_of_another_store_are_set_aside(house: VaultFolder, tmp_path: Path) -> None:
    other = VaultFolder(tmp_path / "other")
    other.keep(10)
    other.vault.close()
    house.keep(1, 2)
    (foreign,) = other.audio.glob("*.sealed")
    foreign.rename(house.audio / foreign.name)
    state = house.open()
    assert (len(state.recordings), state.files_set_aside) == (2, 1)
    house.vault.remove_set_aside()
    assert house.open().files_set_aside == 0


def test_files_of_another_store_are_set_aside_in_any_version(
    house: VaultFolder, tmp_path: Path, other_version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sealed_file, "_VERSION", other_version)
        other = VaultFolder(tmp_path / "other")
        other.keep(10)
        other.vault.close()
    house.keep(1, 2)
    (foreign,) = other.audio.glob("*.sealed")
    foreign.rename(house.audio / foreign.name)

    state = house.open()

    assert (len(state.recordings), state.files_set_aside) == (2, 1)
    assert (house.folder / ASIDE_FOLDER / foreign.name).exists()


def test_lost_keys_leave_everything_as_it_is(house: VaultFolder) -> None:
    house.keep(1, 2)
    files = house.files()
    house.vault.close()
    for mirror in MIRRORS:
        (house.folder / mirror).unlink()
    for _ in range(2):
        with pytest.raises(KeyFileLost):
            Vault(house.folder).open()
    assert house.files() == files


def test_full_restore_starts_a_new_store(house: VaultFolder) -> None:
    (info,) = house.keep(1)
    old_id = house.vault.store_id
    house.vault.remove()
    assert not house.folder.exists()
    state = house.open({})
    assert house.vault.store_id != old_id
    assert state.recordings == []
    assert house.keep(2)[0].sequence == 1
    with pytest.raises(RecordingNotFound):
        house.vault.read(info.recording_id)


def test_f11_missing_audio_folder_purges_nothing_and_refuses_to_keep(house: VaultFolder) -> None:
    infos = house.keep(1, 2, 3)
    rows = {info.recording_id: without_boot(info) for info in infos}
    hidden = house.folder / "elsewhere"
    house.audio.rename(hidden)
    state = house.open(rows)
    assert ids(state.recordings) == ids(infos)
    assert state.unreadable == set(ids(infos))
    with pytest.raises(StoreError):
        house.keep(4)
    assert house.vault.destroy([infos[0].recording_id]) == [infos[0].recording_id]

    house.vault.close()
    house.audio.rmdir() if house.audio.exists() else None
    hidden.rename(house.audio)
    state = house.open(rows)
    assert ids(state.recordings) == ids(infos[1:])
    assert state.unreadable == frozenset()
    assert len(house.files()) == 2


def test_f11_audio_on_a_disk_that_is_not_mounted_or_read_only(house: VaultFolder, tmp_path: Path) -> None:
    """The folder is a real disk of its own: first it is not mounted, then it is mounted read-only."""
    house.vault.close()
    image = tmp_path / "disk.img"
    mounts.make_ext4(image, megabytes=16)
    shutil.rmtree(house.audio)
    with mounts.mounted(image, house.audio):
        (house.audio / "lost+found").rmdir()
        house.audio.parent.joinpath(AUDIO_FOLDER, MARKER).write_text(house.vault.store_id)
        house.open()
        infos = house.keep(1, 2, 3)
        house.vault.close()
    rows = {info.recording_id: without_boot(info) for info in infos}

    state = house.open(rows)
    assert ids(state.recordings) == ids(infos)
    with pytest.raises(StoreError):
        house.keep(4)
    assert house.vault.destroy([infos[0].recording_id]) == [infos[0].recording_id]
    assert list(house.audio.iterdir()) == [], "nothing is written where the disk should be"
    house.vault.close()

    with mounts.mounted(image, house.audio):
        mounts.make_read_only(house.audio, on=True)
        house.vault = Vault(house.folder)
        house.vault.open()
        state = house.vault.reconcile(rows)
        assert ids(state.recordings) == ids(infos[1:])
        assert house.vault.read(infos[1].recording_id)[1].audio == make_utterance(2).audio
        with pytest.raises(StoreError):
            house.keep(5)
        assert house.vault.destroy([infos[1].recording_id]) == [infos[1].recording_id]
        with pytest.raises(StoreError):
            house.vault.sweep(50)
        house.vault.close()
        mounts.make_read_only(house.audio, on=False)
        state = house.open(rows)
        assert ids(state.recordings) == ids(infos[2:])
        assert len(house.files()) == 1
        house.keep(6)
        house.vault.close()


def test_second_process_is_refused(house: VaultFolder) -> None:
    with pytest.raises(StoreInUse):
        Vault(house.folder).open()


def test_keys_may_live_elsewhere(tmp_path: Path) -> None:
    folder, key_folder = tmp_path / "store", tmp_path / "stick"
    key_folder.mkdir()
    for _ in range(2):
        vault = Vault(folder, key_folder)
        vault.open()
        vault.reconcile(None)
        vault.keep(make_utterance(1), DAY)
        vault.close()
    assert {path.name for path in key_folder.iterdir()} == set(MIRRORS)
    assert {path.name for path in folder.iterdir()} == {AUDIO_FOLDER}
    # The stick is not there.
    for mirror in MIRRORS:
        (key_folder / mirror).unlink()
    with pytest.raises(KeyFileLost):
        Vault(folder, key_folder).open()


def test_nothing_lies_in_plaintext(house: VaultFolder) -> None:
    utterances = [make_utterance(number) for number in range(1, 6)]
    # Silence compresses, and must not shine through either.
    utterances.append(make_utterance(6, audio=bytes(8_000), transcript=None, reply=None))
    keys = []
    for utterance in utterances:
        info = house.vault.keep(utterance, DAY)
        keys.append(house.vault._keys.key_of(info.recording_id))
    contents = contents_below(house.folder)
    assert len(contents) == 2 + 1 + 6
    for utterance in utterances[:5]:
        assert find(windows_of(utterance), contents) == 0
    # The search finds what is there: the keys, and a file in plaintext.
    assert find([key for key in keys if key], contents) == 6
    (house.audio / "plain").write_bytes(b"x" * 11 + utterances[0].audio)
    assert find(windows_of(utterances[0]), contents_below(house.folder)) == 8_000 // 64
    (house.audio / "plain").unlink()

    house.vault.destroy([utterance.utterance_id for utterance in utterances])
    assert find([key for key in keys if key], contents_below(house.folder)) == 0


def test_unfinished_keeping_is_finished_or_taken_back(house: VaultFolder) -> None:
    infos = house.keep(1)
    path = house.file_of(make_utterance(1))
    # It crashed between key and name, and while another was written.
    path.rename(path.with_name(path.name + ".tmp"))
    (house.audio / f"{7:016x}-{'a' * 32}.sealed.tmp").write_bytes(b"half a file")
    (house.audio / "somebody's file.txt").write_bytes(b"stays")
    state = house.open()
    assert ids(state.recordings) == ids(infos)
    assert house.files() == {path.name, "somebody's file.txt"}
    assert house.vault.read(infos[0].recording_id)[1].audio == make_utterance(1).audio


class Failing(RealDisk):
    """A disk whose n-th change from now on fails, once."""

    def __init__(self) -> None:
        self.countdown = 0
        self.number = errno.EIO

    def _step(self) -> None:
        self.countdown -= 1
        if self.countdown == 0:
            raise OSError(self.number, "injected")

    def open(self, path: Path, *, create: bool = False) -> int:
        if create:
            self._step()
        return super().open(path, create=create)

    def write(self, handle: int, data: bytes, offset: int) -> None:
        self._step()
        super().write(handle, data, offset)

    def sync(self, handle: int) -> None:
        self._step()
        super().sync(handle)

    def sync_folder(self, folder: Path) -> None:
        self._step()
        super().sync_folder(folder)

    def rename(self, source: Path, target: Path) -> None:
        self._step()
        super().rename(source, target)


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("step", range(1, 14))
def test_failed_keeping_leaves_nothing(tmp_path: Path, step: int, number: int) -> None:
    disk = Failing()
    vault = Vault(tmp_path / "store", disk=disk)
    vault.open()
    vault.reconcile(None)
    vault.keep(make_utterance(1), DAY)
    disk.countdown, disk.number = step, number
    kept = False
    try:
        vault.keep(make_utterance(2), DAY)
        kept = True
    except StoreFull:
        assert number in {errno.ENOSPC, errno.EDQUOT}
    except StoreError:
        assert number == errno.EIO
    assert kept == (disk.countdown > 0)
    disk.countdown = 0
    # Later keeping works, and nothing half stored is left after the next opening.
    vault.keep(make_utterance(3), DAY)
    vault.close()
    vault = Vault(tmp_path / "store")
    vault.open()
    state = vault.reconcile(None)
    vault.sweep(100)
    assert len(state.recordings) == 2 + kept
    assert state.unreadable == frozenset()
    assert len(list((tmp_path / "store" / AUDIO_FOLDER).glob("*.sealed*"))) == 2 + kept
    sequences = [info.sequence for info in state.recordings]
    assert sequences == sorted(set(sequences))
    vault.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 3 MB."""
    with mounts.small_tmpfs(tmp_path / "small", megabytes=3) as folder:
        yield folder


def test_f03_full_disk_refuses_keeping_but_not_deleting(small_disk: Path) -> None:
    house = VaultFolder(small_disk / "store")
    kept: list[RecordingInfo] = []
    refused = 0
    for number in range(1, 60):
        try:
            kept.append(house.vault.keep(make_utterance(number, samples=48_000), DAY))
        except StoreFull:
            refused += 1
    assert len(kept) > 20
    assert refused > 20
    assert len(house.files()) == len(kept)
    assert house.vault.destroy(ids(kept[:5])) == ids(kept[:5])
    house.vault.sweep(100)
    house.vault.keep(make_utterance(100), DAY)
    state = house.open()
    assert len(state.recordings) == len(kept) - 5 + 1
    for info in state.recordings:
        house.vault.read(info.recording_id)
    house.vault.close()
