"""Triggers in automations: what starts them, for which target, and what they are told."""

from datetime import timedelta
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.helpers.icon import async_get_icons
from homeassistant.helpers.translation import async_get_translations
from homeassistant.helpers.trigger import async_get_all_descriptions
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.models import AuditAction, RecordingKind, Requester, RequesterKind
from custom_components.voice_privacy.trigger import TRIGGERS

from .helpers.automations import automate
from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.pipeline_home import pipeline_home
from .helpers.recordings import record
from .helpers.talker import Talker

SECRET = "the code of the alarm is one two three four"


def move(hass: HomeAssistant, owner: str, area: str) -> str:
    """Put a satellite into an area; return its id."""
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, owner), ENTRY_ID)
    assert device is not None
    area_id = ar.async_get(hass).async_get_or_create(area).id
    dr.async_get(hass).async_update_device(device.id, area_id=area_id)
    return area_id


def ours(trigger: str, **more: Any) -> dict[str, Any]:
    """Return the configuration of one of our triggers."""
    return {"trigger": f"{DOMAIN}.{trigger}", **more}


async def test_a_kept_recording_starts_an_automation_without_what_was_said(
    hass: HomeAssistant, house: House, bedroom: Talker
) -> None:
    upstairs, downstairs = move(hass, BEDROOM, "Upstairs"), move(hass, KITCHEN, "Downstairs")
    heard = await automate(
        hass,
        ours("recording_kept", id="house"),
        ours("recording_kept", id="upstairs", target={"area_id": upstairs}),
        ours("recording_kept", id="downstairs", target={"area_id": [downstairs]}),
    )
    recording_id = await record(house, SECRET)
    await hass.async_block_till_done()
    assert sorted(heard.ids) == ["downstairs", "house"]
    assert heard.of("house") == [
        {
            "id": "house",
            "area": "Downstairs",
            "count": 1,
            "description": "kept recording",
            "kind": "command",
            "recording_id": recording_id,
            "satellite": "Kitchen",
        }
    ]
    await record(house, SECRET, owner=BEDROOM)
    await hass.async_block_till_done()
    assert sorted(heard.ids[2:]) == ["house", "upstairs"]
    assert SECRET not in str(heard)


async def test_a_false_wake_starts_an_automation_whether_kept_or_not(
    hass: HomeAssistant, house: House
) -> None:
    heard = await automate(hass, ours("false_wake"), ours("recording_kept"))
    await record(house, "", kind=RecordingKind.FALSE_WAKE)
    await hass.async_block_till_done()
    assert [(run["id"], run["satellite"]) for run in heard.runs] == [
        ("false_wake", "Kitchen"),
        ("recording_kept", "Kitchen"),
    ]
    assert heard.of("recording_kept")[0]["kind"] == "false_wake"
    await house.switch("save_recordings", on=False)
    house.transcriber.text = ""
    await house.kitchen.ask()
    await house.until(lambda: len(heard.of("false_wake")) == 2, "a false wake")
    await record_nothing(house)
    assert len(heard.of("recording_kept")) == 1


async def record_nothing(house: House) -> None:
    """Wait until nothing goes on."""
    await house.until(lambda: not house.busy, "nobody speaks any more")
    await house.hass.async_block_till_done()


async def test_a_deletion_tells_who_and_how_many(hass: HomeAssistant, house: House, bedroom: Talker) -> None:
    kitchen = {"entity_id": house.entity_id("switch", "microphone")}
    heard = await automate(
        hass,
        ours("deleted", id="house"),
        ours("deleted", id="kitchen", target=kitchen),
        ours("deleted", id="expired", options={"expired": True}),
    )
    for owner in (KITCHEN, KITCHEN, BEDROOM):
        await record(house, owner=owner)
    admin = await hass.auth.async_create_user("Ada", group_ids=["system-admin"])
    await house.act("delete_today", context=Context(user_id=admin.id))
    await hass.async_block_till_done()
    assert {run["id"]: run["count"] for run in heard.runs} == {"house": 3, "kitchen": 2, "expired": 3}
    run = heard.of("house")[0]
    assert (run["what"], run["by"], run["user"]) == ("recordings", "user", "Ada")
    assert run["satellite"] == "Bedroom, Kitchen"

    # Nothing was deleted: nothing is told.
    await house.act("delete_today")
    await hass.async_block_till_done()
    assert len(heard.runs) == 3


async def test_what_expires_is_told_only_if_asked_for(hass: HomeAssistant, house: House) -> None:
    heard = await automate(
        hass, ours("deleted", id="by somebody"), ours("deleted", id="any", options={"expired": True})
    )
    house.hub.access_log.add(
        Requester(kind=RequesterKind.RETENTION), AuditAction.DELETED, count=2, rooms=[KITCHEN, KITCHEN]
    )
    await hass.async_block_till_done()
    assert [(run["id"], run["by"], run["count"]) for run in heard.runs] == [("any", "retention", 2)]


async def test_listening_and_exporting_start_an_automation_each_time(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator, hass_admin_user: Any
) -> None:
    recording_id = await record(house)
    heard = await automate(hass, ours("accessed"))
    client = await hass_client()
    url = f"/api/{DOMAIN}/recordings/{recording_id}/audio"
    for path in (url, url, f"{url}?download=1"):
        assert (await client.get(path)).status == 200
    # A player asks for the rest of a sound that it has begun.
    assert (await client.get(url, headers={"Range": "bytes=1000-"})).status == 206
    await hass.async_block_till_done()
    assert [(run["what"], run["count"], run["satellite"]) for run in heard.runs] == [
        ("listened", 1, "Kitchen"),
        ("listened", 1, "Kitchen"),
        ("exported", 1, "Kitchen"),
    ]
    assert {run["user"] for run in heard.runs} == {hass_admin_user.name}


async def test_a_clip_of_the_review_pool_names_no_room(hass: HomeAssistant, house: House) -> None:
    """A reviewer who gets a notification must not learn from it where a clip is from."""
    recording_id = await record(house)
    heard = await automate(
        hass,
        ours("accessed", id="house"),
        ours("accessed", id="kitchen", target={"entity_id": house.entity_id("switch", "microphone")}),
    )
    fired: list[dict[str, Any]] = []
    hass.bus.async_listen(f"{DOMAIN}_event", lambda event: fired.append(dict(event.data)))
    reviewer = Requester(kind=RequesterKind.USER, user_id="reviewer")
    house.hub.access_log.add(reviewer, AuditAction.LISTENED, recording_ids=[recording_id], subject="review")
    await hass.async_block_till_done()
    assert heard.ids == ["house"]
    assert "satellite" not in heard.runs[0]
    hub_device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, ENTRY_ID), ENTRY_ID)
    assert hub_device is not None
    assert fired == [{"type": "accessed", "device_id": hub_device.id}]


async def test_a_violated_mute_starts_an_automation(hass: HomeAssistant, house: House) -> None:
    heard = await automate(hass, ours("mute_violated"), ours("not_listening"))
    house.kitchen.obeys_pause = False
    await house.switch("microphone", on=False)
    await house.until(lambda: heard.runs, "a violated mute")
    assert [(run["id"], run["satellite"]) for run in heard.runs] == [("mute_violated", "Kitchen")]


async def test_a_microphone_that_goes_away_starts_an_automation_unless_muted(
    hass: HomeAssistant, house: House, bedroom: Talker
) -> None:
    await house.switch("microphone", on=False, owner=BEDROOM)
    heard = await automate(
        hass,
        ours("not_listening", id="each"),
        ours("not_listening", id="first", options={"behavior": "first"}),
        ours("not_listening", id="all", options={"behavior": "all"}),
        ours("not_listening", id="later", options={"for": {"minutes": 5}}),
    )
    for owner, satellite in house.satellites.items():
        await satellite.stop()
        await house.until_state("binary_sensor", "connected", "off", owner)
    await hass.async_block_till_done()
    assert sorted(heard.ids) == ["each", "first"]
    assert {run["satellite"] for run in heard.runs} == {"Kitchen"}
    # The bedroom should listen from now on, and does not.
    await house.switch("microphone", on=True, owner=BEDROOM)
    await hass.async_block_till_done()
    assert sorted(heard.ids[2:]) == ["all", "each"]
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=5, seconds=1))
    await hass.async_block_till_done()
    assert sorted(run["satellite"] for run in heard.of("later")) == ["Bedroom", "Kitchen"]


async def test_a_microphone_that_comes_back_in_time_starts_nothing(hass: HomeAssistant, house: House) -> None:
    heard = await automate(hass, ours("not_listening", options={"for": 300}))
    await house.kitchen.stop()
    await house.until_state("binary_sensor", "connected", "off")
    await house.switch("microphone", on=False)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=6))
    await hass.async_block_till_done()
    assert heard.runs == []


async def test_triggers_survive_a_reload_which_is_no_event(hass: HomeAssistant, house: House) -> None:
    heard = await automate(hass, ours("not_listening"), ours("mute_violated"), ours("recording_kept"))
    await house.reload()
    await house.until_state("binary_sensor", "connected", "on")
    await house.until_listening()
    assert heard.runs == []
    await record(house)
    await hass.async_block_till_done()
    assert heard.ids == ["recording_kept"]
    await house.kitchen.stop()
    await house.until(lambda: heard.of("not_listening"), "the kitchen is away")


async def test_a_satellite_that_appears_unprotected_starts_an_automation(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None
) -> None:
    async with pipeline_home(hass) as home:
        hass.config_entries.async_remove_subentry(home.entry, "bedroom")
        await home.set_up()
        heard = await automate(hass, ours("unprotected"))
        bedroom = hass.states.get(home.bedroom.entity_id)
        assert bedroom is not None
        attic = er.async_get(hass).async_get_or_create(
            "assist_satellite", "other", "attic", original_name="Attic"
        )
        hass.states.async_set(attic.entity_id, "idle", {"friendly_name": "Attic"})
        await settle(hass)
        assert [(run["satellite"], run["entity_id"]) for run in heard.runs] == [("Attic", attic.entity_id)]
        # Neither what was away for a while nor a reload is news.
        hass.states.async_remove(home.bedroom.entity_id)
        await settle(hass)
        hass.states.async_set(home.bedroom.entity_id, "idle", bedroom.attributes)
        await settle(hass)
        assert await hass.config_entries.async_reload(home.entry.entry_id)
        await settle(hass)
        assert len(heard.runs) == 1


async def settle(hass: HomeAssistant) -> None:
    """Let the list of unprotected satellites settle."""
    await hass.async_block_till_done()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2))
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    "trigger",
    [
        ours("not_listening", options={"behavior": "sometimes"}),
        ours("not_listening", options={"for": "soon"}),
        ours("deleted", options={"text": "yes"}),
        ours("recording_kept", options={"expired": True}),
        ours("unprotected", target={"entity_id": "light.kitchen"}),
        ours("said"),
    ],
)
async def test_what_a_trigger_does_not_know_is_refused(
    hass: HomeAssistant, house: House, trigger: dict[str, Any]
) -> None:
    with pytest.raises(AssertionError, match="not valid"):
        await automate(hass, trigger)


async def test_every_trigger_is_described_translated_and_drawn(hass: HomeAssistant, house: House) -> None:
    await automate(hass, ours("recording_kept"))
    descriptions = await async_get_all_descriptions(hass)
    icons = (await async_get_icons(hass, "triggers", [DOMAIN]))[DOMAIN]
    found = {
        key.partition(".")[2]: value for key, value in descriptions.items() if key.startswith(f"{DOMAIN}.")
    }
    assert found.keys() == TRIGGERS.keys() == icons.keys()
    for language in ("ar", "de", "en", "es", "fr", "it", "nl"):
        texts = await async_get_translations(hass, language, "triggers", [DOMAIN])
        for key, description in found.items():
            assert description is not None
            wanted = ["name", "description", *(f"fields.{name}.name" for name in description["fields"])]
            assert all(texts[f"component.{DOMAIN}.triggers.{key}.{text}"] for text in wanted), (language, key)
