"""The page as everybody but the owner gets it: somebody with one room, somebody who only reads, and a stranger."""

from collections.abc import AsyncGenerator, Mapping
import contextlib
from dataclasses import dataclass, field
import json
from typing import Any

from playwright.async_api import WebSocket, expect
import pytest
import pytest_asyncio

from dev.rig.browser import AXE, PAGE, Browser, Tab
from dev.rig.furnish import add_integration, remove_entry
from dev.rig.groups import KITCHEN, NOWHERE, READ_ONLY, create_in_group
from dev.rig.ha_client import CommandFailed, HomeAssistantClient
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.satellite import Satellite

TIME, LIGHT = "what time is it", "turn on the kitchen light"

ADDRESSES = {
    "timeline": ("no-such-tab",),
    "rooms": (),
    "privacy": ("options", "review"),
}
"""Each tab, and other addresses that lead to it, some of them to what is an administrator's."""

OWNERS = {
    "timeline": ("#guest-mode", "header.day .icon-button", ".row .ends button[title=Download]"),
    "rooms": (
        "voice-privacy-threshold",
        "voice-privacy-wake-word",
        ".detail input[role=switch]",
        ".detail .talk",
        "a[href^='/config']",
    ),
    "privacy": ("voice-privacy-consent", "voice-privacy-options", "#delete-everything", "#review"),
}
"""What only an administrator is offered, by tab."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A house with two rooms, and its people."""

    house: HomeAssistantProcess
    browser: Browser
    kitchen: Member
    study: Member
    tokens: Mapping[str, str]

    async def rows(self) -> dict[str, str]:
        """Return the owner's list: transcripts by recording id."""
        listed = await self.house.client.command("voice_privacy/recordings/list")
        return {row["id"]: row["transcript"] for row in listed["recordings"]}

    async def share(self, *, on: bool) -> None:
        """Let the household listen, or not."""
        await self.house.client.command("voice_privacy/settings/set", toggle="household_may_listen", on=on)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(house: HomeAssistantProcess) -> AsyncGenerator[Home]:
    """The house; something has been said in each room."""
    async with (
        Satellite("Kitchen") as kitchen,
        Satellite("Study") as study,
        Browser.launch(house.url) as browser,
    ):
        client = house.client
        entry_id = await add_integration(client)
        home = Home(
            house=house,
            browser=browser,
            kitchen=await Member.create(house, kitchen, entry_id, area="Kitchen"),
            study=await Member.create(house, study, entry_id, area="Study"),
            tokens={
                name: await create_in_group(client, name, group)
                for name, group in (("cook", KITCHEN), ("reader", READ_ONLY), ("stranger", NOWHERE))
            },
        )
        for member, text in ((home.study, LIGHT), (home.kitchen, TIME)):
            await say(member, text)
        yield home
        await remove_entry(house.client, entry_id)
        assert not house.problems()


async def say(member: Member, text: str) -> None:
    """Say something and wait until it is kept."""
    async with member.activity() as activity:
        await member.say(text)
        await activity.next("kept")
    await member.wait_for("microphone_state", "listening")


@dataclass
class Visit:
    """Somebody's tab, and what the house refused to it."""

    tab: Tab
    refused: list[str] = field(default_factory=list)

    def follow(self, socket: WebSocket) -> None:
        """Remember the answers that are refusals."""
        socket.on("framereceived", self._received)

    def _received(self, frame: str | bytes) -> None:
        answers: Any = json.loads(frame)
        for answer in answers if isinstance(answers, list) else [answers]:
            if answer.get("success") is False and answer["error"]["code"] == "unauthorized":
                self.refused.append(json.dumps(answer))

    async def open(self, address: str) -> None:
        """Go to an address of the page, and wait until its tab is complete."""
        await self.tab.open(f"/voice-privacy/{address}")
        await self.tab.find("#house-line").wait_for()
        await expect(self.tab.find("[role=status]").filter(has_text="Loading")).to_have_count(0)


@contextlib.asynccontextmanager
async def visit(home: Home, token: str) -> AsyncGenerator[Visit]:
    """Open the page as somebody; neither the browser nor the house has anything to complain about."""
    visit = Visit(await home.browser.sign_in(token))
    visit.tab.page.on("websocket", visit.follow)
    yield visit
    assert (visit.tab.complaints, visit.refused) == ([], [])
    await visit.tab.page.context.close()


async def is_offered_nothing_of_the_owners(visit: Visit, name: str, *others: str) -> None:
    """Go to a tab, by its other addresses first: nothing there is an administrator's."""
    for address in (*others, name):
        await visit.open(address)
        await expect(visit.tab.find(f"#tab-{name}")).to_have_attribute("aria-selected", "true")
        for selector in OWNERS[name]:
            await expect(visit.tab.find(selector), address).to_have_count(0)


async def refuses(home: Home, name: str, commands: list[tuple[str, dict[str, Any]]], *paths: str) -> None:
    """See that somebody's own calls, without the page, are refused."""
    async with HomeAssistantClient(home.house.url, home.tokens[name]) as client:
        for command, fields in commands:
            with pytest.raises(CommandFailed, match="unauthorized"):
                await client.command(f"voice_privacy/{command}", **fields)
        for path in paths:
            status, _ = await client.rest("GET", f"/api/voice_privacy/{path}")
            # What is in a room out of reach is not even known to be there.
            assert status in {403, 404}, path


def of_the_owner(home: Home) -> list[tuple[str, dict[str, Any]]]:
    """Return commands behind what only an administrator is offered."""
    satellite_id = home.kitchen.subentry_id
    return [
        ("options/get", {}),
        ("options/set", {"check_level": True}),
        ("access_log", {}),
        ("recordings/delete", {"scope": "all"}),
        ("recordings/delete", {"scope": "day", "day": "2026-01-01"}),
        ("recordings/preview", {"scope": "all"}),
        ("retention/set", {"setting": "keep_recordings", "value": "day"}),
        ("settings/set", {"toggle": "household_may_listen", "on": True}),
        ("settings/set", {"toggle": "save_recordings", "on": False, "satellite_ids": [satellite_id]}),
        ("settings/set", {"toggle": "guest_mode", "on": True}),
        ("microphones/set_threshold", {"satellite_id": satellite_id, "threshold": 0.9}),
        ("microphones/press_to_talk", {"satellite_id": satellite_id}),
        ("review/pool", {}),
        ("review/list", {}),
        ("wake_words/list", {}),
    ]


async def test_the_owner_is_offered_all_of_it(home: Home) -> None:
    async with visit(home, home.house.token) as visitor:
        for name, selectors in OWNERS.items():
            await visitor.open(name)
            if name == "rooms":
                await visitor.tab.find("voice-privacy-room .more").first.click()
            for selector in selectors:
                await expect(visitor.tab.find(selector).first).to_be_attached()


async def test_a_member_gets_what_concerns_her_room(home: Home) -> None:
    await home.share(on=False)
    async with visit(home, home.tokens["cook"]) as visitor:
        page = visitor.tab.page.locator(PAGE)
        for name, addresses in ADDRESSES.items():
            await is_offered_nothing_of_the_owners(visitor, name, *addresses)
            await expect(page).to_contain_text("In the rooms you can see: 1 microphone listening")
            await expect(page).not_to_contain_text("Study")
            await expect(page).not_to_contain_text("this house keeps", ignore_case=True)
            if AXE.exists():
                assert await visitor.tab.violations() == []
        await visitor.open("timeline")
        await expect(visitor.tab.find(".empty")).to_contain_text("The rooms you can see keep 1 recording.")
        await visitor.open("rooms")
        await expect(visitor.tab.find("voice-privacy-room")).to_have_count(1)
        await expect(visitor.tab.find(".switch")).to_be_enabled()
        await visitor.open("privacy")
        await expect(visitor.tab.find("#kept-title")).to_have_text(
            "What is recorded in the rooms you can see"
        )
        await expect(visitor.tab.find("voice-privacy-household")).to_contain_text(
            "The log below says who did."
        )
    study_id = next(row for row, text in (await home.rows()).items() if text == LIGHT)
    await refuses(
        home,
        "cook",
        [
            *of_the_owner(home),
            ("recordings/list", {}),
            ("recordings/delete_later", {"recording_id": study_id}),
            ("recordings/delete", {"scope": "ids", "recording_ids": [study_id]}),
            ("settings/set", {"toggle": "muted", "on": True, "satellite_ids": [home.study.subentry_id]}),
        ],
        "archive",
        f"recordings/{study_id}/audio",
    )
    assert sorted((await home.rows()).values()) == [LIGHT, TIME]


async def test_a_member_deletes_where_she_may_listen_and_reads_who_listened(home: Home) -> None:
    await home.share(on=True)
    rows = await home.rows()
    (kitchen_id,) = (row for row, text in rows.items() if text == TIME)
    for recording_id in rows:
        status, _ = await home.house.client.rest("GET", f"/api/voice_privacy/recordings/{recording_id}/audio")
        assert status == 200
    study_id = next(row for row in rows if row != kitchen_id)
    await refuses(
        home, "cook", [], f"recordings/{study_id}/audio", f"recordings/{kitchen_id}/audio?download=1"
    )

    async with visit(home, home.tokens["cook"]) as visitor:
        tab = visitor.tab
        await is_offered_nothing_of_the_owners(visitor, "timeline")
        await expect(tab.find(".row .said")).to_have_text([TIME])

        # Hers alone is the undo: for the owner, the recording is hidden and out of reach.
        await tab.find(".row .ends button").click()
        await tab.find("#confirm").click()
        await tab.find(".undo").wait_for()
        assert list((await home.rows()).values()) == [LIGHT]
        with pytest.raises(CommandFailed):
            await home.house.client.command("voice_privacy/recordings/undo", recording_id=kitchen_id)
        await tab.page.keyboard.press("Control+z")
        await expect(tab.find(".row .said")).to_have_text([TIME])

        # In words, there are three things to delete, and all of them are her room's.
        await tab.find("#manage").click()
        await expect(tab.find(".choice")).to_have_count(3)
        await expect(tab.find("#manage-range, #manage-all, #manage-export")).to_have_count(0)
        await tab.find("#manage-today").click()
        await expect(tab.find("dialog[open]")).not_to_contain_text("Study")
        await tab.find("#confirm").click()
        await expect(tab.find("[data-receipt]")).to_contain_text("1 recording deleted")
        await tab.find("dialog[open] [data-first]").click()
        await expect(tab.find(".empty h2")).to_have_text("No recordings yet")
        assert list((await home.rows()).values()) == [LIGHT]

        # She reads who listened to her room, and nothing of another.
        await visitor.open("log")
        entries = tab.find("voice-privacy-log li")
        await expect(entries.filter(has_text="Cook deleted 1 recording")).to_have_count(1)
        await expect(entries.filter(has_text="Demo listened to 1 recording")).to_have_count(1)
        await expect(entries.filter(has_text="Study")).to_have_count(0)
    await say(home.kitchen, TIME)


async def test_who_only_reads_is_offered_nothing_to_do(home: Home) -> None:
    await home.share(on=True)
    async with visit(home, home.tokens["reader"]) as visitor:
        tab = visitor.tab
        await is_offered_nothing_of_the_owners(visitor, "timeline")
        await expect(tab.find(".row")).to_have_count(2)
        await expect(tab.find("#manage, #mute-all, .row .ends button, .pick")).to_have_count(0)
        # What cannot be deleted cannot be selected or asked about with a key either.
        for key in ("j", "x", "Delete"):
            await tab.page.keyboard.press(key)
        await expect(tab.find(".selection")).to_have_count(0)
        await expect(tab.find("dialog[open]")).to_have_count(0)
        await tab.page.keyboard.press("o")
        await expect(tab.find("voice-privacy-detail dialog[open]")).to_be_visible()
        await expect(tab.find("#detail-delete")).to_have_count(0)
        await is_offered_nothing_of_the_owners(visitor, "rooms")
        await expect(tab.find("voice-privacy-room")).to_have_count(2)
        await expect(tab.find(".switch:enabled")).to_have_count(0)
        await is_offered_nothing_of_the_owners(visitor, "privacy")
        await expect(tab.find("voice-privacy-household li[data-id]")).to_have_count(2)
        await expect(tab.find("voice-privacy-household")).not_to_contain_text("log below")
        await expect(tab.find("voice-privacy-log h2")).to_have_text(
            "Only administrators can see the access log"
        )
    last = {"scope": "last", "satellite_ids": [home.kitchen.subentry_id]}
    rows = await home.rows()
    await refuses(
        home,
        "reader",
        [
            *of_the_owner(home),
            ("access_log/rooms", {}),
            ("recordings/delete", last),
            ("recordings/delete_later", {"recording_id": next(iter(rows))}),
            ("settings/set", {"toggle": "muted", "on": True, "satellite_ids": [home.kitchen.subentry_id]}),
        ],
        "archive",
    )
    assert await home.rows() == rows


async def test_a_stranger_is_shown_nothing_and_told_nothing_wrong(home: Home) -> None:
    await home.share(on=True)
    async with visit(home, home.tokens["stranger"]) as visitor:
        for name in ADDRESSES:
            await is_offered_nothing_of_the_owners(visitor, name)
            await expect(visitor.tab.find("#house-line")).to_have_text(
                "No room of this house is shown to you"
            )
            await expect(visitor.tab.find(".empty h2").first).to_have_text(
                "No room of this house is shown to you"
            )
            page = visitor.tab.page.locator(PAGE)
            for wrong in ("Kitchen", "Study", "0 microphones", "0 recordings", "Add a satellite"):
                await expect(page).not_to_contain_text(wrong)
            await expect(visitor.tab.find(".main button, .main input")).to_have_count(0)
            if AXE.exists():
                assert await visitor.tab.violations() == []
    await refuses(
        home,
        "stranger",
        [*of_the_owner(home), ("recordings/list", {}), ("access_log/rooms", {})],
        "archive",
        *(f"recordings/{recording_id}/audio" for recording_id in await home.rows()),
    )


async def test_what_can_still_be_undone_goes_when_home_assistant_stops(home: Home) -> None:
    await home.share(on=False)
    async with visit(home, home.house.token) as visitor:
        tab = visitor.tab
        await visitor.open("timeline")
        await expect(tab.find(".row")).to_have_count(2)
        row = tab.find(".row").filter(has_text=LIGHT)
        recording_id = str(await row.get_attribute("data-id"))
        await row.locator(".ends button").last.click()
        await tab.find("#confirm").click()
        await tab.find(".undo").wait_for()
        await home.house.stop()
        await expect(tab.find(".offline")).to_be_visible()
        # Nothing can be undone any more, and nothing says so.
        await expect(tab.find(".undo")).to_have_count(0)
        await home.house.start()
        await expect(tab.find(".offline")).to_have_count(0, timeout=60_000)
        await expect(tab.find(".row .said")).to_have_text([TIME])
        tab.complaints.clear()
    for member in (home.kitchen, home.study):
        await member.refresh()
    assert list((await home.rows()).values()) == [TIME]
    status, _ = await home.house.client.rest("GET", f"/api/voice_privacy/recordings/{recording_id}/audio")
    assert status == 404
    log = await home.house.client.command("voice_privacy/access_log")
    deletion = next(entry for entry in log["entries"] if entry["deed"] == "deleted")
    assert (deletion["user"], deletion["count"], deletion["subject"]) == ("Demo", 1, "ids")
