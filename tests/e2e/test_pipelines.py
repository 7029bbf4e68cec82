"""Satellites of core's own Wyoming integration, heard through their pipeline, and deletion by voice."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
import time
from typing import Any

import pytest_asyncio

from dev.rig.furnish import add_assist_satellite, add_wyoming, choose_pipelines, entity_ids, remove_entry
from dev.rig.ha_client import HomeAssistantClient
from dev.rig.house import KITCHEN_LIGHT
from dev.rig.household import Household, Member
from dev.rig.satellite import Mode, Satellite
from dev.rig.speech_servers import SttServer
from dev.rig.voices import synthesize, with_room_noise

TURN_ON = "turn on the kitchen light"
DELETE_LAST = "delete what I just said"
VOICE_DELETION = "switch.voice_privacy_deletion_by_voice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wide:
    """The house with two satellites that core connects to, beside our own."""

    home: Household
    hall: Member
    porch: Member
    engine: str
    """What the pipeline transcribes with when we are not there."""

    @property
    def client(self) -> HomeAssistantClient:
        """The owner's connection."""
        return self.home.house.client


async def _pipeline(client: HomeAssistantClient) -> dict[str, Any]:
    """Return the preferred pipeline."""
    listed = await client.command("assist_pipeline/pipeline/list")
    return next(dict(item) for item in listed["pipelines"] if item["id"] == listed["preferred_pipeline"])


async def _speak(member: Member, text: str) -> float:
    """Say a command to a satellite that finds its wake word itself; return when it began."""
    since = time.monotonic()
    assert await member.satellite.wake()
    speech = await synthesize(text)
    await member.satellite.say(with_room_noise(speech.pcm))
    return since


async def _ask(member: Member, text: str) -> str:
    """Say a command, wait until it is kept or discarded and answered; return the answer's text."""
    async with member.activity() as activity:
        since = await _speak(member, text)
        await activity.next("kept" if text != DELETE_LAST else "discarded")
    answer = await member.satellite.wait_for_event("synthesize", since=since)
    await member.satellite.wait_for_reply(since=since)
    return str(answer.data["text"])


async def _foreign(home: Household, satellite: Satellite) -> tuple[str, Member]:
    """Add a satellite to core's integration, and from there to ours."""
    client = home.house.client
    wyoming = await add_wyoming(client, satellite.port)
    await satellite.wait_until_connected()
    entity_id = next(
        entity_id
        for entity_id in (await entity_ids(client, config_entry_id=wyoming)).values()
        if entity_id.startswith("assist_satellite.")
    )
    subentry_id = await add_assist_satellite(client, home.entry_id, entity_id, name=satellite.name)
    member = Member(home.house, satellite, home.entry_id, subentry_id)
    await member.refresh()
    return wyoming, member


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wide(furnished: Household) -> AsyncGenerator[Wide]:
    """The house with its pipeline going through us."""
    client = furnished.house.client
    before = await _pipeline(client)
    async with (
        Satellite("Hall", mode=Mode.LOCAL_WAKE, wake_word="hey_hall") as hall,
        Satellite("Porch", mode=Mode.LOCAL_WAKE, wake_word="hey_porch") as porch,
    ):
        added = [await _foreign(furnished, satellite) for satellite in (hall, porch)]
        await choose_pipelines(client, furnished.entry_id, [before["id"]])
        for member in furnished.members:
            await member.refresh()
        for _, member in added:
            await member.refresh()
        assert (await _pipeline(client))["stt_engine"] != before["stt_engine"]
        yield Wide(home=furnished, hall=added[0][1], porch=added[1][1], engine=before["stt_engine"])
        await choose_pipelines(client, furnished.entry_id, [])
        assert await _pipeline(client) == before
        for entry_id, member in added:
            await client.command(
                "config_entries/subentries/delete",
                entry_id=furnished.entry_id,
                subentry_id=member.subentry_id,
            )
            await remove_entry(client, entry_id)
        for member in furnished.members:
            await member.refresh()
    assert not furnished.house.problems()


@pytest_asyncio.fixture(loop_scope="session")
async def emptied(wide: Wide) -> Wide:
    """The same house with nothing kept and deletion by voice switched on."""
    await wide.home.reset()
    await wide.client.call("switch.turn_on", target={"entity_id": VOICE_DELETION})
    for member in (wide.hall, wide.porch):
        await member.wait_for("recordings", "0")
    return wide


async def test_a_command_to_cores_satellite_is_acted_upon_and_kept(emptied: Wide, stt: SttServer) -> None:
    await _ask(emptied.hall, TURN_ON)
    assert stt.transcripts[-1] == TURN_ON
    await emptied.client.wait_for_state(KITCHEN_LIGHT, "on")
    await emptied.hall.wait_for("recordings", "1")
    assert emptied.porch.count("recordings") == 0
    assert len(emptied.home.sealed_files) == 1


async def test_deletion_by_voice_reaches_only_the_satellite_that_was_spoken_to(emptied: Wide) -> None:
    kitchen = emptied.home.kitchen
    await _ask(emptied.hall, TURN_ON)
    await _ask(emptied.porch, "what time is it")
    async with kitchen.activity() as activity:
        await kitchen.say("what time is it")
        await activity.next("kept")
    assert len(emptied.home.sealed_files) == 3

    assert (await _ask(emptied.hall, DELETE_LAST)).startswith("Done. I deleted what you just said")
    await emptied.hall.wait_for("recordings", "0")
    assert emptied.porch.count("recordings") == kitchen.count("recordings") == 1

    async with kitchen.activity() as activity:
        since = await kitchen.say(DELETE_LAST)
        discarded = await activity.next("discarded")
    assert discarded["reason"] == "voice_command"
    answer = await kitchen.satellite.wait_for_event("synthesize", since=since)
    assert answer.data["text"].startswith("Done. I deleted what you just said")
    await kitchen.wait_for("recordings", "0")
    assert emptied.porch.count("recordings") == 1


async def test_three_at_once_stay_apart(emptied: Wide) -> None:
    kitchen = emptied.home.kitchen
    async with (
        emptied.hall.activity() as in_hall,
        emptied.porch.activity() as on_porch,
        kitchen.activity() as in_kitchen,
    ):
        await asyncio.gather(
            _speak(emptied.hall, TURN_ON),
            _speak(emptied.porch, "what time is it"),
            kitchen.say("turn off the kitchen light"),
        )
        await asyncio.gather(in_hall.next("kept"), on_porch.next("kept"), in_kitchen.next("kept"))
    for member in (emptied.hall, emptied.porch, kitchen):
        await member.wait_for("recordings", "1")


async def test_the_microphone_switch_turns_the_satellites_own(emptied: Wide) -> None:
    hall = emptied.hall
    since = time.monotonic()
    await hall.switch("microphone", on=False)
    await hall.satellite.wait_for_event("pause-satellite", since=since)
    await hall.wait_for("mute_confirmed", "on")
    assert not await hall.satellite.wake()
    # It stays muted: core leaves a satellite deaf that is un-muted within seconds.
