"""Recordings that are in memory only: sealed with keys that are never written, for some minutes, then gone."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
import secrets
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..core.audio import seconds_of
from ..core.models import RecordingInfo, Utterance
from ..storage.cipher import Cipher

MAX_HELD: Final = 50
"""Maximum number of recordings in memory; above it, the oldest goes."""

MAX_BYTES: Final = 32_000_000
"""Maximum size of all of them together."""

_KEY_BYTES: Final = 32
_AUDIO, _TRANSCRIPT, _REPLY, _MESSAGE = (bytes(11) + bytes([number]) for number in range(4))
"""Nonces of the parts; each key seals one recording once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    """One recording in memory."""

    info: RecordingInfo
    bare: Utterance
    """The utterance without audio and text."""

    key: bytearray
    parts: Mapping[bytes, bytes]
    """Sealed parts by nonce."""

    until: datetime
    """When it goes, aware, UTC."""

    cancel: CALLBACK_TYPE
    """Cancels its timer."""


class HeldRecordings:
    """Recordings in memory only. It belongs to the event loop; nothing in it is ever written."""

    def __init__(self, hass: HomeAssistant, on_gone: Callable[[Collection[str]], None]) -> None:
        """Start without recordings; on_gone is called for those whose time is over."""
        self._hass = hass
        self._on_gone = on_gone
        self._held: dict[str, _Sealed] = {}

    @property
    def infos(self) -> Mapping[str, RecordingInfo]:
        """Recordings by id, oldest first."""
        return {recording_id: sealed.info for recording_id, sealed in self._held.items()}

    @property
    def ends(self) -> Mapping[str, datetime]:
        """When each recording goes, by id."""
        return {recording_id: sealed.until for recording_id, sealed in self._held.items()}

    def hold(self, utterance: Utterance, local_date: date, after: int, span: timedelta) -> None:
        """Keep an utterance in memory for a time. Raises EncryptionUnavailable.

        Args:
            utterance: What was said.
            local_date: Calendar day of its start in the house's time zone.
            after: Sequence of the newest stored recording.
            span: How long it is kept.
        """
        recording_id, key = utterance.utterance_id, bytearray(secrets.token_bytes(_KEY_BYTES))
        cipher, header = Cipher(bytes(key)), recording_id.encode()
        plain = {_AUDIO: utterance.audio}
        message = None if utterance.run is None else utterance.run.message
        texts = {_TRANSCRIPT: utterance.transcript, _REPLY: utterance.reply, _MESSAGE: message}
        for nonce, text in texts.items():
            if text is not None:
                plain[nonce] = text.encode()
        parts = {nonce: cipher.encrypt(nonce, part, header) for nonce, part in plain.items()}

        self._held[recording_id] = _Sealed(
            info=RecordingInfo(
                recording_id=recording_id,
                sequence=after,
                satellite_id=utterance.satellite_id,
                started_at=utterance.started_at,
                started_monotonic=utterance.started_monotonic,
                local_date=local_date,
                duration=seconds_of(utterance.audio),
                size=sum(len(part) for part in parts.values()),
                kind=utterance.kind,
                has_text=len(parts) > 1,
            ),
            bare=replace(utterance.without_text(), audio=b""),
            key=key,
            parts=parts,
            until=dt_util.utcnow() + span,
            cancel=self._end_in(recording_id, span),
        )
        while len(self._held) > MAX_HELD or sum(one.info.size for one in self._held.values()) > MAX_BYTES:
            oldest = next(iter(self._held))
            self.drop({oldest})
            self._on_gone({oldest})

    def shorten(self, span: timedelta) -> None:
        """Keep nothing for longer than a time from now."""
        until = dt_util.utcnow() + span
        for recording_id, sealed in self._held.items():
            if sealed.until > until:
                sealed.cancel()
                cancel = self._end_in(recording_id, span)
                self._held[recording_id] = replace(sealed, until=until, cancel=cancel)

    def _end_in(self, recording_id: str, span: timedelta) -> CALLBACK_TYPE:
        """Start the timer of a recording; return what cancels it."""

        @callback
        def over(_now: datetime) -> None:
            self._on_gone(self.drop({recording_id}))

        return async_call_later(self._hass, span, HassJob(over, cancel_on_shutdown=True))

    def read(self, recording_id: str) -> Utterance:
        """Return a recording. Raises KeyError if it is not in memory any more."""
        sealed = self._held[recording_id]
        cipher, header = Cipher(bytes(sealed.key)), recording_id.encode()
        plain = {nonce: cipher.decrypt(nonce, part, header) for nonce, part in sealed.parts.items()}
        texts = {nonce: part.decode() for nonce, part in plain.items() if nonce != _AUDIO}
        run = sealed.bare.run
        return replace(
            sealed.bare,
            audio=plain[_AUDIO],
            transcript=texts.get(_TRANSCRIPT),
            reply=texts.get(_REPLY),
            run=None if run is None else replace(run, message=texts.get(_MESSAGE)),
        )

    def texts(self, recording_id: str) -> tuple[str | None, str | None]:
        """Return transcript and reply of a recording. Raises KeyError if it is not in memory any more."""
        sealed = self._held[recording_id]
        cipher, header = Cipher(bytes(sealed.key)), recording_id.encode()

        def text(nonce: bytes) -> str | None:
            part = sealed.parts.get(nonce)
            return None if part is None else cipher.decrypt(nonce, part, header).decode()

        return text(_TRANSCRIPT), text(_REPLY)

    def drop(self, recording_ids: Collection[str]) -> set[str]:
        """Destroy the keys of recordings and forget them; return those that were there."""
        dropped = self._held.keys() & set(recording_ids)
        for recording_id in dropped:
            sealed = self._held.pop(recording_id)
            sealed.cancel()
            sealed.key[:] = bytes(len(sealed.key))
        return dropped

    def clear(self) -> None:
        """Forget everything."""
        if self._held:
            self._on_gone(self.drop(list(self._held)))
