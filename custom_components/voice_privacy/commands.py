"""How commands of the page are made: each finds the hub and asks anew whether its user may do that."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection, event_message
from homeassistant.core import HomeAssistant, callback
import voluptuous as vol

from .access import loaded_entry, may_listen, may_review
from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry
from .core.errors import VoicePrivacyError
from .core.models import Requester, RequesterKind
from .hub import VoicePrivacyHub
from .presentation import Json


class Refused(VoicePrivacyError):
    """The user may not do that."""

    code = "unauthorized"


class InvalidRequest(VoicePrivacyError):
    """The fields do not make sense together."""

    code = "invalid_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command on its way."""

    hass: HomeAssistant
    connection: ActiveConnection
    entry: VoicePrivacyConfigEntry
    message: Json

    @property
    def hub(self) -> VoicePrivacyHub:
        """The loaded hub."""
        return self.entry.runtime_data.hub

    @property
    def by(self) -> Requester:
        """Whoever is signed in."""
        return Requester(kind=RequesterKind.USER, user_id=self.connection.user.id)

    def check_listener(self) -> None:
        """Raise Refused for those who may not list and play."""
        if not may_listen(self.hub, self.connection.user):
            raise Refused

    def check_reviewer(self) -> None:
        """Raise Refused for those who may not review."""
        if not may_review(self.hub, self.connection.user):
            raise Refused

    def check_admin(self) -> None:
        """Raise Refused for everybody but administrators."""
        if not self.connection.user.is_admin:
            raise Refused

    def push(self, event: Json) -> None:
        """Send an event of this subscription."""
        self.connection.send_message(event_message(self.message["id"], event))


type Handler = Callable[[Call], Awaitable[Any]]
type Commands = list[Any]
"""What a module has to register."""


def command(
    commands: Commands, name: str, fields: dict[Any, Any] | None = None
) -> Callable[[Handler], Handler]:
    """Turn a function into a command: find the hub, answer with its result or with its error's code."""

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        async def answer(hass: HomeAssistant, connection: ActiveConnection, msg: Json) -> None:
            if (entry := loaded_entry(hass)) is None:
                connection.send_error(msg["id"], "not_loaded", "Voice Privacy is not loaded")
                return
            try:
                result = await handler(Call(hass=hass, connection=connection, entry=entry, message=msg))
            except VoicePrivacyError as err:
                connection.send_error(msg["id"], err.code, err.__doc__ or err.code)
            else:
                connection.send_result(msg["id"], result)

        schema = {vol.Required("type"): f"{DOMAIN}/{name}", **(fields or {})}
        commands.append(websocket_api.websocket_command(schema)(websocket_api.async_response(answer)))
        return handler

    return decorate


@callback
def async_register(hass: HomeAssistant, commands: Commands) -> None:
    """Register a module's commands."""
    for one in commands:
        websocket_api.async_register_command(hass, one)
