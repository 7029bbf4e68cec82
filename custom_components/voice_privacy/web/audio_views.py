"""HTTP views for audio, served from memory: a recording, a review clip, or an archive of recordings."""

from abc import abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
import contextlib
from dataclasses import dataclass, replace
from datetime import date
from http import HTTPStatus
import logging
from typing import Any, ClassVar, Final, override

from aiohttp import ClientConnectionError, web
from homeassistant.auth.models import User
from homeassistant.components.http.const import KEY_AUTHENTICATED, KEY_HASS_REFRESH_TOKEN_ID, KEY_HASS_USER
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..coordinator import VoicePrivacyConfigEntry, VoicePrivacyRuntimeData, loaded_entry, names_of, runtime_of
from ..core.archive import ArchiveWriter
from ..core.audio import wav_from_pcm
from ..core.error_place import type_and_place
from ..core.errors import NotInPool, NotLoaded, RecordingNotFound, Refused, StoreError
from ..core.lengthening import lengthened
from ..core.models import AuditAction, RecordingContent, RecordingInfo
from ..hub.callers import Caller, signed_in
from ..hub.hub import VoicePrivacyHub
from ..hub.permissions import VIEWS, Door, Right, right_of
from .recording_filter import RecordingFilter

_LOGGER = logging.getLogger(__name__)

URL_AUDIO: Final = f"/api/{DOMAIN}/recordings/{{recording_id}}/audio"
URL_REVIEW_AUDIO: Final = f"/api/{DOMAIN}/review/{{review_id}}/audio"
URL_ARCHIVE: Final = f"/api/{DOMAIN}/archive"

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
HEADER_EXPECTED_SIZE: Final = "X-Expected-Size"
"""Header with the approximate size in bytes, for a progress bar: a stream has no Content-Length."""

_JSON_SIZE: Final = 700
"""Approximate bytes of metadata and zip headers for each recording."""


_MAX_UNDER_WAY: Final = 10
"""Audio requests of one user that are answered at the same time; each holds a recording in memory."""

_UNDER_WAY: Final[HassKey[Counter[str]]] = HassKey(f"{DOMAIN}_audio_requests")


@callback
def async_setup_views(hass: HomeAssistant) -> None:
    """Register the views."""
    hass.http.register_view(AudioView)
    hass.http.register_view(ArchiveView)
    hass.http.register_view(ReviewAudioView)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """HTTP request whose caller had the right to it when it arrived."""

    request: web.Request
    entry: VoicePrivacyConfigEntry
    admitted: VoicePrivacyRuntimeData
    """Runtime data of the entry when the request arrived."""

    caller: Caller
    right: Right

    @property
    def hub(self) -> VoicePrivacyHub:
        """Hub of the entry. Raises NotLoaded once the entry has been unloaded or reloaded."""
        return runtime_of(self.entry, self.admitted).hub

    def allows(self, right: Right, satellite_id: str | None = None) -> bool:
        """Return whether the caller has a right now, at one satellite if given. Raises NotLoaded."""
        permissions = runtime_of(self.entry, self.admitted).permissions
        return permissions.allows(self.caller, right, None if satellite_id is None else {satellite_id})

    def check(self, satellite_id: str | None = None) -> None:
        """Check the right to the request again between two steps. Raises HTTPForbidden or NotLoaded."""
        if not self.allows(self.right, satellite_id):
            raise web.HTTPForbidden(headers=_HEADERS)


class _View(HomeAssistantView):
    """Base of views that check the caller's right and answer 403 without it.

    A 401 would count as a failed login and could ban the user's address.
    """

    requires_auth = False
    name: str
    door: ClassVar[Door]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Bind a view to its door. Raises KeyError if the table of rights does not list the view."""
        super().__init_subclass__(**kwargs)
        cls.door = VIEWS[cls.name.rpartition(":")[2]]

    async def get(self, request: web.Request, **parts: str) -> web.StreamResponse:
        """Answer a request if its caller has the right. Raises HTTP errors: 403, 404, 500 or 503."""
        user: User | None = request.get(KEY_HASS_USER) if request[KEY_AUTHENTICATED] else None
        if user is None:
            raise web.HTTPForbidden(headers=_HEADERS)
        if (entry := loaded_entry(request.app[KEY_HASS])) is None:
            raise web.HTTPServiceUnavailable(headers=_HEADERS)
        call = _Call(
            request=request,
            entry=entry,
            admitted=entry.runtime_data,
            caller=signed_in(user, request.get(KEY_HASS_REFRESH_TOKEN_ID)),
            right=right_of(self.door, {"download": "download" in request.query}),
        )
        call.check()
        try:
            with _under_way(request.app[KEY_HASS], user.id):
                response = await self._async_answer(call, **parts)
                # Sent here and not by aiohttp later, so that a client that does not read counts as well.
                await response.prepare(request)
                await response.write_eof()
                return response
        except NotInPool, RecordingNotFound:
            raise web.HTTPNotFound(headers=_HEADERS) from None
        except NotLoaded, StoreError:
            raise web.HTTPServiceUnavailable(headers=_HEADERS) from None
        except web.HTTPException, ConnectionError:
            raise
        except Exception as err:  # noqa: BLE001
            # aiohttp would log the text of the error, which may contain personal data.
            _LOGGER.error("An audio request failed: %s", type_and_place(err))
            raise web.HTTPInternalServerError(headers=_HEADERS) from None

    @abstractmethod
    async def _async_answer(self, call: _Call, **parts: str) -> web.StreamResponse:
        """Return the response; parts are the variables of the path."""


@contextlib.contextmanager
def _under_way(hass: HomeAssistant, user_id: str) -> Iterator[None]:
    """Count a concurrent request of a user, over all connections. Raises HTTPServiceUnavailable above the maximum."""
    counts = hass.data.setdefault(_UNDER_WAY, Counter())
    if counts[user_id] >= _MAX_UNDER_WAY:
        raise web.HTTPServiceUnavailable(headers=_HEADERS)
    counts[user_id] += 1
    try:
        yield
    finally:
        counts[user_id] -= 1


class AudioView(_View):
    """View that serves a recording as a WAV file."""

    url = URL_AUDIO
    name = f"api:{DOMAIN}:audio"

    @override
    async def _async_answer(self, call: _Call, **parts: str) -> web.StreamResponse:
        """Return the audio, or the requested range."""
        recording_id = parts["recording_id"]
        download = call.right is Right.EXPORT
        held = call.hub.memory.held.infos.get(recording_id)
        info = held or call.hub.recordings.get(recording_id)
        if info is not None and not call.allows(call.right, info.satellite_id):
            raise RecordingNotFound
        if held is None:
            info, content = await call.hub.async_read(recording_id)
        elif download:
            # What is in memory only leaves the house in no file.
            raise RecordingNotFound
        else:
            info, content = call.hub.memory.read(recording_id)
        return _audio_response(
            call,
            recording_id,
            content,
            AuditAction.EXPORTED if download else AuditAction.LISTENED,
            f'{"attachment" if download else "inline"}; filename="{recording_id}.wav"',
            satellite_id=info.satellite_id,
        )


class ReviewAudioView(_View):
    """View that serves a clip of the review pool as a WAV file, with nothing that identifies its source."""

    url = URL_REVIEW_AUDIO
    name = f"api:{DOMAIN}:review_audio"

    @override
    async def _async_answer(self, call: _Call, **parts: str) -> web.StreamResponse:
        """Return the audio, or the requested range."""
        item = call.hub.review.clip(parts["review_id"], owner=call.allows(Right.MANAGE_REVIEW))
        _, content = await call.hub.async_read(item.recording_id)
        # The clip may have left the pool meanwhile.
        owner = call.allows(Right.MANAGE_REVIEW)
        call.hub.review.clip(item.review_id, owner=owner)
        if not owner:
            content = replace(content, audio=lengthened(content.audio))
        response = _audio_response(
            call,
            item.recording_id,
            content,
            AuditAction.LISTENED,
            'inline; filename="clip.wav"',
            subject="review",
        )
        assert call.caller.by.user_id is not None
        call.hub.review.pool.heard(item.review_id, call.caller.by.user_id)
        return response


def _audio_response(
    call: _Call,
    recording_id: str,
    content: RecordingContent,
    action: AuditAction,
    disposition: str,
    *,
    subject: str | None = None,
    satellite_id: str | None = None,
) -> web.Response:
    """Return the audio, or the requested range, and add it to the access log. Raises HTTPForbidden.

    Args:
        call: Request.
        recording_id: Its id, for the access log.
        content: Recording.
        action: Audit action for the access log.
        disposition: Content disposition of the answer.
        subject: Subject for the access log.
        satellite_id: Satellite for which the right is needed; None for the house.
    """
    part, status, headers = _part(call.request, wav_from_pcm(content.audio))
    # The right may have been withdrawn while the recording was opened.
    call.check(satellite_id)
    # A player asks for one sound in several ranges.
    part_of_it = status is HTTPStatus.PARTIAL_CONTENT and not headers["Content-Range"].startswith("bytes 0-")
    call.hub.access_log.add(
        call.caller.by, action, recording_ids=(recording_id,), subject=subject, continues=part_of_it
    )
    headers["Content-Disposition"] = disposition
    return web.Response(body=part, status=status, headers=headers, content_type="audio/wav")


class ArchiveView(_View):
    """View that streams recordings of some days as a zip file, opening them one by one while it is sent."""

    url = URL_ARCHIVE
    name = f"api:{DOMAIN}:archive"

    @override
    async def _async_answer(self, call: _Call, **parts: str) -> web.StreamResponse:
        """Stream the archive.

        Query parameters, all optional: first_day, last_day, satellite_id, and recording_ids, separated by commas.
        """
        request = call.request
        recordings, access_log = _asked_for(request, call.hub), call.hub.access_log
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
        sent: dict[str, str] = {}
        """Satellites by recording id."""
        try:
            await response.prepare(request)
            async for piece, info in _archive(request.app[KEY_HASS], call, recordings):
                await response.write(piece)
                if info is not None:
                    sent[info.recording_id] = info.satellite_id
            await response.write_eof()
        except ClientConnectionError, ConnectionError:
            # The client has disconnected; the access log still gets what was sent.
            pass
        except Exception as err:  # noqa: BLE001
            if not isinstance(err, NotLoaded | Refused):
                _LOGGER.error("An archive failed: %s", type_and_place(err))
            # Abort the connection: an incomplete archive must not look complete.
            if request.transport is not None:
                request.transport.abort()
        finally:
            access_log.add(call.caller.by, AuditAction.EXPORTED, recording_ids=sent.keys(), satellites=sent)
        return response


async def _archive(
    hass: HomeAssistant, call: _Call, recordings: list[RecordingInfo]
) -> AsyncIterator[tuple[bytes, RecordingInfo | None]]:
    """Yield pieces of an archive, each with its recording, if it is one.

    Raises Refused as soon as the caller loses the right: user deactivated, token revoked, or no longer an
    administrator; and NotLoaded as soon as the entry is unloaded.
    """
    writer = ArchiveWriter(names_of(call.hub.hass, call.entry.entry_id, call.hub.satellites), dt_util.now())
    for info in recordings:
        if not call.allows(call.right):
            raise Refused
        try:
            _, content = await call.hub.async_read(info.recording_id)
        except StoreError:
            # Not unreadable, if only the store has been closed meanwhile.
            if not call.allows(call.right):
                raise Refused from None
            writer.add_unreadable(info.recording_id)
            continue
        piece = await hass.async_add_executor_job(writer.add, info, content)
        if not call.allows(call.right):
            raise Refused
        yield piece, info
    yield writer.finish(), None


def _asked_for(request: web.Request, hub: VoicePrivacyHub) -> list[RecordingInfo]:
    """Return the recordings that a query selects, oldest first. Raises HTTPBadRequest."""
    try:
        first, last = (
            date.fromisoformat(value) if (value := request.query.get(name)) else None
            for name in ("first_day", "last_day")
        )
    except ValueError:
        raise web.HTTPBadRequest(headers=_HEADERS) from None
    satellite_id = request.query.get("satellite_id") or None
    if satellite_id is not None and satellite_id not in {*hub.satellites, *hub.kept.satellite_ids}:
        raise web.HTTPBadRequest(headers=_HEADERS)
    asked = RecordingFilter(first_day=first, last_day=last, satellite_id=satellite_id)
    recordings: Iterable[RecordingInfo] = hub.recordings.values()
    if (ids := request.query.get("recording_ids")) is not None:
        # Of those that are gone meanwhile, nothing is left to export.
        wanted = frozenset(ids.split(","))
        recordings = [info for info in recordings if info.recording_id in wanted]
    return [info for info in recordings if asked.matches(info)]


def _part(request: web.Request, body: bytes) -> tuple[bytes, int, dict[str, str]]:
    """Return body, status and headers for a Range header. Raises HTTPRequestRangeNotSatisfiable."""
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
