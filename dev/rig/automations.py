"""Home Assistant's automation editor in a browser, and the automations that it has saved."""

import asyncio
import re
from typing import Any, Final

from .browser import Tab
from .ha_client import HomeAssistantClient
from .patience import SLOWER

PATIENCE: Final = 30_000 * SLOWER
"""Milliseconds that an editor may take to open."""


async def save(tab: Tab, *, button: str = "Save", title: str | None = None) -> None:
    """Save the automation that is open in the editor.

    Args:
        tab: Tab with the editor.
        button: Text of the button in the tab's language.
        title: Name of the automation; None for an automation of a blueprint, which has the name of the blueprint.
    """
    page = tab.page
    async with page.expect_response(
        lambda response: "/api/config/automation/config/" in response.url, timeout=PATIENCE
    ) as answer:
        await page.get_by_role("button", name=button).first.click()
        if title is not None:
            dialog = page.locator("ha-dialog-automation-save")
            await dialog.locator("input").first.fill(title)
            await dialog.get_by_role("button", name=button).click()
    assert (await answer.value).status == 200
    # The editor goes on to the automation's own address; only then may another be opened.
    await page.wait_for_url(re.compile(r"/edit/\d+"), timeout=PATIENCE)


async def saved(client: HomeAssistantClient, title: str) -> dict[str, Any]:
    """Return the state of an automation, once it is there."""
    async with asyncio.timeout(10 * SLOWER):
        while True:
            for state in await client.command("get_states"):
                if state["attributes"].get("friendly_name") == title:
                    return dict(state)


async def write(client: HomeAssistantClient, automation_id: str, config: dict[str, Any]) -> None:
    """Save an automation as the editor does; Home Assistant loads it before it answers."""
    status, answer = await client.rest("POST", f"/api/config/automation/config/{automation_id}", config)
    assert status == 200, answer
