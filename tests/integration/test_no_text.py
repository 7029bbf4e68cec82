"""What was said is nowhere but in the sealed recording: no state, attribute, event, action or log line has it."""

from collections.abc import Iterator
import json
import logging
from typing import Any

from homeassistant.const import EVENT_CALL_SERVICE, MATCH_ALL
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.json import ExtendedJSONEncoder
import pytest

from .helpers.house import House
from .helpers.talker import silence, speech

SECRET = "shredding the blue marmalade"
"""What is understood; no word of it occurs anywhere else."""

WORDS = ("shredding", "marmalade")


class Witness:
    """Everything that Home Assistant told anybody."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Listen to the whole bus."""
        self.events: list[str] = []
        self.kinds: set[str] = set()
        hass.bus.async_listen(MATCH_ALL, self._on_event)

    @callback
    def _on_event(self, event: Event[Any]) -> None:
        self.kinds.add(str(event.event_type))
        self.events.append(json.dumps(event.as_dict(), cls=ExtendedJSONEncoder, default=str))

    def finds(self, word: str) -> list[str]:
        """Return the events with a word in them."""
        return [event for event in self.events if word in event.lower()]


@pytest.fixture
def own_logs_at_debug() -> Iterator[None]:
    """Let our own loggers say all that they have to say."""
    logger = logging.getLogger("custom_components.voice_privacy")
    level = logger.level
    logger.setLevel(logging.DEBUG)
    yield
    logger.setLevel(level)


async def test_what_was_said_is_in_the_recording_only(
    hass: HomeAssistant,
    house: House,
    caplog: pytest.LogCaptureFixture,
    hass_storage: dict[str, Any],
    own_logs_at_debug: None,
) -> None:
    witness = Witness(hass)
    house.transcriber.text = SECRET
    await house.kitchen.ask()
    await house.until_told("kept")
    await house.kitchen.wait_for_reply()
    await house.until_state("assist_satellite", "assist_satellite", "idle")
    # Failures talk too much more easily than successes do.
    house.transcriber.failure = RuntimeError(f"could not understand {SECRET}")
    await house.kitchen.ask()
    await house.until_told("kept", count=2)
    house.transcriber.failure = None
    house.announcer.failure = RuntimeError(f"could not say {SECRET}")
    await house.kitchen.ask()
    await house.until_told("kept", count=3)
    house.announcer.failure = None
    await house.until(lambda: not house.busy, "idle")
    await house.kitchen.wake_up()
    await house.kitchen.blurt(await speech("turn on the light"), silence(0.2))
    await house.delete("last")
    await house.act("delete_last")
    await house.switch("microphone", on=False)
    await house.switch("microphone", on=True)
    await house.act("delete_today")
    await house.reload()

    # Positive controls: the recording had it, the satellite was told, and the search finds what is there.
    assert house.kitchen.log.received("transcript")[0].data["text"] == SECRET
    assert {"state_changed", EVENT_CALL_SERVICE} <= witness.kinds
    assert witness.finds("delete_last")
    assert witness.finds("event.kitchen_activity")
    hass.states.async_set("sensor.careless", "ok", {"heard": SECRET})
    assert witness.finds(WORDS[0])
    assert _states_with(hass, WORDS[0]) == ["sensor.careless"]
    witness.events = witness.finds(WORDS[0])[1:]
    hass.states.async_remove("sensor.careless")

    logs = [
        f"{record.getMessage()} {record.exc_text or ''} {record.exc_info or ''}"
        for record in caplog.records
        if record.name.startswith("custom_components.voice_privacy")
    ]
    # Positive control: down to what the coordinator says at DEBUG, nothing was missed.
    assert any("Manually updated" in line for line in logs)
    for word in WORDS:
        assert not [event for event in witness.events if word in event and "sensor.careless" not in event]
        assert _states_with(hass, word) == []
        assert not [line for line in logs if word in line.lower()]
        assert word not in json.dumps(
            {key: value for key, value in hass_storage.items() if "voice_privacy" in key}, default=str
        )


def _states_with(hass: HomeAssistant, word: str) -> list[str]:
    """Return the entities whose state or attributes hold a word."""
    return [
        state.entity_id
        for state in hass.states.async_all()
        if word in json.dumps(state.as_dict(), cls=ExtendedJSONEncoder, default=str)
    ]


async def test_the_event_entity_tells_what_happened_and_nothing_else(
    hass: HomeAssistant, house: House
) -> None:
    await house.keep()
    await house.delete("last")
    await house.switch("save_recordings", on=False)
    await house.kitchen.ask()
    await house.until_told("discarded", "saving_off")
    assert house.activity() == [
        ("woke", None),
        ("kept", None),
        ("deleted", 1),
        ("woke", None),
        ("discarded", "saving_off"),
    ]
    entity_id = house.entity_id("event", "activity")
    allowed = {"count", "event_type", "event_types", "friendly_name", "reason"}
    assert {
        key for changed, _, attributes in house.changes if changed == entity_id for key in attributes
    } == allowed


async def test_who_did_what_is_written_down_without_content(
    house: House, hass_storage: dict[str, Any]
) -> None:
    house.transcriber.text = SECRET
    await house.kitchen.ask()
    await house.until_told("kept")
    await house.until(lambda: not house.busy, "idle")
    await house.act("delete_last")
    await house.switch("save_recordings", on=False)
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    entries = hass_storage["voice_privacy.access_log"]["data"]["entries"]
    assert [(entry["deed"], entry["count"], entry["value"]) for entry in entries] == [
        ("deleted", 1, None),
        ("changed", 0, "off"),
    ]
    assert not [word for word in WORDS if word in json.dumps(entries)]
