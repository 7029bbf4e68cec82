"""Figures for administrators: statistics, diagnostic sensors, system health and the logbook."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.system_health import get_info
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, translation
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import StoreFull
from custom_components.voice_privacy.core.models import AuditAction, RecordingKind, Requester, RequesterKind
from custom_components.voice_privacy.hub import house_events

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.recordings import record

DISABLED = (
    ("false_wakes_per_hour", KITCHEN),
    ("lost_audio", KITCHEN),
    ("engine_load", KITCHEN),
    ("engine_lag", KITCHEN),
    ("engine_load", ENTRY_ID),
)


async def test_figures_are_disabled_at_first(hass: HomeAssistant, house: House) -> None:
    for key, owner in DISABLED:
        entity = er.async_get(hass).async_get(house.entity_id("sensor", key, owner))
        assert entity is not None
        assert entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION, key


async def test_false_wakes_per_hour_go_down_again(
    hass: HomeAssistant, house: House, freezer: FrozenDateTimeFactory
) -> None:
    await house.enable(("sensor", "false_wakes_per_hour"))
    assert house.state("sensor", "false_wakes_per_hour") == "0"
    for _ in range(2):
        await record(house, "", kind=RecordingKind.FALSE_WAKE)
    await hass.async_block_till_done()
    assert house.state("sensor", "false_wakes_per_hour") == "2"
    state = hass.states.get(house.entity_id("sensor", "false_wakes_per_hour"))
    assert state is not None
    assert state.attributes["state_class"] == "measurement"
    freezer.tick(timedelta(minutes=61))
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()
    assert house.state("sensor", "false_wakes_per_hour") == "0"


async def test_load_and_lost_audio(hass: HomeAssistant, house: House) -> None:
    await house.enable(("sensor", "lost_audio"))
    await house.enable(("sensor", "engine_load"), owner=ENTRY_ID)
    await house.until_listening()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=1, seconds=1))
    await hass.async_block_till_done()
    assert 0.0 <= float(house.state("sensor", "engine_load", ENTRY_ID)) <= 100.0
    lost = hass.states.get(house.entity_id("sensor", "lost_audio"))
    assert lost is not None
    assert float(lost.state) >= 0.0
    assert (lost.attributes["state_class"], lost.attributes["unit_of_measurement"]) == (
        "total_increasing",
        "s",
    )


async def test_each_satellite_has_its_load_and_its_delay(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.enable(("sensor", "lost_audio"), ("sensor", "engine_load"), ("sensor", "engine_lag"))
    # Home Assistant reloads the entry once more, half a minute after entities were enabled.
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=31))
    await hass.async_block_till_done()
    await house.until_listening()
    counted = replace(
        house.hub.listening.statistics(KITCHEN), chunks_dropped=25, load=0.0123, lag=0.0456, scores={}
    )
    monkeypatch.setattr(house.hub.listening.worker, "statistics", lambda _: counted)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=2))
    await hass.async_block_till_done()
    keys = ("lost_audio", "engine_load", "engine_lag")
    assert [house.state("sensor", key) for key in keys] == ["2.0", "1.23", "0.046"]
    for key, unit in zip(keys, ("s", "%", "s"), strict=True):
        state = hass.states.get(house.entity_id("sensor", key))
        assert state is not None
        assert state.attributes["unit_of_measurement"] == unit
    # Nothing is heard without an engine, and then nothing is known.
    house.hub.listening.worker.set_engine(None)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=5))
    await hass.async_block_till_done()
    assert [house.state("sensor", key) for key in keys] == ["2.0", "unknown", "unknown"]


async def test_system_health_tells_figures_and_no_names(hass: HomeAssistant, house: House) -> None:
    assert await async_setup_component(hass, "system_health", {})
    await record(house, "a secret")
    await house.until_listening()
    info: dict[str, Any] = (await get_info(hass))[DOMAIN]
    assert info["satellites"] == info["listening"] == info["recordings"] == 1
    assert (info["loaded"], info["muted"], info["store"]) == (True, 0, "ok")
    assert info["engine_load"].endswith("%")
    assert "Kitchen" not in str(info)
    assert "secret" not in str(info)
    house.hub.kept.failed(StoreFull())
    info = (await get_info(hass))[DOMAIN]
    assert info["store"] == "Failed: store_full"
    assert await hass.config_entries.async_unload(ENTRY_ID)
    unloaded: dict[str, Any] = (await get_info(hass))[DOMAIN]
    assert unloaded == {"loaded": False}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "recordings were listened to or exported"),
        ("de", "Aufnahmen wurden angehört oder exportiert"),
    ],
)
async def test_the_logbook_tells_that_somebody_listened_and_not_who(
    hass: HomeAssistant, house: House, hass_ws_client: Any, language: str, sentence: str
) -> None:
    translation.async_setup(hass)
    await hass.config.async_update(language=language)
    await hass.async_block_till_done()
    # The logbook needs the page only to be shown.
    hass.config.components.add("frontend")
    assert await async_setup_component(hass, "logbook", {})
    recording_id = await record(house, "a secret")
    since = dt_util.utcnow()
    ada = await hass.auth.async_create_user("Ada")
    by = Requester(kind=RequesterKind.USER, user_id=ada.id)
    house.hub.access_log.add(by, AuditAction.LISTENED, recording_ids=[recording_id])
    await hass.async_block_till_done()
    await async_wait_recording_done(hass)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "logbook/get_events", "start_time": since.isoformat()})
    entries = (await client.receive_json())["result"]
    (entry,) = [entry for entry in entries if entry.get("domain") == DOMAIN]
    assert (entry["name"], entry["message"]) == ("Kitchen", sentence)
    for hidden in ("Ada", ada.id, recording_id, "secret"):
        assert hidden not in str(entry)


async def test_nobody_floods_the_logbook(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each event is a row in the database, and a member may play a recording as often as they like."""
    recording_id = await record(house)
    fired: list[str] = []
    hass.bus.async_listen(f"{DOMAIN}_event", lambda event: fired.append(event.data["type"]))
    by = Requester(kind=RequesterKind.USER, user_id="somebody")
    for _ in range(100):
        house.hub.access_log.add(by, AuditAction.LISTENED, recording_ids=[recording_id])
    await hass.async_block_till_done()
    assert fired == ["accessed"]
    house.hub.access_log.add(by, AuditAction.LISTENED, recording_ids=[recording_id], subject="review")
    await hass.async_block_till_done()
    # That is one of the house, and names no satellite.
    assert fired == ["accessed"] * 2
    monkeypatch.setattr(house_events, "_LOG_AGAIN_SECONDS", 0.0)
    house.hub.access_log.add(by, AuditAction.EXPORTED, recording_ids=[recording_id])
    await hass.async_block_till_done()
    assert fired == ["accessed"] * 3
