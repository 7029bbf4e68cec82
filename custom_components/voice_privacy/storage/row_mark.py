"""Row marks: MACs that prove that a row matches the sealed file of its recording.

Rows are in the recorder's database, where other programs may write. A row decides when a recording is
deleted and who may listen to it. No row is trusted without a mark, which only the recording's key can make.
"""

from dataclasses import replace
import hashlib
import json
import secrets
from typing import Final

from ..core.models import RecordingInfo

_PURPOSE: Final = b"vp row mark"
_BYTES: Final = 16


def marked(info: RecordingInfo, key: bytes) -> RecordingInfo:
    """Return a copy of a recording's info with the mark computed from its key."""
    return replace(info, mark=_mark_of(info, key))


def is_marked(info: RecordingInfo, key: bytes) -> bool:
    """Return whether a row's mark is valid for the key of its recording."""
    return secrets.compare_digest(info.mark.encode("utf-8", "replace"), _mark_of(info, key).encode())


def _mark_of(info: RecordingInfo, key: bytes) -> str:
    told = json.dumps(
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
    return hashlib.blake2b(told.encode(), key=key, digest_size=_BYTES, person=_PURPOSE).hexdigest()
