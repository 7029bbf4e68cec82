"""Speech engines inside the test's own Home Assistant; the test decides what they understand."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
import contextlib
import io
from typing import override
import wave

from homeassistant.components.assist_pipeline import async_get_pipeline, async_update_pipeline
from homeassistant.components.stt import (
    AudioBitRates,
    AudioChannels,
    AudioCodecs,
    AudioFormats,
    AudioSampleRates,
    SpeechMetadata,
    SpeechResult,
    SpeechResultState,
    SpeechToTextEntity,
)
from homeassistant.components.tts import TextToSpeechEntity, TTSAudioRequest, TTSAudioResponse
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_config_flow,
    mock_integration,
    mock_platform,
    setup_test_component_platform,
)

from dev.rig.voices import room_noise

from .talker import QUESTION

_REPLY_RATE = 22_050


class Transcriber(SpeechToTextEntity):
    """Listens to the end, then says what the test has set."""

    _attr_name = "transcriber"
    _attr_unique_id = "transcriber"

    def __init__(self) -> None:
        """Understand one question."""
        self.text: str | None = QUESTION
        self.failure: Exception | None = None
        self.heard: list[bytes] = []
        """What it was given, one item for each utterance."""

        self.may_answer = asyncio.Event()
        self.may_answer.set()

    @property
    @override
    def supported_languages(self) -> list[str]:
        return ["en"]

    @property
    @override
    def supported_formats(self) -> list[AudioFormats]:
        return [AudioFormats.WAV]

    @property
    @override
    def supported_codecs(self) -> list[AudioCodecs]:
        return [AudioCodecs.PCM]

    @property
    @override
    def supported_bit_rates(self) -> list[AudioBitRates]:
        return [AudioBitRates.BITRATE_16]

    @property
    @override
    def supported_sample_rates(self) -> list[AudioSampleRates]:
        return [AudioSampleRates.SAMPLERATE_16000]

    @property
    @override
    def supported_channels(self) -> list[AudioChannels]:
        return [AudioChannels.CHANNEL_MONO]

    @override
    async def async_process_audio_stream(
        self, metadata: SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> SpeechResult:
        audio = bytearray()
        if self.failure is not None:
            raise self.failure
        async for chunk in stream:
            audio += chunk
        self.heard.append(bytes(audio))
        await self.may_answer.wait()
        state = SpeechResultState.ERROR if self.text is None else SpeechResultState.SUCCESS
        return SpeechResult(self.text, state)


class Announcer(TextToSpeechEntity):
    """Speaks noise that lasts as long as the test has set."""

    _attr_name = "announcer"
    _attr_unique_id = "announcer"
    _attr_supported_languages = ["en"]  # noqa: RUF012
    _attr_default_language = "en"
    _attr_supported_options = [  # noqa: RUF012
        "preferred_format",
        "preferred_sample_bytes",
        "preferred_sample_channels",
        "preferred_sample_rate",
    ]

    def __init__(self) -> None:
        """Speak briefly, all at once, without failing."""
        self.seconds = 0.1
        self.failure: Exception | None = None
        """What happens in the middle of a reply."""

        self.may_go_on = asyncio.Event()
        """Cleared, a reply stops in its middle until it is set."""

        self.may_go_on.set()

    @override
    async def async_stream_tts_audio(self, request: TTSAudioRequest) -> TTSAudioResponse:
        may_go_on = self.may_go_on

        async def audio() -> AsyncGenerator[bytes]:
            noise = room_noise(int(_REPLY_RATE * self.seconds), level_dbfs=-30.0).tobytes()
            wav = io.BytesIO()
            with wave.open(wav, "wb") as writer:
                writer.setparams((1, 2, _REPLY_RATE, 0, "NONE", ""))
                writer.writeframes(noise)
            half = len(wav.getvalue()) // 2
            # Ends of samples are no place where engines stop.
            yield wav.getvalue()[: half | 1]
            await may_go_on.wait()
            if self.failure is not None:
                raise self.failure
            yield wav.getvalue()[half | 1 :]

        # Nobody who speaks says it all before having been told what to say.
        async for _ in request.message_gen:
            pass
        return TTSAudioResponse("wav", audio())


@contextlib.asynccontextmanager
async def speech_engines(hass: HomeAssistant) -> AsyncGenerator[tuple[Transcriber, Announcer]]:
    """Add both engines and let the preferred pipeline use them."""
    transcriber, announcer = Transcriber(), Announcer()

    async def set_up(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, ["stt", "tts"])
        return True

    async def unload(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        return await hass.config_entries.async_unload_platforms(entry, ["stt", "tts"])

    mock_integration(hass, MockModule("test", async_setup_entry=set_up, async_unload_entry=unload))
    mock_platform(hass, "test.config_flow")
    setup_test_component_platform(hass, "stt", [transcriber], from_config_entry=True)
    setup_test_component_platform(hass, "tts", [announcer], from_config_entry=True)
    entry = MockConfigEntry(domain="test", entry_id="speech")
    entry.add_to_hass(hass)
    with mock_config_flow("test", ConfigFlow):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await async_choose_engines(hass, stt=transcriber.entity_id, tts=announcer.entity_id)
        yield transcriber, announcer


async def async_choose_engines(hass: HomeAssistant, *, stt: str | None, tts: str | None) -> None:
    """Set the preferred pipeline's engines."""
    await async_update_pipeline(
        hass,
        async_get_pipeline(hass),
        stt_engine=stt,
        stt_language="en" if stt else None,
        tts_engine=tts,
        tts_language="en" if tts else None,
    )
