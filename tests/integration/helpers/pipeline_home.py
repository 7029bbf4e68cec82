"""A home whose satellites all belong to another integration."""

import asyncio
from collections.abc import AsyncGenerator, Callable
import contextlib
from dataclasses import dataclass
from typing import Any

from homeassistant.components.assist_pipeline import (
    PipelineEvent,
    PipelineStage,
    async_get_pipeline,
    async_pipeline_from_audio_stream,
)
from homeassistant.components.stt import (
    AudioBitRates,
    AudioChannels,
    AudioCodecs,
    AudioFormats,
    AudioSampleRates,
    SpeechMetadata,
)
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.voice_privacy.const import CONF_PIPELINES, DOMAIN
from custom_components.voice_privacy.hub.hub import VoicePrivacyHub

from .foreign import OtherSatellite, other_satellites, sound, stream_of, subentry
from .speech import Announcer, Transcriber, speech_engines

ENTRY_ID = "house"


@dataclass(kw_only=True)
class PipelineHome:
    """Three satellites of another integration, of which the kitchen's has a mute switch."""

    hass: HomeAssistant
    entry: MockConfigEntry
    satellites: dict[str, OtherSatellite]
    transcriber: Transcriber
    announcer: Announcer
    engine_id: str
    user_id: str

    @property
    def kitchen(self) -> OtherSatellite:
        """Has a mute switch of its own."""
        return self.satellites["kitchen"]

    @property
    def bedroom(self) -> OtherSatellite:
        """Has none."""
        return self.satellites["bedroom"]

    @property
    def hub(self) -> VoicePrivacyHub:
        """The loaded hub."""
        hub: VoicePrivacyHub = self.entry.runtime_data.hub
        return hub

    @property
    def engine(self) -> str | None:
        """What the pipeline transcribes with."""
        return async_get_pipeline(self.hass).stt_engine

    async def set_up(self) -> None:
        """Set up our integration."""
        assert await self.hass.config_entries.async_setup(ENTRY_ID)
        await self.hass.async_block_till_done()

    async def settle(self) -> None:
        """Wait until everything that was said is kept or discarded."""
        await until(lambda: not any(self.hub.in_flight(satellite_id) for satellite_id in self.hub.satellites))
        await self.hass.async_block_till_done()

    def ids(self, owner: str) -> list[str]:
        """Return the ids of what is kept."""
        return [info.recording_id for info in self.hub.recordings.values() if info.satellite_id == owner]

    def entity_id(self, platform: str, key: str, owner: str = "kitchen") -> str:
        """Find an entity of ours."""
        entity_id = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, f"{owner}-{key}")
        assert entity_id is not None
        return entity_id

    def state(self, platform: str, key: str, owner: str = "kitchen") -> str:
        """Return the state of an entity of ours."""
        state = self.hass.states.get(self.entity_id(platform, key, owner))
        assert state is not None
        return state.state

    async def switch(self, key: str, *, on: bool, owner: str = "kitchen") -> None:
        """Throw a switch of ours."""
        await self.hass.services.async_call(
            "switch",
            f"turn_{'on' if on else 'off'}",
            {"entity_id": self.entity_id("switch", key, owner)},
            blocking=True,
        )
        await self.hass.async_block_till_done()

    async def browser(self, text: str) -> list[PipelineEvent]:
        """Say something in the browser of the user, as the frontend's websocket command does."""
        self.transcriber.text = text
        events: list[PipelineEvent] = []
        await async_pipeline_from_audio_stream(
            self.hass,
            context=Context(user_id=self.user_id),
            event_callback=events.append,
            stt_metadata=METADATA,
            stt_stream=stream_of(sound()),
            start_stage=PipelineStage.STT,
            end_stage=PipelineStage.INTENT,
        )
        await self.settle()
        return events


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that announces itself to nobody."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


METADATA = SpeechMetadata(
    language="en",
    format=AudioFormats.WAV,
    codec=AudioCodecs.PCM,
    bit_rate=AudioBitRates.BITRATE_16,
    sample_rate=AudioSampleRates.SAMPLERATE_16000,
    channel=AudioChannels.CHANNEL_MONO,
)


@contextlib.asynccontextmanager
async def pipeline_home(hass: HomeAssistant, **options: Any) -> AsyncGenerator[PipelineHome]:
    """Furnish a home; its entry is not set up yet. Options are those of the entry."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "assist_pipeline", {})
    user = await hass.auth.async_create_user("Paula")
    async with (
        speech_engines(hass) as (transcriber, announcer),
        other_satellites(hass, ("kitchen", "bedroom", "study"), ("kitchen",)) as satellites,
    ):
        entry = MockConfigEntry(
            data={"accept_license": True, "wake_words": ["alexa"]},
            domain=DOMAIN,
            entry_id=ENTRY_ID,
            options={CONF_PIPELINES: [async_get_pipeline(hass).id]} | options,
            subentries_data=[
                *(
                    subentry(name, f"satellite:{satellite.registry_id}")
                    for name, satellite in satellites.items()
                ),
                subentry("paula", f"user:{user.id}"),
            ],
            title="Voice Privacy",
        )
        entry.add_to_hass(hass)
        yield PipelineHome(
            hass=hass,
            entry=entry,
            satellites=satellites,
            transcriber=transcriber,
            announcer=announcer,
            engine_id=transcriber.entity_id,
            user_id=user.id,
        )
        transcriber.may_answer.set()
