"""The blueprints in a real house: imported in the browser, turned into automations, and run to their effect.

The files come from a server on this machine: Home Assistant's importer reads any address, and warns of those that
are neither GitHub nor its own website. That our links lead to addresses on GitHub that it reads without a warning,
and save as below, is tested in `tests/integration/test_blueprints.py`. Two automations are made in Home Assistant's
form, in English and in German; the others are saved through the address that the form saves to.

The tests follow one another in one house.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
import pytest
import pytest_asyncio

from dev.rig import automations
from dev.rig.automations import PATIENCE, saved
from dev.rig.browser import Browser, Tab
from dev.rig.flows import run_flow
from dev.rig.furnish import add_integration, add_wyoming, place_kitchen_light, use_speech_servers
from dev.rig.ha_client import EventStream, HomeAssistantClient
from dev.rig.house import HOST, HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.past import fill, utterance
from dev.rig.satellite import Satellite
from dev.rig.sealed import Sealed
from dev.rig.speech_servers import SttServer, TtsServer
from dev.rig.voices import synthesize

FOLDER: Final = Path(__file__).parents[2] / "blueprints/automation/voice_privacy"
NAMES: Final = sorted(path.stem for path in FOLDER.glob("*.yaml"))
TV: Final = "input_boolean.tv"
CALENDAR: Final = "calendar.family"
GUEST_MODE: Final = "switch.voice_privacy_guest_mode"
COMMAND: Final = "turn on the kitchen light"

TELEVISION: Final = """\
media_player:
  - platform: universal
    name: Television
    unique_id: television
    state_template: "{{ 'playing' if is_state('input_boolean.tv', 'on') else 'off' }}"
"""


def afternoon() -> ZoneInfo:
    """Return a time zone in which it is between one and two in the afternoon, far from noon and midnight."""
    ahead = 13 - datetime.now(UTC).hour
    return ZoneInfo(f"Etc/GMT{-ahead:+d}")


@dataclass(frozen=True, kw_only=True)
class Home:
    """The house, its satellites, and where it gets blueprints from."""

    house: HomeAssistantProcess
    kitchen: Member
    bedroom: Member
    zone: ZoneInfo
    address: str

    @property
    def client(self) -> HomeAssistantClient:
        """The owner's connection."""
        return self.house.client

    @property
    def disk(self) -> Sealed:
        """What lies on the disk."""
        return Sealed(self.house.config)

    def now(self, **later: int) -> datetime:
        """Return a local time."""
        return datetime.now(self.zone) + timedelta(**later)

    async def use(self, name: str, **inputs: Any) -> str:
        """Save an automation of a blueprint as the form does; return its entity."""
        config = {
            "alias": name,
            "use_blueprint": {"path": f"{HOST}/{name}.yaml", "input": inputs},
        }
        await automations.write(self.client, name, config)
        state = await saved(self.client, name)
        assert state["state"] == "on"
        return str(state["entity_id"])

    async def holds(self, *kept: str) -> None:
        """Wait until there are files and rows of these recordings, and of no others; their keys are there before."""
        assert [sorted(keys) for keys in self.disk.keys_of_both()] == [sorted(kept)] * 2
        async with asyncio.timeout(20):
            while True:
                if self.disk.ids() == sorted(kept) == self.disk.rows():
                    return
                # Nobody announces that the recorder has written, or that the sweep has ended.
                await asyncio.sleep(0.1)

    async def play(self, *, on: bool) -> None:
        """Let the television play, or stop."""
        await self.client.call(f"input_boolean.turn_{'on' if on else 'off'}", target={"entity_id": TV})

    async def celebrate(self, title: str) -> None:
        """Put an event into the calendar that takes place now."""
        event = {
            "summary": title,
            "dtstart": self.now(minutes=-5).isoformat(),
            "dtend": self.now(minutes=55).isoformat(),
        }
        await self.client.command("calendar/event/create", entity_id=CALENDAR, event=event)

    async def call_off(self) -> None:
        """Remove all events of today from the calendar."""
        day = [self.now(days=days).date().isoformat() for days in (-1, 2)]
        _, events = await self.client.rest(
            "GET", f"/api/calendars/{CALENDAR}?start={day[0]}T00:00:00Z&end={day[1]}T00:00:00Z"
        )
        for event in events:
            await self.client.command("calendar/event/delete", entity_id=CALENDAR, uid=event["uid"])

    async def say(self, text: str, outcome: str = "kept") -> None:
        """Say something in the kitchen and wait for what becomes of it."""
        async with self.kitchen.activity() as activity:
            await self.kitchen.say(text)
            await activity.next(outcome)
        await self.kitchen.wait_for("microphone_state", "listening")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address() -> AsyncGenerator[str]:
    """A server that serves the repository's blueprints."""
    app = web.Application()
    app.router.add_static("/", FOLDER)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    yield f"http://{HOST}:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(
    stt: SttServer, tts: TtsServer, address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Home]:
    """A house with two satellites, a television and a calendar."""
    zone = afternoon()
    house = HomeAssistantProcess(
        tmp_path_factory.mktemp("blueprints"), time_zone=zone.key, configuration=TELEVISION
    )
    async with Satellite("Kitchen") as kitchen, Satellite("Bedroom") as bedroom:
        try:
            await house.start()
            await use_speech_servers(house.client, stt_port=stt.port, tts_port=tts.port)
            await place_kitchen_light(house.client)
            await house.client.command("input_boolean/create", name="TV")
            await run_flow(house.client, "local_calendar", {"calendar_name": "Family"})
            entry_id = await add_integration(house.client)
            members = [
                await Member.create(house, satellite, entry_id, area=satellite.name)
                for satellite in (kitchen, bedroom)
            ]
            yield Home(house=house, kitchen=members[0], bedroom=members[1], zone=zone, address=address)
            assert not house.problems()
        finally:
            await house.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(home: Home) -> AsyncGenerator[Browser]:
    """A browser."""
    async with Browser.launch(home.house.url) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def told(home: Home) -> AsyncGenerator[EventStream]:
    """Notifications of Home Assistant."""
    async with home.client.subscribe("persistent_notification/subscribe") as stream:
        yield stream


def messages(event: dict[str, Any]) -> list[str]:
    """Return the texts that an event adds."""
    if event["type"] != "added":
        return []
    return [str(notification["message"]) for notification in event["notifications"].values()]


async def next_messages(told: EventStream) -> list[str]:
    """Return the next texts that are added."""
    return messages(await told.next(lambda event: bool(messages(event)), timeout=30))


async def open_form(tab: Tab, title: str) -> None:
    """Go to the form of a blueprint by way of the list of blueprints."""
    await tab.open("/config/blueprint/dashboard")
    await tab.page.get_by_text(title, exact=True).first.click(timeout=PATIENCE)
    await tab.page.locator("blueprint-automation-editor ha-selector").first.wait_for(timeout=PATIENCE)


async def pick(tab: Tab, number: int, name: str, place: str = "") -> None:
    """Choose an entity in one of the form's fields.

    Args:
        tab: Tab with the form.
        number: Which field, from 0.
        name: Name of the entity.
        place: Its area and device.
    """
    field = tab.page.locator("blueprint-automation-editor ha-selector-entity").nth(number)
    offered = tab.page.locator("ha-picker-combo-box")
    await field.locator("ha-entity-picker").first.click()
    wanted = offered.locator("ha-combo-box-item").filter(has_text=name).filter(has_text=place)
    await wanted.first.click(timeout=PATIENCE)
    await offered.wait_for(state="detached")


async def test_each_is_imported(home: Home, browser: Browser) -> None:
    tab = await browser.sign_in(home.house.token)
    page = tab.page
    await tab.open("/config/blueprint/dashboard")
    for name in NAMES:
        await page.get_by_role("button", name="Import blueprint").first.click(timeout=PATIENCE)
        dialog = page.locator("ha-dialog-import-blueprint")
        await dialog.locator("input").first.fill(f"{home.address}/{name}.yaml")
        await dialog.get_by_role("button", name="Preview").click()
        await dialog.get_by_role("button", name="Import blueprint").click()
        await dialog.locator("input").first.wait_for(state="detached")
    listed = await home.client.command("blueprint/list", domain="automation")
    for name in NAMES:
        metadata = listed[f"{HOST}/{name}.yaml"]["metadata"]
        assert metadata["source_url"] == f"{home.address}/{name}.yaml"
        await page.get_by_text(metadata["name"], exact=True).first.wait_for()
    assert tab.complaints == []
    await page.context.close()


async def test_muted_while_the_television_plays(home: Home, browser: Browser) -> None:
    tab = await browser.sign_in(home.house.token)
    await open_form(tab, "Mute microphones while something plays")
    await pick(tab, 0, "Television")
    await pick(tab, 1, "Microphone", "Kitchen")
    await tab.page.locator("ha-selector-number input:not([type=range])").first.fill("1")
    await automations.save(tab)
    assert tab.complaints == []
    await tab.page.context.close()
    state = await saved(home.client, "Mute microphones while something plays")
    _, config = await home.client.rest("GET", f"/api/config/automation/config/{state['attributes']['id']}")
    assert config["use_blueprint"]["input"] == {
        "players": ["media_player.television"],
        "microphones": [home.kitchen.entity("microphone")],
        "pause": 1,
    }

    await home.play(on=True)
    await home.kitchen.wait_for("microphone_state", "muted")
    assert home.bedroom.state("microphone_state") == "listening"
    await home.play(on=False)
    await home.kitchen.wait_for("microphone_state", "listening")


async def test_guest_mode_during_an_event(home: Home, browser: Browser) -> None:
    tab = await browser.sign_in(home.house.token, language="de")
    await open_form(tab, "Guest mode by calendar")
    await pick(tab, 0, "Family")
    await pick(tab, 1, "Guest mode")
    await tab.page.locator("blueprint-automation-editor ha-selector-text input").first.fill("Gäste")
    await automations.save(tab, button="Speichern")
    assert tab.complaints == []
    await tab.page.context.close()

    await home.celebrate("Dentist")
    await home.client.wait_for_state(CALENDAR, "on")
    await home.call_off()
    await home.client.wait_for_state(CALENDAR, "off")
    assert home.client.state(GUEST_MODE) == "off"
    await home.celebrate("Unsere gäste kommen")
    await home.client.wait_for_state(GUEST_MODE, "on")
    await home.say(COMMAND, "discarded")
    assert home.disk.files() == []
    await home.call_off()
    await home.client.wait_for_state(GUEST_MODE, "off")


async def test_muted_at_night(home: Home) -> None:
    await home.bedroom.switch("microphone", on=False)
    await home.bedroom.wait_for("microphone_state", "muted")
    # Saving it, and muting, take a second each, or longer on a busy machine.
    evening, morning = (home.now(seconds=seconds) for seconds in (15, 35))
    await home.use(
        "mute_at_night",
        microphones=[member.entity("microphone") for member in (home.kitchen, home.bedroom)],
        evening=f"{evening:%H:%M:%S}",
        morning=f"{morning:%H:%M:%S}",
    )
    assert home.kitchen.state("microphone_state") == "listening"
    await home.kitchen.wait_for("microphone_state", "muted", timeout=30)
    await home.kitchen.wait_for("microphone_state", "listening", timeout=40)
    # Somebody had muted it before.
    assert home.bedroom.state("microphone_state") == "muted"
    await home.bedroom.switch("microphone", on=True)
    await home.bedroom.wait_for("microphone_state", "listening")


async def test_the_day_is_forgotten(home: Home) -> None:
    await home.say(COMMAND)
    await home.holds((await home.kitchen.recordings())[0]["id"])
    await home.use("forget_the_day", at=f"{home.now(seconds=15):%H:%M:%S}")
    await home.kitchen.wait_for("recordings", "0", timeout=30)
    await home.holds()


async def test_somebody_listens_or_a_satellite_is_unprotected(
    home: Home, browser: Browser, told: EventStream
) -> None:
    await home.say(COMMAND)
    await home.use("tell_me")
    tab = await browser.sign_in(home.house.token)
    await tab.open()
    await tab.find(".row .play").first.click()
    assert await next_messages(told) == ["Demo listened to 1 recording (Kitchen)."]
    assert tab.complaints == []
    await tab.page.context.close()

    async with Satellite("Attic") as attic:
        await add_wyoming(home.client, attic.port)
        assert await next_messages(told) == ["Attic is a satellite that Voice Privacy does not protect."]
    recording_id = (await home.kitchen.recordings())[0]["id"]
    assert not any(text in str(told.seen) for text in (COMMAND, recording_id))


async def test_they_run_after_a_restart(home: Home, browser: Browser) -> None:
    # A night that began before the restart.
    evening, morning = home.now(minutes=-30), home.now(hours=2)
    await home.use(
        "mute_at_night",
        microphones=[home.kitchen.entity("microphone")],
        evening=f"{evening:%H:%M:%S}",
        morning=f"{morning:%H:%M:%S}",
    )
    spoken = (await synthesize(COMMAND)).pcm
    yesterday = utterance(home.kitchen.subentry_id, home.now(days=-1), spoken, COMMAND)
    await home.house.stop()
    fill(home.house.config, [yesterday])
    await home.house.start()
    for member in (home.kitchen, home.bedroom):
        await member.refresh()
    await home.kitchen.wait_for("microphone_state", "muted")
    await home.client.call("automation.turn_off", target={"entity_id": "automation.mute_at_night"})
    await home.kitchen.switch("microphone", on=True)
    await home.kitchen.wait_for("microphone_state", "listening")

    await home.play(on=True)
    await home.kitchen.wait_for("microphone_state", "muted")
    await home.play(on=False)
    await home.kitchen.wait_for("microphone_state", "listening")
    await home.celebrate("Gäste")
    await home.client.wait_for_state(GUEST_MODE, "on")
    await home.call_off()
    await home.client.wait_for_state(GUEST_MODE, "off")
    async with home.client.subscribe("persistent_notification/subscribe") as told:
        tab = await browser.sign_in(home.house.token)
        await tab.open()
        await tab.find(".row .play").first.click()
        assert await next_messages(told) == ["Demo listened to 1 recording (Kitchen)."]
        await tab.page.context.close()

    assert len(await home.kitchen.recordings()) == 2
    # Its time comes tomorrow.
    await home.client.call("automation.trigger", target={"entity_id": "automation.forget_the_day"})
    await home.kitchen.wait_for("recordings", "1")
    await home.holds(yesterday.utterance_id)


async def test_an_automation_of_a_removed_satellite_is_named(home: Home) -> None:
    async def named() -> list[str]:
        issues = (await home.client.command("repairs/list_issues"))["issues"]
        return [
            issue["translation_placeholders"]["automation"]
            for issue in issues
            if issue["translation_key"] == "automation_uses_removed_satellite"
        ]

    await home.use("forget_the_day", satellites={"entity_id": [home.bedroom.entity("microphone")]})
    assert await named() == []
    async with home.client.events("repairs_issue_registry_updated") as changed:
        await home.client.command(
            "config_entries/subentries/delete",
            entry_id=home.bedroom.entry_id,
            subentry_id=home.bedroom.subentry_id,
        )
        while await named() != ["forget_the_day"]:
            await changed.next(timeout=20)
        await home.use("forget_the_day")
        while await named():
            await changed.next()
