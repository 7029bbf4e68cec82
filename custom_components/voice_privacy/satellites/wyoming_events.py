"""Wyoming events from a satellite, read and checked before anything is done with them, and events to one."""

import asyncio
from collections.abc import Mapping
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

_INFO: Final = "info"

_MAX_JSON_BYTES: Final = 16_384
"""Longest line, and longest data, of an event."""

_MAX_LINE_BYTES: Final = 65_536
"""Longest line of a satellite that describes itself in one."""

_MAX_INFO_BYTES: Final = 262_144
"""Longest data of a satellite that describes itself: the names of a thousand wake words."""

_MAX_PAYLOAD_BYTES: Final = 1 << 20
"""Longest payload of an event: 30 seconds of our own format."""

_MAX_PING_BYTES: Final = 256

_READ_RATE: Final = 20.0
"""Seconds of audio, or what is worth as much, that are read in a second; the rest waits in its own socket."""

_EVENT_SECONDS: Final = 0.05
"""What an event is worth at least, so that a flood of tiny ones is slowed down as well."""

_PAYLOAD_BYTES_PER_SECOND: Final = 200_000
"""Bytes of payload that are worth a second of audio."""

_JSON_BYTES_PER_SECOND: Final = 32_000
"""Bytes of JSON that are worth a second of audio: they take longer to read."""

_LONGEST_PAUSE: Final = 5.0
"""Seconds for which a satellite is left unread at most, so that its silence is noticed."""

_SLICE_SECONDS: Final = 0.005
"""Seconds for which events that have come already are read before everybody else has a turn."""

_MIN_RATE: Final = 4_000
_MAX_RATE: Final = 384_000
_MAX_CHANNELS: Final = 16


class ProtocolError(Exception):
    """The satellite sent what no satellite sends."""


class Pace:
    """How fast one satellite is read. All that it sends is paid for from one account, in seconds of audio."""

    def __init__(self, burst_seconds: float) -> None:
        """Let this much come at once."""
        self._slice_began = now = time.monotonic()
        self._bucket = TokenBucket(rate=_READ_RATE, burst=burst_seconds, now=now)
        self._paid = 0.0

    def pay(self, seconds: float) -> None:
        """Charge for an event."""
        self._paid = seconds
        self._bucket.borrow(seconds, time.monotonic())

    def pay_for_audio(self, seconds: float) -> None:
        """Charge as much more for the last event as the audio in it lasts longer."""
        if seconds > self._paid:
            self._bucket.borrow(seconds - self._paid, time.monotonic())

    async def wait(self) -> None:
        """Wait until another event may be read; everybody else has a turn every few milliseconds."""
        now = time.monotonic()
        if delay := min(self._bucket.delay(now), _LONGEST_PAUSE):
            await asyncio.sleep(delay)
        elif now - self._slice_began > _SLICE_SECONDS:
            await asyncio.sleep(0)
        else:
            return
        self._slice_began = time.monotonic()


class EventReader:
    """Read events whose size, depth and rate are bounded."""

    def __init__(self, reader: asyncio.StreamReader, pace: Pace) -> None:
        """Read from a connection at a pace."""
        self._reader = reader
        self._pace = pace

    async def next(self, *, describing: bool = False) -> Event:
        """Return the next event; one of type "" means nothing.

        Args:
            describing: Whether the satellite has been asked who it is, and may answer at length.

        Raises:
            EOFError: The connection has ended.
            OSError: The connection has failed.
            ProtocolError: What came is no event.
        """
        await self._pace.wait()
        try:
            return await self._read(describing=describing)
        except (ValueError, RecursionError, MemoryError) as err:
            raise ProtocolError from err

    async def _read(self, *, describing: bool) -> Event:
        """Read an event and charge for it. Raises ValueError, too, where it is none."""
        line = await self._reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        if not line.strip():
            self._pace.pay(_EVENT_SECONDS)
            return Event(type="")
        header = parse_json_object(line, max_bytes=_MAX_LINE_BYTES if describing else _MAX_JSON_BYTES)
        event_type = header["type"] if "type" in header else _missing()
        of_info = describing and event_type == _INFO
        data = _object(header.get("data"))
        data_length = _length(header, "data_length", _MAX_INFO_BYTES if of_info else _MAX_JSON_BYTES)
        payload_length = _length(header, "payload_length", _MAX_PAYLOAD_BYTES)
        if data_length:
            raw = await self._reader.readexactly(data_length)
            if raw.strip() != b"null":
                data |= parse_json_object(raw, max_bytes=data_length)
        payload = await self._reader.readexactly(payload_length) if payload_length else None
        json_seconds = (len(line) + data_length) / _JSON_BYTES_PER_SECOND
        self._pace.pay(max(_EVENT_SECONDS, json_seconds, payload_length / _PAYLOAD_BYTES_PER_SECOND))
        return Event(type=event_type if isinstance(event_type, str) else "", data=data, payload=payload)


def _missing() -> object:
    """Refuse an event without a type."""
    raise ProtocolError


def _object(value: object) -> dict[str, object]:
    """Return the data of an event; none at all is empty."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ProtocolError
    return value


def _length(header: Mapping[str, object], key: str, most: int) -> int:
    """Return how many bytes follow; less than none is none."""
    if (value := header.get(key)) is None:
        return 0
    if (length := whole_number(value, -(1 << 62), most)) is None:
        raise ProtocolError
    return max(0, length)


# --- what events say ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteInfo:
    """What a satellite says of itself."""

    name: str
    has_vad: bool
    """It sends audio only while it believes that somebody speaks."""

    detects_wake_word: bool
    """It finds wake words by itself and sends audio only after one."""

    model: str | None
    """Name of its program."""

    version: str | None


def read_info(event: Event) -> SatelliteInfo | None:
    """Return what a satellite says of itself, None where it is none."""
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
    """Return whether a value is a list with something in it."""
    return isinstance(value, list) and bool(value)


def read_wake_word(event: Event) -> str | None:
    """Return which wake word the satellite has found; None where it does not say so."""
    return clean_name(event.data.get("name"))


def read_run(event: Event) -> tuple[PipelineStage, str | None]:
    """Return from which stage on a pipeline is to run, and after which wake word. Raises ProtocolError."""
    try:
        stage = PipelineStage(event.data.get("start_stage"))
    except ValueError as err:
        raise ProtocolError from err
    return stage, clean_name(event.data.get("wake_word_name"))


def read_ping(event: Event) -> str | None:
    """Return what the satellite wants to read in the answer; nothing, where it is too long to be repeated."""
    text = event.data.get("text")
    if not isinstance(text, str) or len(text) > _MAX_PING_BYTES:
        return None
    return text if len(text.encode("utf-8", "replace")) <= _MAX_PING_BYTES else None


def read_audio(event: Event) -> AudioChunk:
    """Return audio whose format makes sense. Raises ProtocolError."""
    data: Mapping[str, object] = event.data
    rate = whole_number(data.get("rate"), _MIN_RATE, _MAX_RATE)
    width = whole_number(data.get("width"), 1, 4)
    channels = whole_number(data.get("channels"), 1, _MAX_CHANNELS)
    if rate is None or width is None or channels is None:
        raise ProtocolError
    return AudioChunk(rate=rate, width=width, channels=channels, audio=event.payload or b"")


class AudioConverter:
    """Bring a satellite's audio into our one format."""

    def __init__(self) -> None:
        """Begin with no audio at all."""
        self._format: tuple[int, int, int] | None = None
        self._rest = b""
        self._begin()

    def _begin(self) -> None:
        """Forget what came before."""
        self._rest = b""
        self._converter = AudioChunkConverter(rate=SAMPLE_RATE, width=SAMPLE_WIDTH, channels=CHANNELS)

    def convert(self, chunk: AudioChunk) -> bytes:
        """Return 16 kHz, 16-bit mono PCM of audio that read_audio has checked."""
        if self._format != (chunk.rate, chunk.width, chunk.channels):
            self._format = (chunk.rate, chunk.width, chunk.channels)
            self._begin()
        audio = self._whole_frames(chunk.audio, chunk.width * chunk.channels)
        if chunk.channels > 1:
            audio = _first_channel(audio, chunk.width, chunk.channels)
        mono = AudioChunk(rate=chunk.rate, width=chunk.width, channels=1, audio=audio)
        return self._converter.convert(mono).audio if audio else b""

    def _whole_frames(self, audio: bytes, frame: int) -> bytes:
        """Return whole frames. Where a stream is cut within one, the next chunk that is odd, too, goes on there."""
        if not len(audio) % frame:
            self._rest = b""
            return audio
        audio = self._rest + audio
        whole = len(audio) // frame * frame
        self._rest = audio[whole:]
        return audio[:whole]


def _first_channel(audio: bytes, width: int, channels: int) -> bytes:
    """Return one of several channels.

    The library adds two channels up, which clips, and knows no more than two. Where channels differ, as in
    arrays of microphones, the first is the one meant to be heard.
    """
    frame = width * channels
    mono = bytearray(len(audio) // channels)
    for byte in range(width):
        mono[byte::width] = audio[byte::frame]
    return bytes(mono)


# --- what is sent ---------------------------------------------------------------------------------


def encode(event: Event) -> bytes:
    """Return an event as it is sent; what cannot be written in UTF-8 becomes a question mark."""
    data = json.dumps(event.data, ensure_ascii=False).encode("utf-8", "replace") if event.data else b""
    payload = event.payload or b""
    header: dict[str, object] = {"type": event.type, "version": wyoming_version}
    if data:
        header["data_length"] = len(data)
    if payload:
        header["payload_length"] = len(payload)
    return b"".join((json.dumps(header).encode(), b"\n", data, payload))


def is_audio(event: Event) -> bool:
    """Return whether an event is part of what a satellite is to play."""
    return event.type in ("audio-start", "audio-chunk", "audio-stop")


def seconds_to_play(event: Event) -> float:
    """Return how long a satellite plays an event for."""
    if not AudioChunk.is_type(event.type):
        return 0.0
    try:
        return read_audio(event).seconds
    except ProtocolError:
        return 0.0
