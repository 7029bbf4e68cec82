"""A satellite as the household has it: its microphone on one side, its entities on the other."""

from collections.abc import AsyncGenerator, Mapping
import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, override

from .furnish import DOMAIN, add_satellite, entity_ids
from .ha_client import EventStream, HomeAssistantClient, Json
from .house import KITCHEN_LIGHT, HomeAssistantProcess
from .satellite import Satellite
from .voices import COMMANDS, Voice, command, synthesize, with_room_noise


class Activity:
    """What happens at a satellite, from its event entity."""

    def __init__(self, stream: EventStream, entity_id: str) -> None:
        """Follow the events of one entity."""
        self._stream = stream
        self._entity_id = entity_id

    async def next(self, *event_types: str, timeout: float = 15.0) -> Json:
        """Return the attributes of the next event of these types."""
        event = await self._stream.next(lambda event: self._is(event, event_types), timeout=timeout)
        return dict(event["data"]["new_state"]["attributes"])

    def so_far(self) -> list[tuple[str, str | None]]:
        """Return type and reason of everything that has happened."""
        return [
            (attributes["event_type"], attributes.get("reason"))
            for event in self._stream.seen
            if (attributes := self._attributes(event)) is not None
        ]

    def _attributes(self, event: Json) -> Json | None:
        new, old = event["data"]["new_state"], event["data"]["old_state"]
        if event["data"]["entity_id"] != self._entity_id or new is None:
            return None
        if new["state"] in ("unknown", "unavailable") or (old is not None and old["state"] == new["state"]):
            return None
        return dict(new["attributes"])

    def _is(self, event: Json, event_types: tuple[str, ...]) -> bool:
        attributes = self._attributes(event)
        return attributes is not None and attributes.get("event_type") in event_types


class Listed:
    """A satellite of our integration by its entities, whatever its microphone is."""

    def __init__(self, client: HomeAssistantClient, entry_id: str, subentry_id: str) -> None:
        """Know the satellite's subentry; refresh learns its entities."""
        self.entry_id = entry_id
        self.subentry_id = subentry_id
        self._client = client
        self._entities: Mapping[str, str] = {}

    async def refresh(self, *states: str) -> None:
        """Learn the entities again, and wait until the microphone is listened to or muted, or has another state."""
        async with self.client.events("entity_registry_updated") as registered:
            # A satellite that has just been added gets its entities when the integration reloads.
            while f"{self.subentry_id}-microphone_state" not in self._entities:
                self._entities = await entity_ids(self.client, config_subentry_id=self.subentry_id)
                if not self._entities:
                    await registered.next()
        await self.wait_for("microphone_state", *(states or ("listening", "muted")), timeout=30)

    @property
    def client(self) -> HomeAssistantClient:
        """The owner's connection."""
        return self._client

    def entity(self, key: str) -> str:
        """Return the id of an entity by its key, e.g. "microphone"."""
        return self._entities[f"{self.subentry_id}-{key}"]

    def state(self, key: str) -> str | None:
        """Return the state of an entity by its key."""
        return self.client.state(self.entity(key))

    def count(self, key: str) -> int:
        """Return the state of a sensor that counts."""
        state = self.state(key)
        return int(state) if state is not None and state.isdecimal() else 0

    async def wait_for(self, key: str, *states: str, timeout: float = 10.0) -> Json:
        """Wait until an entity has one of these states."""
        return await self.client.wait_for_state(
            self.entity(key), lambda state: state in states, timeout=timeout
        )

    async def switch(self, key: str, *, on: bool) -> None:
        """Throw a switch."""
        target = {"entity_id": self.entity(key)}
        await self.client.call(f"switch.turn_{'on' if on else 'off'}", target=target)

    @contextlib.asynccontextmanager
    async def activity(self) -> AsyncGenerator[Activity]:
        """Follow the satellite's event entity."""
        async with self.client.events("state_changed") as stream:
            yield Activity(stream, self.entity("activity"))

    async def recordings(self) -> list[Json]:
        """Return what is kept of this satellite, newest first, with its content as the page gets it."""
        listed = await self.client.command(f"{DOMAIN}/recordings/list", satellite_id=self.subentry_id)
        return list(listed["recordings"])


class Member(Listed):
    """One Wyoming satellite of our integration, with its microphone."""

    def __init__(
        self, house: HomeAssistantProcess, satellite: Satellite, entry_id: str, subentry_id: str
    ) -> None:
        """Know the satellite's subentry; see create."""
        super().__init__(house.client, entry_id, subentry_id)
        self.satellite = satellite
        self._house = house

    @classmethod
    async def create(
        cls,
        house: HomeAssistantProcess,
        satellite: Satellite,
        entry_id: str,
        *,
        area: str | None = None,
        save_recordings: bool = True,
    ) -> Member:
        """Add a satellite to our integration and wait until it is listened to."""
        subentry_id = await add_satellite(
            house.client,
            entry_id,
            name=satellite.name,
            port=satellite.port,
            area=area,
            save_recordings=save_recordings,
        )
        member = cls(house, satellite, entry_id, subentry_id)
        await member.refresh()
        return member

    @property
    @override
    def client(self) -> HomeAssistantClient:
        """The owner's connection, another one after a restart."""
        return self._house.client

    async def act(self, action: str) -> Json:
        """Perform one of our actions on this satellite; return its response."""
        target = {"entity_id": self.entity("assist_satellite")}
        return await self.client.call(f"voice_privacy.{action}", target=target, return_response=True)

    async def say(self, text: str, *, voice: Voice = Voice.SLT) -> float:
        """Say "Alexa, ..." and return the monotonic instant of its first sample."""
        speech = await synthesize(command(text), voice=voice)
        spoken = await self.satellite.say(with_room_noise(speech.pcm))
        return spoken.started

    async def say_until_kept(self, text: str) -> None:
        """Say "Alexa, ..." and wait until it is kept.

        On a busy machine core may learn of a wake so late that it takes the next one for its echo; then say it again.
        """
        async with self.activity() as activity:
            await self.say(text)
            while (told := await activity.next("kept", "discarded"))["event_type"] != "kept":
                if told.get("reason") == "duplicate_wake":
                    await self.say(text)
        await self.wait_for("microphone_state", "listening")

    async def is_heard(self, text: str = COMMANDS[0], *, timeout: float = 10.0) -> None:
        """Say "Alexa, ..." and see it through to the end of its reply.

        Raises TimeoutError, or AssertionError with the integration's diagnostics, when it is not heard.
        """
        since = await self.say(text)
        frames = self.satellite.frames_sent
        try:
            transcript = await self.satellite.wait_for_event("transcript", since=since, timeout=timeout)
        except TimeoutError as err:
            told = await diagnostics(self.client, self.entry_id)
            sent = self.satellite.frames_sent - frames
            raise AssertionError(f"{err}; it sent {sent} chunks since; diagnostics: {told}") from err
        if transcript.data["text"] != text.lower():
            raise AssertionError(f"{transcript.data['text']!r} was understood instead of {text!r}")
        await self.satellite.wait_for_reply(since=since)
        await self.wait_for("microphone_state", "listening")


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """The house, our integration in it, and its satellites."""

    house: HomeAssistantProcess
    entry_id: str
    kitchen: Member
    living_room: Member
    """Its microphone delivers chunks of 10 ms, which core's own integration loses events with."""

    study: Member
    """48 kHz stereo."""

    @property
    def members(self) -> tuple[Member, ...]:
        """Every satellite."""
        return self.kitchen, self.living_room, self.study

    @property
    def guest_mode(self) -> str:
        """Id of the switch."""
        return "switch.voice_privacy_guest_mode"

    @property
    def sealed_files(self) -> list[Path]:
        """Files that hold recordings."""
        return list(self.house.config.glob(".cache/voice_privacy/audio/*.sealed"))

    async def restart(self) -> None:
        """Restart Home Assistant and wait until every satellite is listened to."""
        await self.house.restart()
        for member in self.members:
            await member.refresh()

    async def reset(self) -> None:
        """Everything on, nothing kept, the light off."""
        client = self.house.client
        await client.call("switch.turn_off", target={"entity_id": self.guest_mode})
        await client.call("light.turn_off", target={"entity_id": KITCHEN_LIGHT})
        await client.call("voice_privacy.delete_today", return_response=True)
        for member in self.members:
            await member.switch("microphone", on=True)
            await member.switch("save_recordings", on=True)
            await member.wait_for("microphone_state", "listening", timeout=15)
            await member.wait_for("recordings", "0")
        await client.wait_for_state(KITCHEN_LIGHT, "off")


async def diagnostics(client: HomeAssistantClient, entry_id: str) -> dict[str, Any]:
    """Return what the integration tells for a bug report."""
    status, answer = await client.rest("GET", f"/api/diagnostics/config_entry/{entry_id}")
    if status != 200:
        raise ConnectionError(f"diagnostics answer {status}")
    return dict(answer["data"])
