"""Send mutated Wyoming streams to real satellites of ours, beside one that behaves.

usage: python -m tests.fuzz.wyoming_streams [COUNT [SEED]]

Both ends are on this machine: the satellites' programs are in a process of their own, so that what they cost is
not counted. Prints what was measured and fails when any of it is more than a satellite may cost.
"""

import argparse
import asyncio
from collections.abc import Coroutine
import contextlib
from dataclasses import asdict, dataclass, field
import gc
import json
import logging
from random import Random
import struct
import sys
import time
from types import SimpleNamespace
from typing import Any, Final, override

from custom_components.voice_privacy.core.capture import CaptureSession
from custom_components.voice_privacy.core.models import RecordingKind
from custom_components.voice_privacy.core.privacy import PrivacySettings
from custom_components.voice_privacy.satellites import wyoming_connection as wyoming_link, wyoming_events
from custom_components.voice_privacy.satellites.base import Satellite
from custom_components.voice_privacy.satellites.wyoming import WyomingSatellite, WyomingSatelliteConfig

from .measure import Heartbeat
from .wyoming_grammar import INFO, encode, stream

MAX_STALL: Final = 0.05
MAX_GROWTH: Final = 30 << 20

_HOSTILE: Final = 4
_FRAME: Final = 320
"""Samples of a frame of the satellite that behaves: 20 ms."""

_WARM_UP: Final = 0.05
"""Share of the streams after which memory is measured."""


# --- the satellites' end -------------------------------------------------------------------------


class _Sender:
    """Serve streams on one port and an orderly satellite on another, until all streams have been sent."""

    def __init__(self, count: int, seed: int) -> None:
        self._count = count
        self._seed = seed
        self._sent = 0
        self._done = asyncio.Event()
        self._frames = 0

    async def run(self) -> None:
        hostile = await asyncio.start_server(self._misbehave, "127.0.0.1", 0)
        orderly = await asyncio.start_server(self._behave, "127.0.0.1", 0)
        self._say(ports=[server.sockets[0].getsockname()[1] for server in (hostile, orderly)])
        await self._done.wait()
        hostile.close()
        await asyncio.sleep(0.5)
        self._say(sent=self._sent, frames=self._frames)
        await asyncio.Event().wait()

    def _say(self, **said: Any) -> None:
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()

    async def _misbehave(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        random = Random(f"{self._seed} {self._sent}")
        self._sent += 1
        if not self._sent % 100:
            self._say(progress=self._sent)
        if self._sent >= self._count:
            self._done.set()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(0.5):
                await reader.readline()
                writer.write(stream(random))
                await writer.drain()
                if random.random() < 0.5:
                    # Read, until there is nothing more to be read for a moment.
                    async with asyncio.timeout(0.01):
                        while await reader.read(65_536):
                            pass
        writer.close()

    async def _behave(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(encode("info", INFO))
        read = asyncio.create_task(reader.read(-1))
        audio = {"rate": 16_000, "width": 2, "channels": 1}
        due = time.monotonic()
        with contextlib.suppress(OSError):
            while not self._done.is_set():
                payload = struct.pack("<I", self._frames) + bytes(_FRAME * 2 - 4)
                writer.write(encode("audio-chunk", audio, payload))
                await writer.drain()
                self._frames += 1
                due += _FRAME / 16_000
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            await asyncio.sleep(2)
        read.cancel()
        writer.close()


# --- our end -------------------------------------------------------------------------------------


class _Listener:
    """Count frames instead of hearing wake words in them."""

    def __init__(self) -> None:
        """Expect the first frame."""
        self.next_frame = 0
        self.lost = 0

    def open_stream(self, *_: object) -> None:
        """Listen for nothing."""

    close_stream = restart_stream = open_stream

    def feed_stream(self, stream_id: str, pcm: bytes) -> None:
        """Take the next audio of a satellite."""
        if stream_id == "orderly":
            (number,) = struct.unpack_from("<I", pcm)
            self.lost += number != self.next_frame or len(pcm) != _FRAME * 2
            self.next_frame = number + 1


class _Host:
    """Take finished captures as the hub does, without a store."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.alive = 0
        self.most_alive = 0
        self.captures = 0
        self.unclean = 0

    def satellite_changed(self, satellite: Satellite) -> None:
        """Show nothing."""

    def capture_started(self, satellite: Satellite, capture: CaptureSession) -> None:
        """Count."""
        self.captures += 1
        self.alive += 1
        self.most_alive = max(self.most_alive, self.alive)

    async def async_capture_finished(
        self, satellite: Satellite, capture: CaptureSession, kind: RecordingKind
    ) -> None:
        """See that what would be kept can be shown."""
        self.alive -= 1
        utterance = capture.finish(kind)
        word = utterance.wake_word
        if word is not None and not (word.encode("utf-8", "replace").decode() == word and len(word) <= 100):
            self.unclean += 1


@dataclass(slots=True, kw_only=True)
class Report:
    """What was measured."""

    streams: int = 0
    seconds: float = 0.0
    uncaught: list[str] = field(default_factory=list)
    longest_stall_ms: float = 0.0
    """Of the event loop, in computing time of its own thread."""

    longest_gap_ms: float = 0.0
    """The same by the clock: what else runs on the machine included."""

    full_collections: int = 0
    longest_collection_ms: float = 0.0
    """Python's own full garbage collections, which are in no stall."""

    growth_mib: float = 0.0
    captures: int = 0
    unclean: int = 0
    orderly_frames: int = 0
    orderly_frames_lost: int = 0
    orderly_connections: int = 0
    links_ended: int = 0

    @property
    def passed(self) -> bool:
        """Whether nothing cost more than it may."""
        return (
            not self.uncaught
            and self.longest_stall_ms <= MAX_STALL * 1_000
            and self.growth_mib <= MAX_GROWTH / (1 << 20)
            and self.unclean == self.orderly_frames_lost == self.links_ended == 0
            and self.orderly_connections == 1
        )


class _Errors(logging.Handler):
    """Remember what is logged as an error."""

    def __init__(self, errors: list[str]) -> None:
        """Begin to remember."""
        super().__init__(logging.ERROR)
        self._errors = errors

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self._errors.append(record.getMessage())


def _satellite(name: str, port: int, listener: Any, host: _Host) -> WyomingSatellite:
    """Return a satellite of ours in a Home Assistant that can only start tasks."""

    def start(work: Coroutine[Any, Any, None], task: str) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(work, name=task)

    hass: Any = SimpleNamespace(async_create_background_task=start)
    config = WyomingSatelliteConfig(satellite_id=name, name=name, host="127.0.0.1", port=port)
    satellite = WyomingSatellite(
        hass, config, listener=listener, settings=PrivacySettings, phrase_of=str.title, host=host
    )
    # It streams, although no engine listens.
    satellite._streams = True
    on_connected = satellite.on_connected

    def connected(info: wyoming_events.SatelliteInfo) -> None:
        on_connected(info)
        satellite._streams = True

    satellite.on_connected = connected  # type: ignore[method-assign]
    return satellite


async def run(count: int, seed: int) -> Report:
    """Send so many streams."""
    report = Report()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: report.uncaught.append(str(context.get("message"))))
    logging.getLogger().addHandler(_Errors(report.uncaught))
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __spec__.name, "--send", str(count), str(seed), stdout=asyncio.subprocess.PIPE
    )
    assert sender.stdout is not None
    listener, host = _Listener(), _Host()
    try:
        hostile_port, orderly_port = json.loads(await sender.stdout.readline())["ports"]
        orderly = _satellite("orderly", orderly_port, listener, host)
        satellites = [
            orderly,
            *(_satellite(f"hostile{number}", hostile_port, listener, host) for number in range(_HOSTILE)),
        ]
        async with Heartbeat() as heart:
            started = time.monotonic()
            for satellite in satellites:
                satellite.start()
            warm = False
            while "sent" not in (said := json.loads(await sender.stdout.readline())):
                if not warm and said["progress"] >= count * _WARM_UP:
                    warm = True
                    heart.reset()
            report.seconds = round(time.monotonic() - started, 1)
            report.streams, report.orderly_frames = said["sent"], said["frames"]
            report.links_ended = sum(served._task is None or served._task.done() for served in satellites)
            report.orderly_frames_lost = listener.lost + report.orderly_frames - listener.next_frame
            report.orderly_connections = 1 if orderly.link.connected else 0
        for satellite in satellites:
            await satellite.async_stop()
    finally:
        sender.kill()
        await sender.wait()
    gc.collect()
    await asyncio.sleep(0)
    report.longest_stall_ms = round(heart.longest_stall * 1_000, 1)
    report.longest_gap_ms = round(heart.longest_gap * 1_000, 1)
    report.full_collections = heart.full_collections
    report.longest_collection_ms = round(heart.longest_collection * 1_000, 1)
    report.growth_mib = round(heart.growth / (1 << 20), 1)
    report.captures, report.unclean = host.captures, host.unclean
    return report


def main() -> int:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=300)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--send", action="store_true", help="be the satellites' programs")
    arguments = parser.parse_args()
    if arguments.send:
        asyncio.run(_Sender(arguments.count, arguments.seed).run())
        return 0
    # One connection after the other; nobody waits for a flood to be over.
    wyoming_link._BACKOFF_SECONDS = (0.0,)  # type: ignore[misc,assignment]
    wyoming_events._LONGEST_PAUSE = 0.05  # type: ignore[misc]
    report = asyncio.run(run(arguments.count, arguments.seed))
    sys.stdout.write(json.dumps(asdict(report) | {"passed": report.passed}, indent=2) + "\n")
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
