"""A house with satellites, seen through Home Assistant's own doors: states, actions, registries."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.models import RecordingContent, RecordingInfo
from custom_components.voice_privacy.hub.hub import VoicePrivacyHub
from dev.rig.patience import SLOWER

from .speech import Announcer, Transcriber
from .talker import Talker

ENTRY_ID = "house"
KITCHEN = "kitchen"
BEDROOM = "bedroom"


@dataclass(kw_only=True)
class House:
    """One config entry and everything around it."""

    hass: HomeAssistant
    entry: MockConfigEntry
    satellites: dict[str, Talker]
    transcriber: Transcriber
    announcer: Announcer
    changes: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Entity id, state and attributes of every state that was written, in order."""

    def __post_init__(self) -> None:
        """Follow all states from now on."""
        self._changed = asyncio.Event()
        self.hass.bus.async_listen(EVENT_STATE_CHANGED, self._on_change)
        self.hass.bus.async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, self._on_issue)

    @callback
    def _on_issue(self, _: Event[ir.EventIssueRegistryUpdatedData]) -> None:
        self._changed.set()

    @callback
    def _on_change(self, event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            self.changes.append((state.entity_id, state.state, dict(state.attributes)))
        self._changed.set()

    @property
    def kitchen(self) -> Talker:
        """The satellite in the kitchen."""
        return self.satellites[KITCHEN]

    @property
    def bedroom(self) -> Talker:
        """The satellite in the bedroom."""
        return self.satellites[BEDROOM]

    @property
    def hub(self) -> VoicePrivacyHub:
        """The loaded hub."""
        hub: VoicePrivacyHub = self.entry.runtime_data.hub
        return hub

    @property
    def busy(self) -> bool:
        """Whether a pipeline is under way."""
        at_work = ("listening", "processing", "responding")
        return any(state.state in at_work for state in self.hass.states.async_all("assist_satellite"))

    # --- looking ---------------------------------------------------------------------------------

    def entity_id(self, platform: str, key: str, owner: str = KITCHEN) -> str:
        """Find an entity by what it is."""
        entity_id = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, f"{owner}-{key}")
        assert entity_id is not None, f"no {platform} {owner}-{key}"
        return entity_id

    def state(self, platform: str, key: str, owner: str = KITCHEN) -> str:
        """Return an entity's state."""
        state = self.hass.states.get(self.entity_id(platform, key, owner))
        assert state is not None
        return state.state

    def states_of(self, platform: str, key: str, owner: str = KITCHEN) -> list[str]:
        """Return all states that an entity has shown."""
        entity_id = self.entity_id(platform, key, owner)
        return [state for changed, state, _ in self.changes if changed == entity_id]

    def activity(self, owner: str = KITCHEN) -> list[tuple[str, str | int | None]]:
        """Return what the event entity of a satellite has told: type, and reason or count."""
        entity_id = self.entity_id("event", "activity", owner)
        told: list[tuple[str, str | int | None]] = []
        instant = None
        for changed, state, attributes in self.changes:
            if changed == entity_id and attributes.get("event_type") and state != "unavailable":
                if state == instant and told and told[-1][0] == attributes["event_type"]:
                    continue
                instant = state
                told.append((attributes["event_type"], attributes.get("reason", attributes.get("count"))))
        return told

    def issue(self, issue_id: str) -> str | None:
        """Return the translation key of a repair issue, None when there is none."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, issue_id)
        return issue.translation_key if issue else None

    async def until(self, condition: Callable[[], object], what: str, timeout: float = 15.0) -> None:
        """Wait until something holds, looking again whenever a state changes."""
        try:
            async with asyncio.timeout(timeout * SLOWER):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            tail = [(entity_id, state) for entity_id, state, _ in self.changes[-12:]]
            raise AssertionError(f"not within {timeout * SLOWER} s: {what}; last states {tail}") from None

    async def until_found(self, find: Callable[[], object], timeout: float = 15.0) -> None:
        """Wait for what tells nobody that it is there."""
        async with asyncio.timeout(timeout * SLOWER):
            while not find():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def until_state(
        self, platform: str, key: str, state: str, owner: str = KITCHEN, timeout: float = 15.0
    ) -> None:
        """Wait until an entity shows a state."""
        await self.until(
            lambda: self.state(platform, key, owner) == state, f"{owner} {key} {state}", timeout=timeout
        )

    async def until_told(
        self, event_type: str, reason: str | int | None = None, owner: str = KITCHEN, count: int = 1
    ) -> None:
        """Wait until the event entity has told of something so many times."""
        await self.until(
            lambda: (
                sum(
                    told == event_type and (reason is None or reason == why)
                    for told, why in self.activity(owner)
                )
                >= count
            ),
            f"{owner} {event_type} {reason or ''} {count} times; told {self.activity(owner)}",
        )

    async def until_listening(self, owner: str = KITCHEN) -> None:
        """Wait until a satellite's audio is listened to."""
        await self.until_state("sensor", "microphone_state", "listening", owner)
        await self.satellites[owner].wait_for_frames(2)

    # --- acting ----------------------------------------------------------------------------------

    async def switch(self, key: str, *, on: bool, owner: str = KITCHEN) -> None:
        """Turn a switch on or off."""
        await self.hass.services.async_call(
            "switch",
            "turn_on" if on else "turn_off",
            {"entity_id": self.entity_id("switch", key, owner)},
            blocking=True,
        )

    async def press(self, key: str, owner: str = KITCHEN) -> None:
        """Press a button."""
        await self.hass.services.async_call(
            "button", "press", {"entity_id": self.entity_id("button", key, owner)}, blocking=True
        )

    async def press_to_talk(self, owner: str = KITCHEN, context: Context | None = None) -> None:
        """Open a microphone without a wake word, by action: the button is disabled at first."""
        await self.hass.services.async_call(
            DOMAIN,
            "press_to_talk",
            {"entity_id": self.entity_id("switch", "microphone", owner)},
            blocking=True,
            context=context,
        )

    async def enable(self, *entities: tuple[str, str], owner: str = KITCHEN) -> None:
        """Enable entities, given as platform and key, that are disabled at first."""
        for platform, key in entities:
            er.async_get(self.hass).async_update_entity(
                self.entity_id(platform, key, owner), disabled_by=None
            )
        await self.reload()

    async def delete(self, which: str, owner: str = KITCHEN) -> dict[str, Any]:
        """Delete "last" or "today" of one satellite, by action; return the receipt."""
        return await self.act(f"delete_{which}", {"entity_id": self.entity_id("switch", "microphone", owner)})

    async def act(
        self, service: str, target: dict[str, Any] | None = None, context: Context | None = None
    ) -> dict[str, Any]:
        """Call a deletion action; return its response."""
        response = await self.hass.services.async_call(
            DOMAIN, service, target or {}, blocking=True, return_response=True, context=context
        )
        return dict(response or {})

    async def keep(self, count: int = 1, owner: str = KITCHEN) -> list[str]:
        """Have so many commands said and kept; return the new ids, oldest first."""
        known = set(self.ids(owner))
        for number in range(count):
            kept = sum(told == "kept" for told, _ in self.activity(owner))
            self.transcriber.text = f"what time is it number {number}"
            await self.satellites[owner].ask()
            await self.until_told("kept", owner=owner, count=kept + 1)
            await self.until_state("assist_satellite", "assist_satellite", "idle", owner)
        return [recording_id for recording_id in self.ids(owner) if recording_id not in known]

    def ids(self, owner: str | None = None) -> list[str]:
        """Return the ids of what is kept, oldest first."""
        return [
            recording.recording_id
            for recording in self.hub.recordings.values()
            if owner in (None, recording.satellite_id)
        ]

    async def read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Open one recording."""
        return await self.hub.async_read(recording_id)

    async def read_all(self, recording_ids: Iterable[str]) -> list[tuple[RecordingInfo, RecordingContent]]:
        """Open recordings."""
        return [await self.hub.async_read(recording_id) for recording_id in recording_ids]

    def sealed_files(self) -> list[Path]:
        """Return the files of recordings, finished or not."""
        return sorted(self._folder.rglob("*.sealed*"))

    def files(self) -> list[str]:
        """Return the names of everything in the store's folder, none when there is no folder."""
        return [path.name for path in self._folder.rglob("*")]

    @property
    def _folder(self) -> Path:
        return Path(self.hass.config.cache_path(DOMAIN))

    async def flush(self) -> None:
        """Return once all that was kept and noted is on disk: sealed files, keys and the ledger."""
        await self.hub.kept.store.async_flush()
        if self.hub.ledger.on:
            await self.hub.ledger.async_export()

    async def reload(self) -> None:
        """Reload the config entry."""
        assert await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done()
