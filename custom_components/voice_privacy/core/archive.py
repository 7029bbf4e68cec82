"""Streamed zip archive of recordings, which is never written to a disk.

Layout: `recordings/<id>.wav` and `recordings/<id>.json` for each recording, then `index.json`, which also
lists the recordings that could not be opened. docs/page.md describes the fields.
"""

from collections.abc import Mapping
from datetime import datetime
import io
import json
from typing import Any, Final, override
import zipfile

from .audio import SAMPLE_RATE, wav_from_pcm
from .models import RecordingContent, RecordingInfo

FORMAT: Final = "voice_privacy/1"


class _Outbox(io.RawIOBase):
    """Append-only buffer that is emptied after each piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: Any, /) -> int:
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def take(self) -> bytes:
        """Return the bytes written since the last call."""
        pieces, self._pieces = b"".join(self._pieces), []
        return pieces


class ArchiveWriter:
    """Zip writer that returns the archive in pieces, one per recording."""

    def __init__(self, names: Mapping[str, str], created_at: datetime) -> None:
        """Start an archive.

        Args:
            names: Satellite names by id.
            created_at: Aware, in the time zone of the house.
        """
        self._names = names
        self._created_at = created_at
        self._outbox = _Outbox()
        self._zip = zipfile.ZipFile(self._outbox, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._entries: list[str] = []
        self._unreadable: list[str] = []

    def add(self, info: RecordingInfo, content: RecordingContent) -> bytes:
        """Add a recording; return the next piece."""
        name = f"recordings/{info.recording_id}"
        self._write(f"{name}.wav", wav_from_pcm(content.audio), zipfile.ZIP_STORED)
        self._write_json(f"{name}.json", describe(info, content, self._names))
        self._entries.append(info.recording_id)
        return self._outbox.take()

    def add_unreadable(self, recording_id: str) -> None:
        """List a recording as unreadable."""
        self._unreadable.append(recording_id)

    def finish(self) -> bytes:
        """Return the last piece."""
        self._write_json(
            "index.json",
            {
                "format": FORMAT,
                "created_at": self._created_at.isoformat(),
                "recordings": self._entries,
                "unreadable": self._unreadable,
            },
        )
        self._zip.close()
        return self._outbox.take()

    def _write_json(self, name: str, content: Mapping[str, Any]) -> None:
        data = json.dumps(content, ensure_ascii=False, indent=2).encode()
        self._write(name, data, zipfile.ZIP_DEFLATED)

    def _write(self, name: str, data: bytes, compression: int) -> None:
        entry = zipfile.ZipInfo(name, self._created_at.timetuple()[:6])
        entry.compress_type = compression
        entry.external_attr = 0o600 << 16
        self._zip.writestr(entry, data)


def describe(info: RecordingInfo, content: RecordingContent, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the metadata and text of a recording as JSON-serializable data."""
    return {
        "format": FORMAT,
        "id": info.recording_id,
        "started_at": info.started_at.isoformat(),
        "local_date": info.local_date.isoformat(),
        "satellite": names.get(info.satellite_id),
        "kind": info.listed_kind.value,
        "started_by": content.started_by.value,
        "wake_word": content.wake_word,
        "score": content.score,
        "threshold": content.threshold,
        "language": content.language,
        "transcript": content.transcript,
        "reply": content.reply,
        "audio": {
            "file": f"{info.recording_id}.wav",
            "seconds": info.duration,
            "sample_rate": SAMPLE_RATE,
            "channels": 1,
            "bits": 16,
        },
        **content.extras,
    }
