"""A loudspeaker for browsers on machines without one: what comes out of it can be listened to.

Without any device, Firefox lets Web Audio wait for ever.
"""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
import os
from pathlib import Path
import shutil
from typing import Final

from .program import running

_RATE: Final = 16_000


def why_not() -> str | None:
    """Return what is missing."""
    return None if shutil.which("pulseaudio") else "there is no loudspeaker (Debian package pulseaudio)"


class Loudspeaker:
    """What a browser has to know to find it."""

    def __init__(self, folder: Path) -> None:
        """Make a folder for everything that it needs."""
        folder.mkdir(parents=True)
        self.environment = {"PULSE_SERVER": f"unix:{folder / 'native'}", "PULSE_RUNTIME_PATH": str(folder)}

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncGenerator[bytearray]:
        """Listen; the samples (mono, 16-bit, 16 kHz) grow while the block runs."""
        process = await asyncio.create_subprocess_exec(
            *("parec", "--device=null.monitor", "--format=s16le", f"--rate={_RATE}", "--channels=1"),
            *("--latency-msec=50", "--raw"),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **self.environment},
        )
        assert process.stdout is not None
        heard = bytearray(await process.stdout.readexactly(2))

        async def collect(stream: asyncio.StreamReader) -> None:
            while piece := await stream.read(1 << 16):
                heard.extend(piece)

        task = asyncio.create_task(collect(process.stdout))
        try:
            yield heard
        finally:
            process.terminate()
            await process.wait()
            await task


@contextlib.asynccontextmanager
async def loudspeaker(folder: Path) -> AsyncGenerator[Loudspeaker]:
    """Run a sound server whose only device takes what it gets in real time."""
    device = Loudspeaker(folder)
    async with running(
        *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
        *("--disable-shm=yes", "--log-target=stderr", "--log-level=info"),
        *("-L", "module-null-sink sink_name=null"),
        *("-L", f"module-native-protocol-unix auth-anonymous=1 socket={folder / 'native'}"),
        environment={**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
        ready=r"(Daemon startup complete)",
    ):
        yield device
