"""Another engine of the house hears a satellite's wake word: over the real Wyoming protocol, by core's integration."""

from array import array
import asyncio
from collections.abc import AsyncGenerator
import contextlib
from typing import override

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.audio import AudioChunk, AudioStart
from wyoming.event import Event
from wyoming.info import Attribution, Describe, Info, WakeModel, WakeProgram
from wyoming.server import AsyncEventHandler, AsyncTcpServer
from wyoming.wake import Detect, Detection

from custom_components.voice_privacy.core.models import RecordingKind, StartedBy
from custom_components.voice_privacy.core.wake_trace import HeardBy, WakeTrace
from custom_components.voice_privacy.wake_listening.entity_references import reference_of

from .helpers.house import KITCHEN, House
from .helpers.talker import QUESTION, loud, silence, speech

LOUD = 12_000
"""What this engine takes for its wake word: the tests shout."""

_ATTRIBUTION = Attribution(name="test", url="")


class WakeServer:
    """A wake word engine on another machine, which wakes at every loud sound."""

    def __init__(self) -> None:
        """Listen to nobody yet."""
        self.port = 0
        self.heard = bytearray()
        self.asked: list[list[str] | None] = []
        self.deaf = False
        """Accepts connections and closes them."""

        self._server: AsyncTcpServer | None = None
        self._handlers: set[_Handler] = set()

    async def start(self, port: int = 0) -> None:
        """Open the port, perhaps the same as before."""
        self._server = AsyncTcpServer("127.0.0.1", port)
        await self._server.start(lambda reader, writer: _Handler(self, reader, writer))
        server = self._server._server
        assert isinstance(server, asyncio.Server)
        self.port = server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        assert self._server is not None
        server = self._server._server
        assert server is not None
        server.close()
        for handler in list(self._handlers):
            handler.writer.close()


class _Handler(AsyncEventHandler):
    """One connection."""

    def __init__(
        self, server: WakeServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        super().__init__(reader, writer)
        self._wake_server = server
        server._handlers.add(self)

    @override
    async def run(self) -> None:
        # Whoever has heard enough hangs up.
        with contextlib.suppress(ConnectionError):
            await super().run()

    @override
    async def handle_event(self, event: Event) -> bool:
        server = self._wake_server
        if Describe.is_type(event.type):
            model = WakeModel(
                name="shout", attribution=_ATTRIBUTION, installed=True, description=None, version=None,
                languages=["en"], phrase="Hey!",
            )  # fmt: skip
            program = WakeProgram(
                name="far", attribution=_ATTRIBUTION, installed=True, description=None, version=None,
                models=[model],
            )  # fmt: skip
            await self.write_event(Info(wake=[program]).event())
            return True
        if server.deaf:
            return False
        if Detect.is_type(event.type):
            server.asked.append(Detect.from_event(event).names)
        elif AudioStart.is_type(event.type):
            pass
        elif AudioChunk.is_type(event.type):
            chunk = AudioChunk.from_event(event)
            server.heard += chunk.audio
            if max(array("h", chunk.audio), default=0) > LOUD:
                await self.write_event(Detection(name="shout", timestamp=chunk.timestamp).event())
        return True

    @override
    async def disconnect(self) -> None:
        self._wake_server._handlers.discard(self)


@pytest.fixture
async def far_server(socket_enabled: None) -> AsyncGenerator[WakeServer]:
    """A wake server that answers."""
    server = WakeServer()
    await server.start()
    yield server
    with contextlib.suppress(AssertionError):
        await server.stop()


@pytest.fixture
async def far_engine(hass: HomeAssistant, house: House, far_server: WakeServer) -> str:
    """The entity that core's wyoming integration makes of it."""
    entry = MockConfigEntry(
        domain="wyoming", title="far", data={"host": "127.0.0.1", "port": far_server.port}
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    (entity_id,) = [
        entity.entity_id
        for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        if entity.domain == "wake_word"
    ]
    return entity_id


async def choose(house: House, engine: str | None) -> SubentryFlowResult:
    """Choose the engine of the kitchen."""
    flow = await house.entry.start_subentry_reconfigure_flow(house.hass, KITCHEN)
    answers = {
        "host": "127.0.0.1", "port": house.kitchen.port, "wake_words": ["alexa"], "threshold": 0.5,
        "child_safe": False,
    }  # fmt: skip
    if engine is not None:
        answers["wake_engine"] = engine
    result = await house.hass.config_entries.subentries.async_configure(flow["flow_id"], answers)
    await house.hass.async_block_till_done()
    return result


async def shout(house: House) -> None:
    """Say what the far engine takes for its wake word, and ask."""
    await house.kitchen.blurt(silence(0.5), loud(0.3), silence(0.2), await speech(QUESTION), silence(1.5))


async def test_another_engine_wakes_a_satellite(
    house: House, far_engine: str, far_server: WakeServer
) -> None:
    result = await choose(house, far_engine)
    assert result["reason"] == "reconfigure_successful"
    await house.until_listening()
    for number in (1, 2):
        await shout(house)
        await house.until_told("kept", count=number)
        await house.until_state("assist_satellite", "assist_satellite", "idle")
    for info, content in await house.read_all(house.ids(KITCHEN)):
        assert (info.kind, content.transcript) == (RecordingKind.COMMAND, QUESTION)
        assert (content.started_by, content.wake_word, content.score) == (
            StartedBy.WAKE_WORD, "shout", None,
        )  # fmt: skip
        # The wake word belongs to it, and nothing of the command is lost.
        assert max(array("h", content.audio[: 2 * 32_000])) > LOUD
        assert info.duration > 1.5
        # It reports no scores, but it has a name.
        engine = house.hass.states.get(far_engine)
        assert engine is not None
        assert content.trace == WakeTrace(heard_by=HeardBy.OTHER, engine_name=engine.name)
    # It knows no "alexa": it is asked for its own words.
    assert set(map(str, far_server.asked)) == {"None"}
    assert house.hub.wake_words_wanted == []

    # Renaming the entity changes nothing; our own engine comes back when nobody else is chosen.
    renamed = er.async_get(house.hass).async_update_entity(far_engine, new_entity_id="wake_word.attic")
    await house.reload()
    await house.until_listening()
    await shout(house)
    await house.until_told("kept", count=3)
    await house.until_state("assist_satellite", "assist_satellite", "idle")
    (subentry,) = house.entry.subentries.values()
    assert subentry.data["wake_engine"] == renamed.id == reference_of(house.hass, "wake_word.attic")
    await choose(house, None)
    await house.until_listening()
    heard = len(far_server.heard)
    await house.kitchen.ask()
    await house.until_told("kept", count=4)
    await house.until_state("assist_satellite", "assist_satellite", "idle")
    assert len(far_server.heard) == heard


async def test_a_muted_satellite_sends_nothing(house: House, far_engine: str, far_server: WakeServer) -> None:
    await choose(house, far_engine)
    await house.until_listening()
    await house.until(lambda: house.hub.satellites[KITCHEN].silence_reason is None, "it listens")
    await house.switch("microphone", on=False)
    await house.hass.async_block_till_done()
    heard = len(far_server.heard)
    house.kitchen.obeys_pause = False
    await house.kitchen.blurt(loud(0.5), silence(0.5))
    assert len(far_server.heard) == heard
    assert "woke" not in [told for told, _ in house.activity()]


async def test_an_engine_that_fails_is_said_and_tried_again(
    house: House, far_engine: str, far_server: WakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "custom_components.voice_privacy.wake_listening.remote_engine._RETRY_SECONDS", (0.05,)
    )
    monkeypatch.setattr("custom_components.voice_privacy.wake_listening.remote_engine._WORKS_AFTER", 0.05)
    monkeypatch.setattr("custom_components.voice_privacy.wake_listening.remote_engine._BROKEN_AFTER", 0.2)
    await choose(house, far_engine)
    await house.until_listening()
    far_server.deaf = True
    await far_server.stop()
    await house.until_state("sensor", "microphone_state", "not_listening")
    assert house.hub.satellites[KITCHEN].silence_reason == "no_engine"
    await house.until(
        lambda: house.issue(f"wake_engine_broken_{KITCHEN}") == "wake_engine_broken", "somebody is asked"
    )
    far_server.deaf = False
    await far_server.start(far_server.port)
    await house.until_state("sensor", "microphone_state", "listening")
    await house.until(lambda: house.issue(f"wake_engine_broken_{KITCHEN}") is None, "nobody is asked")
    await shout(house)
    await house.until_told("kept")
    await house.until_state("assist_satellite", "assist_satellite", "idle")


async def test_only_other_engines_can_be_chosen(hass: HomeAssistant, house: House, far_engine: str) -> None:
    result = await choose(house, "wake_word.nobody")
    assert result["errors"] == {"wake_engine": "wake_engine_invalid"}
    hass.config_entries.subentries.async_abort(result["flow_id"])
    hass.config_entries.async_update_entry(house.entry, options={"offer_wake_word": True})
    await house.reload()
    own = house.entity_id("wake_word", "wake_word", house.entry.entry_id)
    with pytest.raises(InvalidData, match="wake_engine"):
        await choose(house, own)
