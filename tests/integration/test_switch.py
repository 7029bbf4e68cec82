"""Toggles: what they do at once, and that they hold after a restart."""

import time
from typing import Any

from homeassistant.auth.permissions.const import CAT_ENTITIES, POLICY_CONTROL, POLICY_READ
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.talker import Talker, silence, speech

_STREAM_HEALTH = "custom_components.voice_privacy.core.stream_health."
_SETTINGS = "voice_privacy.settings"


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let audio on its way at the moment of muting arrive within less than two seconds."""
    monkeypatch.setattr(_STREAM_HEALTH + "MUTE_GRACE_SECONDS", 0.3)
    monkeypatch.setattr(_STREAM_HEALTH + "RUN_AGAIN_SECONDS", 1.0)


async def test_a_muted_satellite_pauses_and_says_that_it_does(brisk: None, house: House) -> None:
    await house.switch("microphone", on=False)
    await house.kitchen.wait_for_event("pause-satellite")
    assert house.state("switch", "microphone") == "off"
    assert house.state("sensor", "microphone_state") == "muted"
    await house.until_state("binary_sensor", "mute_confirmed", "on")
    sent = house.kitchen.frames_sent
    await house.switch("microphone", on=True)
    assert house.kitchen.frames_sent - sent < 3
    await house.until_listening()
    assert house.state("binary_sensor", "mute_confirmed") == "off"
    assert await house.keep()


async def test_frames_that_come_while_muted_are_never_processed(brisk: None, house: House) -> None:
    house.kitchen.obeys_pause = False
    await house.hass.async_add_executor_job(house.hub.listening.worker.wait_until_idle, 5)
    await house.switch("microphone", on=False)
    before = house.hub.listening.statistics(KITCHEN)
    # Said into a microphone that should be off, by a satellite that goes on sending.
    await house.kitchen.wait_for_event("pause-satellite")
    house.kitchen.is_streaming = True
    await house.kitchen.blurt(silence(0.5), await speech("Alexa"), silence(0.5))
    await house.until(lambda: house.issue(f"mute_violated_{KITCHEN}"), "an alarm")
    assert house.state("binary_sensor", "mute_confirmed") == "off"
    assert house.state("switch", "microphone") == "off"
    await house.kitchen.blurt(silence(0.5), await speech("Alexa"), silence(0.5))

    await house.hass.async_add_executor_job(house.hub.listening.worker.wait_until_idle, 5)
    after = house.hub.listening.statistics(KITCHEN)
    # One chunk may have been under way when the switch was turned.
    assert after.chunks_processed - before.chunks_processed <= before.pending + 1
    assert after.pending == 0
    assert house.activity() == []
    assert not house.kitchen.log.received("detection")

    house.kitchen.is_streaming = False
    house.kitchen.obeys_pause = True
    await house.until(lambda: not house.issue(f"mute_violated_{KITCHEN}"), "no alarm")
    await house.until_state("binary_sensor", "mute_confirmed", "on")


async def test_what_was_said_while_muted_is_not_heard_afterwards(house: House) -> None:
    await house.switch("microphone", on=False)
    await house.kitchen.wait_for_event("pause-satellite")
    house.kitchen.is_streaming = True
    since = time.monotonic()
    await house.kitchen.blurt(silence(0.5), await speech("Alexa"))
    await house.switch("microphone", on=True)
    await house.kitchen.wait_for_event("run-satellite", since=since)
    await house.kitchen.blurt(silence(1.0))
    assert house.activity() == []
    assert await house.keep()


async def test_toggles_survive_a_reload(house: House, bedroom: Talker) -> None:
    await house.switch("microphone", on=False)
    await house.switch("save_recordings", on=False, owner=BEDROOM)
    await house.switch("guest_mode", on=True, owner=house.entry.entry_id)
    await house.reload()
    await house.until_state("switch", "microphone", "off")
    await house.until_state("switch", "microphone", "on", BEDROOM)
    assert house.state("switch", "save_recordings") == "on"
    assert house.state("switch", "save_recordings", BEDROOM) == "off"
    assert house.state("switch", "guest_mode", house.entry.entry_id) == "on"
    # The muted one has been told again.
    orders = house.kitchen.log.received("run-satellite", "pause-satellite")
    assert [event.type for event in orders][-1] == "pause-satellite"


async def test_a_muted_satellite_never_listens_after_a_restart(
    quiet_house: House, models: None, hass_storage: dict[str, Any]
) -> None:
    """The toggles are on disk, not in an entity's memory."""
    hass_storage[_SETTINGS] = {
        "version": 1,
        "minor_version": 1,
        "key": _SETTINGS,
        "data": {
            "house": {},
            "satellites": {KITCHEN: {"muted": True, "save_recordings": True}},
            "changes": {},
        },
    }
    assert await quiet_house.hass.config_entries.async_setup(quiet_house.entry.entry_id)
    await quiet_house.until_state("sensor", "microphone_state", "muted")
    await quiet_house.kitchen.wait_for_event("pause-satellite")
    assert not quiet_house.kitchen.log.received("run-satellite")
    assert quiet_house.kitchen.frames_sent == 0


async def test_the_switch_writes_before_it_answers(house: House, hass_storage: dict[str, Any]) -> None:
    await house.switch("microphone", on=False)
    assert hass_storage[_SETTINGS]["data"]["satellites"][KITCHEN]["muted"] is True
    await house.switch("guest_mode", on=True, owner=house.entry.entry_id)
    assert hass_storage[_SETTINGS]["data"]["house"]["guest_mode"] is True


@pytest.mark.parametrize("content", [None, {"house": 1}, {"satellites": {KITCHEN: 7}}])
async def test_lost_settings_mute_everything(
    house: House, hass_storage: dict[str, Any], content: dict[str, Any] | None
) -> None:
    await house.switch("guest_mode", on=True, owner=house.entry.entry_id)
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    if content is None:
        del hass_storage[_SETTINGS]
    else:
        hass_storage[_SETTINGS]["data"] = content
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.until_state("sensor", "microphone_state", "muted")
    assert house.state("switch", "save_recordings") == "off"
    assert house.state("switch", "guest_mode", house.entry.entry_id) == "on"
    assert house.issue("settings_lost") == "settings_lost"

    # Deciding anew is all it takes, and what was lost once is not lost again.
    await house.switch("guest_mode", on=False, owner=house.entry.entry_id)
    await house.switch("microphone", on=True)
    await house.switch("save_recordings", on=True)
    await house.reload()
    await house.until_listening()
    assert house.issue("settings_lost") is None
    assert await house.keep()


async def test_a_new_satellite_has_what_its_owner_chose(hass: HomeAssistant, house: House) -> None:
    assert house.state("switch", "save_recordings") == "on"
    assert house.state("switch", "save_transcripts") == "on"


async def test_without_contact_nobody_knows_about_the_microphone(house: House) -> None:
    await house.kitchen.refuse_connections()
    house.kitchen.vanish()
    await house.until_state("switch", "microphone", "unknown")
    assert house.state("binary_sensor", "mute_confirmed") == "unavailable"
    assert house.state("binary_sensor", "recording") == "unavailable"
    # It can be muted all the same; it will be told as soon as it is back.
    await house.switch("microphone", on=False)
    assert house.state("switch", "microphone") == "unknown"
    await house.kitchen.accept_connections()
    await house.until_state("switch", "microphone", "off")
    await house.kitchen.wait_for_event("pause-satellite")


async def test_consent_is_the_owners_and_mute_is_everybodys(hass: HomeAssistant, house: House) -> None:
    member = MockUser(id="member").add_to_hass(hass)
    member.mock_policy({CAT_ENTITIES: {"all": {POLICY_READ: True, POLICY_CONTROL: True}}})
    context = Context(user_id="member")

    async def turn(key: str, service: str) -> None:
        target = {"entity_id": house.entity_id("switch", key)}
        await hass.services.async_call("switch", service, target, blocking=True, context=context)

    for key in ("save_recordings", "save_transcripts"):
        before = house.state("switch", key)
        for service in ("turn_on", "turn_off"):
            with pytest.raises(Unauthorized):
                await turn(key, service)
        assert house.state("switch", key) == before
    await turn("microphone", "turn_off")
    assert house.state("switch", "microphone") == "off"
