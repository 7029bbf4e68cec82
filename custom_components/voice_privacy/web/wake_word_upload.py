"""HTTP view that takes a wake word model: one file, or a TensorFlow Lite file with its manifest."""

import asyncio
from collections.abc import Iterator
import contextlib
from http import HTTPStatus
import logging
from typing import ClassVar, Final

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from homeassistant.auth.models import User
from homeassistant.components.http.const import KEY_AUTHENTICATED, KEY_HASS_REFRESH_TOKEN_ID, KEY_HASS_USER
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.translation import async_get_exception_message
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..coordinator import loaded_entry, runtime_of
from ..core.error_place import type_and_place
from ..core.errors import (
    Busy,
    InvalidRequest,
    ModelExists,
    ModelFileTooLarge,
    NotLoaded,
    Refused,
    VoicePrivacyError,
)
from ..hub.callers import signed_in
from ..hub.permissions import VIEWS, Door, right_of
from ..hub.wake_words import async_add_file
from ..wake.model_content import MAX_FILE_SIZE
from ..wake.model_store import MAX_MANIFEST_SIZE

_LOGGER = logging.getLogger(__name__)

URL: Final = f"/api/{DOMAIN}/wake_words"

_LIMITS: Final = {"model": MAX_FILE_SIZE, "manifest": MAX_MANIFEST_SIZE}
"""Parts of a request, with their maximum sizes in bytes."""

_MAX_OVERHEAD: Final = 64 * 1024
"""Bytes of a request beside its files."""

_MAX_BODY: Final = sum(_LIMITS.values()) + _MAX_OVERHEAD
_MAX_SECONDS: Final = 300.0
"""Time that a request may take to arrive."""


_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
_STATUS: Final[dict[type[VoicePrivacyError], HTTPStatus]] = {
    Busy: HTTPStatus.TOO_MANY_REQUESTS,
    ModelExists: HTTPStatus.CONFLICT,
    ModelFileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refused: HTTPStatus.FORBIDDEN,
    NotLoaded: HTTPStatus.SERVICE_UNAVAILABLE,
}
_UPLOADING: Final[HassKey[set[str]]] = HassKey(f"{DOMAIN}_uploading")
"""Ids of the users who upload something."""


@callback
def async_setup_upload(hass: HomeAssistant) -> None:
    """Register the view."""
    hass.http.register_view(WakeWordUploadView)


class WakeWordUploadView(HomeAssistantView):
    """View that adds a wake word model to the folder.

    It checks the right itself and answers 403 without it: a 401 would count as a failed login.
    """

    requires_auth = False
    url = URL
    name = f"api:{DOMAIN}:wake_words"
    door: ClassVar[Door] = VIEWS["wake_words"]

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Add the model in a request; answer with its file name, or with the reason why not."""
        try:
            file = await self._async_add(request)
        except VoicePrivacyError as err:
            response = _failure(err)
        except web.HTTPException, ConnectionError:
            raise
        except Exception as err:  # noqa: BLE001
            # aiohttp would log the text of the error, which may contain a file name.
            _LOGGER.error("An upload failed: %s", type_and_place(err))
            response = _failure(VoicePrivacyError(), HTTPStatus.INTERNAL_SERVER_ERROR)
        else:
            return web.json_response({"file": file}, headers=_HEADERS)
        # What is left of the body is not read.
        response.force_close()
        return response

    async def _async_add(self, request: web.Request) -> str:
        """Return the name of the added file. Raises VoicePrivacyError."""
        hass = request.app[KEY_HASS]
        user: User | None = request.get(KEY_HASS_USER) if request[KEY_AUTHENTICATED] else None
        if user is None:
            raise Refused
        if (entry := loaded_entry(hass)) is None:
            raise NotLoaded
        admitted, right = entry.runtime_data, right_of(self.door, {})
        permissions = admitted.permissions
        caller = signed_in(user, request.get(KEY_HASS_REFRESH_TOKEN_ID))
        permissions.check(caller, right, None)
        with _one_at_a_time(hass, user.id):
            name, parts = await _async_parts(request)
            by = permissions.bind(caller, right)
            await by.async_check()
            hub = runtime_of(entry, admitted).hub
            return await async_add_file(hub, name, parts["model"], parts.get("manifest"), by)


@contextlib.contextmanager
def _one_at_a_time(hass: HomeAssistant, user_id: str) -> Iterator[None]:
    """Hold the place of a user's only upload. Raises Busy."""
    uploading = hass.data.setdefault(_UPLOADING, set())
    if user_id in uploading:
        raise Busy
    uploading.add(user_id)
    try:
        yield
    finally:
        uploading.discard(user_id)


async def _async_parts(request: web.Request) -> tuple[str, dict[str, bytes]]:
    """Return the name of the model and the parts of a request. Raises InvalidRequest or ModelFileTooLarge."""
    if request.content_type != "multipart/form-data":
        raise InvalidRequest
    if (request.content_length or 0) > _MAX_BODY:
        raise ModelFileTooLarge("the file is too large for a wake word model")
    name, parts = "", dict[str, bytes]()
    try:
        async with asyncio.timeout(_MAX_SECONDS):
            reader = await request.multipart()
            while (part := await reader.next()) is not None:
                if not isinstance(part, BodyPartReader) or part.name not in _LIMITS or part.name in parts:
                    raise InvalidRequest
                if part.name == "model":
                    name = part.filename or ""
                parts[part.name] = await _async_read(part, _LIMITS[part.name])
    except TimeoutError:
        raise InvalidRequest from None
    except web.HTTPRequestEntityTooLarge:
        raise ModelFileTooLarge("a header of the request is too large") from None
    except ValueError, AssertionError, LookupError, RuntimeError, HttpProcessingError:
        # What aiohttp raises for a body that is not what its headers say.
        raise InvalidRequest from None
    if "model" not in parts:
        raise InvalidRequest
    return name, parts


async def _async_read(part: BodyPartReader, limit: int) -> bytes:
    """Return the content of a part. Raises ModelFileTooLarge, or InvalidRequest for an encoded part."""
    if (
        "Content-Encoding" in part.headers
        or part.headers.get("Content-Transfer-Encoding", "binary") != "binary"
    ):
        raise InvalidRequest
    content = bytearray()
    while piece := await part.read_chunk():
        content += piece
        if len(content) > limit:
            raise ModelFileTooLarge("the file is too large for a wake word model")
    return bytes(content)


def _failure(err: VoicePrivacyError, status: HTTPStatus | None = None) -> web.Response:
    """Return the response for an error, with its code and its translated message."""
    return web.json_response(
        {
            "code": err.code,
            "message": async_get_exception_message(DOMAIN, err.code, err.placeholders),
            "placeholders": err.placeholders,
        },
        status=status or _STATUS.get(type(err), HTTPStatus.BAD_REQUEST),
        headers=_HEADERS,
    )
