"""Everybody who may stand at a door of the house, signed in for real."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.auth.models import Group, RefreshToken, User
from homeassistant.auth.permissions.models import PermissionLookup
from homeassistant.auth.permissions.types import PolicyType
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.util.json import json_loads_object

from custom_components.voice_privacy.const import DOMAIN
from dev.rig.patience import SLOWER

from .house import ENTRY_ID, KITCHEN, House

ADMIN = "administrator"
AUTOMATION = "automation"
DEACTIVATED = "deactivated"
KITCHEN_MEMBER = "member with control of the kitchen"
LAMP = "user whose policy allows one lamp"
LOCAL = "local-only member"
READER = "member with read only"
REVIEWER = "reviewer"

PEOPLE = (ADMIN, KITCHEN_MEMBER, READER, LAMP, REVIEWER, LOCAL, DEACTIVATED)
"""Those who have an account."""


class Desk:
    """A websocket connection of Home Assistant's, without the wire, so that even a closing one can be tried."""

    def __init__(self, hass: HomeAssistant, user: User, token: RefreshToken | None) -> None:
        """Sign a user in."""
        self.hass = hass
        self.told: list[dict[str, Any]] = []
        self._changed = asyncio.Event()
        self._number = 0
        adapter: Any = _Silent()
        self.connection = ActiveConnection(adapter, hass, self._send, user, token, "127.0.0.1")

    def _send(self, message: Any) -> None:
        self.told.append(message if isinstance(message, dict) else dict(json_loads_object(message)))
        self._changed.set()

    def send(self, command: str, **fields: Any) -> int:
        """Send a command; return its number."""
        self._number += 1
        self.connection.async_handle({"id": self._number, "type": command, **fields})
        return self._number

    def answer_to(self, number: int) -> dict[str, Any] | None:
        """Return the answer to a command, once there is one."""
        return next(
            (one for one in reversed(self.told) if one["type"] == "result" and one["id"] == number),
            None,
        )

    async def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        """Send a command of any domain; return the whole answer."""
        number = self.send(command, **fields)
        await self.until_told(lambda: self.answer_to(number) is not None)
        answer = self.answer_to(number)
        assert answer is not None
        return answer

    async def until_told(self, enough: Callable[[], bool]) -> None:
        """Wait for what is told until that is enough."""
        async with asyncio.timeout(15 * SLOWER):
            while not enough():
                self._changed.clear()
                await self._changed.wait()

    async def code_of(self, name: str, **fields: Any) -> str | None:
        """Send a command of ours; return the code of its error, None when it was done."""
        answer = await self.ask(f"{DOMAIN}/{name}", **fields)
        return None if answer["success"] else str(answer["error"]["code"])

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the events that were told, oldest first."""
        return [
            dict(message["event"])
            for message in self.told
            if message["type"] == "event" and kind in (None, message["event"].get("type"))
        ]


class _Silent:
    """A logger of a connection that nobody reads."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


@dataclass(kw_only=True)
class Person:
    """Somebody with an account."""

    name: str
    user: User
    token: RefreshToken
    access_token: str
    desk: Desk

    @property
    def context(self) -> Context:
        """What stands behind an action that the person calls."""
        return Context(user_id=self.user.id)

    @property
    def headers(self) -> dict[str, str]:
        """What signs a request."""
        return {"Authorization": f"Bearer {self.access_token}"}


async def create_user(hass: HomeAssistant, name: str, policy: PolicyType, **options: Any) -> User:
    """Create a user with a policy of their own."""
    hass.auth._store._groups[name] = Group(name=name, policy=policy, id=name)
    user = await hass.auth.async_create_user(name, group_ids=[name], **options)
    # The test fixture loads no registries for the auth store.
    user.perm_lookup = PermissionLookup(er.async_get(hass), dr.async_get(hass))
    user.invalidate_cache()
    return user


def give_rooms(hass: HomeAssistant, *owners: str) -> dict[str, str]:
    """Put satellites into areas; return the areas' ids."""
    areas = {}
    for owner in owners:
        areas[owner] = ar.async_get(hass).async_get_or_create(f"Room {owner}").id
        device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, owner), ENTRY_ID)
        assert device is not None
        dr.async_get(hass).async_update_device(device.id, area_id=areas[owner])
    return areas


async def people_of(house: House, names: Iterable[str] = PEOPLE) -> dict[str, Person]:
    """Create people and sign them in; the satellites' rooms become areas."""
    hass = house.hass
    if not await hass.auth.async_get_owner():
        # The first user owns the installation, and cannot be deactivated.
        await hass.auth.async_create_user("Owner", group_ids=[GROUP_ID_ADMIN])
    areas = give_rooms(hass, *house.satellites)
    lamp: PolicyType = {"entities": {"entity_ids": {"light.lamp": True}}}
    everybody: dict[str, Person] = {}
    for name in names:
        if name == KITCHEN_MEMBER:
            user = await create_user(hass, name, {"entities": {"area_ids": {areas[KITCHEN]: True}}})
        elif name in (LAMP, REVIEWER):
            user = await create_user(hass, name, lamp)
        else:
            group = {ADMIN: GROUP_ID_ADMIN, READER: GROUP_ID_READ_ONLY}.get(name, GROUP_ID_USER)
            user = await hass.auth.async_create_user(name, group_ids=[group], local_only=name == LOCAL)
        token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
        everybody[name] = Person(
            name=name,
            user=user,
            token=token,
            access_token=hass.auth.async_create_access_token(token),
            desk=Desk(hass, user, token),
        )
        if name == REVIEWER:
            await house.hub.settings.async_set_reviewer(user.id, on=True)
        if name == DEACTIVATED:
            # The connection is still there, as it is until Home Assistant has closed it.
            await hass.auth.async_update_user(user, is_active=False)
    return everybody


async def fetch(client: TestClient[Any, Any], person: Person | None, path: str) -> int:
    """Fetch one of our paths; return the status."""
    headers = {} if person is None else person.headers
    response = await client.get(f"/api/{DOMAIN}/{path}", headers=headers)
    await response.read()
    return response.status
