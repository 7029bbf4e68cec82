"""Users of a fresh Home Assistant, made through its own API."""

from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from .ha_client import HomeAssistantClient

_LIFESPAN_DAYS: Final = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who can log in."""

    name: str
    password: str


OWNER: Final = User(name="demo", password="demo")
GUEST: Final = User(name="guest", password="guest")


async def _post(session: aiohttp.ClientSession, url: str, **request: Any) -> dict[str, Any]:
    async with session.post(url, **request) as response:
        response.raise_for_status()
        return dict(await response.json())


async def _token(session: aiohttp.ClientSession, url: str, code: str) -> str:
    """Change an authorization code into a token that outlives restarts."""
    form = {"grant_type": "authorization_code", "code": code, "client_id": f"{url}/"}
    access_token = (await _post(session, f"{url}/auth/token", data=form))["access_token"]
    async with HomeAssistantClient(url, access_token) as client:
        return str(
            await client.command("auth/long_lived_access_token", client_name="rig", lifespan=_LIFESPAN_DAYS)
        )


async def create_owner(url: str, user: User = OWNER) -> str:
    """Take the user step of onboarding and return the owner's token; it makes the areas, too."""
    body = {
        "name": user.name.capitalize(),
        "username": user.name,
        "password": user.password,
        "client_id": f"{url}/",
        "language": "en",
    }
    async with aiohttp.ClientSession() as session:
        code = (await _post(session, f"{url}/api/onboarding/users", json=body))["auth_code"]
        return await _token(session, url, code)


async def create_user(owner: HomeAssistantClient, user: User = GUEST) -> str:
    """Make somebody who is no administrator and return their token."""
    created = await owner.command(
        "config/auth/create", name=user.name.capitalize(), group_ids=["system-users"], local_only=False
    )
    await owner.command(
        "config/auth_provider/homeassistant/create",
        user_id=created["user"]["id"],
        username=user.name,
        password=user.password,
    )
    url = owner.url
    async with aiohttp.ClientSession() as session:
        flow = await _post(
            session,
            f"{url}/auth/login_flow",
            json={"client_id": f"{url}/", "handler": ["homeassistant", None], "redirect_uri": f"{url}/"},
        )
        body = {"client_id": f"{url}/", "username": user.name, "password": user.password}
        done = await _post(session, f"{url}/auth/login_flow/{flow['flow_id']}", json=body)
        return await _token(session, url, done["result"])
