"""Parsing and validation of Wyoming events from a satellite, and encoding of events to it."""

import asyncio
from collections.abc import Mapping
import contextlib
from dataclasses import dataclass
import json
import time
from typing import Final

from wyoming.audio import AudioChunk, AudioChunkConverter
from wyoming.event import Event
from wyoming.pipeline import PipelineStage
from wyoming.version import __version__ as wyoming_version

from ..core.audio import CHANNELS, SAMPLE_RATE, SAMPLE_WIDTH
from ..core.budget import TokenBucket
from ..core.cleaning import clean_name, whole_number
from ..core.foreign_json import parse_json_object
from ..core.turns import Turns

_INFO: Final = "info"
_AUDIO: Final = "audio-chunk"

_MAX_JSON_BYTES: Final = 16_384
"""Maximum bytes of an event's header line, and of its data."""

_MAX_LINE_BYTES: Final = 65_536
"""Maximum bytes of the header line of a description, which may hold all of its data."""

_MAX_INFO_BYTES: Final = 262_144
"""Maximum bytes of a description's data: the names of a thousand wake words."""

_MAX_PAYLOAD_BYTES: Final = 1 << 20
"""Maximum bytes of a payload: 30 seconds of 16 kHz, 16-bit, mono PCM. Only audio may be longer."""

_PIECE_BYTES: Final = 960_960
"""Bytes of audio that are read at once: whole frames, with nearly any number of channels."""

_MAX_AUDIO_BYTES: Final = 16 << 20
"""Maximum bytes of an audio chunk: more than 30 seconds of 48 kHz, 32-bit, stereo PCM. It is read in pieces."""

_MAX_PING_BYTES: Final = 256

_READ_RATE: Final = 20.0
"""Seconds of audio, or equivalent data, read per second; the rest waits in the socket."""

_EVENT_SECONDS: Final = 0.05
"""Minimum cost of an event in seconds of audio, so that floods of tiny events are slowed down, too."""

_PAYLOAD_BYTES_PER_SECOND: Final = 200_000
"""Payload bytes that cost one second of audio."""

_JSON_BYTES_PER_SECOND: Final = 32_000
"""JSON bytes that cost one second of audio: parsing them takes longer."""

_LONGEST_PAUSE: Final = 5.0
"""Maximum seconds for which a satellite is not read, so that its silence is noticed."""

_MIN_RATE: Final = 4_000
_MAX_RATE: Final = 384_000
_MAX_CHANNELS: Final = 16


class ProtocolError(Exception):
    """The satellite violated the protocol."""


class Pace:
    """Rate limit for reading from one satellite; all data is charged in seconds of audio."""

    def __init__(self, burst_seconds: float) -> None:
        """Start with a burst allowance in seconds of audio."""
        self._turns = Turns()
        self._bucket = TokenBucket(rate=_READ_RATE, burst=burst_seconds, now=time.monotonic())
        self._paid = 0.0

    def pay(self, seconds: float) -> None:
        """Charge the cost of an event."""
        self._paid = seconds
        self._bucket.borrow(seconds, time.monotonic())

    def pay_for_audio(self, seconds: float) -> None:
        """Charge the difference if the last event's audio lasts longer than its cost."""
        if seconds > self._paid:
            self._bucket.borrow(seconds - self._paid, time.monotonic())

    async def wait(self) -> None:
        """Wait until another event may be read; yield to other tasks every few milliseconds."""
        if delay := min(self._bucket.delay(time.monotonic()), _LONGEST_PAUSE):
            await asyncio.sleep(delay)
            self._turns.begin()
        else:
            await self._turns.give_way()


class EventReader:
    """Reader of events with bounded size, nesting depth and rate."""

    def __init__(self, reader: asyncio.StreamReader, pace: Pace) -> None:
        """Read from a connection at the given pace."""
        self._reader = reader
        self._pace = pace
        self._unread = 0
        """Bytes of the current audio chunk that are still to be read."""

        self._form: dict[str, object] = {}
        """Data of the current audio chunk."""

    async def next(self, *, describing: bool = False) -> Event:
        """Return the next event; an event of type "" is to be ignored.

        An audio chunk that is very long is returned in pieces.

        Args:
            describing: True if a description was requested, which may be longer than other events.

        Raises:
            EOFError: The connection has ended.
            OSError: The connection has failed.
            ProtocolError: The received data is not an event.
        """
        await self._pace.wait()
        try:
            return await self._read(describing=describing)
        except (ValueError, RecursionError, MemoryError) as err:
            raise ProtocolError from err

    async def _read(self, *, describing: bool) -> Event:
        """Read an event and charge its cost. Raises the same, and ValueError for malformed data."""
        if self._unread:
            piece = await self._read_payload(self._unread)
            self._pace.pay(max(_EVENT_SECONDS, len(piece) / _PAYLOAD_BYTES_PER_SECOND))
            return Event(type=_AUDIO, data=self._form, payload=piece)
        line = await self._reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        if not line.strip():
            self._pace.pay(_EVENT_SECONDS)
            return Event(type="")
        header = parse_json_object(line, max_bytes=_MAX_LINE_BYTES if describing else _MAX_JSON_BYTES)
        event_type = _type(header)
        of_info = describing and event_type == _INFO
        data = _object(header.get("data"))
        data_length = _length(header, "data_length", _MAX_INFO_BYTES if of_info else _MAX_JSON_BYTES)
        longest = _MAX_AUDIO_BYTES if event_type == _AUDIO else _MAX_PAYLOAD_BYTES
        payload_length = _length(header, "payload_length", longest)
        if data_length:
            raw = await self._reader.readexactly(data_length)
            if raw.strip() not in (b"", b"null"):
                data |= parse_json_object(raw, max_bytes=data_length)
        self._form = data
        payload = await self._read_payload(payload_length) if payload_length else None
        json_seconds = (len(line) + data_length) / _JSON_BYTES_PER_SECOND
        self._pace.pay(max(_EVENT_SECONDS, json_seconds, len(payload or b"") / _PAYLOAD_BYTES_PER_SECOND))
        return Event(type=event_type, data=data, payload=payload)

    async def _read_payload(self, length: int) -> bytes:
        """Return what is read of a payload at once, and note what remains of it."""
        payload = await self._reader.readexactly(min(length, _PIECE_BYTES))
        self._unread = length - len(payload)
        return payload


def _type(header: Mapping[str, object]) -> str:
    """Return an event's type, whose case does not matter; "" if it is no text. Raises ProtocolError."""
    if "type" not in header:
        raise ProtocolError
    event_type = header["type"]
    return event_type.strip().lower() if isinstance(event_type, str) else ""


def _object(value: object) -> dict[str, object]:
    """Return an event's data; a missing value is an empty object. Raises ProtocolError."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ProtocolError
    return value


def _length(header: Mapping[str, object], key: str, most: int) -> int:
    """Return the number of bytes that follow; negative values count as 0. Raises ProtocolError."""
    if (value := header.get(key)) is None:
        return 0
    if (length := whole_number(value, -(1 << 62), most)) is None:
        raise ProtocolError
    return max(0, length)


# --- content of events ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteInfo:
    """Description of a satellite, as sent by itself."""

    name: str
    has_vad: bool
    """True if it only sends audio while it detects speech."""

    detects_wake_word: bool
    """True if it detects wake words itself and only sends audio after one."""

    model: str | None
    """Name of its software."""

    version: str | None


def read_info(event: Event) -> SatelliteInfo | None:
    """Return a satellite's description; None if the peer is not a satellite."""
    data: Mapping[str, object] = event.data
    satellite = data.get("satellite")
    if not isinstance(satellite, dict):
        return None
    wakes_itself = (
        _is_filled_list(satellite.get("active_wake_words"))
        or whole_number(satellite.get("max_active_wake_words"), 1, 1 << 30) is not None
        or _is_filled_list(data.get("wake"))
    )
    return SatelliteInfo(
        name=clean_name(satellite.get("name")) or "",
        has_vad=bool(satellite.get("has_vad")),
        detects_wake_word=wakes_itself,
        model=clean_name(satellite.get("description")),
        version=clean_name(satellite.get("version")),
    )


def _is_filled_list(value: object) -> bool:
    """Return whether a value is a non-empty list."""
    return isinstance(value, list) and bool(value)


def read_wake_word(event: Event) -> str | None:
    """Return the wake word that the satellite detected; None if it does not name one."""
    return clean_name(event.data.get("name"))


def read_run(event: Event) -> tuple[PipelineStage, str | None]:
    """Return the start stage of a requested pipeline, and its wake word. Raises ProtocolError."""
    try:
        stage = PipelineStage(_lower(event.data.get("start_stage")))
    except ValueError as err:
        raise ProtocolError from err
    return stage, clean_name(event.data.get("wake_word_name"))


def read_end_stage(event: Event) -> PipelineStage:
    """Return the last stage of a requested pipeline: without a loudspeaker there is nothing to speak to."""
    try:
        return PipelineStage(_lower(event.data.get("end_stage")))
    except ValueError:
        return PipelineStage.TTS


def _lower(value: object) -> object:
    """Return a text in lower case, and any other value as it is."""
    return value.strip().lower() if isinstance(value, str) else value


def read_ping(event: Event) -> str | None:
    """Return the text to repeat in the pong; None if it is missing or too long."""
    text = event.data.get("text")
    if not isinstance(text, str) or len(text) > _MAX_PING_BYTES:
        return None
    return text if len(text.encode("utf-8", "replace")) <= _MAX_PING_BYTES else None


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Format of PCM audio."""

    rate: int
    width: int
    channels: int


def read_format(event: Event, known: AudioFormat | None = None) -> AudioFormat:
    """Return the valid format of an audio event; what it leaves out is as known. Raises ProtocolError."""
    data: Mapping[str, object] = event.data

    def value(key: str, low: int, high: int) -> int:
        given = data.get(key)
        if given is None and known is not None:
            return int(getattr(known, key))
        if (number := whole_number(given, low, high)) is None:
            raise ProtocolError
        return number

    return AudioFormat(
        value("rate", _MIN_RATE, _MAX_RATE), value("width", 1, 4), value("channels", 1, _MAX_CHANNELS)
    )


def read_audio(event: Event, known: AudioFormat | None = None) -> AudioChunk:
    """Return an audio chunk after checking its format. Raises ProtocolError."""
    found = read_format(event, known)
    return AudioChunk(rate=found.rate, width=found.width, channels=found.channels, audio=event.payload or b"")


class AudioConverter:
    """Converter of a satellite's audio to 16 kHz, 16-bit, mono PCM."""

    def __init__(self) -> None:
        """Start without buffered audio."""
        self.format: AudioFormat | None = None
        """Format of the stream, once it is known; chunks that leave it out have this one."""

        self.begin()

    def begin(self, event: Event | None = None) -> None:
        """Start a new stream: clear buffered audio and the resampler's state.

        Args:
            event: Start of the stream, which may give the format of its chunks.
        """
        self._rest = b""
        self._converter = AudioChunkConverter(rate=SAMPLE_RATE, width=SAMPLE_WIDTH, channels=CHANNELS)
        if event is not None:
            with contextlib.suppress(ProtocolError):
                self.format = read_format(event, self.format)

    def convert(self, chunk: AudioChunk) -> bytes:
        """Return 16 kHz, 16-bit, mono PCM for a chunk checked by read_audio."""
        if self.format != (found := AudioFormat(chunk.rate, chunk.width, chunk.channels)):
            self.format = found
            self.begin()
        audio = self._whole_frames(chunk.audio, chunk.width * chunk.channels)
        if chunk.channels > 1:
            audio = _first_channel(audio, chunk.width, chunk.channels)
        mono = AudioChunk(rate=chunk.rate, width=chunk.width, channels=1, audio=audio)
        return self._converter.convert(mono).audio if audio else b""

    def _whole_frames(self, audio: bytes, frame: int) -> bytes:
        """Return whole frames; a trailing partial frame is prepended to the next chunk that has one."""
        if not len(audio) % frame:
            self._rest = b""
            return audio
        audio = self._rest + audio
        whole = len(audio) // frame * frame
        self._rest = audio[whole:]
        return audio[:whole]


def _first_channel(audio: bytes, width: int, channels: int) -> bytes:
    """Return the first channel of interleaved PCM.

    The Wyoming library supports at most two channels and adds them, which clips. Where channels differ, as
    in microphone arrays, the first one is meant for speech.
    """
    frame = width * channels
    mono = bytearray(len(audio) // channels)
    for byte in range(width):
        mono[byte::width] = audio[byte::frame]
    return bytes(mono)


# --- events to a satellite ------------------------------------------------------------------------


def encode(event: Event) -> bytes:
    """Return an event's wire format; characters not encodable in UTF-8 become question marks."""
    data = json.dumps(event.data, ensure_ascii=False).encode("utf-8", "replace") if event.data else b""
    payload = event.payload or b""
    header: dict[str, object] = {"type": event.type, "version": wyoming_version}
    if data:
        header["data_length"] = len(data)
    if payload:
        header["payload_length"] = len(payload)
    return b"".join((json.dumps(header).encode(), b"\n", data, payload))


def is_audio(event: Event) -> bool:
    """Return whether an event is part of audio to be played by a satellite."""
    return event.type in ("audio-start", "audio-chunk", "audio-stop")


def seconds_to_play(event: Event) -> float:
    """Return the playback duration of an event in seconds; 0 for anything but valid audio."""
    if not AudioChunk.is_type(event.type):
        return 0.0
    try:
        return read_audio(event).seconds
    except ProtocolError:
        return 0.0
