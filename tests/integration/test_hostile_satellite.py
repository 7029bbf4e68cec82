"""A satellite's bytes are foreign: what is wrong costs the satellite that sent it, and nobody else anything."""

import asyncio
from collections.abc import AsyncIterator
import contextlib
import json
import logging
import math
from pathlib import Path
import socket
import struct
import sys
import time
from typing import Any

import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import Describe
from wyoming.ping import Ping, Pong
from wyoming.pipeline import PipelineStage
from wyoming.satellite import PauseSatellite, RunSatellite
from wyoming.snd import Played
from wyoming.wake import Detection

from custom_components.voice_privacy.satellites import wyoming_connection as wyoming_link
from custom_components.voice_privacy.satellites.wyoming_connection import (
    NotASatellite,
    WyomingLink,
    async_probe,
)
from tests.fuzz.measure import Heartbeat

from .test_wyoming_link import INFO, Listener, answer_pings, link_to, peer

pytestmark = pytest.mark.usefixtures("socket_enabled")

_MIB = 1 << 20
_ROOT = Path(__file__).parents[2]
_PCM = struct.pack("<4h", 1, 2, 3, 4)


@pytest.fixture(autouse=True)
def quick_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnect without delay."""
    monkeypatch.setattr(wyoming_link, "_BACKOFF_SECONDS", (0.01,))


def event(event_type: Any, data: Any = None, payload: bytes = b"", /, **header: Any) -> bytes:
    """Write an event as no library would."""
    raw = b"" if data is None else json.dumps(data).encode()
    lengths = {"data_length": len(raw)} if raw else {}
    if payload:
        lengths["payload_length"] = len(payload)
    return json.dumps({"type": event_type, **lengths, **header}).encode() + b"\n" + raw + payload


PLAYED = event("played")


async def tell(stream: bytes) -> list[tuple[str, Any]]:
    """Have a satellite send this, then `played`; return what was told of it until then, or until it was lost."""
    connections = 0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if connections == 1:
            writer.write(stream)
        writer.write(PLAYED)
        await answer_pings(reader, writer)

    listener = Listener()
    async with peer(behave) as port, link_to(port, listener):
        await listener.wait_for("played")
        return [told for told in listener.told if told[0] not in ("played", "connected")]


LOST = [("disconnected", None)]

# --- numbers: types and ranges come before arithmetic ----------------------------------------------

_FORMAT = {"rate": 16_000, "width": 2, "channels": 1}

NONSENSE: list[dict[str, Any]] = [
    {"width": "x", "channels": 10**9},
    {"channels": 10**12},
    {"channels": 10**30},
    {"channels": 0},
    {"channels": -1},
    {"channels": True},
    {"channels": 1.5},
    {"channels": [1]},
    {"channels": None},
    {"width": 0},
    {"width": -2},
    {"width": 5},
    {"width": 10**18},
    {"width": {}},
    {"rate": 0},
    {"rate": -16_000},
    {"rate": 1},
    {"rate": 10**9},
    {"rate": "x" * 10_000},
    {"rate": "9" * 5_000},
    {"rate": 1e300},
    {"rate": False},
    {"rate": math.nan},
    {"rate": math.inf},
    {"timestamp": 0, "rate": None, "width": None, "channels": None},
]


@pytest.mark.parametrize("changes", NONSENSE, ids=str)
async def test_audio_of_no_format_costs_the_connection_and_nothing_else(changes: dict[str, Any]) -> None:
    async with Heartbeat() as heart:
        for payload in (_PCM[:2], bytes(64_000)):
            assert await tell(event("audio-chunk", _FORMAT | changes, payload)) == LOST
    assert heart.growth < 20 * _MIB
    assert heart.longest_stall < 0.05


@pytest.mark.parametrize(
    "stream",
    [
        event("audio-chunk", {"rate": 16_000.0, "width": "2", "channels": 1.0}, _PCM),
        event("audio-chunk", None, _PCM, data=_FORMAT),
        event("audio-chunk", {"channels": 1}, _PCM, data={"rate": 16_000, "width": 2}),
        event("ping", data=None) + event("audio-chunk", _FORMAT, _PCM),
        event("ping", None, data_length=4) + b"null" + event("audio-chunk", _FORMAT, _PCM),
        b"\n\r\n  \n" + event("audio-chunk", _FORMAT, _PCM),
        event("ping", None, data_length=3) + b" \n " + event("audio-chunk", _FORMAT, _PCM),
        event("ping")
        + b"\n\n"
        + event("pong", None, data=None)
        + b"\n"
        + event("audio-chunk", _FORMAT, _PCM),
        event("audio-start", _FORMAT) + event("audio-chunk", None, _PCM),
        event("audio-start", _FORMAT) + event("audio-chunk", None, _PCM, data=None),
        event("audio-start", _FORMAT) + event("audio-chunk", {"timestamp": 5, "rate": None}, _PCM),
        event("audio-start", None, data=None) + event("audio-chunk", _FORMAT, _PCM),
        event("audio-start", {"rate": "x"}) + event("audio-chunk", _FORMAT, _PCM),
        event("audio-chunk", _FORMAT, _PCM).replace(b"\n", b"\r\n", 1),
        b"\xef\xbb\xbf" + event("audio-chunk", _FORMAT, _PCM),
        event("audio-chunk", _FORMAT, _PCM, payload_length="8", data_length=len(json.dumps(_FORMAT)) + 0.0),
        event("AUDIO-CHUNK", _FORMAT, _PCM),
        event(" Audio-Chunk ", _FORMAT, _PCM),
        event("audio-chunk", _FORMAT, b"") + event("audio-chunk", _FORMAT, _PCM),
        event("audio-chunk", _FORMAT | {"extra": [1, {"a": 2}], "timestamp": "now"}, _PCM),
        event("played-by-tomorrow", None, b"12345") + event("audio-chunk", _FORMAT, _PCM),
        event(7) + event(None) + event([]) + event("audio-chunk", _FORMAT, _PCM),
        event("detection-of-something", {"name": 5}, payload_length=-5) + event("audio-chunk", _FORMAT, _PCM),
    ],
)
async def test_what_is_meant_is_clear(stream: bytes) -> None:
    assert await tell(stream) == [("audio", _PCM)]


@pytest.mark.parametrize("start", ["asr", "ASR", " Asr "])
@pytest.mark.parametrize("end", [{}, {"end_stage": None}, {"end_stage": "TTS"}, {"end_stage": 5}], ids=str)
async def test_the_case_of_a_stage_and_a_missing_last_stage_do_not_matter(
    start: str, end: dict[str, Any]
) -> None:
    told = await tell(event("RUN-PIPELINE", {"start_stage": start} | end))
    assert told == [("run_pipeline", (PipelineStage.ASR, None))]


async def test_a_stream_that_is_cut_anywhere_is_heard_whole() -> None:
    pcm = struct.pack("<3000h", *range(3_000))
    odd = b"".join(event("audio-chunk", _FORMAT, pcm[at : at + 1_499]) for at in range(0, len(pcm), 1_499))
    assert b"".join(value for _, value in await tell(odd)) == pcm


@pytest.mark.parametrize("nothing", [{}, {"data": None}, {"data": {}}, {"data_length": None}], ids=str)
@pytest.mark.parametrize("event_type", ["ping", "pong", "audio-start", "info", "error", "transcript"])
async def test_an_event_without_data_costs_nothing(event_type: str, nothing: dict[str, Any]) -> None:
    stream = (event(event_type, None, **nothing) + b"\n") * 2
    assert await tell(b"\r\n" + stream + event("audio-chunk", _FORMAT, _PCM)) == [("audio", _PCM)]


@pytest.mark.parametrize("nothing", [{}, {"data": None}, {"data": {}}], ids=str)
async def test_a_wake_and_an_end_of_audio_need_no_data(nothing: dict[str, Any]) -> None:
    stream = event("detection", None, **nothing) + b"\n\n" + event("audio-stop", None, **nothing)
    assert [told for told, _ in await tell(stream)] == ["wake", "audio_stopped"]


@pytest.mark.parametrize("length", [1, 3, 511, 2_047, 2_049, 65_535])
@pytest.mark.parametrize(
    "form", [{}, {"width": 4, "channels": 2}, {"width": 3}, {"rate": 48_000, "channels": 6}], ids=str
)
async def test_chunks_of_any_length_are_heard(length: int, form: dict[str, int]) -> None:
    found = _FORMAT | form
    frame = found["width"] * found["channels"]
    pcm = bytes(range(250)) * (12_000 // 250) * (found["rate"] // 16_000)
    chunks = [pcm[at : at + length] for at in range(0, len(pcm), length)][:200]
    told = await tell(b"".join(event("audio-chunk", found, chunk) for chunk in chunks))
    assert {what for what, _ in told} == {"audio"}
    frames = sum(map(len, chunks)) // frame
    assert sum(len(value) for _, value in told) / 2 == pytest.approx(frames * 16_000 / found["rate"], abs=2)


async def test_a_byte_left_over_belongs_to_its_own_stream() -> None:
    """It is not put before the next stream, where it would turn speech into noise."""
    for boundary in (event("audio-stop"), event("audio-start", _FORMAT)):
        odd = event("audio-chunk", _FORMAT, _PCM + b"\7")
        told = await tell(odd + boundary + odd)
        assert [value for what, value in told if what == "audio"] == [_PCM, _PCM]


async def test_an_odd_byte_does_not_spoil_what_follows() -> None:
    told = await tell(event("audio-chunk", _FORMAT, _PCM + b"\7") + event("audio-chunk", _FORMAT, _PCM) * 2)
    assert told == [("audio", _PCM)] * 3
    stereo = b"".join(_PCM[at : at + 2] * 2 for at in range(0, 8, 2))
    told = await tell(event("audio-chunk", _FORMAT | {"channels": 2}, stereo + b"\1\2\3"))
    assert told == [("audio", _PCM)]


@pytest.mark.parametrize(
    "header",
    [
        {"payload_length": (1 << 20) + 1},
        {"payload_length": 10**30},
        {"payload_length": True},
        {"payload_length": "many"},
        {"payload_length": [5]},
        {"payload_length": 2.5},
        {"data_length": 16_385},
        {"data_length": 1 << 40},
        {"data_length": {}},
        {"data": []},
        {"data": "x"},
        {"data": 5},
    ],
)
async def test_lengths_are_bounded(header: dict[str, Any]) -> None:
    assert await tell(event("ping", None, **header)) == LOST


async def test_a_chunk_of_any_length_that_an_utterance_may_have_is_heard_in_pieces() -> None:
    stereo = _FORMAT | {"width": 3, "channels": 2}
    frames = 360_000
    chunk = event("audio-chunk", stereo, b"\0\1\2\0\3\4" * frames)
    async with Heartbeat() as heart:
        told = await tell(chunk + event("audio-chunk", _FORMAT, _PCM))
        assert await tell(event("audio-chunk", _FORMAT, payload_length=(16 << 20) + 1)) == LOST
    # What is beyond its budget outside of an utterance is dropped, as in chunks of any other length.
    heard = b"".join(value for _, value in told)
    assert len(told) > 1
    assert set(struct.unpack(f"<{len(heard) // 2}h", heard)) <= {0x0201, 1, 2, 3, 4}
    assert heart.growth < 20 * _MIB


# --- names ------------------------------------------------------------------------------------------

NAMES: dict[str, Any] = {
    "\ud800": None,
    "al\udfffexa": "alexa",
    "\0\x1b[31malexa\x07": "[31malexa",
    "alexa\u202e\u2066": "alexa",
    "": None,
    " \n\t ": None,
    "hey\n\njarvis": "hey jarvis",
    "x" * 9_000: "x" * 100,
    "إليكسا": "إليكسا",
    "👩\u200d👧 é": "👩\u200d👧 é",
    "hey_jarvis": "hey_jarvis",
}


@pytest.mark.parametrize("name", NAMES)
async def test_the_name_of_a_wake_word_is_clean(name: str) -> None:
    run = {"start_stage": "asr", "end_stage": "tts", "wake_word_name": name}
    told = await tell(event("detection", {"name": name}) + event("run-pipeline", run))
    assert [told[0], told[1][1][1]] == [("wake", NAMES[name]), NAMES[name]]


@pytest.mark.parametrize("name", [5, True, None, [], ["alexa"], {"name": "alexa"}, 1e300])
async def test_a_wake_word_without_a_name_is_one_all_the_same(name: Any) -> None:
    assert await tell(event("detection", {"name": name})) == [("wake", None)]


@pytest.mark.parametrize("stage", [None, 5, [], {}, "", "\ud800", "x" * 1_000])
async def test_a_run_from_no_stage_costs_the_connection(stage: Any) -> None:
    assert await tell(event("run-pipeline", {"start_stage": stage, "end_stage": "tts"})) == LOST


async def test_a_name_of_900_kb_is_not_even_read() -> None:
    async with Heartbeat() as heart:
        assert await tell(event("detection", {"name": "x" * 900_000})) == LOST
    assert heart.growth < 10 * _MIB


def _answering(info: bytes) -> Any:
    """Serve satellites that describe themselves in this way."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.readline()
            writer.write(info)
            await reader.read(-1)
        writer.close()

    return asyncio.start_server(serve, "127.0.0.1", 0)


async def _probed(info: bytes) -> Any:
    server = await _answering(info)
    try:
        return await async_probe("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def test_what_a_satellite_says_of_itself_is_clean() -> None:
    satellite = {
        "name": "kit\ud800chen\0",
        "description": "\u202e" + "d" * 5_000,
        "version": ["1"],
        "has_vad": None,
        "active_wake_words": "none",
        "max_active_wake_words": "three",
    }
    info = await _probed(event("info", {"satellite": satellite, "asr": 5, "wake": None}))
    assert (info.name, info.model, info.version) == ("kitchen", "d" * 100, None)
    assert (info.has_vad, info.detects_wake_word) == (False, False)


@pytest.mark.parametrize("found", [{"active_wake_words": ["alexa"]}, {"max_active_wake_words": 2}])
async def test_a_satellite_that_finds_wake_words_is_known(found: dict[str, Any]) -> None:
    assert (await _probed(event("info", {"satellite": found}))).detects_wake_word
    assert (await _probed(event("info", {"satellite": {}, "wake": [{"models": []}]}))).detects_wake_word


async def test_a_satellite_with_many_wake_words_may_say_so_at_length() -> None:
    program = {"name": "p", "models": [{"name": f"word_{n}", "languages": ["en"]} for n in range(1_000)]}
    satellite = {"name": "kitchen"}
    info = await _probed(event("info", {"satellite": satellite, "wake": [program]}))
    assert (info.name, info.detects_wake_word) == ("kitchen", True)


@pytest.mark.parametrize(
    "info",
    [
        event("info", {"satellite": 5}),
        event("info", {"satellite": ["kitchen"]}),
        event("info", {}),
        event("info", {"satellite": {"name": "x" * 300_000}}),
        event("info", {"satellite": {}, "deep": 0}).replace(b"0}", b"[" * 10),
        b"[" * 60_000 + b"\n",
        b'{"type": "info", "data": ' + b'{"satellite":' * 4_000 + b"\n",
    ],
    ids=["number", "list", "nothing", "long", "broken", "deep list", "deep object"],
)
async def test_what_is_no_satellite_is_said_to_be_none(info: bytes) -> None:
    with pytest.raises(NotASatellite):
        await _probed(info)


# --- depth ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"\\"":'])
@pytest.mark.parametrize("where", ["line", "data", "data_in_line"])
async def test_depth_is_bounded(opening: bytes, where: str) -> None:
    deep = opening * (15_000 // len(opening))
    stream = {
        "line": deep + b"\n",
        "data": event("ping", None, data_length=len(deep)) + deep,
        "data_in_line": b'{"type": "ping", "data": ' + deep + b"\n",
    }[where]
    before = sys.getrecursionlimit()
    # Where Python would look away, as in a thread on musl, the process would end.
    sys.setrecursionlimit(100_000)
    try:
        assert await tell(stream) == LOST
    finally:
        sys.setrecursionlimit(before)


# --- floods -----------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def flooding(stream: bytes, *, before_info: bool = False, reads: bool = True) -> AsyncIterator[int]:
    """Serve a satellite that floods, from a thread of its own: what it costs itself is not measured."""
    loop = asyncio.get_running_loop()
    server = socket.create_server(("127.0.0.1", 0))
    info = event("info", INFO.data)

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                connection.recv(65_536)
                connection.sendall(b"" if before_info else info)
                while True:
                    connection.sendall(stream)
                    if reads:
                        with contextlib.suppress(BlockingIOError):
                            connection.recv(65_536, socket.MSG_DONTWAIT)

    serving = loop.run_in_executor(None, serve)
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        await serving


_LARGE_JSON = b'{"text":[' + b"[]," * 5_400 + b"1]}"

FLOODS = {
    "pings": event("ping", {"text": "x" * 10_000}) * 50,
    "small pings": event("ping", {"text": "x" * 200}) * 100,
    "empty lines": b"\n" * 10_000,
    "tiny events": b'{"type":"x"}\n' * 1_000,
    "wakes": (event("detection", {"name": "alexa"}) + event("audio-stop", {})) * 500,
    "runs": event("run-pipeline", {"start_stage": "wake", "end_stage": "tts"}) * 500,
    "large json": event("ping", None, data_length=len(_LARGE_JSON)) + _LARGE_JSON,
    "audio": event("audio-chunk", {"rate": 384_000, "width": 4, "channels": 16}, bytes(1 << 20)),
    "slow audio": event("audio-chunk", {"rate": 4_000, "width": 1, "channels": 1}, bytes(1 << 20)),
    "payloads of nothing": event("x", None, bytes(1 << 20)),
}


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize(
    ("before_info", "reads"), [(False, True), (False, False), (True, True)], ids=["", "unread", "before info"]
)
async def test_a_flood_costs_only_its_satellite(flood: str, before_info: bool, reads: bool) -> None:
    audio = AudioChunk(rate=16_000, width=2, channels=1, audio=bytes(640)).event()
    sent = 0
    stop = asyncio.Event()

    async def orderly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while not stop.is_set():
            await async_write_event(audio, writer)
            sent += 1
            await asyncio.sleep(0.01)
        await async_write_event(Played().event(), writer)
        await answer_pings(reader, writer)

    listener, other = Listener(), Listener()
    async with (
        flooding(FLOODS[flood], before_info=before_info, reads=reads) as port,
        peer(orderly) as other_port,
        link_to(other_port, other) as other_link,
    ):
        await other.wait_for("audio", count=2)
        async with Heartbeat() as heart, link_to(port, listener):
            await asyncio.sleep(1.5)
        stop.set()
        await other.wait_for("played")
        assert other_link.connected
    assert heart.longest_stall < 0.05
    assert heart.growth < 30 * _MIB
    assert sum(told == "audio" for told, _ in other.told) == sent
    assert sum(told == "connected" for told, _ in other.told) == 1
    # It was slowed down, not served: a hundred at once, and four hundred in a second.
    assert sum(told in ("wake", "audio_stopped", "run_pipeline") for told, _ in listener.told) < 1_200


async def test_a_burst_lets_everybody_else_have_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much may come at once, it is not handled at once."""
    monkeypatch.setattr(wyoming_link, "_FLOW_BURST_SECONDS", 3_600)
    listener = Listener()
    burst = (event("detection", {"name": "alexa"}) + event("audio-stop", {})) * 2_000 + PLAYED
    async with flooding(burst) as port, Heartbeat() as heart, link_to(port, listener):
        await listener.wait_for("played")
    assert heart.longest_stall < 0.05


async def test_a_ping_is_answered_with_its_own_text_unless_that_is_long() -> None:
    texts = ["", "hello", "\n  ü \0", "x" * 256, "x" * 257, "ü" * 200, None, 5]
    pongs: asyncio.Queue[Any] = asyncio.Queue()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for text in texts:
            writer.write(event("ping", {"text": text}))
        while (got := await async_read_event(reader)) is not None:
            if Pong.is_type(got.type):
                await pongs.put(got.data.get("text"))

    async with peer(behave) as port, link_to(port, Listener()):
        async with asyncio.timeout(10):
            assert [await pongs.get() for _ in texts] == [*texts[:4], None, None, None, None]


# --- failures ----------------------------------------------------------------------------------------


class _Failing(Listener):
    """Fail in whatever it is told."""

    failure: BaseException = RuntimeError()

    def on_wake(self, name: str | None) -> None:
        super().on_wake(name)
        raise self.failure

    def on_connected(self, info: Any) -> None:
        super().on_connected(info)
        raise self.failure

    def on_disconnected(self) -> None:
        super().on_disconnected()
        raise self.failure


@pytest.mark.parametrize(
    "failure",
    [MemoryError, RecursionError, RuntimeError, KeyError, UnicodeError, OSError, EOFError, Exception],
)
async def test_a_failure_in_handling_an_event_costs_that_event(
    failure: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    listener = _Failing()
    listener.failure = failure("what was said")

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(5):
            await async_write_event(Detection(name="alexa").event(), writer)
        await async_write_event(Played().event(), writer)

    async with peer(behave) as port, link_to(port, listener):
        await listener.wait_for("played", count=2)
        await listener.wait_for("disconnected", count=2)
    assert sum(told == "wake" for told, _ in listener.told) >= 10
    ours = [record for record in caplog.records if record.name.endswith("wyoming_connection")]
    assert [record.levelno for record in ours].count(logging.ERROR) == 1
    assert "what was said" not in caplog.text


@pytest.mark.parametrize("failure", [MemoryError, RecursionError, RuntimeError, KeyError, OverflowError])
async def test_a_failure_in_reading_costs_that_connection(
    failure: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = asyncio.StreamReader.readexactly
    failing = True

    async def read(self: asyncio.StreamReader, n: int) -> bytes:
        nonlocal failing
        if failing and n == 8:
            failing = False
            raise failure
        return await original(self, n)

    monkeypatch.setattr(asyncio.StreamReader, "readexactly", read)
    assert await tell(event("audio-chunk", _FORMAT, _PCM)) == LOST


@pytest.mark.parametrize("failure", [MemoryError, RecursionError, RuntimeError, UnicodeError, OverflowError])
async def test_a_failure_in_connecting_costs_that_attempt(
    failure: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = asyncio.open_connection
    failures = [failure, failure]

    async def connect(*args: Any, **kwargs: Any) -> Any:
        if failures:
            raise failures.pop()
        return await original(*args, **kwargs)

    monkeypatch.setattr(asyncio, "open_connection", connect)
    assert await tell(b"") == []
    assert not failures


# --- orders and replies -------------------------------------------------------------------------------


class Speaker:
    """A satellite that reads no faster than it plays."""

    def __init__(self, bytes_per_second: float, *, answers: bool = True) -> None:
        """Play this fast; answer pings, or nothing."""
        self.got: list[tuple[float, Event]] = []
        """What it has read, and when."""

        self._bytes_per_second = bytes_per_second
        self._answers = answers
        self._changed = asyncio.Event()

    async def until(self, event_type: str, *, timeout: float = 15.0) -> float:
        """Wait until an event of a type has been read; return when it was."""
        async with asyncio.timeout(timeout):
            while not (found := [at for at, message in self.got if message.type == event_type]):
                self._changed.clear()
                await self._changed.wait()
        return found[0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        due: float | None = None
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while (message := await async_read_event(reader)) is not None:
                if Describe.is_type(message.type):
                    await async_write_event(INFO, writer)
                    continue
                self.got.append((time.monotonic(), message))
                self._changed.set()
                if Ping.is_type(message.type) and self._answers:
                    await async_write_event(Pong(text=Ping.from_event(message).text).event(), writer)
                due = (due or time.monotonic()) + len(message.payload or b"") / self._bytes_per_second
                await asyncio.sleep(due - time.monotonic())
        writer.close()


@contextlib.asynccontextmanager
async def speaker(bytes_per_second: float, *, answers: bool = True) -> AsyncIterator[tuple[int, Speaker]]:
    """Run one on a free port, with buffers of 64 kB."""
    plays = Speaker(bytes_per_second, answers=answers)
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    server = await asyncio.start_server(plays.serve, sock=listening, limit=4_096)
    try:
        yield listening.getsockname()[1], plays
    finally:
        server.close()
        server.close_clients()


def _reply(seconds: float) -> list[Event]:
    """Return a reply as it is sent, 22,050 Hz, 16-bit, mono."""
    chunk = AudioChunk(rate=22_050, width=2, channels=1, audio=bytes(2_048)).event()
    start = AudioStart(rate=22_050, width=2, channels=1).event()
    return [start, *[chunk] * int(seconds * 22_050 / 1_024), AudioStop().event()]


async def _say(link: WyomingLink, seconds: float) -> bool:
    return all([await link.async_send(message) for message in _reply(seconds)])


@pytest.mark.parametrize("answers", [True, False], ids=["answers pings", "answers nothing"])
async def test_a_satellite_that_reads_at_the_speed_of_sound_is_never_hung_up_on(
    answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Forty seconds and the timeouts of one connection, at a quarter of the time.
    monkeypatch.setattr(wyoming_link, "_SILENCE_TIMEOUT", 1.75)
    monkeypatch.setattr(wyoming_link, "_LOOK_INTERVAL", 0.25)
    monkeypatch.setattr(wyoming_link, "_PING_INTERVAL", 0.5)
    listener = Listener()
    async with speaker(44_100, answers=answers) as (port, plays), link_to(port, listener) as link:
        await listener.wait_for("connected")
        assert await _say(link, 10)
        await plays.until("audio-stop")
        assert ("disconnected", None) not in listener.told
    played = sum(len(message.payload or b"") for _, message in plays.got)
    assert played == sum(len(message.payload or b"") for message in _reply(10))


async def test_an_order_overtakes_a_reply() -> None:
    listener = Listener()
    async with speaker(44_100) as (port, plays), link_to(port, listener) as link:
        await listener.wait_for("connected")
        saying = asyncio.create_task(_say(link, 30))
        began = await plays.until("audio-chunk")
        assert link.send(PauseSatellite().event(), RunSatellite().event())
        # It waits only for what was on its way: three seconds of sound.
        assert await plays.until("pause-satellite") - began < 4.5
        await plays.until("run-satellite")
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        link.discard_audio()
        assert link.send(AudioStop().event())
        await plays.until("audio-stop")
    assert sum(len(message.payload or b"") for _, message in plays.got) < 10 * 44_100


@pytest.mark.parametrize("talks", [True, False], ids=["talks", "says nothing"])
async def test_a_satellite_that_reads_nothing_is_hung_up_on(
    talks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wyoming_link, "_SILENCE_TIMEOUT", 0.5)

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        reader._limit = 1  # type: ignore[attr-defined]
        while True:
            if talks:
                await async_write_event(Played().event(), writer)
            await asyncio.sleep(0.05)

    listener = Listener()
    async with peer(behave) as port, link_to(port, listener) as link, Heartbeat() as heart:
        await listener.wait_for("connected")
        async with asyncio.timeout(20):
            assert not await _say(link, 60)
        await listener.wait_for("connected", count=2)
    assert heart.growth < 10 * _MIB


async def test_nothing_is_asked_while_something_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wyoming_link, "_PING_INTERVAL", 0.05)
    monkeypatch.setattr(wyoming_link, "_LOOK_INTERVAL", 0.02)
    listener = Listener()
    async with speaker(44_100) as (port, plays), link_to(port, listener) as link:
        await listener.wait_for("connected")
        assert await _say(link, 4)
        await plays.until("audio-stop")
    kinds = [message.type for _, message in plays.got]
    within = kinds[kinds.index("audio-start") + 1 : kinds.index("audio-stop")]
    assert within.count("ping") <= 2


@pytest.mark.timeout(180)
async def test_a_few_hundred_mutated_streams_cost_nobody_anything() -> None:
    """Thirty thousand of them are for people to run: python -m tests.fuzz.wyoming_streams 30000."""
    fuzzing = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fuzz.wyoming_streams", "300", cwd=_ROOT, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await fuzzing.communicate()
    assert fuzzing.returncode == 0, told.decode()
