"""Groups of users whose rights end at a room: Home Assistant knows them, and has no screen for them."""

from typing import Any, Final

from .ha_client import HomeAssistantClient
from .onboarding import User, create_user

READ_ONLY: Final = "system-read-only"
"""A group of Home Assistant's own: its users read every entity, and control none."""

KITCHEN: Final = "kitchen"
NOWHERE: Final = "nowhere"

GROUPS: Final[dict[str, dict[str, Any]]] = {
    KITCHEN: {"entities": {"area_ids": {"kitchen": True}}},
    NOWHERE: {"entities": {"area_ids": {"no_such_area": True}}},
}
"""Policies by group, for a house that starts for the first time: who controls the kitchen, and who nothing."""


async def create_in_group(owner: HomeAssistantClient, name: str, group: str) -> str:
    """Create a user of one group; return a token of theirs."""
    token = await create_user(owner, User(name=name, password=name))
    (created,) = [user for user in await owner.command("config/auth/list") if user["username"] == name]
    await owner.command("config/auth/update", user_id=created["id"], group_ids=[group])
    return token
