"""A simulated ESPHome satellite: a device of ESPHome's native API with a voice assistant, unencrypted.

It wakes by itself, as Voice PE and most others do, or streams until Home Assistant finds the wake word; it
sends its audio through the API and plays the answer from there. Events of the voice assistant are logged by
their name without prefix, such as "STT_END".
"""

import asyncio
from collections.abc import Callable
import contextlib
import time
from typing import Any, Final, Self
import zlib

from aioesphomeapi import (
    VoiceAssistantCommandFlag,
    VoiceAssistantEventType,
    VoiceAssistantFeature,
    api_pb2 as pb,
)
from aioesphomeapi.core import MESSAGE_TYPE_TO_PROTO
from wyoming.event import Event

from .event_log import EventLog
from .loopback_server import HOST
from .microphone import Microphone, MicrophoneFormat, Spoken
from .speaker import Reply
from .voices import BYTES_PER_SECOND, SAMPLE_RATE

_MICROPHONE: Final = MicrophoneFormat(chunk_milliseconds=32)
"""512 samples, as ESPHome's voice assistant sends them."""

_NUMBERS: Final[dict[Any, int]] = {message: number for number, message in MESSAGE_TYPE_TO_PROTO.items()}
_PREFIX: Final = "VOICE_ASSISTANT_"
_MUTE_KEY: Final = 1
_FEATURES: Final = (
    VoiceAssistantFeature.VOICE_ASSISTANT | VoiceAssistantFeature.SPEAKER | VoiceAssistantFeature.API_AUDIO
)

_STOPS_MICROPHONE: Final = frozenset({"STT_VAD_END", "STT_END", "ERROR", "RUN_END"})


class EsphomeSatellite:
    """One device: a TCP server that Home Assistant connects to."""

    def __init__(
        self, name: str, *, wake_word: str = "okay_nabu", has_mute: bool = True, wakes_itself: bool = True
    ) -> None:
        """Prepare a device; start opens its port. Names make its address, and must differ."""
        self.name = name
        self.port = 0
        self.microphone = Microphone(_MICROPHONE)
        self.log = EventLog(name)
        self.replies: list[Reply] = []
        """What was played, oldest first."""

        self.is_streaming = False
        self.is_muted = False
        self._wake_word = wake_word
        self._has_mute = has_mute
        self._wakes_itself = wakes_itself
        self._listener: asyncio.Server | None = None
        self._server: asyncio.StreamWriter | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self._subscribed = False
        self._tasks: list[asyncio.Task[None]] = []
        self._playing: tuple[float, bytearray] | None = None
        self._is_playing = False

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    # --- life --------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the port and switch the microphone on."""
        await self.accept_connections()
        self._tasks = [asyncio.create_task(self._run_microphone(), name=f"{self.name} microphone")]

    async def stop(self) -> None:
        """Close every connection and the port."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self.vanish()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def accept_connections(self) -> None:
        """Open the port, again the same one."""
        self._listener = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    def vanish(self) -> None:
        """Lose every connection without a word."""
        for writer in self._connections:
            writer.transport.abort()

    # --- people ------------------------------------------------------------------------------------

    async def say(self, pcm: bytes) -> Spoken:
        """Say something (mono, 16-bit, 16 kHz) to the microphone and return once it is spoken."""
        return await self.microphone.say(pcm)

    async def wake(self) -> bool:
        """Find the wake word and ask for a run; return False when the device would not have heard it."""
        if not self._wakes_itself or not self._subscribed or self.is_streaming or self.is_muted:
            return False
        self._ask(wake_word_phrase=self._wake_word.replace("_", " "))
        return True

    def _ask(self, **request: Any) -> None:
        """Ask for a run and begin to stream."""
        settings = pb.VoiceAssistantAudioSettings(volume_multiplier=1.0)
        self._send(pb.VoiceAssistantRequest(start=True, audio_settings=settings, **request))
        self.is_streaming = True
        self.log.notify()

    def _listen(self) -> None:
        """Ask for a run that waits for the wake word, whenever nothing else is under way."""
        if not self._wakes_itself and self._subscribed and not self.is_muted and not self._is_playing:
            self._ask(flags=VoiceAssistantCommandFlag.USE_WAKE_WORD)

    def abort(self) -> None:
        """Give up the run, as the device's button does."""
        self.is_streaming = False
        self._send(pb.VoiceAssistantRequest(start=False))

    # --- what came back ----------------------------------------------------------------------------

    async def wait_for_event(self, *event_types: str, since: float = 0.0, timeout: float = 15.0) -> Event:
        """Return the first event of these types at or after an instant.

        Raises TimeoutError with what came instead.
        """
        return await self.log.wait_for(
            lambda: next(iter(self.log.received(*event_types, since=since)), None),
            f"no {' or '.join(event_types)}",
            since=since,
            timeout=timeout,
        )

    async def wait_for_answer(self, *, since: float = 0.0) -> str:
        """Return the text of the first answer after an instant, once it has been played."""
        answer = await self.wait_for_event("TTS_START", since=since)
        await self.wait_for_reply(since=since)
        return str(answer.data["text"])

    async def wait_for_reply(self, *, since: float = 0.0, timeout: float = 15.0) -> Reply:
        """Return the first reply whose audio began at or after an instant, once it has been played."""
        return await self.log.wait_for(
            lambda: next((reply for reply in self.replies if reply.started >= since), None),
            "no spoken reply",
            since=since,
            timeout=timeout,
        )

    async def wait_until_streaming(self, *, timeout: float = 30.0) -> None:
        """Wait until audio flows."""
        await self.log.wait_for(lambda: self.is_streaming or None, "no audio flows", timeout=timeout)

    async def wait_until_connected(self, *, timeout: float = 30.0) -> None:
        """Wait until somebody wants what this device's voice assistant hears."""
        await self.log.wait_for(lambda: self._subscribed or None, "nobody listens", timeout=timeout)

    # --- protocol ----------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle one connection; the one that subscribes to the voice assistant owns it."""
        self._connections.add(writer)
        try:
            while True:
                if await reader.readexactly(1) != b"\0":
                    break
                length, number = await _read_varint(reader), await _read_varint(reader)
                payload = await reader.readexactly(length)
                if (kind := MESSAGE_TYPE_TO_PROTO.get(number)) is not None:
                    self._handle(kind.FromString(payload), writer)
                await writer.drain()
        except ConnectionError, asyncio.IncompleteReadError:
            pass
        finally:
            self._connections.discard(writer)
            if self._server is writer:
                self._server, self._subscribed, self.is_streaming = None, False, False
                self.log.notify()
            writer.close()

    def _handle(self, message: Any, writer: asyncio.StreamWriter) -> None:
        """Answer one message."""
        answers: dict[Any, Callable[[], list[Any]]] = {
            pb.HelloRequest: lambda: [
                pb.HelloResponse(
                    api_version_major=1, api_version_minor=10, name=self._node, server_info="rig"
                )
            ],
            pb.AuthenticationRequest: lambda: [pb.AuthenticationResponse()],
            pb.PingRequest: lambda: [pb.PingResponse()],
            pb.DisconnectRequest: lambda: [pb.DisconnectResponse()],
            pb.DeviceInfoRequest: lambda: [self._device_info()],
            pb.ListEntitiesRequest: self._entities,
            pb.SubscribeStatesRequest: self._states,
        }
        if (answer := answers.get(type(message))) is not None:
            for response in answer():
                _write(writer, response)
        elif isinstance(message, pb.SubscribeVoiceAssistantRequest):
            self._server = writer if message.subscribe else None
            self._subscribed = message.subscribe
            self.log.notify()
            self._listen()
        elif isinstance(message, pb.SwitchCommandRequest):
            self.is_muted = message.state
            if self.is_muted and self.is_streaming:
                self.abort()
            for response in self._states():
                _write(writer, response)
            self.log.add(Event("mute" if self.is_muted else "unmute"))
            self._listen()
        elif isinstance(message, pb.VoiceAssistantEventResponse):
            self._on_event(message)
        elif isinstance(message, pb.VoiceAssistantAudio) and self._playing is not None:
            self._playing[1].extend(message.data)

    @property
    def _node(self) -> str:
        return self.name.lower().replace(" ", "-")

    def _device_info(self) -> Any:
        address = zlib.crc32(self.name.encode()).to_bytes(4).hex(":").upper()
        return pb.DeviceInfoResponse(
            name=self._node,
            friendly_name=self.name,
            mac_address=f"02:00:{address}",
            esphome_version="2026.10.0",
            model="rig",
            manufacturer="rig",
            voice_assistant_feature_flags=_FEATURES,
        )

    def _entities(self) -> list[Any]:
        mute = pb.ListEntitiesSwitchResponse(object_id="mute", key=_MUTE_KEY, name="Mute")
        return [*([mute] if self._has_mute else []), pb.ListEntitiesDoneResponse()]

    def _states(self) -> list[Any]:
        return [pb.SwitchStateResponse(key=_MUTE_KEY, state=self.is_muted)] if self._has_mute else []

    def _on_event(self, message: Any) -> None:
        """Do what the firmware does for each event of a run."""
        kind = VoiceAssistantEventType(message.event_type).name.removeprefix(_PREFIX)
        if kind in _STOPS_MICROPHONE:
            self.is_streaming = False
        if kind == "TTS_STREAM_START":
            self._playing, self._is_playing = (time.monotonic(), bytearray()), True
        elif kind == "TTS_STREAM_END" and self._playing is not None:
            started, audio = self._playing
            self._playing = None
            play = self._play(started, bytes(audio))
            self._tasks.append(asyncio.create_task(play, name=f"{self.name} speaker"))
        self.log.add(Event(kind, data={item.name: item.value for item in message.data}))
        if kind == "RUN_END":
            self._listen()

    async def _play(self, started: float, audio: bytes) -> None:
        """Take as long as the sound lasts."""
        await asyncio.sleep(max(0.0, started + len(audio) / BYTES_PER_SECOND - time.monotonic()))
        self.replies.append(
            Reply(started=started, ended=time.monotonic(), rate=SAMPLE_RATE, width=2, channels=1, audio=audio)
        )
        self._is_playing = False
        self.log.notify()
        self._listen()

    def _send(self, message: Any) -> None:
        if self._server is not None:
            _write(self._server, message)

    # --- microphone --------------------------------------------------------------------------------

    async def _run_microphone(self) -> None:
        """Deliver a chunk each time its length has passed."""
        due = time.monotonic()
        while True:
            due += _MICROPHONE.chunk_seconds
            if (delay := due - time.monotonic()) > 0:
                await asyncio.sleep(delay)
            elif delay < -1:
                # Whatever held this process up would have overrun a real microphone's buffer.
                due = time.monotonic()
            audio = self.microphone.next_chunk()
            if self.is_streaming:
                self._send(pb.VoiceAssistantAudio(data=audio))


def _varint(value: int) -> bytes:
    """Encode a number as protobuf does: seven bits a byte, lowest first."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


async def _read_varint(reader: asyncio.StreamReader) -> int:
    value = 0
    for shift in range(0, 35, 7):
        (byte,) = await reader.readexactly(1)
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
    raise ConnectionError("a number of more than 35 bits")


def _write(writer: asyncio.StreamWriter, message: Any) -> None:
    """Send one message: a zero, its length, its number, itself."""
    payload = message.SerializeToString()
    with contextlib.suppress(ConnectionError):
        writer.write(b"\0" + _varint(len(payload)) + _varint(_NUMBERS[type(message)]) + payload)
