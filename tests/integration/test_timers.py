"""Voice timers of a Wyoming satellite: set by voice or by intent, and told to the satellite."""

from typing import Any

from homeassistant.components import intent as intent_component
from homeassistant.components.intent import async_device_supports_timers
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, intent
import pytest
from wyoming.event import Event
from wyoming.timer import TimerCancelled, TimerFinished, TimerStarted, TimerUpdated

from .helpers.house import House

_KINDS = ("timer-started", "timer-updated", "timer-cancelled", "timer-finished")


def device_id(house: House) -> str:
    """Return the id of the kitchen's device."""
    entity = er.async_get(house.hass).async_get(house.entity_id("assist_satellite", "assist_satellite"))
    assert entity is not None
    assert entity.device_id is not None
    return entity.device_id


async def tell_timer(house: House, intent_type: str, **slots: Any) -> None:
    """Handle an intent about timers as if said to the kitchen."""
    response = await intent.async_handle(
        house.hass,
        "test",
        intent_type,
        {name: {"value": value} for name, value in slots.items()},
        device_id=device_id(house),
    )
    assert response.response_type is intent.IntentResponseType.ACTION_DONE


async def next_timer_event(house: House, count: int) -> Event:
    """Return the timer event with this number, counted from one, that the kitchen gets."""
    return await house.kitchen.log.wait_for(
        lambda: next(iter(house.kitchen.log.received(*_KINDS)[count - 1 : count]), None),
        f"no timer event number {count}",
        timeout=10,
    )


async def test_a_timer_is_set_by_voice(house: House) -> None:
    house.transcriber.text = "set a timer for 5 minutes"
    await house.kitchen.ask()
    started = TimerStarted.from_event(await house.kitchen.wait_for_event("timer-started"))
    assert (started.total_seconds, started.start_minutes, started.name) == (300, 5, None)
    await house.until_told("kept")


@pytest.mark.parametrize("muted", [False, True])
async def test_the_satellite_is_told_what_happens_to_its_timers(house: House, muted: bool) -> None:
    await house.switch("microphone", on=not muted)
    await tell_timer(house, intent.INTENT_START_TIMER, name="pizza", hours=1, minutes=2, seconds=3)
    started = TimerStarted.from_event(await next_timer_event(house, 1))
    assert started == TimerStarted(
        id=started.id, total_seconds=3_723, name="pizza", start_hours=1, start_minutes=2, start_seconds=3
    )
    await tell_timer(house, intent.INTENT_INCREASE_TIMER, name="pizza", minutes=1)
    updated = TimerUpdated.from_event(await next_timer_event(house, 2))
    assert (updated.id, updated.is_active) == (started.id, True)
    assert 3_773 <= updated.total_seconds <= 3_783
    await tell_timer(house, intent.INTENT_PAUSE_TIMER, name="pizza")
    assert TimerUpdated.from_event(await next_timer_event(house, 3)).is_active is False
    await tell_timer(house, intent.INTENT_UNPAUSE_TIMER, name="pizza")
    assert TimerUpdated.from_event(await next_timer_event(house, 4)).is_active is True
    await tell_timer(house, intent.INTENT_CANCEL_TIMER, name="pizza")
    assert TimerCancelled.from_event(await next_timer_event(house, 5)).id == started.id
    await tell_timer(house, intent.INTENT_START_TIMER, seconds=0)
    short = TimerStarted.from_event(await next_timer_event(house, 6))
    assert TimerFinished.from_event(await next_timer_event(house, 7)).id == short.id


async def test_timers_survive_a_lost_connection_and_end_with_the_satellite(
    hass: HomeAssistant, house: House
) -> None:
    assert async_device_supports_timers(hass, device_id(house))
    await tell_timer(house, intent.INTENT_START_TIMER, name="eggs", minutes=9)
    await next_timer_event(house, 1)
    house.kitchen.vanish()
    await house.until_state("binary_sensor", "connected", "off")
    await tell_timer(house, intent.INTENT_INCREASE_TIMER, name="eggs", minutes=1)
    await house.until_listening()
    await tell_timer(house, intent.INTENT_CANCEL_TIMER, name="eggs")
    # What happened while nobody was there is lost, as with core.
    assert (await next_timer_event(house, 2)).type == "timer-cancelled"

    assert await hass.config_entries.async_unload(house.entry.entry_id)
    assert not async_device_supports_timers(hass, device_id(house))
    with pytest.raises(intent_component.timers.TimersNotSupportedError):
        await tell_timer(house, intent.INTENT_START_TIMER, minutes=9)
    assert await hass.config_entries.async_setup(house.entry.entry_id)
    assert async_device_supports_timers(hass, device_id(house))
