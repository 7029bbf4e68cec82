"""Programs that run for the time of a block, and all that they have started with them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
import contextlib
import os
import re
import signal
from typing import Final

_READY_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0


class ProgramFailed(Exception):
    """A program ended, or said nothing of being ready."""


@contextlib.asynccontextmanager
async def running(
    program: str, *arguments: str, environment: Mapping[str, str], ready: str = ""
) -> AsyncGenerator[str]:
    """Run a program in a process group of its own; end the group after the block.

    Args:
        program: path of the executable.
        arguments: its arguments.
        environment: all of its environment variables.
        ready: regular expression of the line that says that it can be used; by default nothing is waited for.

    Returns:
        The first group of that line.
    """
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
        start_new_session=True,
    )
    assert process.stdout is not None
    reading: asyncio.Task[None] | None = None
    try:
        found = await _wait_for(process.stdout, ready) if ready else ""
        # Whoever does not read stops the program as soon as the pipe is full.
        reading = asyncio.create_task(_drain(process.stdout))
        yield found
    finally:
        await _end(process)
        if reading is not None:
            reading.cancel()


async def _wait_for(stream: asyncio.StreamReader, ready: str) -> str:
    """Return the first group of the line that is waited for. Raises ProgramFailed."""
    said: list[str] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_READY_SECONDS):
            while line := await stream.readline():
                said.append(line.decode(errors="replace"))
                if found := re.search(ready, said[-1]):
                    return found[1]
    raise ProgramFailed("".join(said))


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(1 << 16):
        pass


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the group of a process, gently at first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
