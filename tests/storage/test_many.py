"""What a store of very many recordings costs: how often the disk is asked, and what is examined at once."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
import json
from pathlib import Path
import secrets
from typing import override

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.core.models import RecordingInfo, RecordingKind
from custom_components.voice_privacy.storage.disk import RealDisk
from custom_components.voice_privacy.storage.key_file import KeyFile
from custom_components.voice_privacy.storage.key_file_format import (
    HEADER_BYTES,
    KEY_OFFSET,
    MIRRORS,
    SLOT_BYTES,
    runs_of,
    spans_of,
)
from custom_components.voice_privacy.storage.row_mark import _told, is_marked, marked
from custom_components.voice_privacy.storage.vault import Vault

from .utterances import DAY, make_utterance

MANY = 3_000


class CountingDisk(RealDisk):
    """Count what is asked of the disk; synchronize only what counts."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    @override
    def read(self, handle: int, size: int, offset: int) -> bytes:
        self.calls["read"] += 1
        return super().read(handle, size, offset)

    @override
    def read_back(self, handle: int, size: int, offset: int) -> bytes:
        self.calls["read back"] += 1
        return super().read_back(handle, size, offset)

    @override
    def sync(self, handle: int) -> None:
        self.calls["sync"] += 1

    @override
    def sync_folder(self, folder: Path) -> None:
        self.calls["sync"] += 1


def new_id(number: int) -> str:
    return f"{number:08x}{'5eed' * 6}"


@pytest.fixture
def disk() -> CountingDisk:
    return CountingDisk()


@pytest.fixture
def keys(tmp_path: Path, disk: CountingDisk) -> KeyFile:
    keys = KeyFile(disk, tmp_path)
    keys.open(expected_store=None, may_create=True)
    for number in range(MANY):
        keys.add(new_id(number), keys.next_sequence(), secrets.token_bytes(32))
    disk.calls.clear()
    return keys


@pytest.mark.parametrize("chosen", [range(1), range(500), range(0, MANY, 7), range(1, MANY)])
def test_a_deletion_synchronizes_and_reads_back_each_mirror_once(
    keys: KeyFile, disk: CountingDisk, tmp_path: Path, chosen: range
) -> None:
    kept = {new_id(number): keys.key_of(new_id(number)) for number in range(MANY) if number not in chosen}
    disk.calls.clear()
    destroyed = keys.destroy([new_id(number) for number in chosen])
    assert list(destroyed) == [new_id(number) for number in chosen]
    assert (disk.calls["sync"], disk.calls["read back"]) == (2, 2)
    assert keys.keys() == kept
    keys.close()
    for mirror in MIRRORS:
        raw = (tmp_path / mirror).read_bytes()
        assert all(bytes.fromhex(recording_id) not in raw[HEADER_BYTES:] for recording_id in destroyed)


def test_slots_far_apart_are_read_back_by_themselves() -> None:
    assert list(spans_of([(0, 2), (1_000, 1), (9_000, 3)])) == [
        (0, 1_001, [(0, 2), (1_000, 1)]),
        (9_000, 3, [(9_000, 3)]),
    ]


@given(st.sets(st.integers(0, 100_000), min_size=1, max_size=200))
def test_spans_hold_every_slot_once(indexes: set[int]) -> None:
    runs = list(runs_of(sorted(indexes)))
    spans = list(spans_of(runs))
    assert [run for _, _, parts in spans for run in parts] == runs
    for first, length, parts in spans:
        assert parts[0][0] == first
        assert sum(parts[-1]) == first + length
        assert length <= 16_384 or len(parts) == 1


@pytest.mark.parametrize("mirror", MIRRORS)
def test_a_slot_that_does_not_read_back_among_many_is_not_acknowledged(
    keys: KeyFile, disk: CountingDisk, monkeypatch: pytest.MonkeyPatch, mirror: str
) -> None:
    lying = keys._handles[MIRRORS.index(mirror)]

    def read_back(handle: int, size: int, offset: int) -> bytes:
        raw = bytearray(disk.read(handle, size, offset))
        if handle == lying:
            # The last byte of the key of number 20, between slots that are still in use.
            raw[HEADER_BYTES + 20 * SLOT_BYTES + KEY_OFFSET + 31 - offset] = 1
        return bytes(raw)

    monkeypatch.setattr(disk, "read_back", read_back)
    with pytest.raises(StoreError):
        keys.destroy([new_id(number) for number in range(0, 100, 10)])
    monkeypatch.undo()
    assert keys.destroy([new_id(20), new_id(30), new_id(35)]).keys() == {new_id(35)}


def test_an_opening_reads_neither_slots_nor_files_one_by_one(tmp_path: Path) -> None:
    asked: list[int] = []
    vault = Vault(tmp_path, disk=CountingDisk())
    vault.open()
    vault.reconcile({})
    rows: dict[str, RecordingInfo] = {}
    for count in (20, 200):
        while len(rows) < count:
            info = vault.keep(make_utterance(len(rows)), DAY)
            rows[info.recording_id] = info
        vault.close()
        disk = CountingDisk()
        vault = Vault(tmp_path, disk=disk)
        vault.open()
        state = vault.reconcile(rows)
        assert [info.recording_id for info in state.recordings] == list(rows)
        assert not state.missing_rows
        assert not state.unreadable
        asked.append(disk.calls["read"])
    assert asked[0] == asked[1] < 10


def test_a_row_is_believed_with_the_key_of_the_second_mirror(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.open()
    vault.reconcile({})
    infos = [vault.keep(make_utterance(number), DAY) for number in range(3)]
    vault.close()
    vault = Vault(tmp_path)
    vault.open()
    path = tmp_path / MIRRORS[0]
    raw = bytearray(path.read_bytes())
    raw[HEADER_BYTES + SLOT_BYTES + KEY_OFFSET] ^= 1
    # Damaged in place after it was opened: the file is locked and must stay the same.
    with path.open("r+b") as file:
        file.write(raw)
    state = vault.reconcile({info.recording_id: info for info in infos})
    assert state.recordings == infos
    assert (state.false_rows, state.missing_rows) == (0, [])
    vault.close()


infos = st.builds(
    RecordingInfo,
    recording_id=st.uuids().map(lambda uuid: uuid.hex),
    sequence=st.integers(0, 1 << 48),
    satellite_id=st.text(),
    started_at=st.datetimes(datetime(1900, 1, 1), datetime(3000, 1, 1), timezones=st.just(UTC)),
    started_monotonic=st.none(),
    local_date=st.dates(date(1900, 1, 1)),
    duration=st.floats(0, allow_infinity=False, allow_nan=False) | st.integers(0, 1_000),
    size=st.integers(0, 1 << 40),
    kind=st.sampled_from(RecordingKind),
    near_miss=st.booleans(),
    has_text=st.booleans(),
)


@given(infos)
def test_a_mark_is_made_of_what_json_would_write(info: RecordingInfo) -> None:
    assert _told(info) == json.dumps(
        [
            info.recording_id,
            info.sequence,
            info.satellite_id,
            info.started_at.isoformat(),
            info.local_date.isoformat(),
            info.duration,
            info.size,
            info.listed_kind.value,
            info.has_text,
        ]
    )


@given(infos, st.text(max_size=40))
def test_only_the_mark_itself_fits(info: RecordingInfo, other: str) -> None:
    key = bytes(32)
    right = marked(info, key)
    assert is_marked(right, key)
    assert not is_marked(right, b"\x01" * 32)
    assert is_marked(replace(right, mark=other), key) == (other == right.mark)
    assert not is_marked(replace(right, started_at=right.started_at + timedelta(microseconds=1)), key)
