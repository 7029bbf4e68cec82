"""A satellite that announces itself on this machine's network (mDNS), in a process of its own.

The rig's satellites listen on loopback only, and tests may not leave it. `announced` runs this module, which forwards
a port of this machine's address to a satellite, and announces that.
"""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
import socket
import sys
from typing import Final

from zeroconf import ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from .house import REPOSITORY
from .loopback_server import HOST

_SERVICE: Final = "_wyoming._tcp.local."
_NOBODY: Final = "nobody"
"""What is printed if nobody on this machine's network would hear the announcement."""


@contextlib.asynccontextmanager
async def announced(name: str, port: int) -> AsyncGenerator[str | None]:
    """Announce a satellite; return the address, or None if this machine has no network for that."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "dev.rig.announced", name, str(port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        address = (await process.stdout.readline()).decode().strip()
        yield None if address in ("", _NOBODY) else address
    finally:
        process.stdin.close()
        await process.wait()


def _own_address() -> str | None:
    """Return this machine's address on its network, or None if it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("224.0.0.251", 5353))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes until it ends."""
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _serve(name: str, port: int) -> None:
    """Announce the satellite until the standard input is closed."""

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            their_reader, their_writer = await asyncio.open_connection(HOST, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, their_writer), _pump(their_reader, writer))

    if (own := _own_address()) is None:
        print(_NOBODY, flush=True)  # noqa: T201
        return
    server = await asyncio.start_server(forward, own, 0)
    own_port = server.sockets[0].getsockname()[1]
    here, elsewhere = AsyncZeroconf(), AsyncZeroconf()
    label = f"{name.lower()}-{own_port}"
    info = ServiceInfo(
        _SERVICE,
        f"{label}.{_SERVICE}",
        port=own_port,
        addresses=[socket.inet_aton(own)],
        server=f"{label}.local.",
    )
    try:
        await here.async_register_service(info)
        heard = await elsewhere.async_get_service_info(_SERVICE, info.name, 10_000)
        print(f"{own}:{own_port}" if heard else _NOBODY, flush=True)  # noqa: T201
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await here.async_close()
        await elsewhere.async_close()
        server.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
