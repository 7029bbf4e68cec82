"""Speech-to-text proxies: pass the audio of pipelines to the real engine unchanged, and capture it."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable
import contextlib
import logging
from typing import Any, override

from homeassistant.components.stt import (
    AudioBitRates,
    AudioChannels,
    AudioCodecs,
    AudioFormats,
    AudioSampleRates,
    Provider,
    SpeechMetadata,
    SpeechResult,
    SpeechResultState,
    SpeechToTextEntity,
    async_get_speech_to_text_engine,
)
from homeassistant.components.stt.const import DATA_PROVIDERS
from homeassistant.components.stt.models import DEFAULT_AUDIO_PROCESSING, SpeechAudioProcessing
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import EventStateChangedData, async_track_state_added_domain

from .const import CONF_PIPELINES, DOMAIN
from .coordinator import VoicePrivacyConfigEntry, runtime_of
from .core.cleaning import MAX_TRANSCRIPT, clean_text
from .core.error_place import type_and_place
from .core.errors import NotLoaded
from .core.posted_audio import PostedAudio
from .core.turns import Turns
from .satellites.pipeline_runs import SOURCE_UNKNOWN, RunIdentity, identify_run
from .satellites.proxied_capture import ProxiedCapture
from .satellites.stt_proxies import is_proxy, proxy_unique_id
from .wake_listening.entity_references import reference_of

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0

_DOMAIN = "stt"
_PCM_RATE = AudioSampleRates.SAMPLERATE_16000

type _Engine = SpeechToTextEntity | Provider


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a proxy for each engine, including engines that are added later."""
    proxies: set[str] = set()

    @callback
    def add(engine_ids: list[str]) -> None:
        found = [
            SpeechToTextProxy(entry, engine_id, reference_of(hass, engine_id))
            for engine_id in engine_ids
            if not is_proxy(hass, engine_id)
        ]
        new = [proxy for proxy in found if proxy.key not in proxies]
        proxies.update(proxy.key for proxy in new)
        async_add_entities(new)

    @callback
    def on_state_added(event: Event[EventStateChangedData]) -> None:
        add([event.data["entity_id"]])

    @callback
    def on_registry(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        if event.data["action"] == "remove" and event.data["entity_id"].startswith(f"{_DOMAIN}."):
            _remove_orphans(hass, entry, proxies)

    _remove_orphans(hass, entry, proxies)
    add(hass.states.async_entity_ids(_DOMAIN))
    # Legacy engines from YAML platforms are providers, not entities.
    add([*hass.data[DATA_PROVIDERS].keys()])
    entry.async_on_unload(async_track_state_added_domain(hass, _DOMAIN, on_state_added))
    entry.async_on_unload(hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, on_registry))


@callback
def _remove_orphans(hass: HomeAssistant, entry: VoicePrivacyConfigEntry, proxies: set[str]) -> None:
    """Remove the proxies of engines that no longer exist."""
    entities = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
        key = entity.unique_id.removeprefix(proxy_unique_id(entry, ""))
        if entity.domain != _DOMAIN or entities.entities.get_entry(key) or entities.async_get(key):
            continue
        if hass.states.get(key) if "." in key else key in hass.data[DATA_PROVIDERS]:
            # The engine exists but has no registry entry.
            continue
        proxies.discard(key)
        entities.async_remove(entity.entity_id)


class SpeechToTextProxy(SpeechToTextEntity):
    """Speech-to-text entity that forwards to one engine and captures what it is given."""

    _attr_has_entity_name = True
    _attr_entity_registry_visible_default = False
    """Its state is the time of its last use, which says nothing beside the engine's own."""

    def __init__(self, entry: VoicePrivacyConfigEntry, engine_id: str, key: str) -> None:
        """Create the proxy of an engine; key identifies the engine also after its entity id changes."""
        self.key = key
        self._entry = entry
        self._engine_id = engine_id
        self._attr_unique_id = proxy_unique_id(entry, key)
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry.entry_id)})

    @property
    @override
    def name(self) -> str:
        """Name of the engine."""
        state = self.hass.states.get(self._current_engine_id)
        return state.name if state else self._engine_id

    @property
    def _current_engine_id(self) -> str:
        """Current entity id of the engine."""
        entity = er.async_get(self.hass).entities.get_entry(self.key)
        return entity.entity_id if entity else self._engine_id

    @property
    def _engine(self) -> SpeechToTextEntity | Provider | None:
        """The engine, or None while it is missing."""
        return async_get_speech_to_text_engine(self.hass, self._current_engine_id)

    @override
    async def async_added_to_hass(self) -> None:
        """Install the proxy in the chosen pipelines that use this engine."""
        await super().async_added_to_hass()
        runtime_of(self._entry).proxies.sync_soon()

    # --- capabilities of the engine ---------------------------------------------------------------

    @property
    @override
    def supported_languages(self) -> list[str]:
        """Languages of the engine."""
        return engine.supported_languages if (engine := self._engine) else []

    @property
    @override
    def supported_formats(self) -> list[AudioFormats]:
        """Formats of the engine."""
        return engine.supported_formats if (engine := self._engine) else []

    @property
    @override
    def supported_codecs(self) -> list[AudioCodecs]:
        """Codecs of the engine."""
        return engine.supported_codecs if (engine := self._engine) else []

    @property
    @override
    def supported_bit_rates(self) -> list[AudioBitRates]:
        """Bit rates of the engine."""
        return engine.supported_bit_rates if (engine := self._engine) else []

    @property
    @override
    def supported_sample_rates(self) -> list[AudioSampleRates]:
        """Sample rates of the engine."""
        return engine.supported_sample_rates if (engine := self._engine) else []

    @property
    @override
    def supported_channels(self) -> list[AudioChannels]:
        """Channels of the engine."""
        return engine.supported_channels if (engine := self._engine) else []

    @property
    @override
    def audio_processing(self) -> SpeechAudioProcessing:
        """Audio processing that the engine requests."""
        return engine.audio_processing if (engine := self._engine) else DEFAULT_AUDIO_PROCESSING

    @callback
    @override
    def check_metadata(self, metadata: SpeechMetadata) -> bool:
        """Return whether the engine supports the metadata; False while it is missing."""
        return engine.check_metadata(metadata) if (engine := self._engine) else False

    # --- transcription ----------------------------------------------------------------------------

    @override
    async def async_process_audio_stream(
        self, metadata: SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> SpeechResult:
        """Return the engine's result; its errors and cancellation propagate."""
        return await anext(self._async_results(metadata, stream, _async_transcribe))

    async def async_process_audio_stream_with_progress(
        self, metadata: SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> AsyncGenerator[Any]:
        """Yield the engine's results, including partial ones: Home Assistant newer than 2026.10."""
        async with contextlib.aclosing(
            self._async_results(metadata, stream, _async_transcribe_with_progress)
        ) as results:
            async for result in results:
                yield result

    async def _async_results(
        self,
        metadata: SpeechMetadata,
        stream: AsyncIterable[bytes],
        transcribe: Callable[[_Engine, SpeechMetadata, AsyncIterable[bytes]], AsyncGenerator[Any]],
    ) -> AsyncGenerator[Any]:
        """Yield the engine's results while its input is captured.

        Without an engine, or for a muted satellite, the only result is an error.
        """
        if (engine := self._engine) is None:
            yield SpeechResult(None, SpeechResultState.ERROR)
            return
        gate = _Gate(self._is_closed_to(SOURCE_UNKNOWN))
        live: ProxiedCapture | None = None
        try:
            gate, live = self._hear(metadata)
        except Exception as err:  # noqa: BLE001
            # Our failure must not break a command, unless the microphone may be muted.
            _LOGGER.error("A command passes unheard: %s", type_and_place(err))
        if gate.closed:
            yield SpeechResult(None, SpeechResultState.ERROR)
            return
        final: SpeechResult | None = None
        try:
            async with contextlib.aclosing(
                transcribe(engine, metadata, _tee(stream, gate, live, _posted(metadata)))
            ) as results:
                async for result in results:
                    if isinstance(result, SpeechResult):
                        final = _as_text(result)
                        break
                    if not gate.was_closed:
                        yield result
        except BaseException:
            _best_effort(live, failed=True)
            raise
        _best_effort(live, result=final, failed=final is None)
        if gate.was_closed:
            final = SpeechResult(None, SpeechResultState.ERROR)
        if final is not None:
            yield final

    def _hear(self, metadata: SpeechMetadata) -> tuple[_Gate, ProxiedCapture | None]:
        """Return what lets audio through, and the capture that begins, if there is one."""
        identity = identify_run(self.hass)
        gate = _Gate(self._is_closed_to(identity.source))
        try:
            satellite = runtime_of(self._entry).hub.satellites.of_source(identity.source)
        except NotLoaded:
            return gate, None
        if satellite is None or gate.closed or not self._is_chosen(identity):
            return gate, None
        if (
            metadata.codec is not AudioCodecs.PCM
            or metadata.sample_rate is not _PCM_RATE
            or metadata.bit_rate is not AudioBitRates.BITRATE_16
        ):
            # Audio that can be neither played nor judged is not kept.
            return gate, None
        return gate, satellite.hear(identity, metadata.language)

    def _is_chosen(self, identity: RunIdentity) -> bool:
        """Return whether the owner chose the pipeline of a run; others pass the proxy only because of a mute."""
        pipeline_id = getattr(getattr(identity.run, "pipeline", None), "id", None)
        if pipeline_id is None:
            return not runtime_of(self._entry).proxies.muting
        return pipeline_id in self._entry.options.get(CONF_PIPELINES, [])

    def _is_closed_to(self, source: str) -> Callable[[], bool]:
        """Return what tells whether audio of a source must not pass now.

        It asks whichever hub is loaded: a command may outlive a reload, and only the new hub learns of a mute. While
        none is loaded, it holds what was so before; if nobody could tell from the beginning, nothing passes.
        """
        last = True

        def closed() -> bool:
            nonlocal last
            with contextlib.suppress(NotLoaded):
                satellites = runtime_of(self._entry).hub.satellites
                if (satellite := satellites.of_source(source)) is not None:
                    last = satellite.blocked
                else:
                    # It may be a muted satellite that Home Assistant does not name.
                    muted = any(satellite.blocked for satellite in satellites.pipeline.values())
                    last = source == SOURCE_UNKNOWN and muted
            return last

        return closed


class _Gate:
    """Lets audio through to an engine until the microphone is muted."""

    def __init__(self, is_muted: Callable[[], bool]) -> None:
        """Prepare; is_muted is asked at every chunk: a mute must not depend on why a capture is not kept."""
        self._is_muted = is_muted
        self.was_closed = False
        """Whether the microphone was muted while audio was still coming."""

    @property
    def closed(self) -> bool:
        """Whether nothing passes now; once closed, it stays closed."""
        self.was_closed = self.was_closed or self._is_muted()
        return self.was_closed


def _as_text(result: SpeechResult) -> SpeechResult:
    """Return an engine's result, with its text cleaned if it is not valid Unicode text.

    Home Assistant could not pass such a result on and would log it.
    """
    try:
        (result.text or "").encode()
    except AttributeError, UnicodeError:
        return SpeechResult(clean_text(result.text, MAX_TRANSCRIPT), result.result)
    return result


async def _async_transcribe(
    engine: _Engine, metadata: SpeechMetadata, audio: AsyncIterable[bytes]
) -> AsyncGenerator[Any]:
    """Yield the only result of an engine without progress."""
    if isinstance(engine, Provider):
        yield await engine.async_process_audio_stream(metadata, audio)
    else:
        yield await engine.internal_async_process_audio_stream(metadata, audio)


async def _async_transcribe_with_progress(
    engine: _Engine, metadata: SpeechMetadata, audio: AsyncIterable[bytes]
) -> AsyncGenerator[Any]:
    """Yield an engine's partial and final results, or the only result of an engine without progress."""
    with_progress = getattr(engine, "internal_async_process_audio_stream_with_progress", None)
    found = (
        _async_transcribe(engine, metadata, audio)
        if with_progress is None
        else with_progress(metadata, audio)
    )
    async with contextlib.aclosing(found) as results:
        async for result in results:
            yield result


def _posted(metadata: SpeechMetadata) -> PostedAudio:
    """Return what converts a copy of the audio for the capture; the engine gets it unchanged."""
    return PostedAudio(int(metadata.channel), int(metadata.bit_rate) // 8)


async def _tee(
    stream: AsyncIterable[bytes], gate: _Gate, live: ProxiedCapture | None, posted: PostedAudio
) -> AsyncGenerator[bytes]:
    """Yield a stream and capture it; it ends at once when the microphone is muted."""
    async with contextlib.AsyncExitStack() as stack:
        if isinstance(stream, AsyncGenerator):
            await stack.enter_async_context(contextlib.aclosing(stream))
        broken = live is None
        turns = Turns()
        async for chunk in stream:
            if not broken:
                try:
                    assert live is not None
                    live.add(posted.feed(chunk))
                    if broken := not posted.readable:
                        _LOGGER.warning("A command is not kept: its audio is not 16-bit PCM at 16 kHz")
                except Exception as err:  # noqa: BLE001
                    broken = True
                    _LOGGER.error("A command is not captured any more: %s", type_and_place(err))
            if gate.closed:
                return
            yield chunk
            # A burst comes in many small pieces, and most engines write each to a socket.
            await turns.give_way()
        # Muted after the last chunk, while audio was still expected.
        _ = gate.closed


def _best_effort(
    live: ProxiedCapture | None, *, result: SpeechResult | None = None, failed: bool = False
) -> None:
    """Report the engine's result to the capture; log errors, so that the result is still passed on."""
    if live is None:
        return
    try:
        if failed or result is None:
            live.failed()
        else:
            success = result.result is SpeechResultState.SUCCESS
            live.heard((result.text or "") if success else None)
    except Exception as err:  # noqa: BLE001
        _LOGGER.error("The result of a command was not captured: %s", type_and_place(err))
