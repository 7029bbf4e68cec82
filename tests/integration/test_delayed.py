"""Commands that Home Assistant carries out later: its timer forgets who gave them."""

import asyncio
import logging
from typing import Any, Final, Literal, override

from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.intent.timers import TimerManager
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import device_registry as dr, intent
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.people import ADMIN, LAMP, READER, Person, people_of
from .helpers.recordings import record
from .helpers.talker import Talker

COMMANDS: Final = (
    "guest mode on",
    "stop listening",
    "delete everything i said today",
    "turn off bedroom microphone",
    "turn on bedroom microphone",
    "turn on voice privacy guest mode",
    "press bedroom delete today",
    "turn on bedroom delete today",
    "turn on bedroom press to talk",
)


@pytest.fixture
async def home(hass: HomeAssistant, house: House, bedroom: Talker) -> House:
    """A house in which everything can be said that ever can be, and every entity is exposed."""
    for component in ("conversation", "intent"):
        assert await async_setup_component(hass, component, {})
    for owner in (KITCHEN, BEDROOM):
        await house.enable(("button", "delete_today"), ("button", "press_to_talk"), owner=owner)
        await house.until_listening(owner)
        for key in ("delete_today", "press_to_talk"):
            async_expose_entity(hass, "conversation", house.entity_id("button", key, owner), True)
        await record(house, owner=owner)
    await house.switch("deletion_by_voice", on=True, owner=ENTRY_ID)
    return house


def state_of(house: House) -> list[Any]:
    """Return what a command could have changed."""
    hub = house.hub
    return [
        hub.settings.house(HouseToggle.GUEST_MODE),
        [hub.settings.satellite(owner, SatelliteToggle.MUTED) for owner in hub.satellites],
        list(hub.recordings),
        [len(hub.in_flight(owner)) for owner in hub.satellites],
        len(hub.access_log.entries),
    ]


async def until_timers_are_over(hass: HomeAssistant) -> None:
    """Let every timer end, and what it does be done."""
    (manager,) = (value for value in hass.data.values() if isinstance(value, TimerManager))
    for timer_id in list(manager.timers):
        manager._timer_finished(timer_id)
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == "timer assist command"))
    await hass.async_block_till_done()


@pytest.mark.parametrize("way", ["sentence", "intent", "intent that names a satellite"])
async def test_a_delayed_command_of_a_user_is_refused(
    hass: HomeAssistant, home: House, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    people = await people_of(home, (ADMIN, READER, LAMP))
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, BEDROOM), ENTRY_ID)
    assert device is not None
    (manager,) = (value for value in hass.data.values() if isinstance(value, TimerManager))

    async def delay(person: Person, command: str) -> None:
        if way == "sentence":
            answer = await person.desk.ask("conversation/process", text=f"{command} in 1 hour", language="en")
            assert answer["success"]
        else:
            await intent.async_handle(
                hass,
                "test",
                intent.INTENT_START_TIMER,
                {"hours": {"value": 1}, "conversation_command": {"value": command}},
                context=person.context,
                device_id=device.id if "names" in way else None,
            )

    for muted in (False, True):
        for owner in (KITCHEN, BEDROOM):
            await home.switch("microphone", on=not muted, owner=owner)
        before = state_of(home)
        for person in people.values():
            for command in COMMANDS:
                # Home Assistant itself refuses to delay some of them for some people.
                try:
                    await delay(person, command)
                except intent.IntentError:
                    continue
        assert len(manager.timers) > len(people)
        await until_timers_are_over(hass)
        assert state_of(home) == before
    told = [logged for logged in caplog.records if logged.name.startswith("custom_components.voice_privacy")]
    assert any("comes from no user and no satellite" in logged.message for logged in told)
    assert all(logged.levelno <= logging.WARNING for logged in told)


class OldAgent(conversation.AbstractConversationAgent):
    """An agent of the kind that opens no chat session: it presses what it is told to."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Have done nothing."""
        self.hass = hass
        self.refused: list[str | None] = []

    @property
    @override
    def supported_languages(self) -> Literal["*"]:
        return "*"

    @override
    async def async_process(
        self, user_input: conversation.ConversationInput
    ) -> conversation.ConversationResult:
        domain, service, entity_id = user_input.text.split()
        try:
            await self.hass.services.async_call(
                domain, service, {"entity_id": entity_id}, blocking=True, context=user_input.context
            )
        except Unauthorized as err:
            self.refused.append(err.translation_key)
        response = intent.IntentResponse(language=user_input.language)
        return conversation.ConversationResult(response=response, conversation_id=None)


async def test_an_agent_without_a_session_is_no_automation(hass: HomeAssistant, home: House) -> None:
    agent = OldAgent(hass)
    entry = MockConfigEntry(domain="test", entry_id="old_agent")
    entry.add_to_hass(hass)
    conversation.async_set_agent(hass, entry, agent)
    await home.switch("microphone", on=False, owner=BEDROOM)
    before = state_of(home)
    (manager,) = (value for value in hass.data.values() if isinstance(value, TimerManager))
    said = [
        f"switch turn_on {home.entity_id('switch', 'microphone', BEDROOM)}",
        f"button press {home.entity_id('button', 'delete_today', BEDROOM)}",
        f"button press {home.entity_id('button', 'press_to_talk', KITCHEN)}",
    ]
    for text in said:
        manager.start_timer(
            None, 1, None, None, "en", conversation_command=text, conversation_agent_id="old_agent"
        )
    await until_timers_are_over(hass)
    assert agent.refused == ["nobody_speaks"] * len(said)
    assert state_of(home) == before


async def test_an_automation_that_speaks_is_an_automation(hass: HomeAssistant, home: House) -> None:
    automation = {
        "alias": "Guests come",
        "triggers": {"trigger": "event", "event_type": "guests"},
        "actions": [{"action": "conversation.process", "data": {"text": "guest mode on", "language": "en"}}],
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    hass.bus.async_fire("guests")
    await hass.async_block_till_done()
    assert home.hub.settings.house(HouseToggle.GUEST_MODE)
