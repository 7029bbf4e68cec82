"""The rig proves itself against core's own wyoming integration, a peer that it was not made for."""

from collections.abc import AsyncGenerator
import contextlib
import time

import pytest
import pytest_asyncio
from wyoming.client import AsyncTcpClient
from wyoming.info import Describe, Info
from wyoming.ping import Ping
from wyoming.satellite import PauseSatellite, RunSatellite

from dev.rig.furnish import add_wyoming, remove_entry
from dev.rig.ha_client import HomeAssistantClient
from dev.rig.house import HOST, KITCHEN_LIGHT, HomeAssistantProcess
from dev.rig.microphone import Microphone, MicrophoneFormat
from dev.rig.satellite import Mode, Satellite
from dev.rig.speech_servers import SttServer
from dev.rig.voices import Voice, synthesize, with_room_noise


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(house: HomeAssistantProcess) -> AsyncGenerator[Satellite]:
    """A satellite that finds its own wake word, run by core's wyoming integration."""
    # A name of its own: core restores a mute by the name of its switch, whoever had that name before.
    async with Satellite("Rig hall", mode=Mode.LOCAL_WAKE) as satellite:
        entry_id = await add_wyoming(house.client, satellite.port)
        await satellite.wait_for_event("run-satellite")
        yield satellite
        await remove_entry(house.client, entry_id)


@pytest.mark.parametrize("voice", list(Voice))
async def test_a_spoken_command_switches_the_light_and_is_answered(
    client: HomeAssistantClient, hall: Satellite, stt: SttServer, voice: Voice
) -> None:
    await client.call("light.turn_off", target={"entity_id": KITCHEN_LIGHT})
    await client.wait_for_state(KITCHEN_LIGHT, "off")
    speech = await synthesize("turn on the kitchen light", voice=voice)
    since = time.monotonic()

    assert await hall.wake()
    await hall.say(with_room_noise(speech.pcm))

    transcript = await hall.wait_for_event("transcript", since=since)
    assert transcript.data["text"] == "turn on the kitchen light"
    await client.wait_for_state(KITCHEN_LIGHT, "on")
    reply = await hall.wait_for_reply(since=since)
    assert reply.seconds > 0.5
    assert any(reply.audio)
    assert stt.transcripts[-1] == "turn on the kitchen light"
    # Home Assistant may have had the reply's sound in its cache; its text comes in any case.
    assert "light" in hall.log.received("synthesize", since=since)[0].data["text"].lower()
    assert not hall.is_streaming


async def test_a_wake_without_a_command_ends_in_an_error(hall: Satellite, stt: SttServer) -> None:
    speech = await synthesize("what time is it")
    since = time.monotonic()

    with stt.hearing_nothing():
        assert await hall.wake()
        await hall.say(with_room_noise(speech.pcm))
        error = await hall.wait_for_event("error", since=since)

    assert error.data["code"] == "stt-no-text-recognized"


async def test_a_satellite_serves_one_server_and_describes_itself_to_all(hall: Satellite) -> None:
    async with AsyncTcpClient(HOST, hall.port, read_timeout=5.0) as stranger:
        await stranger.write_event(Describe().event())
        answer = await stranger.read_event()
        assert answer is not None
        satellite = Info.from_event(answer).satellite
        assert satellite is not None
        assert satellite.name == "Rig hall"

        await stranger.write_event(Ping().event())
        assert await stranger.read_event() is None

    assert hall.connected


async def test_a_satellite_that_vanishes_streams_to_the_next_server() -> None:
    async with Satellite("Attic", microphone=MicrophoneFormat(chunk_milliseconds=10)) as attic:
        async with AsyncTcpClient(HOST, attic.port, read_timeout=5.0) as server:
            await server.write_event(RunSatellite().event())
            await attic.wait_for_frames(5)
            attic.vanish()
            with contextlib.suppress(ConnectionError):
                while await server.read_event() is not None:
                    pass
        assert not attic.connected

        async with AsyncTcpClient(HOST, attic.port, read_timeout=5.0) as server:
            # Upstream goes on streaming to whoever owns it, run-satellite or not.
            await server.write_event(Ping().event())
            await attic.wait_for_frames(5)
            await server.write_event(PauseSatellite().event())
            await attic.wait_for_event("pause-satellite")
            frames = attic.frames_sent
            await attic.say(b"\x00\x40" * 3_200)
            assert attic.frames_sent == frames


@pytest.mark.parametrize(
    ("audio_format", "size"),
    [
        (MicrophoneFormat(chunk_milliseconds=10), 320),
        (MicrophoneFormat(rate=48_000, channels=2, chunk_milliseconds=128), 24_576),
        (MicrophoneFormat(rate=48_000, width=4, chunk_milliseconds=20), 3_840),
    ],
)
async def test_a_microphone_hears_noise_then_speech(audio_format: MicrophoneFormat, size: int) -> None:
    microphone = Microphone(audio_format)
    quiet = microphone.next_chunk()
    spoken = microphone.say(b"\x00\x40" * 16_000)
    chunks = []
    while not spoken.done():
        chunks.append(microphone.next_chunk())

    assert len(quiet) == size
    assert any(quiet)
    assert abs(len(chunks) * audio_format.chunk_seconds - 1) <= audio_format.chunk_seconds
    middle = chunks[len(chunks) // 2]
    last_sample = int.from_bytes(middle[-audio_format.width :], "little", signed=True)
    assert last_sample >> 8 * (audio_format.width - 2) == pytest.approx(0x4000, abs=200)
