"""A satellite that misbehaves costs nobody but itself, and is heard again once it behaves."""

from collections.abc import Awaitable, Callable
import json
import time

import pytest

from dev.rig.household import Household, Member
from dev.rig.voices import command, synthesize, with_room_noise


def _event(**fields: object) -> bytes:
    """Return an event's line as no library would write it."""
    return json.dumps(fields).encode() + b"\n"


_AUDIO = {"rate": 16_000, "width": 2, "channels": 1}

GARBAGE = {
    "noise": bytes(range(256)) * 64 + b"\n",
    "endless line": b"x" * 200_000,
    "no object": b"[1, 2, 3]\n",
    "no type": _event(data={}),
    "data is a list": _event(type="audio-chunk", data=[1], payload_length=4) + b"\0" * 4,
    "huge length": _event(type="audio-chunk", data=_AUDIO, payload_length=1 << 40),
    "length is text": _event(type="audio-chunk", data=_AUDIO, payload_length="many"),
    "rate of zero": _event(type="audio-chunk", data={**_AUDIO, "rate": 0}, payload_length=4) + b"\0" * 4,
    "unknown stage": _event(type="run-pipeline", data={"start_stage": "x", "end_stage": "y"}),
    "deep nesting": b"[" * 50_000 + b"\n",
    "not utf-8": b'{"type": "ping", "data": {"text": "\xff\xfe"}}\n',
}


HARMLESS = {
    "type is a number": _event(type=7),
    "unknown type": _event(type="moon-phase", data={"phase": 0.5}),
    "negative length": _event(type="audio-chunk", data=_AUDIO, payload_length=-5),
    "half a sample": _event(type="audio-chunk", data=_AUDIO, payload_length=3) + b"\0" * 3,
    "no data": _event(type="ping", data=None),
    "empty line": b"\n",
}
"""Nothing that one need hang up for."""


@pytest.mark.parametrize("name", list(HARMLESS))
async def test_what_means_nothing_is_passed_over(furnished: Household, name: str) -> None:
    study = furnished.study
    await study.satellite.wait_until_streaming()
    since = time.monotonic()

    await study.satellite.send_raw(HARMLESS[name])

    await study.satellite.wait_for_frames(10)
    assert study.satellite.connected
    assert not study.satellite.log.received("run-satellite", since=since)


@pytest.mark.parametrize("name", list(GARBAGE))
async def test_garbage_costs_its_sender_the_connection_and_nothing_else(
    furnished: Household, name: str
) -> None:
    study, kitchen = furnished.study, furnished.kitchen
    await study.satellite.wait_until_streaming()
    since = time.monotonic()

    await study.satellite.send_raw(GARBAGE[name])

    await study.satellite.wait_for_event("run-satellite", since=since)
    await study.satellite.wait_for_frames(2)
    assert not kitchen.satellite.log.received("run-satellite", since=since)


async def test_after_garbage_everybody_is_heard(home: Household) -> None:
    await home.study.satellite.send_raw(b"?\n")
    await home.kitchen.is_heard()
    await home.study.wait_for("microphone_state", "listening", timeout=20)
    await home.study.is_heard()


async def _flood(member: Member) -> None:
    await member.satellite.flood(30)


async def _stall(member: Member) -> None:
    member.satellite.stall()
    await member.wait_for("connected", "off", timeout=20)


async def _vanish(member: Member) -> None:
    await member.satellite.refuse_connections()
    member.satellite.vanish()
    await member.wait_for("connected", "off")
    await member.wait_for("microphone", "unknown", "unavailable")


@pytest.mark.parametrize("fault", [_flood, _stall, _vanish])
async def test_a_fault_in_the_middle_of_an_utterance_is_survived(
    home: Household, fault: Callable[[Member], Awaitable[None]]
) -> None:
    study = home.study
    speech = await synthesize(command("turn on the kitchen light"))
    try:
        async with study.activity() as activity:
            saying = study.satellite.microphone.say(with_room_noise(speech.pcm))
            await activity.next("woke")
            await fault(study)
            # Two satellites that wake within two seconds count as one wake.
            await home.kitchen.satellite.say(with_room_noise(bytes(2 * 32_000)))
            await home.kitchen.is_heard()
            study.satellite.resume()
            await study.satellite.accept_connections()
            await saying
            await activity.next("kept", "discarded", timeout=40)
    finally:
        study.satellite.resume()
        await study.satellite.accept_connections()

    await study.wait_for("connected", "on", timeout=40)
    await study.wait_for("microphone_state", "listening", timeout=40)
    await study.is_heard(timeout=40)
