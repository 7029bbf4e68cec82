"""The mute of other integrations' satellites: who may end it, and that it holds at any time and in any pipeline."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.components.assist_pipeline import (
    async_get_pipeline,
    async_get_pipelines,
    async_update_pipeline,
)
from homeassistant.components.conversation import async_converse
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.audio import seconds_of
from custom_components.voice_privacy.core.house_settings import SatelliteToggle
from custom_components.voice_privacy.core.models import (
    DeletionRequest,
    DeletionScope,
    Requester,
    RequesterKind,
)
from custom_components.voice_privacy.hub.hub import VoicePrivacyHub
from custom_components.voice_privacy.satellites import pipeline_runs as pipelines

from .helpers.foreign import interrupted
from .helpers.people import create_user
from .helpers.pipeline_home import ENTRY_ID, PipelineHome, pipeline_home, until

THEIRS = "switch.kitchen_mute"


@pytest.fixture
async def home(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[PipelineHome]:
    """A home whose kitchen is muted, here and by its own switch."""
    async with pipeline_home(hass) as home:
        assert await async_setup_component(hass, "intent", {})
        await hass.auth.async_create_user("Owner", group_ids=["system-admin"])
        await home.set_up()
        await home.switch("microphone", on=False)
        assert hass.states.is_state(THEIRS, "on")
        yield home


def muted(home: PipelineHome, owner: str = "kitchen") -> bool:
    """Return whether a satellite is muted, here and, where it has one, by its own switch."""
    ours = home.hub.settings.satellite(owner, SatelliteToggle.MUTED)
    assert owner != "kitchen" or home.hass.states.is_state(THEIRS, "on") is ours
    return ours


async def turn(
    home: PipelineHome, service: str, context: Context | None = None, domain: str = "switch"
) -> None:
    """Turn the kitchen's own switch with an action."""
    await home.hass.services.async_call(
        domain, service, {"entity_id": THEIRS}, blocking=True, context=context
    )
    await home.hass.async_block_till_done()


# --- who may end it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence", ["turn off kitchen mute", "turn off the switches in the kitchen", "turn off all the switches"]
)
async def test_no_sentence_unmutes_through_the_satellites_own_switch(
    home: PipelineHome, sentence: str
) -> None:
    kitchen = ar.async_get(home.hass).async_get_or_create("Kitchen")
    entity = er.async_get(home.hass).async_get(THEIRS)
    assert entity is not None
    assert entity.device_id is not None
    dr.async_get(home.hass).async_update_device(entity.device_id, area_id=kitchen.id)
    await async_converse(home.hass, sentence, None, Context(), "en", satellite_id=home.bedroom.entity_id)
    await home.hass.async_block_till_done()
    assert muted(home)


@pytest.mark.parametrize(
    ("domain", "service"), [("switch", "turn_off"), ("switch", "toggle"), ("homeassistant", "turn_off")]
)
async def test_a_user_without_the_right_to_it_unmutes_nothing(
    home: PipelineHome, domain: str, service: str
) -> None:
    member = await create_user(home.hass, "Member", {"entities": {"entity_ids": {THEIRS: True}}})
    await turn(home, service, Context(user_id=member.id), domain)
    assert muted(home)


async def test_a_device_that_obeys_late_and_forgets_who_asked_unmutes_nothing(home: PipelineHome) -> None:
    member = await create_user(home.hass, "Member", {"entities": {"entity_ids": {THEIRS: True}}})
    await home.hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.other"}, context=Context(user_id=member.id)
    )
    home.hass.states.async_set(THEIRS, "off")
    await home.hass.async_block_till_done()
    assert home.hub.settings.satellite("kitchen", SatelliteToggle.MUTED)


async def test_somebody_at_the_device_and_whoever_may_unmute_are_followed(home: PipelineHome) -> None:
    member = await create_user(home.hass, "Member", {"entities": {"all": True}})
    await turn(home, "turn_off", Context(user_id=member.id))
    assert not muted(home)
    assert home.hub.access_log.entries[-1].by == Requester(kind=RequesterKind.USER, user_id=member.id)
    await turn(home, "turn_on", Context(user_id=member.id))
    assert muted(home)

    # An automation, which only administrators write.
    await turn(home, "turn_off")
    assert not muted(home)
    await home.switch("microphone", on=False)

    # A button of the satellite: no action, no user.
    switch = home.hass.data["switch"].get_entity(THEIRS)
    switch._attr_is_on = False
    switch.async_write_ha_state()
    await home.hass.async_block_till_done()
    assert not muted(home)


# --- at any time --------------------------------------------------------------------------------------


async def heard(home: PipelineHome) -> int:
    """Let the bedroom speak, and return how often the engine has been given audio."""
    await home.bedroom.say()
    await home.hass.async_block_till_done()
    return len(home.transcriber.heard)


async def test_muted_it_is_not_heard_during_a_reload(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.switch("microphone", on=False, owner="bedroom")
    started = asyncio.Event()
    go_on = asyncio.Event()
    start = VoicePrivacyHub.async_start

    async def slow(hub: VoicePrivacyHub, configs: Any) -> None:
        started.set()
        await go_on.wait()
        await start(hub, configs)

    monkeypatch.setattr(VoicePrivacyHub, "async_start", slow)
    reload = home.hass.async_create_task(home.hass.config_entries.async_reload(ENTRY_ID))
    await started.wait()
    await home.bedroom.say()
    assert home.transcriber.heard == []
    go_on.set()
    await reload
    assert await heard(home) == 0
    await home.switch("microphone", on=True, owner="bedroom")
    assert await heard(home) == 1


async def test_muted_it_is_not_heard_while_home_assistant_stops_and_starts(home: PipelineHome) -> None:
    await home.switch("microphone", on=False, owner="bedroom")
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await home.hass.async_block_till_done()
    assert await heard(home) == 0

    # As after a restart: the other integration is there before ours.
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    assert await heard(home) == 0
    await home.set_up()
    assert await heard(home) == 0


async def test_muted_it_is_not_heard_when_our_set_up_fails(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.switch("microphone", on=False, owner="bedroom")

    async def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(VoicePrivacyHub, "async_start", fail)
    await home.hass.config_entries.async_reload(ENTRY_ID)
    await home.hass.async_block_till_done()
    assert await heard(home) == 0


@pytest.mark.parametrize("how", ["disabled", "removed"])
async def test_whoever_takes_us_away_has_the_pipelines_as_they_were(home: PipelineHome, how: str) -> None:
    await home.switch("microphone", on=False, owner="bedroom")
    if how == "disabled":
        await home.hass.config_entries.async_set_disabled_by(ENTRY_ID, ConfigEntryDisabler.USER)
    else:
        await home.hass.config_entries.async_remove(ENTRY_ID)
    assert home.engine == home.engine_id


async def test_with_nothing_muted_every_pipeline_has_its_engine_back(home: PipelineHome) -> None:
    await home.switch("microphone", on=True)
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    assert home.engine == home.engine_id


@pytest.mark.parametrize("broken", ["unknown", "raises"])
async def test_where_nobody_knows_who_speaks_a_mute_holds_for_all(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def nobody(*_: object) -> pipelines.RunIdentity:
        if broken == "raises":
            raise RuntimeError
        return pipelines.RunIdentity(source=pipelines.SOURCE_UNKNOWN)

    monkeypatch.setattr("custom_components.voice_privacy.stt.identify_run", nobody)
    assert await heard(home) == 0
    await home.switch("microphone", on=True)
    assert await heard(home) == 1


# --- in mid-utterance ---------------------------------------------------------------------------------


@pytest.mark.parametrize("forbidden_by", ["nothing", "guest_mode", "saving_off", "delete_last"])
async def test_a_mute_ends_the_audio_whatever_forbade_keeping_it_before(
    home: PipelineHome, forbidden_by: str
) -> None:
    sending, go_on = asyncio.Event(), asyncio.Event()

    if forbidden_by == "guest_mode":
        await home.switch("guest_mode", on=True, owner=ENTRY_ID)
    elif forbidden_by == "saving_off":
        await home.switch("save_recordings", on=False, owner="bedroom")
    run = asyncio.create_task(home.bedroom.say(interrupted(sending, go_on)))
    await sending.wait()
    if forbidden_by == "delete_last":
        await home.hub.deletion.async_delete(DeletionRequest(scope=DeletionScope.LAST), Requester())
    await home.switch("microphone", on=False, owner="bedroom")
    go_on.set()
    await run
    await home.settle()
    assert home.bedroom.replies == []
    assert [round(seconds_of(heard), 1) for heard in home.transcriber.heard] == [1.0]


async def test_a_mute_does_not_end_with_the_time_that_a_run_may_take(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.voice_privacy.satellites.pipeline._RUN_TIMEOUT", 0.0)
    sending, go_on = asyncio.Event(), asyncio.Event()

    run = asyncio.create_task(home.bedroom.say(interrupted(sending, go_on)))
    await sending.wait()
    await until(lambda: not home.hub.in_flight("bedroom"))
    await home.switch("microphone", on=False, owner="bedroom")
    go_on.set()
    await run
    assert [round(seconds_of(heard), 1) for heard in home.transcriber.heard] == [1.0]


# --- in any pipeline ----------------------------------------------------------------------------------


@pytest.fixture
async def second(home: PipelineHome) -> str:
    """Return the id of a pipeline that was not chosen, and that the bedroom uses whatever it says."""
    first = async_get_pipeline(home.hass).to_json()
    first.pop("id")
    item = await home.hass.data["assist_pipeline"].pipeline_store.async_create_item(
        first | {"name": "preferred", "stt_engine": home.engine_id}
    )
    home.bedroom._resolve_pipeline = lambda: item.id  # type: ignore[method-assign]
    await home.hass.async_block_till_done()
    pipeline_id: str = item.id
    return pipeline_id


def engine_of(home: PipelineHome, pipeline_id: str) -> str | None:
    """Return what a pipeline transcribes with."""
    return async_get_pipeline(home.hass, pipeline_id).stt_engine


async def test_muted_it_is_heard_in_no_pipeline_and_unmuted_each_is_as_it_was(
    home: PipelineHome, second: str
) -> None:
    # The kitchen is muted.
    assert engine_of(home, second) != home.engine_id
    await home.switch("microphone", on=False, owner="bedroom")
    assert home.state("sensor", "microphone_state", "bedroom") == "muted"
    assert await heard(home) == 0

    # Another satellite's mute keeps the proxy; what was not chosen is heard, and not captured.
    await home.switch("microphone", on=True, owner="bedroom")
    assert await heard(home) == 1
    assert home.ids("bedroom") == []

    await home.switch("microphone", on=True)
    assert engine_of(home, second) == home.engine_id
    assert home.engine != home.engine_id


async def test_a_pipeline_that_is_edited_by_hand_passes_the_proxy_again(
    home: PipelineHome, second: str
) -> None:
    await home.switch("microphone", on=False, owner="bedroom")
    for pipeline in async_get_pipelines(home.hass):
        await async_update_pipeline(home.hass, pipeline, stt_engine=home.engine_id)
    await home.hass.async_block_till_done()
    assert await heard(home) == 0
    assert home.state("sensor", "microphone_state", "bedroom") == "muted"


async def test_a_muted_satellite_that_is_offline_keeps_the_proxies_when_our_set_up_fails(
    home: PipelineHome, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.switch("microphone", on=False, owner="bedroom")
    await home.switch("microphone", on=True)

    async def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(VoicePrivacyHub, "async_start", fail)
    state = home.hass.states.get(home.bedroom.entity_id)
    home.hass.states.async_set(home.bedroom.entity_id, "unavailable")
    await home.hass.config_entries.async_reload(ENTRY_ID)
    assert state is not None
    home.hass.states.async_set(home.bedroom.entity_id, state.state)
    assert await heard(home) == 0


def shown(home: PipelineHome) -> tuple[str, str, bool]:
    """Return the bedroom's switch and state, and whether there is an issue."""
    issue = ir.async_get(home.hass).async_get_issue(DOMAIN, "mute_not_held_bedroom")
    return (
        home.state("switch", "microphone", "bedroom"),
        home.state("sensor", "microphone_state", "bedroom"),
        issue is not None,
    )


async def test_a_mute_that_cannot_hold_is_refused_in_words_and_never_shown(home: PipelineHome) -> None:
    """The proxy of the engine has been disabled, and cannot be set in a pipeline."""
    await home.switch("microphone", on=True)
    proxy = home.engine
    assert proxy is not None
    er.async_get(home.hass).async_update_entity(proxy, disabled_by=er.RegistryEntryDisabler.USER)
    await async_update_pipeline(home.hass, async_get_pipeline(home.hass), stt_engine=home.engine_id)
    await home.hass.async_block_till_done()
    with pytest.raises(HomeAssistantError) as err:
        await home.switch("microphone", on=False, owner="bedroom")
    assert err.value.translation_key == "mute_not_held"
    await home.hass.async_block_till_done()
    assert shown(home) == ("unknown", "listening", True)


# --- its own switch -----------------------------------------------------------------------------------


async def test_its_own_switch_is_turned_on_again_after_we_were_away(home: PipelineHome) -> None:
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    await home.hass.services.async_call("switch", "turn_off", {"entity_id": THEIRS}, blocking=True)
    await home.set_up()
    assert muted(home)


async def test_any_action_of_somebody_without_the_right_makes_the_device_itself_doubtful(
    home: PipelineHome,
) -> None:
    async def publish(_call: ServiceCall) -> None:
        """Turn the switch through the device."""
        switch = home.hass.data["switch"].get_entity(THEIRS)
        switch._attr_is_on = False
        switch.async_set_context(Context())
        switch.async_write_ha_state()

    home.hass.services.async_register("mqtt", "publish", publish)
    member = await create_user(home.hass, "Member", {"entities": {"entity_ids": {"light.lamp": True}}})
    await home.hass.services.async_call(
        "mqtt", "publish", {}, blocking=True, context=Context(user_id=member.id)
    )
    await home.hass.async_block_till_done()
    assert muted(home)
