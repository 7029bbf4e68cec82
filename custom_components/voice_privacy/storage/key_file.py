"""Key file: one 256-bit key per live recording, in two mirrors, destroyed in place.

A key is stored in an aligned 64-byte slot of keys.a and keys.b. Destroying it overwrites the slot with
zeros in both mirrors and synchronizes them. Nothing is ever appended, renamed or copied, so that no stale
block can hold a key. Each mutation is one synchronized write of the slots and the header under a new
epoch, first to mirror a, then to mirror b.

Recovery at opening follows from this. The mirror with the higher epoch is authoritative, because every
acknowledged change is in both. The other mirror repairs damaged slots only if it has the same epoch: an
older mirror may still hold keys that have been destroyed since.
"""

from collections.abc import Collection, Iterator
import contextlib
from dataclasses import dataclass, replace
import heapq
from pathlib import Path
import secrets
from typing import Final

from ..core.errors import KeyFileLost, StoreError
from ..core.regular_file import NotARegularFile
from .disk import Disk, clear_way, lock_file, read_beginning, remove_if_there
from .key_file_format import (
    EMPTY_SLOT,
    HEADER_BYTES,
    KEY_BYTES,
    KEY_OFFSET,
    MAX_COUNT,
    MAX_MIRROR_BYTES,
    MIRRORS,
    SLOT_BYTES,
    Header,
    Mirror,
    header_of,
    healed,
    live_slots,
    of_one_store,
    packed_slot,
    parsed_slot,
    runs_of,
    spans_of,
)

GROWTH: Final = 64
"""Slots added when the file grows: one block."""

_ZEROS_AT_ONCE: Final = 1 << 20


_FEW: Final = 16
"""Number of freed slots up to which each is pushed on the heap; more are added at once."""


@dataclass(slots=True)
class _Slot:
    """Position of a recording's key. Not frozen: a hundred thousand are made at each opening."""

    index: int
    sequence: int
    crc: int


class KeyFile:
    """Both mirrors of the key file, locked for this process. Not thread-safe.

    Every method may raise OSError; the next mutation then starts by reading and rewriting both mirrors.
    """

    def __init__(self, disk: Disk, folder: Path) -> None:
        """Prepare access to the key file in a folder; open() reads or creates it."""
        self.damaged: dict[str, int] = {}
        """Indexes of slots that cannot be repaired, by the recording id that they appear to have had."""

        self._disk = disk
        self._folder = folder
        self._handles: list[int] = []
        self._header = Header(store_id=b"", epoch=0, issued=0, live=0, checksum=0)
        self._slots: dict[str, _Slot] = {}
        self._free: list[int] = []
        self._capacity = 0
        self._next = 0
        self._trusted = False

    # --- opening ---------------------------------------------------------------------------------

    def open(self, *, expected_store: str | None, may_create: bool) -> None:
        """Lock, read and repair the key file, or create it.

        Args:
            expected_store: Store id that decides between two mirrors of different stores.
            may_create: Create the key file if neither mirror exists or both are empty.

        Raises:
            StoreInUse: Another process holds the lock.
            KeyFileLost: Neither mirror can be read. A new key file would silently give up all recordings.
        """
        self._disk.make_folder(self._folder)
        self._clear_obstacles()
        self._acquire()
        try:
            self._load(expected_store, may_create=may_create)
        except BaseException:
            self.close()
            raise

    def _clear_obstacles(self) -> None:
        """Set aside a non-file that has a mirror's name, if the other mirror can replace it.

        Raises KeyFileLost if it cannot, since a symbolic link, for example, may point to the keys.
        """
        for name, other in (MIRRORS, MIRRORS[::-1]):
            if not self._disk.is_obstacle(self._folder / name):
                continue
            try:
                raw = read_beginning(self._disk, self._folder / other, HEADER_BYTES)
            except (FileNotFoundError, NotARegularFile) as err:
                raise KeyFileLost from err
            if header_of(raw) is None:
                raise KeyFileLost
            clear_way(self._disk, self._folder / name)

    def _acquire(self) -> None:
        """Open and lock both mirrors. Raises StoreInUse or StoreNoLocks."""
        try:
            for name in MIRRORS:
                handle = self._disk.open(self._folder / name, create=True)
                self._handles.append(handle)
                lock_file(self._disk, handle)
            # Make the names durable first: a key in a file whose name is lost in a crash is never zeroed.
            self._disk.sync_folder(self._folder)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close both mirrors and release the lock."""
        handles, self._handles = self._handles, []
        for handle in handles:
            self._disk.close(handle)
        self._slots.clear()
        self._trusted = False

    def _load(self, expected_store: str | None, *, may_create: bool, rewrite: bool = False) -> None:
        """Determine the authoritative slots, make both mirrors equal and durable, and index the slots."""
        mirrors = self._read_mirrors()
        readable = of_one_store(mirrors, expected_store)
        if not readable:
            if not may_create or any(mirror.oversized or mirror.body.strip(b"\0") for mirror in mirrors):
                raise KeyFileLost
            self._create()
            return
        primary, header = max(readable, key=lambda pair: (pair[1].epoch, pair[0].consistent))
        other = next(mirror for mirror in mirrors if mirror is not primary)
        # The page cache may be ahead of the disk: make the content durable before relying on it.
        self._disk.sync(primary.handle)
        body = healed(primary, other)
        # A mirror keeps its old header, and thus its lower epoch, until its slots are correct.
        for mirror in (other, primary):
            if mirror.oversized:
                self._disk.truncate(mirror.handle, 0)
            if rewrite or mirror.body != body:
                self._write_differences(mirror, body, everything=rewrite)
                self._disk.sync(mirror.handle)
        # A hundred thousand slots are parsed once, unless the mirrors differ or had to be repaired.
        self._index(body, primary.live if body is primary.body else None)
        sequences = (slot.sequence for slot in self._slots.values())
        self._header = replace(
            header,
            epoch=header.epoch + 1,
            issued=max(header.issued, max(sequences, default=0)),
            live=len(self._slots),
            checksum=sum(slot.crc for slot in self._slots.values()),
        )
        for handle in self._handles:
            self._disk.write(handle, self._header.packed(), 0)
            self._disk.sync(handle)
        self._next = max(self._next, self._header.issued)
        self._trusted = True

    def _read_mirrors(self) -> list[Mirror]:
        mirrors: list[Mirror] = []
        for handle in self._handles:
            if (size := self._disk.size(handle)) > MAX_MIRROR_BYTES:
                mirrors.append(Mirror(handle, None, b"", oversized=True))
                continue
            raw = self._disk.read(handle, size, 0)
            header = Header.unpacked(raw[:HEADER_BYTES])
            mirror = Mirror(handle, header, raw[HEADER_BYTES:])
            same = next((other for other in mirrors if other.body == mirror.body), None)
            mirror.live = list(live_slots(mirror.body)) if same is None else same.live
            if header is not None:
                crcs = [crc for _, _, _, crc in mirror.live]
                mirror.consistent = (header.live, header.checksum) == (len(crcs), sum(crcs))
            mirrors.append(mirror)
        return mirrors

    def _write_differences(self, mirror: Mirror, body: bytes, *, everything: bool) -> None:
        block = GROWTH * SLOT_BYTES
        for offset in range(0, max(len(body), len(mirror.body)), block):
            wanted = body[offset : offset + block].ljust(min(block, len(mirror.body) - offset), b"\0")
            if everything or mirror.body[offset : offset + block] != wanted:
                self._disk.write(mirror.handle, wanted, HEADER_BYTES + offset)

    def _index(self, body: bytes, live: list[tuple[int, str, int, int]] | None = None) -> None:
        """Index the slots of a mirror, given its valid slots if they are known."""
        self._slots = {}
        self.damaged = {}
        self._capacity = len(body) // SLOT_BYTES
        unused = set(range(self._capacity))
        for index, recording_id, sequence, crc in live_slots(body) if live is None else live:
            self._slots[recording_id] = _Slot(index, sequence, crc)
            unused.discard(index)
        self._free = sorted(unused)
        for index in list(self._free):
            slot = body[index * SLOT_BYTES : (index + 1) * SLOT_BYTES]
            if slot != EMPTY_SLOT:
                recording_id = slot[:16].hex()
                if recording_id in self._slots or recording_id in self.damaged:
                    # Use a substitute id, so that this slot can be destroyed too.
                    recording_id = f"{index:032x}"
                self.damaged[recording_id] = index
                self._free.remove(index)

    def _create(self) -> None:
        """Create a new store with a random id, which identifies its recordings."""
        self._header = Header(store_id=secrets.token_bytes(16), epoch=1, issued=0, live=0, checksum=0)
        for handle in self._handles:
            self._disk.write(handle, self._header.packed() + bytes(GROWTH * SLOT_BYTES), 0)
            self._disk.sync(handle)
        self._index(bytes(GROWTH * SLOT_BYTES))
        self._next = 0
        self._trusted = True

    def recover(self) -> None:
        """Read and rewrite both mirrors after a failed write, which leaves the disk in an unknown state."""
        if not self._trusted:
            self._load(self.store_id, may_create=False, rewrite=True)

    # --- reading ---------------------------------------------------------------------------------

    @property
    def store_id(self) -> str:
        """Random id of this store, 32 hexadecimal digits."""
        return self._header.store_id.hex()

    @property
    def issued(self) -> int:
        """Highest sequence ever assigned to a recording of this store."""
        return self._header.issued

    def sequences(self) -> dict[str, int]:
        """Return the sequence of every recording that has a key."""
        return {recording_id: slot.sequence for recording_id, slot in self._slots.items()}

    def has_slot(self, recording_id: str) -> bool:
        """Return whether a recording has a key, or a damaged slot."""
        return recording_id in self._slots or recording_id in self.damaged

    def sequence_of(self, recording_id: str) -> int | None:
        """Return a recording's sequence, or None if it has no key."""
        slot = self._slots.get(recording_id)
        return None if slot is None else slot.sequence

    def key_of(self, recording_id: str) -> bytes | None:
        """Return a recording's key from the first mirror with a valid slot, or None if there is none."""
        if (slot := self._slots.get(recording_id)) is None:
            return None
        for handle in self._handles:
            raw = self._disk.read(handle, SLOT_BYTES, HEADER_BYTES + slot.index * SLOT_BYTES)
            parsed = parsed_slot(raw)
            if parsed is not None and parsed[:2] == (recording_id, slot.sequence):
                return parsed[2]
        return None

    def keys(self) -> dict[str, bytes]:
        """Return all keys by recording id, from the first mirror and without checking the slots again.

        A hundred thousand are one read instead of as many. A key that does not fit may be right in the other
        mirror: ask key_of.
        """
        body = memoryview(self._disk.read(self._handles[0], self._capacity * SLOT_BYTES, HEADER_BYTES))
        found: dict[str, bytes] = {}
        for recording_id, slot in self._slots.items():
            offset = slot.index * SLOT_BYTES + KEY_OFFSET
            found[recording_id] = bytes(body[offset : offset + KEY_BYTES])
        return found

    # --- writing ---------------------------------------------------------------------------------

    def next_sequence(self) -> int:
        """Return a sequence that was never used before; add() makes it permanent.

        Raises StoreError when sequences are exhausted.
        """
        if self._next + 1 >= MAX_COUNT:
            raise StoreError("sequences are exhausted")
        self._next += 1
        return self._next

    def add(self, recording_id: str, sequence: int, key: bytes) -> None:
        """Store a key durably in both mirrors. Raises StoreError if the recording already has a slot."""
        self.recover()
        if recording_id in self._slots or recording_id in self.damaged:
            raise StoreError("the recording already has a key slot")
        index = self._free[0] if self._free else self._grow()
        slot, crc = packed_slot(recording_id, sequence, key)
        header = replace(
            self._header,
            epoch=self._header.epoch + 1,
            issued=max(self._header.issued, sequence),
            live=self._header.live + 1,
            checksum=self._header.checksum + crc,
        )
        self._write([(index, slot)], header)
        heapq.heappop(self._free)
        self._slots[recording_id] = _Slot(index, sequence, crc)

    def replace(self, recording_id: str, key: bytes) -> None:
        """Overwrite a recording's key in place with another key, in both mirrors.

        After a crash exactly one of the two keys is present, because a slot lies within one sector.
        Raises StoreError if the recording has no key, or the slot does not read back.
        """
        self.recover()
        if (old := self._slots.get(recording_id)) is None:
            raise StoreError("the recording has no key to replace")
        slot, crc = packed_slot(recording_id, old.sequence, key)
        header = replace(
            self._header,
            epoch=self._header.epoch + 1,
            checksum=self._header.checksum - old.crc + crc,
        )
        self._write([(old.index, slot)], header)
        self._slots[recording_id] = replace(old, crc=crc)
        for handle in self._handles:
            offset = HEADER_BYTES + old.index * SLOT_BYTES
            if self._disk.read_back(handle, SLOT_BYTES, offset) != slot:
                self._trusted = False
                raise StoreError("a replaced key does not read back")

    def destroy(self, recording_ids: Collection[str]) -> dict[str, int | None]:
        """Overwrite keys with zeros in both mirrors and read them back.

        Destroying all keys is a single write even for a hundred thousand recordings, because the user
        waits for the result.

        Returns:
            Sequence of each recording whose key existed, by recording id; None if its slot was damaged.

        Raises:
            StoreError: A slot does not read back as zeros.
        """
        self.recover()
        asked = frozenset(recording_ids)
        if asked >= self._slots.keys() and asked >= self.damaged.keys():
            return self._destroy_all()
        pending_removal: dict[str, int | None] = {}
        indexes: list[int] = []
        checksum = 0
        # A single pass without objects of its own: there may be a hundred thousand.
        slots = self._slots
        for recording_id in recording_ids if len(asked) == len(recording_ids) else asked:
            if (slot := slots.get(recording_id)) is not None:
                pending_removal[recording_id] = slot.sequence
                indexes.append(slot.index)
                checksum += slot.crc
            elif recording_id in self.damaged:
                pending_removal[recording_id] = None
        live = self._header.live - len(indexes)
        damaged = self.damaged.keys() & asked
        indexes += [self.damaged[recording_id] for recording_id in damaged]
        if not indexes:
            return {}
        indexes.sort()
        runs = list(runs_of(indexes))
        header = replace(
            self._header,
            epoch=self._header.epoch + 1,
            live=live,
            checksum=self._header.checksum - checksum,
        )
        self._write([(start, bytes(count * SLOT_BYTES)) for start, count in runs], header)
        for recording_id in pending_removal:
            slots.pop(recording_id, None)
        for recording_id in damaged:
            del self.damaged[recording_id]
        self._release(indexes)
        self._verify_zeros(runs)
        return pending_removal

    def _release(self, indexes: list[int]) -> None:
        """Let slots be used again, the lowest first."""
        if len(indexes) <= _FEW:
            for index in indexes:
                heapq.heappush(self._free, index)
            return
        self._free += indexes
        heapq.heapify(self._free)

    def _destroy_all(self) -> dict[str, int | None]:
        """Overwrite all slots in one write: a hundred thousand slots take hardly longer than one."""
        pending_removal: dict[str, int | None] = {
            recording_id: slot.sequence for recording_id, slot in self._slots.items()
        }
        pending_removal.update(dict.fromkeys(self.damaged))
        if not pending_removal:
            return {}
        header = replace(self._header, epoch=self._header.epoch + 1, live=0, checksum=0)
        self._write([(0, bytes(self._capacity * SLOT_BYTES))], header)
        self._slots.clear()
        self.damaged.clear()
        self._free = list(range(self._capacity))
        self._verify_zeros([(0, self._capacity)])
        return pending_removal

    def _verify_zeros(self, runs: Collection[tuple[int, int]]) -> None:
        """Read destroyed slots back, those that lie close together at once: each read goes to the device.

        Raises StoreError if they are not zeros.
        """
        for handle in self._handles:
            for first, length, parts in spans_of(runs):
                raw = self._disk.read_back(handle, length * SLOT_BYTES, HEADER_BYTES + first * SLOT_BYTES)
                for start, count in parts:
                    offset = (start - first) * SLOT_BYTES
                    zeros = bytes(count * SLOT_BYTES)
                    if raw[offset : offset + len(zeros)] != zeros:
                        self._trusted = False
                        raise StoreError("a destroyed key does not read back as zeros")

    def _grow(self) -> int:
        """Extend both mirrors with zeros, so that later writes in place need no space."""
        zeros = bytes(GROWTH * SLOT_BYTES)
        first = self._capacity
        if HEADER_BYTES + (first + GROWTH) * SLOT_BYTES > MAX_MIRROR_BYTES:
            raise StoreError("the key file has reached its maximum size")
        for handle in self._handles:
            self._disk.write(handle, zeros, HEADER_BYTES + first * SLOT_BYTES)
        self._capacity += GROWTH
        self._free = list(range(first, self._capacity))
        return first

    def _write(self, slots: list[tuple[int, bytes]], header: Header) -> None:
        with self._distrust():
            for handle in self._handles:
                for index, raw in slots:
                    self._disk.write(handle, raw, HEADER_BYTES + index * SLOT_BYTES)
                self._disk.write(handle, header.packed(), 0)
                self._disk.sync(handle)
        self._header = header

    @contextlib.contextmanager
    def _distrust(self) -> Iterator[None]:
        """Mark the in-memory state as untrusted if a write fails."""
        try:
            yield
        except OSError:
            self._trusted = False
            raise

    def erase(self) -> None:
        """Overwrite both mirrors with zeros and remove them, which makes every sealed file unreadable.

        Also works on a key file that was not opened or could not be read.
        """
        if not self._handles:
            self._disk.make_folder(self._folder)
            for name in MIRRORS:
                if self._disk.is_obstacle(self._folder / name):
                    remove_if_there(self._disk, self._folder / name)
                    clear_way(self._disk, self._folder / name)
            self._acquire()
        for handle in self._handles:
            size = min(self._disk.size(handle), MAX_MIRROR_BYTES)
            for offset in range(0, size, _ZEROS_AT_ONCE):
                self._disk.write(handle, bytes(min(_ZEROS_AT_ONCE, size - offset)), offset)
            self._disk.sync(handle)
        self.close()
        for name in MIRRORS:
            self._disk.remove(self._folder / name)
        self._disk.sync_folder(self._folder)
