"""Triggers and conditions in Home Assistant's own editor: found by name, saved, and started by what happens."""

import asyncio
from collections.abc import AsyncGenerator
import json
from pathlib import Path
from typing import Final

from homeassistant.util.yaml import load_yaml_dict
from playwright.async_api import Page
import pytest
import pytest_asyncio

from dev.rig import automations
from dev.rig.automations import PATIENCE, saved
from dev.rig.browser import Browser, Tab
from dev.rig.past_house import PastHouse, past_house

PACKAGE: Final = Path(__file__).parents[2] / "custom_components" / "voice_privacy"


def texts(language: str, section: str) -> dict[str, str]:
    """Return the name of each trigger or condition in a language."""
    translated = json.loads((PACKAGE / "translations" / f"{language}.json").read_text("utf-8"))[section]
    described = load_yaml_dict(str(PACKAGE / f"{section}.yaml"))
    return {key: translated[key]["name"] for key in described if not key.startswith(".")}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[PastHouse]:
    """A house with recordings."""
    async with past_house(tmp_path_factory.mktemp("editor"), "Hall") as home:
        yield home


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(home: PastHouse) -> AsyncGenerator[Browser]:
    """A browser."""
    async with Browser.launch(home.house.url) as browser:
        yield browser


async def make(tab: Tab, button: str, names: list[str], title: str, save: str) -> None:
    """Add what has these names in the editor, and save it."""
    page: Page = tab.page
    await tab.open("/config/automation/edit/new")
    picker = page.locator("add-automation-element-dialog")
    for name in names:
        await page.get_by_role("button", name=button).first.click(timeout=PATIENCE)
        await picker.locator("input").first.fill(name)
        await picker.get_by_text(name, exact=True).first.click(timeout=PATIENCE)
        await page.locator("ha-automation-sidebar").get_by_text(name, exact=True).first.wait_for()
    await automations.save(tab, button=save, title=title)


@pytest.mark.parametrize(
    ("language", "trigger", "condition", "save"),
    [
        ("en", "Add trigger", "Add condition", "Save"),
        ("de", "Auslöser hinzufügen", "Bedingung hinzufügen", "Speichern"),
    ],
)
async def test_everything_is_offered_by_name_and_can_be_saved(
    home: PastHouse, browser: Browser, language: str, trigger: str, condition: str, save: str
) -> None:
    tab = await browser.sign_in(home.house.token, language=language)
    client = home.house.client
    triggers, conditions = texts(language, "triggers"), texts(language, "conditions")
    await make(tab, trigger, list(triggers.values()), f"When {language}", save)
    await make(tab, condition, list(conditions.values()), f"If {language}", save)
    for title, section, keys in (("When", "triggers", triggers), ("If", "conditions", conditions)):
        state = await saved(client, f"{title} {language}")
        assert state["state"] == "on"
        config = (await client.command("automation/config", entity_id=state["entity_id"]))["config"]
        found = {one[section.removesuffix("s")].partition(".")[2] for one in config[section]}
        assert found == keys.keys()

    await client.command("call_service", domain="voice_privacy", service="delete_last", return_response=True)
    async with asyncio.timeout(10):
        while (await saved(client, f"When {language}"))["attributes"]["last_triggered"] is None:
            pass
    assert tab.complaints == []
    await tab.page.context.close()
