"""Decorator for websocket commands that binds each command to its door in the table of rights.

Home Assistant logs messages that fail its own validation, including their values, and exceptions of commands.
It therefore validates nothing here: our schema is applied inside the command, which raises no exceptions.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
import contextlib
from dataclasses import dataclass, field
from functools import wraps
import logging
from typing import Any, Final

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection, WebSocketCommandHandler, event_message
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.translation import async_get_exception_message
from homeassistant.util.hass_dict import HassKey
import voluptuous as vol

from ..const import DOMAIN
from ..coordinator import VoicePrivacyConfigEntry, VoicePrivacyRuntimeData, loaded_entry, runtime_of
from ..core.error_place import type_and_place
from ..core.errors import Busy, InvalidRequest, NotLoaded, Refused, VoicePrivacyError
from ..core.models import DeletionScope, Requester
from ..core.well_formed import check_text
from ..hub.callers import Caller, Permissions, signed_in
from ..hub.hub import VoicePrivacyHub
from ..hub.permissions import COMMANDS, Door, Right, right_of
from .serializers import Json

_LOGGER = logging.getLogger(__name__)

_ANYTHING: Final = vol.Schema({}, extra=vol.ALLOW_EXTRA)
"""Schema given to Home Assistant, which accepts any message."""

_ENVELOPE: Final = frozenset({"id", "type"})
"""Fields of every message, which Home Assistant has already validated."""

_MAY_RUN: Final = 50
"""Maximum concurrent commands of one user over all connections; more are refused."""

_MAY_WAIT: Final = (10, 30)
"""Maximum waiting reads of one connection, and of one user; more are refused."""

_MAY_FOLLOW: Final = (50, 200)
"""Maximum subscriptions of one connection, and of one user; more are refused.

Each card of a dashboard has a subscription, and a user may be signed in on many tablets.
"""

_TAB: Final = (DOMAIN, "tab")
"""Key of a connection's counters among its subscriptions."""

_TABS: Final[HassKey[dict[str, _Tab]]] = HassKey(f"{DOMAIN}_tabs")
"""Counters of each user, in hass.data because subscriptions outlive a reload of the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Websocket command whose caller had the right to it when it arrived."""

    hass: HomeAssistant
    connection: ActiveConnection
    entry: VoicePrivacyConfigEntry
    admitted: VoicePrivacyRuntimeData
    """Runtime data of the entry when the command arrived; use `runtime`, which an unload ends."""

    message: Json
    right: Right
    satellite_ids: frozenset[str] | None
    """Ids of the satellites that the command concerns; None for the whole house."""

    tab: _Tab
    """Counters of the connection."""

    @property
    def runtime(self) -> VoicePrivacyRuntimeData:
        """Runtime data of the entry. Raises NotLoaded once the entry has been unloaded or reloaded."""
        return runtime_of(self.entry, self.admitted)

    @property
    def hub(self) -> VoicePrivacyHub:
        """Hub of the entry. Raises NotLoaded."""
        return self.runtime.hub

    @property
    def permissions(self) -> Permissions:
        """Permissions of the entry. Raises NotLoaded."""
        return self.runtime.permissions

    @property
    def caller(self) -> Caller:
        """User and token of the connection."""
        return _caller(self.connection)

    @property
    def by(self) -> Requester:
        """Requester for the access log, bound to the command's right so that it can be checked again."""
        return self.permissions.bind(self.caller, self.right, self.satellite_ids)

    @property
    def by_user(self) -> Requester:
        """The same, for what is done after the user has signed out: a revoked token changes nothing."""
        return self.permissions.bind(signed_in(self.connection.user, None), self.right, self.satellite_ids)

    def check(self) -> None:
        """Check the right to the command again between two steps. Raises Refused or NotLoaded."""
        self.permissions.check(self.caller, self.right, self.satellite_ids)

    def allows(self, right: Right, satellite_ids: Collection[str] | None = None) -> bool:
        """Return whether the caller currently has another right; nobody has one while nothing is loaded."""
        try:
            return self.permissions.allows(self.caller, right, satellite_ids)
        except NotLoaded:
            return False

    @property
    def knows_clips(self) -> bool:
        """True if the caller may know which recording a clip of the review pool is.

        Other callers get no data that identifies a clip, such as the exact size of a recording.
        """
        return self.allows(Right.MANAGE_REVIEW)

    def push(self, event: Json) -> None:
        """Send an event to the subscription, unless it has ended."""
        if self.message["id"] in self.connection.subscriptions:
            self.connection.send_message(event_message(self.message["id"], event))

    async def report(self, work: Awaitable[None]) -> None:
        """Await work that answers with events, and send its exception as a final event."""
        try:
            await work
        except Exception as err:  # noqa: BLE001
            self.push({"type": "failed", "code": _error_to_report(err).code})

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold the lock for reads of this user. Raises Busy or Refused."""
        tabs = self._tabs
        if any(tab.waiting > limit for tab, limit in zip(tabs, _MAY_WAIT, strict=True)):
            raise Busy
        for tab in tabs:
            tab.waiting += 1
        try:
            async with tabs[1].lock:
                self.check()
                yield
        finally:
            for tab in tabs:
                tab.waiting -= 1

    @contextlib.contextmanager
    def under_way(self) -> Iterator[None]:
        """Count a concurrent command of this user. Raises Busy above the maximum."""
        user = self._tabs[1]
        if user.under_way >= _MAY_RUN:
            raise Busy
        user.under_way += 1
        try:
            yield
        finally:
            user.under_way -= 1

    def follow(self, unsubscribe: Collection[CALLBACK_TYPE]) -> None:
        """Keep this subscription until the client ends it or disconnects.

        Raises Busy above the maximum, and InvalidRequest if the client has disconnected since it asked: nothing
        would ever end it.
        """
        tabs = self._tabs
        if self.tab.closed:
            for end in unsubscribe:
                end()
            raise InvalidRequest
        if any(tab.following >= limit for tab, limit in zip(tabs, _MAY_FOLLOW, strict=True)):
            for end in unsubscribe:
                end()
            raise Busy
        for tab in tabs:
            tab.following += 1

        @callback
        def stop() -> None:
            for tab in tabs:
                tab.following -= 1
            for end in unsubscribe:
                end()

        self.connection.subscriptions[self.message["id"]] = stop

    @property
    def _tabs(self) -> tuple[_Tab, _Tab]:
        """Counters of the connection and of its user."""
        return self.tab, self.hass.data.setdefault(_TABS, {}).setdefault(self.connection.user.id, _Tab())


@dataclass(slots=True)
class _Tab:
    """Counters of a connection or of a user.

    Those of a connection are stored among its subscriptions, which are called when it closes.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    """Reads that wait for the lock, and the read that holds it."""

    following: int = 0
    """Open subscriptions."""

    under_way: int = 0
    """Unanswered commands; counted only per user."""

    closed: bool = False
    """True if the connection is closed; of a connection only."""

    def __call__(self) -> None:
        """Note that the connection closes."""
        self.closed = True


def _tab_of(connection: ActiveConnection) -> _Tab:
    """Return the counters of a connection."""
    subscriptions: dict[Any, Any] = connection.subscriptions
    tab: _Tab = subscriptions.setdefault(_TAB, _Tab())
    return tab


type Handler = Callable[[Call], Awaitable[Any]]
type Commands = dict[str, WebSocketCommandHandler]
"""Commands that a module registers, by message type."""


def _caller(connection: ActiveConnection) -> Caller:
    """Return the user and token of a connection as a caller."""
    return signed_in(connection.user, connection.refresh_token_id)


def command(
    commands: Commands, name: str, fields: dict[Any, Any] | None = None
) -> Callable[[Handler], Handler]:
    """Return a decorator for a command that checks the caller's right and answers with a result or an error.

    Raises KeyError if the table of rights does not list the command.
    """
    door = COMMANDS[name]
    schema = vol.Schema(fields or {})

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        async def run(hass: HomeAssistant, connection: ActiveConnection, msg: Json) -> None:
            if (entry := loaded_entry(hass)) is None:
                _send_error(connection, msg["id"], NotLoaded.code)
                return
            try:
                call = _admit(hass, connection, entry, _checked(schema, msg), door)
                with call.under_way():
                    answer = await handler(call)
                connection.send_result(msg["id"], answer)
            except Exception as err:  # noqa: BLE001
                told = _error_to_report(err)
                _send_error(connection, msg["id"], told.code, told.placeholders)

        commands[f"{DOMAIN}/{name}"] = websocket_api.async_response(run)
        return handler

    return decorate


def _checked(schema: vol.Schema, message: Json) -> Json:
    """Return a validated message. Raises InvalidRequest, which contains no values."""
    try:
        check_text(message)
        fields: Json = schema({name: value for name, value in message.items() if name not in _ENVELOPE})
    except Exception:  # noqa: BLE001
        # The text of the error may contain the invalid value.
        raise InvalidRequest from None
    return fields | {name: message[name] for name in _ENVELOPE}


def _error_to_report(err: Exception) -> VoicePrivacyError:
    """Return the error to report; log foreign errors by type only, since their text may contain values."""
    if isinstance(err, VoicePrivacyError):
        return err
    _LOGGER.error("A websocket command failed: %s", type_and_place(err))
    return VoicePrivacyError()


def _send_error(
    connection: ActiveConnection, number: int, code: str, placeholders: dict[str, str] | None = None
) -> None:
    """Send an error with its code and its translated message."""
    connection.send_error(
        number,
        code,
        async_get_exception_message(DOMAIN, code, placeholders),
        translation_domain=DOMAIN,
        translation_key=code,
        translation_placeholders=placeholders,
    )


async def async_names(hass: HomeAssistant) -> dict[str, str]:
    """Return the names of users by id, and of automations and scripts by entity id."""
    users = {user.id: user.name for user in await hass.auth.async_get_users() if user.name}
    return users | {state.entity_id: state.name for state in hass.states.async_all(("automation", "script"))}


# --- admission -----------------------------------------------------------------------------------


def _admit(
    hass: HomeAssistant,
    connection: ActiveConnection,
    entry: VoicePrivacyConfigEntry,
    message: Json,
    door: Door,
) -> Call:
    """Return the call if the caller has the right to the command. Raises Refused or InvalidRequest."""
    hub, permissions = entry.runtime_data.hub, entry.runtime_data.permissions
    right, caller = right_of(door, message), _caller(connection)
    recordings = _recordings_named(message, right)
    named = _satellites_named(hub, message, recordings)
    if recordings == [] or message.get("satellite_ids") == []:
        # An empty list selects nothing; it must not be taken for everything.
        raise InvalidRequest if permissions.allows_somewhere(caller, right) else Refused
    if any(hub.satellite_of(recording_id) is None for recording_id in recordings or ()):
        # Unknown or deleted recordings may be from any room, so the right to the whole house is needed.
        permissions.check(caller, Right.DELETE_ALL)
    permissions.check(caller, right, named)
    if named is not None and not named <= {*hub.satellites, *hub.kept.satellite_ids}:
        raise InvalidRequest
    return Call(
        hass=hass,
        connection=connection,
        entry=entry,
        admitted=entry.runtime_data,
        message=message,
        right=right,
        satellite_ids=named,
        tab=_tab_of(connection),
    )


def _recordings_named(message: Json, right: Right) -> list[str] | None:
    """Return the recording ids of a deletion by ids; None for other scopes and commands."""
    if right is Right.DELETE_SELECTED and "recording_id" in message:
        return [message["recording_id"]]
    if message.get("scope") is not DeletionScope.IDS:
        return None
    ids: list[str] = message.get("recording_ids", [])
    return ids


def _satellites_named(
    hub: VoicePrivacyHub, message: Json, recordings: list[str] | None
) -> frozenset[str] | None:
    """Return the satellites that a command names directly or by recordings; None if it names none."""
    named: set[str] = set(message.get("satellite_ids") or ())
    if (satellite_id := message.get("satellite_id")) is not None:
        named.add(satellite_id)
    if recordings is not None:
        named.update(
            found for recording_id in recordings if (found := hub.satellite_of(recording_id)) is not None
        )
    return frozenset(named) or None


@callback
def async_register(hass: HomeAssistant, commands: Commands) -> None:
    """Register the commands of a module."""
    for name, handler in commands.items():
        websocket_api.async_register_command(hass, name, handler, _ANYTHING)
