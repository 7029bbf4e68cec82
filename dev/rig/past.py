"""Recordings of other days, put into a house that does not run, by the store's own code."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
import os
from pathlib import Path
from typing import Final, override
from uuid import uuid4

from sqlalchemy import create_engine

from custom_components.voice_privacy.core.models import RecordingInfo, RecordingKind, StartedBy, Utterance
from custom_components.voice_privacy.storage.disk import RealDisk
from custom_components.voice_privacy.storage.rows import BATCH, RowBatch, apply_batch, ensure_table
from custom_components.voice_privacy.storage.vault import Vault

WAKE_WORD: Final = "alexa"


class HastyDisk(RealDisk):
    """A disk that synchronizes nothing, to fill a store whose filling is not measured."""

    @override
    def sync(self, handle: int) -> None:
        """Leave it to os.sync()."""

    @override
    def sync_folder(self, folder: Path) -> None:
        """Leave it to os.sync()."""


def utterance(
    satellite_id: str,
    started_at: datetime,
    audio: bytes,
    transcript: str | None,
    *,
    recording_id: str = "",
    reply: str | None = None,
) -> Utterance:
    """Return something that was said, a false wake when nothing was understood."""
    return Utterance(
        utterance_id=recording_id or uuid4().hex,
        satellite_id=satellite_id,
        started_at=started_at,
        started_monotonic=0.0,
        started_by=StartedBy.WAKE_WORD,
        audio=audio,
        peak_dbfs=-10.0,
        kind=RecordingKind.FALSE_WAKE if transcript is None else RecordingKind.COMMAND,
        wake_word=WAKE_WORD,
        score=0.9,
        threshold=0.5,
        transcript=transcript,
        reply=reply,
        language="en",
    )


def let_clips_wait(config: Path, passed: timedelta) -> int:
    """Let clips have come into the review pool so much earlier; return how many there are."""
    vault = Vault(config / ".cache/voice_privacy", disk=HastyDisk())
    vault.open()
    vault.reconcile({})
    notes = vault.read_notes()
    for recording_id, note in notes.items():
        clip = json.loads(note)
        proposed_at = datetime.fromisoformat(clip["proposed_at"]) - passed
        vault.write_note(recording_id, json.dumps(clip | {"proposed_at": proposed_at.isoformat()}).encode())
    vault.close()
    os.sync()
    return len(notes)


def fill(config: Path, utterances: Iterable[Utterance]) -> list[RecordingInfo]:
    """Keep utterances, oldest first, in the store and in the recorder's database below a configuration folder."""
    vault = Vault(config / ".cache/voice_privacy", disk=HastyDisk())
    vault.open()
    vault.reconcile({})
    engine = create_engine(f"sqlite:///{config / 'home-assistant_v2.db'}")
    ensure_table(engine)
    infos: list[RecordingInfo] = []
    written = 0
    for spoken in utterances:
        # The mark of a row holds the moment as the house writes it; the day is that of the utterance's own zone.
        in_utc = replace(spoken, started_at=spoken.started_at.astimezone(UTC))
        infos.append(vault.keep(in_utc, spoken.started_at.date()))
        if len(infos) - written == BATCH:
            apply_batch(engine, vault.store_id, RowBatch(writes=tuple(infos[written:])))
            written = len(infos)
    apply_batch(engine, vault.store_id, RowBatch(writes=tuple(infos[written:])))
    engine.dispose()
    vault.close()
    os.sync()
    return infos
