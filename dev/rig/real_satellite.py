"""PyPI's wyoming-satellite in a process of its own, with a simulated microphone and loudspeaker."""

import asyncio
from collections import deque
import contextlib
import os
from pathlib import Path
import shlex
import sys
import time
from typing import Final, Self

from .house import HOST, REPOSITORY, HouseFailed, free_port
from .microphone import Microphone, MicrophoneFormat, Spoken

CLIENTS: Final = REPOSITORY / ".tools" / "clients"
"""Environment that scripts/smoke --clients installs the package into."""

_FORMAT: Final = MicrophoneFormat()
_REMEMBERED_SECONDS: Final = 120
_PIPE_BYTES: Final = 4_096
"""Two chunks: the smallest pipe that Linux gives. What waits in it is late."""

_F_SETPIPE_SZ: Final = 1031
"""fcntl's command for the size of a pipe, which the module does not name on every system."""


def reason_to_skip() -> str | None:
    """Return why the real satellite cannot run here, or None."""
    if not sys.platform.startswith("linux"):
        return "wyoming-satellite is run on Linux only"
    if not (CLIENTS / "installed").exists():
        return "scripts/smoke --clients installs the real satellite and runs this"
    return None


class RealSatellite:
    """One wyoming-satellite that streams always: its microphone and loudspeaker are pipes."""

    def __init__(self, name: str, folder: Path) -> None:
        """Prepare; start runs it.

        Args:
            name: Its name in Home Assistant.
            folder: Where its pipe, its log and what it plays are kept.
        """
        self.name = name
        self.port = free_port()
        self.microphone = Microphone(_FORMAT)
        self.played = folder / "played.raw"
        """Sound that its loudspeaker played since it was started: 22,050 Hz, 16-bit, mono."""

        self.log = folder / "satellite.log"
        self._pipe = folder / "microphone"
        self._sent: deque[tuple[float, bytes]] = deque(
            maxlen=int(_REMEMBERED_SECONDS / _FORMAT.chunk_seconds)
        )
        self._process: asyncio.subprocess.Process | None = None
        self._feeder: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self) -> None:
        """Run the satellite and wait until its port is open."""
        if not self._pipe.exists():
            os.mkfifo(self._pipe)
        sound = shlex.join(["dd", f"of={self.played}", "status=none", "conv=notrunc", "oflag=append"])
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(str(CLIENTS / "bin" / "python"), "-m", "wyoming_satellite"),
                *("--name", self.name, "--uri", f"tcp://{HOST}:{self.port}", "--no-zeroconf", "--debug"),
                *("--mic-command", shlex.join(["cat", str(self._pipe)])),
                *("--snd-command", sound),
                stdout=log,
                stderr=log,
            )
        self._feeder = asyncio.create_task(self._feed(), name=f"{self.name} microphone")
        async with asyncio.timeout(30):
            while not await self._answers():  # noqa: ASYNC110
                # A process tells nobody that its port is open.
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """End the satellite as its service manager does."""
        if self._feeder is not None:
            self._feeder.cancel()
            await asyncio.gather(self._feeder, return_exceptions=True)
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._feeder = self._process = None

    async def say(self, pcm: bytes) -> Spoken:
        """Say something (mono, 16-bit, 16 kHz) to the microphone and return once it is spoken."""
        return await self.microphone.say(pcm)

    def sent_audio(self) -> bytes:
        """Return what the microphone delivered, two minutes at most: 16 kHz, 16-bit, mono PCM."""
        return b"".join(audio for _, audio in self._sent)

    async def _answers(self) -> bool:
        """Return whether the port is open; raise HouseFailed if the process has ended."""
        if self._process is None or self._process.returncode is not None:
            raise HouseFailed(f"wyoming-satellite ended: {self.log.read_text(errors='replace')[-2_000:]}")
        try:
            _, writer = await asyncio.open_connection(HOST, self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def _feed(self) -> None:
        """Deliver a chunk whenever its time has come, to whoever reads the pipe; else it is lost."""
        import fcntl  # noqa: PLC0415  # Linux only

        pipe: int | None = None
        due = time.monotonic()
        try:
            while True:
                due += _FORMAT.chunk_seconds
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                chunk = self.microphone.next_chunk()
                if pipe is None:
                    with contextlib.suppress(OSError):
                        # Fails while the satellite has not started its microphone command.
                        pipe = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK)
                        fcntl.fcntl(pipe, _F_SETPIPE_SZ, _PIPE_BYTES)
                if pipe is not None:
                    try:
                        os.write(pipe, chunk)
                    except BlockingIOError:
                        continue
                    except BrokenPipeError:
                        os.close(pipe)
                        pipe = None
                        continue
                    self._sent.append((time.monotonic(), chunk))
        finally:
            if pipe is not None:
                os.close(pipe)
