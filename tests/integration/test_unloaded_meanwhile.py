"""The entry is unloaded or reloaded while something is under way: it ends or is refused, and nothing of it is lost or fails."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
import re
from typing import Any, Final

from aiohttp import ClientPayloadError
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_platform
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import NotSaved
from custom_components.voice_privacy.core.house_settings import HouseToggle
from custom_components.voice_privacy.core.models import AuditAction, Requester
from custom_components.voice_privacy.hub.hub import VoicePrivacyHub
from custom_components.voice_privacy.hub.permissions import COMMANDS
from custom_components.voice_privacy.web import ws_recordings

from .helpers.house import ENTRY_ID, House
from .helpers.people import ADMIN, Desk
from .helpers.recordings import record
from .test_doors import Walk, commands_of, walk
from .test_http import Client, connect, owner

__all__ = ["connect", "owner", "walk"]

ARCHIVE: Final = "/api/voice_privacy/archive"
STEPS: Final = 4
"""How many of a command's first waits are tried."""


class Interrupted:
    """A coroutine in the midst of which the entry is unloaded, or reloaded."""

    def __init__(
        self, hass: HomeAssistant, inner: Coroutine[Any, Any, None], at: int, *, again: bool
    ) -> None:
        """Wrap a coroutine; the unload begins when it waits for the nth time, and `again` loads the entry again."""
        self._hass = hass
        self._inner = inner
        self._at = at
        self._again = again
        self.unload: asyncio.Task[bool] | None = None

    def __await__(self) -> Generator[Any, Any]:
        """Run the coroutine."""
        steps = self._inner.__await__()
        waits = 0
        try:
            future = next(steps)
            while True:
                waits += 1
                if waits == self._at:
                    entries = self._hass.config_entries
                    unload = entries.async_reload if self._again else entries.async_unload
                    self.unload = self._hass.async_create_task(unload(ENTRY_ID), "unload")
                    # It waits for some of what is under way, a deletion for example.
                    yield from asyncio.wait({self.unload}, timeout=1).__await__()
                if future is None:
                    yield
                elif not future.done():
                    # A future that was told to block may only be yielded so.
                    future._asyncio_future_blocking = True
                    yield future
                future = next(steps)
        except StopIteration:
            return


async def run(
    hass: HomeAssistant, desk: Desk, name: str, fields: dict[str, Any], at: int, *, again: bool
) -> bool:
    """Send a command that is interrupted; return whether it waited as often as that, and check its answer."""
    handler = hass.data["websocket_api"][f"{DOMAIN}/{name}"][0].__wrapped__
    number = 1_000 + len(desk.told)
    desk.connection.last_id = number
    inner = handler(hass, desk.connection, {"id": number, "type": f"{DOMAIN}/{name}", **fields})
    interrupted = Interrupted(hass, inner, at, again=again)

    async def drive() -> None:
        await interrupted

    await hass.async_create_task(drive(), "command")
    if interrupted.unload is not None:
        assert await interrupted.unload
        assert again or await hass.config_entries.async_setup(ENTRY_ID)
    await hass.async_block_till_done()
    answer = desk.answer_to(number)
    assert answer is not None, name
    assert answer["success"] or answer["error"]["code"] != "unknown", (name, at, answer)
    failed = [event for event in desk.events("failed") if event["code"] == "unknown"]
    assert failed == [], (name, at)
    if (end := desk.connection.subscriptions.pop(number, None)) is not None:
        end()
    return interrupted.unload is not None


@pytest.mark.parametrize("again", [False, True])
async def test_commands(
    hass: HomeAssistant, walk: Walk, caplog: pytest.LogCaptureFixture, *, again: bool
) -> None:
    desk = walk.people[ADMIN].desk
    names = {attempt.door[1]: attempt for attempt in commands_of(walk)}
    interrupted = set()
    for name, attempt in names.items():
        for at in range(1, STEPS + 1):
            await walk.furnish()
            if not await run(hass, desk, name, attempt.fields(), at, again=again):
                break
            interrupted.add(name)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
    assert len(interrupted) > len(names) / 3
    assert COMMANDS.keys() >= interrupted


@pytest.mark.parametrize("action", ["delete_last", "delete_today", "self_test"])
@pytest.mark.parametrize("at", [1, 2, 3])
async def test_actions(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture, action: str, at: int
) -> None:
    recording_id = await record(house)

    async def act() -> None:
        await hass.services.async_call(DOMAIN, action, {}, blocking=True, return_response=True)

    interrupted, error = Interrupted(hass, act(), at, again=False), None

    async def drive() -> None:
        await interrupted

    try:
        await hass.async_create_task(drive(), "action")
    except HomeAssistantError as err:
        error = err
    if interrupted.unload is not None:
        assert await interrupted.unload
        assert await hass.config_entries.async_setup(ENTRY_ID)
    if error is None:
        # What is answered is done.
        assert action == "self_test" or recording_id not in house.ids()
    else:
        assert error.translation_domain == DOMAIN
        assert error.translation_key != "action_failed"
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []


async def test_an_entity_that_acts_after_an_unload_is_refused(hass: HomeAssistant, house: House) -> None:
    (platform,) = [one for one in entity_platform.async_get_platforms(hass, DOMAIN) if one.domain == "switch"]
    switches = list(platform.entities.values())
    assert await hass.config_entries.async_unload(ENTRY_ID)
    for switch in switches:
        with pytest.raises(HomeAssistantError) as error:
            await switch.async_turn_on()  # type: ignore[attr-defined]
        assert error.value.translation_key == "not_loaded"
    assert switches


async def cut_off_archive(
    house: House, owner: Client, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[None]]
) -> list[str]:
    """Download three recordings, and act before the third is opened; return their ids."""
    made = [await record(house) for _ in range(3)]
    read = VoicePrivacyHub.async_read
    opened: list[str] = []

    async def act_and_read(hub: VoicePrivacyHub, recording_id: str) -> Any:
        opened.append(recording_id)
        if len(opened) == len(made):
            await act()
        return await read(hub, recording_id)

    monkeypatch.setattr(VoicePrivacyHub, "async_read", act_and_read)
    with pytest.raises(ClientPayloadError):
        await (await owner.get(ARCHIVE)).read()
    assert opened == made
    return made


async def test_what_an_archive_held_when_it_was_cut_off_is_in_the_access_log(
    hass: HomeAssistant, house: House, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unload() -> None:
        assert await hass.config_entries.async_unload(ENTRY_ID)

    made = await cut_off_archive(house, owner, monkeypatch, unload)

    assert await hass.config_entries.async_setup(ENTRY_ID)
    exports = [entry for entry in house.hub.access_log.entries if entry.action is AuditAction.EXPORTED]
    assert [(entry.count, sum(entry.rooms.values())) for entry in exports] == [(2, 2)]
    assert house.hub.access_log.exported_at
    assert house.ids() == made


async def test_a_search_that_was_cut_off_is_in_the_access_log(
    hass: HomeAssistant, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await walk.furnish()
    desk = walk.people[ADMIN].desk
    monkeypatch.setattr(ws_recordings, "_SEARCH_STEP", 2)
    read, opened = ws_recordings._read, []

    async def read_and_unload(hub: VoicePrivacyHub, recording_id: str) -> Any:
        opened.append(recording_id)
        if len(opened) == 3:
            assert await hass.config_entries.async_unload(ENTRY_ID)
        return await read(hub, recording_id)

    monkeypatch.setattr(ws_recordings, "_read", read_and_unload)
    desk.send(f"{DOMAIN}/recordings/search", text="time")
    await desk.until_told(lambda: bool(desk.events("failed")))
    assert [event["code"] for event in desk.events("failed")] == ["not_loaded"]
    assert len(opened) == 3

    assert await hass.config_entries.async_setup(ENTRY_ID)
    listed = [entry for entry in walk.house.hub.access_log.entries if entry.subject == "search"]
    assert [entry.count for entry in listed] == [2]


async def test_a_setting_that_comes_too_late_is_not_answered_as_saved(
    hass: HomeAssistant, house: House
) -> None:
    old = house.hub
    assert await hass.config_entries.async_reload(ENTRY_ID)
    for on in (True, False):
        with pytest.raises(NotSaved):
            await old.settings.async_set_house(HouseToggle.GUEST_MODE, Requester(), on=on)
    await house.hub.async_set_house(HouseToggle.GUEST_MODE, Requester(), on=True)
    with pytest.raises(NotSaved):
        await old.settings.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    assert await hass.config_entries.async_reload(ENTRY_ID)
    assert house.hub.settings.house(HouseToggle.GUEST_MODE)
    assert not house.hub.settings.house(HouseToggle.HOUSEHOLD_MAY_LISTEN)


async def test_the_log_names_the_line_of_a_fault_and_nothing_of_its_text(
    hass: HomeAssistant, walk: Walk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(hub: VoicePrivacyHub, recording_id: str) -> Any:
        raise ValueError("what somebody said")

    await walk.furnish()
    monkeypatch.setattr(VoicePrivacyHub, "async_read", fail)
    code = await walk.people[ADMIN].desk.code_of("recordings/get", recording_id=walk.recording())
    assert code == "unknown"
    (line,) = [one.message for one in caplog.records if one.levelname == "ERROR"]
    assert re.fullmatch(r"A websocket command failed: ValueError \(ws_recordings\.py:\d+\)", line)
    assert "what somebody said" not in caplog.text
