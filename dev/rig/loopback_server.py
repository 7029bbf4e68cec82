"""Life of a TCP server on loopback whose connections a subclass serves."""

from abc import ABC, abstractmethod
import asyncio
from typing import Final

HOST: Final = "127.0.0.1"


class LoopbackServer(ABC):
    """Open a port on loopback and serve every connection to it."""

    def __init__(self, *, port: int = 0) -> None:
        """Prepare; start opens the port, 0 for a free one."""
        self.port = port
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Open the port."""
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and its connections."""
        if self._server is not None:
            self._server.close()
            self._server.abort_clients()
            self._server = None

    @abstractmethod
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, and close it."""
