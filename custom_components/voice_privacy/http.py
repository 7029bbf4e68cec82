"""Audio for those who may listen, straight from memory: one recording, or an archive of many."""

from collections.abc import AsyncIterator
from datetime import date
from http import HTTPStatus
from typing import Final

from aiohttp import ClientConnectionError, web
from homeassistant.auth.models import User
from homeassistant.components.http.const import KEY_AUTHENTICATED, KEY_HASS_USER
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.util import dt as dt_util

from .access import loaded_entry, may_listen, may_review
from .const import DOMAIN
from .core.archive import ArchiveWriter
from .core.audio import wav_from_pcm
from .core.errors import NotInPool, RecordingNotFound, StoreError
from .core.models import Deed, RecordingInfo, Requester, RequesterKind
from .hub import VoicePrivacyHub
from .presentation import names_of

URL_AUDIO: Final = f"/api/{DOMAIN}/recordings/{{recording_id}}/audio"
URL_REVIEW_AUDIO: Final = f"/api/{DOMAIN}/review/{{review_id}}/audio"
URL_ARCHIVE: Final = f"/api/{DOMAIN}/archive"

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
HEADER_EXPECTED_SIZE: Final = "X-Expected-Size"
"""About how many bytes will come, for a progress bar: a stream has no length."""

_JSON_SIZE: Final = 700
"""Bytes of description and bookkeeping for each recording, about."""


@callback
def async_setup_views(hass: HomeAssistant) -> None:
    """Register the views."""
    hass.http.register_view(AudioView)
    hass.http.register_view(ArchiveView)
    hass.http.register_view(ReviewAudioView)


class _View(HomeAssistantView):
    """A view that answers 403 itself: a 401 would count as a failed login and may lock people out."""

    requires_auth = False

    def _hub(self, request: web.Request) -> tuple[VoicePrivacyHub, User]:
        """Return the hub and who asks; raises HTTPForbidden and HTTPServiceUnavailable."""
        user: User | None = request.get(KEY_HASS_USER) if request[KEY_AUTHENTICATED] else None
        if user is None:
            raise web.HTTPForbidden(headers=_HEADERS)
        if (entry := loaded_entry(request.app[KEY_HASS])) is None:
            raise web.HTTPServiceUnavailable(headers=_HEADERS)
        return entry.runtime_data.hub, user


class AudioView(_View):
    """One recording as a WAV file."""

    url = URL_AUDIO
    name = f"api:{DOMAIN}:audio"

    async def get(self, request: web.Request, recording_id: str) -> web.Response:
        """Answer with the audio, or with the part that was asked for."""
        hub, user = self._hub(request)
        download = "download" in request.query
        if not (user.is_admin if download else may_listen(hub, user)):
            raise web.HTTPForbidden(headers=_HEADERS)
        try:
            _, content = await hub.async_read(recording_id)
        except RecordingNotFound:
            raise web.HTTPNotFound(headers=_HEADERS) from None
        except StoreError:
            raise web.HTTPServiceUnavailable(headers=_HEADERS) from None
        wav = wav_from_pcm(content.audio)
        part, status, headers = _part(request, wav)
        hub.access_log.add(_requester(user), Deed.EXPORTED if download else Deed.LISTENED, count=1)
        disposition = "attachment" if download else "inline"
        headers["Content-Disposition"] = f'{disposition}; filename="{recording_id}.wav"'
        return web.Response(body=part, status=status, headers=headers, content_type="audio/wav")


class ReviewAudioView(_View):
    """One clip of the review pool as a WAV file that tells nothing of where it comes from."""

    url = URL_REVIEW_AUDIO
    name = f"api:{DOMAIN}:review_audio"

    async def get(self, request: web.Request, review_id: str) -> web.Response:
        """Answer with the audio, or with the part that was asked for."""
        hub, user = self._hub(request)
        if not may_review(hub, user):
            raise web.HTTPForbidden(headers=_HEADERS)
        try:
            item = hub.pool.get(review_id)
            if item.barred and not user.is_admin:
                raise web.HTTPNotFound(headers=_HEADERS)
            _, content = await hub.async_read(item.recording_id)
        except NotInPool, RecordingNotFound:
            raise web.HTTPNotFound(headers=_HEADERS) from None
        except StoreError:
            raise web.HTTPServiceUnavailable(headers=_HEADERS) from None
        part, status, headers = _part(request, wav_from_pcm(content.audio))
        hub.access_log.add(_requester(user), Deed.LISTENED, count=1, subject="review")
        hub.pool.heard(review_id, user.id)
        headers["Content-Disposition"] = 'inline; filename="clip.wav"'
        return web.Response(body=part, status=status, headers=headers, content_type="audio/wav")


class ArchiveView(_View):
    """Recordings of some days as a zip file, sealed ones opened one after the other while it is sent."""

    url = URL_ARCHIVE
    name = f"api:{DOMAIN}:archive"

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Stream the archive: query first_day, last_day, satellite_id, each optional."""
        hub, user = self._hub(request)
        if not user.is_admin:
            raise web.HTTPForbidden(headers=_HEADERS)
        recordings = _asked_for(request, hub)
        response = web.StreamResponse(
            headers=_HEADERS
            | {
                "Content-Type": "application/zip",
                "Content-Disposition": f'attachment; filename="voice-privacy-{dt_util.now():%Y-%m-%d}.zip"',
                HEADER_EXPECTED_SIZE: str(
                    sum(int(info.duration * 32_000) + _JSON_SIZE for info in recordings)
                ),
            }
        )
        sent = 0
        try:
            await response.prepare(request)
            async for piece, count in _archive(request.app[KEY_HASS], hub, recordings):
                await response.write(piece)
                sent = count
            await response.write_eof()
        except ClientConnectionError, ConnectionError:
            # Whoever asked has gone; what was sent stays in the log.
            pass
        finally:
            hub.access_log.add(_requester(user), Deed.EXPORTED, count=sent)
        return response


async def _archive(
    hass: HomeAssistant, hub: VoicePrivacyHub, recordings: list[RecordingInfo]
) -> AsyncIterator[tuple[bytes, int]]:
    """Yield the pieces of an archive, each with how many recordings are in it so far."""
    writer = ArchiveWriter(names_of(hub.satellites), dt_util.now())
    count = 0
    for info in recordings:
        try:
            _, content = await hub.async_read(info.recording_id)
        except StoreError:
            writer.add_unreadable(info.recording_id)
            continue
        count += 1
        yield await hass.async_add_executor_job(writer.add, info, content), count
    yield writer.finish(), count


def _asked_for(request: web.Request, hub: VoicePrivacyHub) -> list[RecordingInfo]:
    """Return what a query asks for, oldest first; raises HTTPBadRequest."""
    try:
        first, last = (
            date.fromisoformat(value) if (value := request.query.get(name)) else None
            for name in ("first_day", "last_day")
        )
    except ValueError:
        raise web.HTTPBadRequest(headers=_HEADERS) from None
    satellite_id = request.query.get("satellite_id")
    return [
        info
        for info in hub.recordings.values()
        if (first is None or info.local_date >= first)
        and (last is None or info.local_date <= last)
        and (not satellite_id or info.satellite_id == satellite_id)
    ]


def _part(request: web.Request, body: bytes) -> tuple[bytes, int, dict[str, str]]:
    """Return what a Range header asks for; raises HTTPRequestRangeNotSatisfiable."""
    headers = _HEADERS | {"Accept-Ranges": "bytes"}
    size = len(body)
    unsatisfiable = web.HTTPRequestRangeNotSatisfiable(headers=headers | {"Content-Range": f"bytes */{size}"})
    try:
        asked = request.http_range
    except ValueError:
        raise unsatisfiable from None
    if asked.start is None and asked.stop is None:
        return body, HTTPStatus.OK, headers
    start, stop, _ = asked.indices(size)
    if start >= stop:
        raise unsatisfiable
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return body[start:stop], HTTPStatus.PARTIAL_CONTENT, headers


def _requester(user: User) -> Requester:
    """Return who asks."""
    return Requester(kind=RequesterKind.USER, user_id=user.id)
