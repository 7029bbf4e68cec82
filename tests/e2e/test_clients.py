"""The real wyoming-satellite instead of a simulated one: scripts/smoke --clients."""

from collections.abc import AsyncGenerator
import io
import time
import wave

import pytest
import pytest_asyncio

from dev.rig.furnish import add_integration, add_satellite, remove_entry
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Listed
from dev.rig.real_satellite import RealSatellite, reason_to_skip
from dev.rig.speech_servers import SttServer
from dev.rig.voices import Speech, command, synthesize, with_room_noise

pytestmark = pytest.mark.skipif(reason_to_skip() is not None, reason=reason_to_skip() or "")

TURN_ON = "turn on the kitchen light"
WHAT_TIME = "what time is it"

_BACK_SECONDS = 10.0
"""Our connection takes at most 3 s, and the satellite as long again to start."""


class _Real:
    """A real satellite in the house."""

    def __init__(self, satellite: RealSatellite, listed: Listed, stt: SttServer) -> None:
        self.satellite = satellite
        self.listed = listed
        self._stt = stt

    async def audio(self) -> list[bytes]:
        """Return the audio of every recording as the page plays it: 16 kHz, 16-bit, mono PCM."""
        found = []
        for row in await self.listed.recordings():
            path = f"/api/voice_privacy/recordings/{row['id']}/audio"
            status, body = await self.listed.client.rest("GET", path)
            assert status == 200
            with wave.open(io.BytesIO(body)) as reader:
                found.append(reader.readframes(reader.getnframes()))
        return found

    async def is_heard(self, text: str) -> Speech:
        """Say "Alexa, ..." and wait until it is kept; return what was said."""
        before = len(self._stt.transcripts)
        speech = await synthesize(command(text))
        async with self.listed.activity() as activity:
            await self.satellite.say(with_room_noise(speech.pcm))
            await activity.next("kept")
        assert self._stt.transcripts[before:] == [text]
        await self.listed.wait_for("microphone_state", "listening")
        return speech


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def real(
    house: HomeAssistantProcess, stt: SttServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[_Real]:
    """The house with our integration and one real satellite."""
    client = house.client
    async with RealSatellite("Porch", tmp_path_factory.mktemp("porch")) as satellite:
        entry_id = await add_integration(client)
        subentry_id = await add_satellite(client, entry_id, name=satellite.name, port=satellite.port)
        listed = Listed(client, entry_id, subentry_id)
        await listed.refresh("listening")
        yield _Real(satellite, listed, stt)
        await remove_entry(client, entry_id)
    assert not house.problems()


async def test_a_real_satellite_is_heard_every_time(real: _Real) -> None:
    for text in (TURN_ON, WHAT_TIME) * 3:
        await real.is_heard(text)
    rows = await real.listed.recordings()
    assert [row["transcript"] for row in rows[:2]] == [WHAT_TIME, TURN_ON]
    assert {(row["started_by"], row["wake_word"]) for row in rows} == {("wake_word", "Alexa")}
    # Each is a piece of what the microphone delivered, to the sample.
    sent = real.satellite.sent_audio()
    assert [audio in sent for audio in await real.audio()] == [True] * 6


async def test_a_real_satellite_plays_the_reply(real: _Real) -> None:
    before = real.satellite.played.stat().st_size if real.satellite.played.exists() else 0
    await real.is_heard(WHAT_TIME)
    assert real.satellite.played.stat().st_size > before


async def test_a_muted_real_satellite_that_cannot_pause_is_not_heard(real: _Real) -> None:
    before = await real.listed.recordings()
    await real.listed.switch("microphone", on=False)
    await real.listed.wait_for("microphone_state", "muted")
    async with real.listed.activity() as activity:
        # This version does not know pause-satellite: its audio is dropped, and that is what is shown.
        await real.satellite.say(with_room_noise((await synthesize(command(TURN_ON))).pcm))
        await real.listed.wait_for("mute_confirmed", "off")
        assert activity.so_far() == []
    await real.listed.switch("microphone", on=True)
    await real.listed.wait_for("microphone_state", "listening")
    assert await real.listed.recordings() == before
    await real.is_heard(TURN_ON)


async def test_a_real_satellite_that_restarts_is_listened_to_at_once(real: _Real) -> None:
    await real.satellite.stop()
    await real.listed.wait_for("connected", "off")
    await real.satellite.start()
    started = time.monotonic()
    await real.listed.wait_for("microphone_state", "listening", timeout=_BACK_SECONDS)
    assert time.monotonic() - started < _BACK_SECONDS
    await real.is_heard(WHAT_TIME)
