"""Conditions in automations: when they hold, for which target."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import condition, device_registry as dr
from homeassistant.helpers.icon import async_get_icons
from homeassistant.helpers.translation import async_get_translations
import pytest
import voluptuous as vol

from custom_components.voice_privacy.condition import CONDITIONS
from custom_components.voice_privacy.const import DOMAIN

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.recordings import record
from .helpers.talker import Talker


async def checker(hass: HomeAssistant, name: str, **config: Any) -> condition.ConditionChecker:
    """Return one of our conditions, as automations set it up."""
    wanted = {"condition": f"{DOMAIN}.{name}", **config}
    return await condition.async_from_config(
        hass, await condition.async_validate_condition_config(hass, wanted)
    )


async def holds(hass: HomeAssistant, name: str, **config: Any) -> bool | None:
    """Return whether one of our conditions holds now."""
    found = await checker(hass, name, **config)
    try:
        return found.async_check()
    finally:
        found.async_unload()


def target(house: House, *owners: str) -> dict[str, Any]:
    """Return a target of satellites, by an entity that is none of those that are looked at."""
    return {"entity_id": [house.entity_id("binary_sensor", "connected", owner) for owner in owners]}


async def test_muted_and_listening(hass: HomeAssistant, house: House, bedroom: Talker) -> None:
    for owner in (KITCHEN, BEDROOM):
        await house.until_listening(owner)
    kitchen, both = target(house, KITCHEN), target(house, KITCHEN, BEDROOM)
    every = {"behavior": "all"}
    assert not await holds(hass, "is_muted", target=both)
    assert await holds(hass, "is_listening", target=both, options=every)
    await house.switch("microphone", on=False)
    assert await holds(hass, "is_muted", target=kitchen)
    assert await holds(hass, "is_muted", target=both)
    assert not await holds(hass, "is_muted", target=both, options=every)
    assert not await holds(hass, "is_listening", target=kitchen)
    assert await holds(hass, "is_listening", target=both)
    # The house's own device stands for every satellite.
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, ENTRY_ID), ENTRY_ID)
    assert device is not None
    assert not await holds(hass, "is_muted", target={"device_id": device.id}, options=every)
    assert await holds(hass, "is_muted")
    assert not await holds(hass, "is_muted", options=every)
    await house.switch("microphone", on=False, owner=BEDROOM)
    assert await holds(hass, "is_muted", target={"device_id": device.id}, options=every)
    assert await holds(hass, "is_muted", options=every | {"for": 0})
    assert not await holds(hass, "is_listening")


async def test_a_satellite_that_is_away_does_not_listen(
    hass: HomeAssistant, house: House, bedroom: Talker
) -> None:
    both = target(house, KITCHEN, BEDROOM)
    await house.until_listening(KITCHEN)
    await bedroom.stop()
    await house.until_state("binary_sensor", "connected", "off", BEDROOM)
    assert await holds(hass, "is_listening", target=both)
    assert not await holds(hass, "is_listening", target=both, options={"behavior": "all"})


@pytest.mark.parametrize("behavior", ["any", "all"])
async def test_nothing_holds_of_a_target_without_satellites_or_while_nothing_is_loaded(
    hass: HomeAssistant, house: House, behavior: str
) -> None:
    options = {"behavior": behavior}
    await record(house)
    await house.switch("microphone", on=False)
    kitchen = target(house, KITCHEN)
    elsewhere = {"area_id": "nowhere"}
    assert await holds(hass, "is_muted", target=kitchen, options=options)
    for name in ("is_muted", "is_listening"):
        assert not await holds(hass, name, target=elsewhere, options=options)
    assert not await holds(hass, "is_anything_kept", target=elsewhere)
    await house.switch("guest_mode", on=True, owner=ENTRY_ID)
    assert await hass.config_entries.async_unload(ENTRY_ID)
    for name in ("is_muted", "is_listening"):
        assert not await holds(hass, name, target=kitchen, options=options)
    assert not await holds(hass, "is_anything_kept")
    assert not await holds(hass, "is_guest_mode_on")


async def test_how_long(hass: HomeAssistant, house: House, freezer: FrozenDateTimeFactory) -> None:
    await house.switch("microphone", on=False)
    muted = await checker(hass, "is_muted", target=target(house, KITCHEN), options={"for": {"minutes": 10}})
    try:
        assert not muted.async_check()
        freezer.tick(timedelta(minutes=11))
        assert muted.async_check()
    finally:
        muted.async_unload()


async def test_guest_mode_and_what_is_kept(hass: HomeAssistant, house: House, bedroom: Talker) -> None:
    assert not await holds(hass, "is_guest_mode_on")
    assert not await holds(hass, "is_anything_kept")
    kept = await checker(hass, "is_anything_kept")
    changes: list[None] = []
    stop = await kept.async_track_changes(lambda: changes.append(None))
    await record(house)
    assert changes
    assert kept.async_check()
    stop()
    kept.async_unload()
    assert await holds(hass, "is_anything_kept", target=target(house, KITCHEN))
    assert not await holds(hass, "is_anything_kept", target=target(house, BEDROOM))
    await house.switch("guest_mode", on=True, owner=ENTRY_ID)
    assert await holds(hass, "is_guest_mode_on")


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("is_muted", {"target": {"area_id": "kitchen"}, "options": {"behavior": "first"}}),
        ("is_listening", {"target": {"area_id": "kitchen"}, "options": {"text": "yes"}}),
        ("is_guest_mode_on", {"target": {"area_id": "kitchen"}}),
        ("is_anything_kept", {"options": {"text": "yes"}}),
        ("is_said", {}),
    ],
)
async def test_what_a_condition_does_not_know_is_refused(
    hass: HomeAssistant, house: House, name: str, config: dict[str, Any]
) -> None:
    with pytest.raises((vol.Invalid, HomeAssistantError)):
        await holds(hass, name, **config)


async def test_every_condition_is_described_translated_and_drawn(hass: HomeAssistant, house: House) -> None:
    await holds(hass, "is_guest_mode_on")
    descriptions = await condition.async_get_all_descriptions(hass)
    icons = (await async_get_icons(hass, "conditions", [DOMAIN]))[DOMAIN]
    found = {
        key.partition(".")[2]: value for key, value in descriptions.items() if key.startswith(f"{DOMAIN}.")
    }
    assert found.keys() == CONDITIONS.keys() == icons.keys()
    for language in ("ar", "de", "en", "es", "fr", "it", "nl"):
        texts = await async_get_translations(hass, language, "conditions", [DOMAIN])
        for key, description in found.items():
            assert description is not None
            wanted = ["name", "description", *(f"fields.{name}.name" for name in description["fields"])]
            assert all(texts[f"component.{DOMAIN}.conditions.{key}.{text}"] for text in wanted), (
                language,
                key,
            )
