"""The mark of a row: proof that it tells what the sealed file of its recording tells.

Rows are in the recorder's database, where others may write. What a row says decides when a recording is
deleted and who may hear it, so that no row is believed without the mark that only the recording's key makes.
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
    """Return what is known of a recording with the mark that its key makes."""
    return replace(info, mark=_mark_of(info, key))


def is_marked(info: RecordingInfo, key: bytes) -> bool:
    """Return whether what a row tells was marked with the key of its recording."""
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
            info.kind.value,
            info.has_text,
        ]
    )
    return hashlib.blake2b(told.encode(), key=key, digest_size=_BYTES, person=_PURPOSE).hexdigest()
