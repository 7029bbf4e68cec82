"""Sealed file format: a plaintext header that identifies the recording, and three encrypted parts.

The parts are the listed info, the text content and the compressed audio. Each is AES-256-GCM with the
recording's own key and the header as additional authenticated data. A listing or a search opens only the
parts it needs.

In every version the header starts with magic, version and store id. A file of another version is never
opened. If its key exists, it counts as unreadable and can be deleted; if not, it is swept or set aside like
any other file.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
import json
import math
import struct
import sys
from typing import Any, Final, Self

from ..core.errors import RecordingUnreadable, StoreError
from ..core.models import RecordingContent, RecordingInfo, RecordingKind, StartedBy
from ..core.moments import moment_of
from .audio_codec import MAX_AUDIO_BYTES, compress, decompress
from .cipher import Cipher, NotAuthentic
from .contents import with_extras

HEADER_BYTES: Final = 64
HEAD_READ_BYTES: Final = 1_024
"""Bytes read for a listing: enough for the header and the first part of almost every recording."""

MAX_SEALED_BYTES: Final = MAX_AUDIO_BYTES + 2 * 1024 * 1024
"""Maximum size of a sealed file: audio plus room for text and for audio that compression enlarges."""

_MAGIC: Final = b"VPSEAL\r\n"
_VERSION: Final = 2
"""Format version. Version 1, never released, needed zstd, which Home Assistant's container images lack."""

_HEADER: Final = struct.Struct("<8sHxx16s16sQIII")
_IDENTITY: Final = struct.Struct("<8sHxx16s")
"""Start of the header in every version."""

_NONCE_BYTES: Final = 12


class _Part(IntEnum):
    INFO = 1
    CONTENT = 2
    AUDIO = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedHeader:
    """Plaintext header of a sealed file."""

    store_id: str
    recording_id: str
    sequence: int
    lengths: tuple[int, int, int]
    """Sizes of the sealed parts in bytes."""

    def packed(self) -> bytes:
        """Return the header as bytes."""
        return _HEADER.pack(
            _MAGIC,
            _VERSION,
            bytes.fromhex(self.store_id),
            bytes.fromhex(self.recording_id),
            self.sequence,
            *self.lengths,
        )

    @classmethod
    def unpacked(cls, raw: bytes) -> Self | None:
        """Return the header of a sealed file, or None if it is not a sealed file of this version."""
        if len(raw) < HEADER_BYTES:
            return None
        magic, version, store_id, recording_id, sequence, *lengths = _HEADER.unpack_from(raw)
        if magic != _MAGIC or version != _VERSION:
            return None
        return cls(
            store_id=store_id.hex(),
            recording_id=recording_id.hex(),
            sequence=sequence,
            lengths=(lengths[0], lengths[1], lengths[2]),
        )

    def span(self, part: int) -> tuple[int, int]:
        """Return the start and end offset of a part; the end is exclusive."""
        start = HEADER_BYTES + sum(self.lengths[: part - 1])
        return start, start + self.lengths[part - 1]


def store_of(raw: bytes) -> str | None:
    """Return the id of the store that wrote a sealed file of any version, or None if it is not one."""
    if len(raw) < _IDENTITY.size:
        return None
    magic, _, store_id = _IDENTITY.unpack_from(raw)
    return store_id.hex() if magic == _MAGIC else None


def seal(key: bytes, store_id: str, info: RecordingInfo, content: RecordingContent) -> bytes:
    """Return the sealed file of a recording; `info.size` is ignored, since it is the length of the result.

    Raises:
        StoreError: Audio or text is too long to be opened again.
        EncryptionUnavailable: The cryptography package does not work.
    """
    cipher = Cipher(key)
    parts = {
        _Part.INFO: _to_json(_plain_info(info)),
        _Part.CONTENT: _to_json(_plain_content(content)),
        _Part.AUDIO: compress(content.audio),
    }
    tag_bytes = 16
    header = SealedHeader(
        store_id=store_id,
        recording_id=info.recording_id,
        sequence=info.sequence,
        lengths=(
            len(parts[_Part.INFO]) + tag_bytes,
            len(parts[_Part.CONTENT]) + tag_bytes,
            len(parts[_Part.AUDIO]) + tag_bytes,
        ),
    ).packed()
    sealed = header + b"".join(cipher.encrypt(_nonce(part), plain, header) for part, plain in parts.items())
    if len(sealed) > MAX_SEALED_BYTES:
        raise StoreError
    return sealed


class SealedFile:
    """Reader of a sealed file with the key of its recording."""

    def __init__(self, raw: bytes, key: bytes, store_id: str, recording_id: str, sequence: int) -> None:
        """Parse the header of a complete file, or of its first bytes.

        Raises:
            RecordingUnreadable: The header is invalid or belongs to another recording.
            EncryptionUnavailable: The cryptography package does not work.
        """
        header = SealedHeader.unpacked(raw)
        if header is None or (header.store_id, header.recording_id, header.sequence) != (
            store_id,
            recording_id,
            sequence,
        ):
            raise RecordingUnreadable
        self._header = header
        self._raw = raw
        self._cipher = Cipher(key)

    @property
    def info_end(self) -> int:
        """Number of bytes from the start of the file that info() needs."""
        return self._header.span(_Part.INFO)[1]

    @property
    def size(self) -> int:
        """Size of the whole file in bytes, according to the header."""
        return self._header.span(_Part.AUDIO)[1]

    def info(self) -> RecordingInfo:
        """Decrypt the listed info. Raises RecordingUnreadable."""
        plain = self._open_json(_Part.INFO)
        try:
            return RecordingInfo(
                recording_id=self._header.recording_id,
                sequence=self._header.sequence,
                satellite_id=sys.intern(plain["satellite_id"]),
                started_at=moment_of(plain["started_ts"]),
                started_monotonic=None,
                local_date=date.fromisoformat(plain["local_date"]),
                duration=_seconds(plain["duration"]),
                size=self.size,
                kind=RecordingKind(plain["kind"]),
                near_miss=plain.get("near_miss", False) is True,
                has_text=plain.get("has_text", True) is not False,
            )
        except (KeyError, OverflowError, TypeError, ValueError) as err:
            raise RecordingUnreadable from err

    def content(self) -> RecordingContent:
        """Decrypt text and audio. Raises RecordingUnreadable."""
        plain = self._open_json(_Part.CONTENT)
        try:
            content = RecordingContent(
                audio=decompress(self._open(_Part.AUDIO)),
                started_by=StartedBy(plain["started_by"]),
                wake_word=_text_or_none(plain["wake_word"]),
                score=_score_or_none(plain["score"]),
                threshold=_score_or_none(plain["threshold"]),
                transcript=_text_or_none(plain["transcript"]),
                reply=_text_or_none(plain["reply"]),
                language=_text_or_none(plain["language"]),
            )
            return with_extras(content, plain)
        except (KeyError, OverflowError, TypeError, ValueError) as err:
            raise RecordingUnreadable from err

    def _open(self, part: _Part) -> bytes:
        start, end = self._header.span(part)
        sealed = self._raw[start:end]
        try:
            return self._cipher.decrypt(_nonce(part), sealed, self._raw[:HEADER_BYTES])
        except NotAuthentic as err:
            raise RecordingUnreadable from err

    def _open_json(self, part: _Part) -> dict[str, Any]:
        try:
            plain = json.loads(self._open(part))
        except (RecursionError, ValueError) as err:
            raise RecordingUnreadable from err
        if not isinstance(plain, dict):
            raise RecordingUnreadable
        return plain


def _seconds(value: object) -> float:
    """Return a duration in seconds. Raises TypeError, ValueError or OverflowError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not (math.isfinite(value) and value >= 0):
        raise ValueError
    return float(value)


def _score_or_none(value: object) -> float | None:
    """Return a score, or None for anything else: engines may report any value, and nothing depends on it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _text_or_none(value: object) -> str | None:
    """Return a string or None unchanged. Raises TypeError for anything else."""
    if not isinstance(value, str | None):
        raise TypeError
    return value


def _nonce(part: _Part) -> bytes:
    """Return the nonce of a part; its number is unique, because a key seals one recording once."""
    return part.to_bytes(_NONCE_BYTES)


def _plain_info(info: RecordingInfo) -> dict[str, object]:
    return {
        "duration": info.duration,
        "has_text": info.has_text,
        "kind": info.kind,
        **({"near_miss": True} if info.near_miss else {}),
        "local_date": info.local_date.isoformat(),
        "satellite_id": info.satellite_id,
        "started_ts": info.started_at.timestamp(),
    }


def _plain_content(content: RecordingContent) -> dict[str, object]:
    return {
        "language": content.language,
        "reply": content.reply,
        "score": content.score,
        "started_by": content.started_by,
        "threshold": content.threshold,
        "transcript": content.transcript,
        "wake_word": content.wake_word,
        **content.extras,
    }


def _to_json(plain: dict[str, object]) -> bytes:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
