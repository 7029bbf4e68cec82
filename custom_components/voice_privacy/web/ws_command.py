"""How websocket commands are made: each is bound to the right that the table of rights names for it.

Home Assistant logs what its own check of a message refuses, values included, and whatever a command raises.
So it checks nothing here: our schema is applied when the command is answered, and no error leaves a command.
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
from ..coordinator import VoicePrivacyConfigEntry, loaded_entry
from ..core.errors import Busy, InvalidRequest, Refused, VoicePrivacyError
from ..core.models import DeletionScope, Requester
from ..core.well_formed import check_text
from ..hub.callers import Caller, Permissions, signed_in
from ..hub.hub import VoicePrivacyHub
from ..hub.permissions import COMMANDS, Door, Right, right_of
from .serializers import Json

_LOGGER = logging.getLogger(__name__)

_ANYTHING: Final = vol.Schema({}, extra=vol.ALLOW_EXTRA)
"""What Home Assistant checks of a message."""

_ENVELOPE: Final = frozenset({"id", "type"})
"""Fields of every message, which Home Assistant has read by then."""

_MAY_RUN: Final = 50
"""Commands of one user, over all connections, that may be under way at once; more are refused."""

_MAY_WAIT: Final = (10, 30)
"""Readings of one connection, and of one user, that may wait for the one before them; more are refused."""

_MAY_FOLLOW: Final = (50, 200)
"""Subscriptions of one connection, where each card of a dashboard has one, and of one user, who may have
signed in at many tablets; more are refused."""

_TAB: Final = (DOMAIN, "tab")
"""Under this name a connection's own bookkeeping is kept beside its subscriptions."""

_TABS: Final[HassKey[dict[str, _Tab]]] = HassKey(f"{DOMAIN}_tabs")
"""What each user has under way; subscriptions outlive a reload of the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command on its way, whose caller had the right to it when it came."""

    hass: HomeAssistant
    connection: ActiveConnection
    entry: VoicePrivacyConfigEntry
    message: Json
    right: Right
    satellite_ids: frozenset[str] | None
    """The satellites that it is about; None for the whole house."""

    @property
    def hub(self) -> VoicePrivacyHub:
        """The loaded hub."""
        return self.entry.runtime_data.hub

    @property
    def permissions(self) -> Permissions:
        """Who may do what."""
        return self.entry.runtime_data.permissions

    @property
    def caller(self) -> Caller:
        """Whoever is signed in."""
        return _caller(self.connection)

    @property
    def by(self) -> Requester:
        """How the access log names whoever is signed in, and what asks for the right to the command again."""
        return self.permissions.bind(self.caller, self.right, self.satellite_ids)

    def check(self) -> None:
        """Ask again, between two steps, for the right to the command. Raises Refused."""
        self.permissions.check(self.caller, self.right, self.satellite_ids)

    def allows(self, right: Right, satellite_ids: Collection[str] | None = None) -> bool:
        """Return whether the caller has another right now."""
        return self.permissions.allows(self.caller, right, satellite_ids)

    @property
    def knows_clips(self) -> bool:
        """Whether the caller may know which recording a clip of the review pool is.

        Nobody else is told what a clip could be recognized by, such as the exact size of a recording.
        """
        return self.allows(Right.MANAGE_REVIEW)

    def push(self, event: Json) -> None:
        """Send an event of this subscription, unless it has ended."""
        if self.message["id"] in self.connection.subscriptions:
            self.connection.send_message(event_message(self.message["id"], event))

    async def report(self, work: Awaitable[None]) -> None:
        """Wait for work that answers by events; what it fails with is told as the last one."""
        try:
            await work
        except Exception as err:  # noqa: BLE001
            self.push({"type": "failed", "code": _last_reported(err).code})

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until no other reading of this user is under way. Raises Busy or Refused."""
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
        """Count what is done for this user now. Raises Busy where that is too much."""
        user = self._tabs[1]
        if user.under_way >= _MAY_RUN:
            raise Busy
        user.under_way += 1
        try:
            yield
        finally:
            user.under_way -= 1

    def follow(self, unsubscribe: Collection[CALLBACK_TYPE]) -> None:
        """Keep this subscription until the client ends it or goes away. Raises Busy."""
        tabs = self._tabs
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
        """What the connection, and what its user have under way."""
        subscriptions: dict[Any, Any] = self.connection.subscriptions
        tab: _Tab = subscriptions.setdefault(_TAB, _Tab())
        return tab, self.hass.data.setdefault(_TABS, {}).setdefault(self.connection.user.id, _Tab())


@dataclass(slots=True)
class _Tab:
    """What one connection, or one user, has under way.

    A connection's is kept with its subscriptions, which are called when it closes.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    """Readings that wait for their turn, and the one that has it."""

    following: int = 0
    """Subscriptions."""

    under_way: int = 0
    """Commands that are not answered yet; counted for a user only."""

    def __call__(self) -> None:
        """Nothing has to be undone."""


type Handler = Callable[[Call], Awaitable[Any]]
type Commands = dict[str, WebSocketCommandHandler]
"""What a module has to register, by type of message."""


def _caller(connection: ActiveConnection) -> Caller:
    """Return who is signed in at a connection."""
    return signed_in(connection.user, connection.refresh_token_id)


def command(
    commands: Commands, name: str, fields: dict[Any, Any] | None = None
) -> Callable[[Handler], Handler]:
    """Turn a function into a command that asks for its right, and answers with a result or an error's code.

    Raises KeyError for a command that the table of rights does not name.
    """
    door = COMMANDS[name]
    schema = vol.Schema(fields or {})

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        async def run(hass: HomeAssistant, connection: ActiveConnection, msg: Json) -> None:
            if (entry := loaded_entry(hass)) is None:
                _send_error(connection, msg["id"], "not_loaded")
                return
            try:
                call = _admit(hass, connection, entry, _checked(schema, msg), door)
                with call.under_way():
                    answer = await handler(call)
                connection.send_result(msg["id"], answer)
            except Exception as err:  # noqa: BLE001
                told = _last_reported(err)
                _send_error(connection, msg["id"], told.code, told.placeholders)

        commands[f"{DOMAIN}/{name}"] = websocket_api.async_response(run)
        return handler

    return decorate


def _checked(schema: vol.Schema, message: Json) -> Json:
    """Return a message whose fields are what they should be. Raises InvalidRequest, without any value."""
    try:
        check_text(message)
        fields: Json = schema({name: value for name, value in message.items() if name not in _ENVELOPE})
    except Exception:  # noqa: BLE001
        # Whatever a check stumbles over is in its error's text.
        raise InvalidRequest from None
    return fields | {name: message[name] for name in _ENVELOPE}


def _last_reported(err: Exception) -> VoicePrivacyError:
    """Return what is told of an error; what is not ours is logged by its type, for its text may hold a value."""
    if isinstance(err, VoicePrivacyError):
        return err
    _LOGGER.error("A command failed: %s", type(err).__name__)
    return VoicePrivacyError()


def _send_error(
    connection: ActiveConnection, number: int, code: str, placeholders: dict[str, str] | None = None
) -> None:
    """Answer with an error's code and its words."""
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


# --- who is let in -------------------------------------------------------------------------------


def _admit(
    hass: HomeAssistant,
    connection: ActiveConnection,
    entry: VoicePrivacyConfigEntry,
    message: Json,
    door: Door,
) -> Call:
    """Let a command in whose caller has its right. Raises Refused or InvalidRequest."""
    hub, permissions = entry.runtime_data.hub, entry.runtime_data.permissions
    right, caller = right_of(door, message), _caller(connection)
    recordings = _recordings_named(message)
    named = _satellites_named(hub, message, recordings)
    if recordings == [] or message.get("satellite_ids") == []:
        # Nothing is meant by nothing, least of all everything.
        raise InvalidRequest if permissions.allows_somewhere(caller, right) else Refused
    if any(hub.satellite_of(one) is None for one in recordings or ()):
        # What nobody knows, or knows no more, may have been said in any room.
        permissions.check(caller, Right.DELETE_ALL)
    permissions.check(caller, right, named)
    if named is not None and not named <= {*hub.satellites, *hub.kept.satellite_ids}:
        raise InvalidRequest
    return Call(
        hass=hass,
        connection=connection,
        entry=entry,
        message=message,
        right=right,
        satellite_ids=named,
    )


def _recordings_named(message: Json) -> list[str] | None:
    """Return the recordings that a deletion names; None where it is about others."""
    if message.get("scope") is not DeletionScope.IDS:
        return None
    ids: list[str] = message.get("recording_ids", [])
    return ids


def _satellites_named(
    hub: VoicePrivacyHub, message: Json, recordings: list[str] | None
) -> frozenset[str] | None:
    """Return the satellites that a command names, itself or by recordings; None where it names none."""
    named: set[str] = set(message.get("satellite_ids") or ())
    if (one := message.get("satellite_id")) is not None:
        named.add(one)
    if recordings is not None:
        named.update(found for one in recordings if (found := hub.satellite_of(one)) is not None)
    return frozenset(named) or None


@callback
def async_register(hass: HomeAssistant, commands: Commands) -> None:
    """Register a module's commands."""
    for name, handler in commands.items():
        websocket_api.async_register_command(hass, name, handler, _ANYTHING)
