"""Bytes of the key file: header and slots of a mirror, and what both mirrors together say.

Nothing here touches the disk: `key_file` reads and writes what is encoded and decided here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
import struct
from typing import Final, Self
import zlib

KEY_BYTES: Final = 32
KEY_OFFSET: Final = 24
"""Position of the key in its slot."""

SLOT_BYTES: Final = 64
HEADER_BYTES: Final = 4096
"""Size of the header, a block of its own: a torn header write cannot damage a slot."""

MAX_MIRROR_BYTES: Final = HEADER_BYTES + (1 << 20) * SLOT_BYTES
"""Largest valid mirror: a million recordings. A longer mirror is damaged and is not read."""

MIRRORS: Final = ("keys.a", "keys.b")

_MAGIC: Final = b"VPKEYS\r\n"
_VERSION: Final = 1
_HEADER: Final = struct.Struct("<8sHxxxxxx16sQQQQ")
_SLOT: Final = struct.Struct("<16sQ32s")
_CRC: Final = struct.Struct("<I")
EMPTY_SLOT: Final = bytes(SLOT_BYTES)

MAX_COUNT: Final = 1 << 48
"""Exclusive limit of epochs and sequences: at a thousand changes a second it takes 8,900 years to reach."""

_MAX_EPOCHS_APART: Final = 1 << 32
"""Largest plausible epoch difference: a mirror further ahead was not written by this key file."""


_SPAN_GAP: Final = 2_048
"""Slots between two runs that are read with them: to read 128 KiB at once is faster than to read twice."""

_SPAN_SLOTS: Final = 16_384
"""Slots in a span of several runs, of which a reader holds 1 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFileHeader:
    """Public fields of a mirror's header."""

    store_id: str
    epoch: int


def header_of(raw: bytes) -> KeyFileHeader | None:
    """Return the public header fields of a mirror, or None if `raw` has no valid header."""
    header = Header.unpacked(raw[:HEADER_BYTES])
    return None if header is None else KeyFileHeader(store_id=header.store_id.hex(), epoch=header.epoch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Header of a mirror."""

    store_id: bytes
    epoch: int
    """Counter that each mutation increases."""

    issued: int
    """Highest sequence ever assigned to a recording."""

    live: int
    """Number of slots in use."""

    checksum: int
    """Sum of the live slots' CRCs: tells a block that was zeroed by a disk fault from a deletion."""

    def packed(self) -> bytes:
        """Return the header's block."""
        raw = _HEADER.pack(_MAGIC, _VERSION, self.store_id, self.epoch, self.issued, self.live, self.checksum)
        raw += _CRC.pack(zlib.crc32(raw))
        return raw.ljust(HEADER_BYTES, b"\0")

    @classmethod
    def unpacked(cls, raw: bytes) -> Self | None:
        """Parse the beginning of a mirror; None if it is not a valid header."""
        if len(raw) < _HEADER.size + _CRC.size:
            return None
        magic, version, store_id, epoch, issued, live, checksum = _HEADER.unpack_from(raw)
        (crc,) = _CRC.unpack_from(raw, _HEADER.size)
        if magic != _MAGIC or version != _VERSION or crc != zlib.crc32(raw[: _HEADER.size]):
            return None
        if max(epoch, issued) >= MAX_COUNT:
            return None
        return cls(store_id=store_id, epoch=epoch, issued=issued, live=live, checksum=checksum)


@dataclass(slots=True)
class Mirror:
    """One of the two mirrors, as read at opening."""

    handle: int
    header: Header | None
    body: bytes = field(repr=False)
    live: list[tuple[int, str, int, int]] = field(default_factory=list, repr=False)
    """Index, recording id, sequence and CRC of every valid slot."""

    consistent: bool = False
    oversized: bool = False

    def slot(self, index: int) -> bytes:
        """Return a slot's bytes, zeros beyond the end."""
        return self.body[index * SLOT_BYTES : (index + 1) * SLOT_BYTES].ljust(SLOT_BYTES, b"\0")


def of_one_store(mirrors: Iterable[Mirror], expected_store: str | None) -> list[tuple[Mirror, Header]]:
    """Return the readable mirrors of one store, or none if the right store cannot be determined."""
    readable = [(mirror, mirror.header) for mirror in mirrors if mirror.header is not None]
    if len({header.store_id for _, header in readable}) > 1:
        return [pair for pair in readable if pair[1].store_id.hex() == expected_store]
    behind = min((header.epoch for _, header in readable), default=0)
    # So many changes cannot have been written to one mirror only.
    return [pair for pair in readable if pair[1].epoch - behind <= _MAX_EPOCHS_APART]


def healed(primary: Mirror, healer: Mirror) -> bytes:
    """Return the primary's slots, with damaged ones replaced from a mirror of the same epoch.

    If a recording's key is in several slots, only the first is kept: destroying it must leave no copy.
    """
    size = -(-len(primary.body) // SLOT_BYTES)
    body = bytearray(primary.body.ljust(size * SLOT_BYTES, b"\0"))
    if primary.header == healer.header and primary.body != healer.body:
        for index in range(size):
            slot = primary.slot(index)
            if slot != EMPTY_SLOT and parsed_slot(slot) is None:
                substitute = healer.slot(index)
                if substitute == EMPTY_SLOT or parsed_slot(substitute) is not None:
                    body[index * SLOT_BYTES : (index + 1) * SLOT_BYTES] = substitute
    elif len(body) == len(primary.body) and len({slot[1] for slot in primary.live}) == len(primary.live):
        return primary.body
    seen: set[str] = set()
    for index, recording_id, _, _ in live_slots(bytes(body)):
        if recording_id in seen:
            body[index * SLOT_BYTES : (index + 1) * SLOT_BYTES] = EMPTY_SLOT
        seen.add(recording_id)
    return bytes(body)


def packed_slot(recording_id: str, sequence: int, key: bytes) -> tuple[bytes, int]:
    """Return a slot and its CRC."""
    raw = _SLOT.pack(bytes.fromhex(recording_id), sequence, key)
    crc = zlib.crc32(raw)
    return (raw + _CRC.pack(crc)).ljust(SLOT_BYTES, b"\0"), crc


def parsed_slot(raw: bytes) -> tuple[str, int, bytes, int] | None:
    """Return recording id, sequence, key and CRC of a slot, or None if it is empty or damaged."""
    if len(raw) != SLOT_BYTES:
        return None
    (crc,) = _CRC.unpack_from(raw, _SLOT.size)
    if crc != zlib.crc32(raw[: _SLOT.size]) or raw[_SLOT.size + _CRC.size :].strip(b"\0"):
        return None
    recording_id, sequence, key = _SLOT.unpack_from(raw)
    if sequence >= MAX_COUNT:
        return None
    return recording_id.hex(), sequence, key, crc


def live_slots(body: bytes) -> Iterator[tuple[int, str, int, int]]:
    """Yield index, recording id, sequence and CRC of every valid slot."""
    for index in range(len(body) // SLOT_BYTES):
        raw = body[index * SLOT_BYTES : (index + 1) * SLOT_BYTES]
        if raw != EMPTY_SLOT and (parsed := parsed_slot(raw)) is not None:
            yield index, parsed[0], parsed[1], parsed[3]


def runs_of(indexes: list[int]) -> Iterator[tuple[int, int]]:
    """Yield (first, length) of each run of consecutive indexes."""
    start = previous = indexes[0]
    for index in indexes[1:]:
        if index != previous + 1:
            yield start, previous - start + 1
            start = index
        previous = index
    yield start, previous - start + 1


def spans_of(runs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Yield (first, length, runs) of each span of slots that holds ascending runs close to each other."""
    parts: list[tuple[int, int]] = []
    for start, count in runs:
        if parts:
            first, (last, length) = parts[0][0], parts[-1]
            if start - (last + length) > _SPAN_GAP or start + count - first > _SPAN_SLOTS:
                yield first, last + length - first, parts
                parts = []
        parts.append((start, count))
    if parts:
        yield parts[0][0], sum(parts[-1]) - parts[0][0], parts
