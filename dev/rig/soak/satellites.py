"""Lives of satellites: those that talk, are muted, drop and return, and those that mean harm."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
import time
from typing import Final

import numpy as np

from dev.rig.household import Member
from dev.rig.satellite import Mode, Satellite
from dev.rig.voices import SAMPLE_RATE, Voice, command, synthesize, with_room_noise

from .book import digest
from .town import SAID, Town

HEARD_SECONDS: Final = 30.0
KEPT_SECONDS: Final = 60.0
RETURN_SECONDS: Final = 120.0
"""Longest waits: a loaded machine is slow, and not deaf."""

_BETWEEN_WAKES: Final = 2.5
_HOSTILE: Final = 2
_GARBAGE: Final = (
    bytes(range(256)) * 64 + b"\n",
    b"x" * 200_000,
    b"[1, 2, 3]\n",
    b'{"type": "audio-chunk", "data": {"rate": 16000, "width": 2, "channels": 1}, "payload_length": 1099511627776}\n',
    b"[" * 50_000 + b"\n",
    b'{"type": "ping", "data": {"text": "\xff\xfe"}}\n',
)


@contextlib.asynccontextmanager
async def started(count: int) -> AsyncGenerator[list[Satellite]]:
    """Start satellites; the first two are hostile, of the others every second one hears its wake word itself."""
    satellites = [
        Satellite(
            f"{'Hostile' if number < _HOSTILE else 'Soak'} {number}",
            mode=Mode.LOCAL_WAKE if number >= _HOSTILE and number % 2 else Mode.ALWAYS_STREAMING,
            # Home Assistant takes two wakes by one word for one.
            wake_word=f"soak_{number}" if number % 2 else "alexa",
        )
        for number in range(count)
    ]
    async with contextlib.AsyncExitStack() as stack:
        for satellite in satellites:
            await stack.enter_async_context(satellite)
        yield satellites


def is_hostile(satellite: Satellite) -> bool:
    """Return whether a satellite means harm."""
    return satellite.name.startswith("Hostile")


async def live(town: Town, member: Member) -> None:
    """Live the life of a satellite until everything is over."""
    if is_hostile(member.satellite):
        await _harm(town, member)
        return
    while not town.over.is_set():
        match town.chance.randrange(10):
            case 0:
                await _be_muted(town, member)
            case 1:
                await _drop(town, member)
            case _:
                await speak(town, member)
        await town.pause(2, 8)


async def come_back(member: Member) -> None:
    """End whatever a satellite was in the middle of."""
    satellite = member.satellite
    satellite.resume()
    await satellite.accept_connections()
    if not is_hostile(satellite):
        await satellite.wait_until_connected(timeout=RETURN_SECONDS)
        await member.wait_for("microphone_state", "listening", "muted", timeout=RETURN_SECONDS)
        await member.switch("microphone", on=True)


async def speak(town: Town, member: Member) -> None:
    """Say something and see it heard and kept."""
    if member.satellite.mode is Mode.LOCAL_WAKE:
        await _utter(town, member)
    else:
        await _wake(town, member)


async def _wake(town: Town, member: Member) -> None:
    """Say "Alexa, ..."."""
    satellite, hearing = member.satellite, town.hearing
    speech = await synthesize(command(SAID), voice=Voice.SLT)
    async with town.turn:
        if town.over.is_set():
            return
        answer = town.ask(member.subentry_id, None)
        spoken = await satellite.say(with_room_noise(speech.pcm))
        try:
            await satellite.wait_for_event("detection", since=spoken.started, timeout=HEARD_SECONDS)
        except TimeoutError as err:
            hearing.wakes_spoken += 1
            town.deaf(member, str(err))
        else:
            hearing.wakes_spoken += 1
            hearing.wakes_heard += 1
            await _is_kept(town, member, answer)
        await asyncio.sleep(_BETWEEN_WAKES)


async def _utter(town: Town, member: Member) -> None:
    """Send a whole utterance, which nobody else says."""
    random = np.random.default_rng(town.chance.getrandbits(63))
    seconds = town.chance.uniform(1, 10)
    quiet = random.integers(-20, 20, 1_280, dtype=np.int16)
    loud = random.integers(-9_000, 9_000, int(seconds * SAMPLE_RATE), dtype=np.int16)
    pcm = quiet.tobytes() + loud.tobytes()
    answer = town.ask(member.subentry_id, digest(pcm))
    if not await member.satellite.utter(pcm):
        town.deaf(member, "nobody takes its audio")
    elif await _is_kept(town, member, answer):
        town.hearing.utterances_kept += 1
    town.hearing.utterances_spoken += 1


async def _is_kept(town: Town, member: Member, answer: asyncio.Event) -> bool:
    """Wait until what was said is kept; return whether it was."""
    try:
        async with asyncio.timeout(KEPT_SECONDS):
            await answer.wait()
    except TimeoutError:
        town.deaf(member, "heard, and not kept")
        return False
    return True


async def _be_muted(town: Town, member: Member) -> None:
    """Be muted and unmuted by somebody."""
    town.hearing.mutes += 1
    with town.acting("mute"):
        await member.switch("microphone", on=False)
        await member.wait_for("microphone_state", "muted", timeout=HEARD_SECONDS)
    await town.pause(1, 4)
    try:
        await member.switch("microphone", on=True)
        await member.wait_for("microphone_state", "listening", timeout=HEARD_SECONDS)
    except TimeoutError:
        town.deaf(member, "not listened to after it was muted")


async def _drop(town: Town, member: Member) -> None:
    """Vanish from the network, and return."""
    satellite = member.satellite
    town.hearing.drops += 1
    await satellite.refuse_connections()
    satellite.vanish()
    await town.pause(0.5, 6)
    satellite.is_streaming = False
    since = time.monotonic()
    await satellite.accept_connections()
    try:
        await satellite.wait_for_event("run-satellite", since=since, timeout=RETURN_SECONDS)
        await member.wait_for("microphone_state", "listening", timeout=RETURN_SECONDS)
    except TimeoutError:
        town.deaf(member, "not listened to after its return")


async def _harm(town: Town, member: Member) -> None:
    """Do what a broken or malicious satellite does."""
    satellite, chance = member.satellite, town.chance
    satellite.obeys_pause = False
    while not town.over.is_set():
        with contextlib.suppress(TimeoutError):
            await satellite.wait_until_connected(timeout=HEARD_SECONDS)
            town.hearing.hostile_acts += 1
            match chance.randrange(4):
                case 0:
                    await satellite.flood(20)
                case 1:
                    await satellite.send_raw(chance.choice(_GARBAGE))
                case 2:
                    satellite.stall()
                    await town.pause(2, 10)
                    satellite.resume()
                case _:
                    satellite.vanish()
        await town.pause(1, 6)
