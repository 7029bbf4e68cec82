"""Talk to a running Home Assistant as its frontend does: websocket and REST, driven by events."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
import contextlib
from typing import Any, Self

import aiohttp

from .patience import SLOWER

type Json = dict[str, Any]


class CommandFailed(Exception):
    """Home Assistant refused a command."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the code for those who expect it."""
        super().__init__(f"{code}: {message}")
        self.code = code


class EventStream:
    """Events of one subscription, in order; none is lost between two waits."""

    def __init__(self, what: str) -> None:
        """Name what is waited for, for the message of a wait that ends in vain."""
        self.seen: list[Json] = []
        self._what = what
        self._queue: asyncio.Queue[Json] = asyncio.Queue()

    def put(self, event: Json) -> None:
        """Add an event."""
        self.seen.append(event)
        self._queue.put_nowait(event)

    async def next(
        self, matches: Callable[[Json], bool] = lambda event: True, *, timeout: float = 10.0
    ) -> Json:
        """Return the next event that matches; those before it are skipped."""
        try:
            async with asyncio.timeout(timeout * SLOWER):
                while True:
                    event = await self._queue.get()
                    if matches(event):
                        return event
        except TimeoutError:
            raise TimeoutError(
                f"no {self._what} within {timeout * SLOWER} s; seen {self.seen[-5:]}"
            ) from None


class HomeAssistantClient:
    """One user's connection."""

    def __init__(self, url: str, token: str) -> None:
        """Prepare; connect opens the connection."""
        self.url = url
        self.token = token
        self.states: dict[str, Json] = {}
        """Every entity's state, kept up to date by events."""

        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._last_id = 0
        self._results: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, Callable[[Json], None]] = {}
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Connect."""
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self.close()

    # --- connection --------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Authenticate and follow every state."""
        self._session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {self.token}"})
        try:
            self._socket = await self._session.ws_connect(f"{self.url}/api/websocket", max_msg_size=0)
            await self._socket.receive_json()
            await self._socket.send_json({"type": "auth", "access_token": self.token})
            answer = await self._socket.receive_json()
        except BaseException:
            await self.close()
            raise
        if answer["type"] != "auth_ok":
            await self.close()
            raise CommandFailed("auth", answer["type"])
        self._reader = asyncio.create_task(self._read(self._socket), name="rig websocket")
        await self._subscribe(self._on_state_changed, "subscribe_events", event_type="state_changed")
        for state in await self.command("get_states"):
            self.states.setdefault(state["entity_id"], state)

    async def close(self) -> None:
        """Disconnect."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        if self._session is not None:
            await self._session.close()

    async def wait_until_closed(self) -> None:
        """Wait until the other side has closed, and everything that it had said was taken in."""
        if self._reader is not None:
            await asyncio.wait([self._reader])

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for message in socket:
                answer = message.json()
                if answer["type"] == "event" and answer["id"] in self._listeners:
                    self._listeners[answer["id"]](answer["event"])
                elif answer["type"] == "result":
                    self._finish(self._results.pop(answer["id"]), answer)
        finally:
            for future in self._results.values():
                if not future.done():
                    future.set_exception(ConnectionError("Home Assistant closed the connection"))

    @staticmethod
    def _finish(future: asyncio.Future[Any], answer: Json) -> None:
        if future.done():
            # Whoever waited has given up.
            return
        if answer["success"]:
            future.set_result(answer["result"])
        else:
            future.set_exception(CommandFailed(answer["error"]["code"], answer["error"]["message"]))

    # --- commands ----------------------------------------------------------------------------------

    async def command(self, kind: str, *, timeout: float = 30.0, **fields: Any) -> Any:
        """Send a websocket command and return its result.

        Raises CommandFailed.
        """
        _, result = await self._send(kind, fields, timeout)
        return result

    async def send_binary(self, handler_id: int, data: bytes) -> None:
        """Send data, audio for instance, to whom a subscription has named as its handler."""
        if self._socket is None:
            raise ConnectionError("not connected")
        await self._socket.send_bytes(bytes([handler_id]) + data)

    async def _send(self, kind: str, fields: Mapping[str, Any], timeout: float) -> tuple[int, Any]:
        if self._socket is None:
            raise ConnectionError("not connected")
        self._last_id += 1
        number = self._last_id
        future = self._results[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "type": kind, **fields})
        async with asyncio.timeout(timeout * SLOWER):
            return number, await future

    async def _subscribe(self, listener: Callable[[Json], None], kind: str, **fields: Any) -> int:
        # The first event may arrive together with the result.
        number = self._last_id + 1
        self._listeners[number] = listener
        await self._send(kind, fields, 30.0)
        return number

    @contextlib.asynccontextmanager
    async def subscribe(self, kind: str, **fields: Any) -> AsyncGenerator[EventStream]:
        """Subscribe with any websocket command that does."""
        stream = EventStream(f"event of {kind} {fields or ''}")
        number = await self._subscribe(stream.put, kind, **fields)
        try:
            yield stream
        finally:
            del self._listeners[number]
            with contextlib.suppress(ConnectionError, CommandFailed):
                await self.command("unsubscribe_events", subscription=number)

    @contextlib.asynccontextmanager
    async def events(self, event_type: str) -> AsyncGenerator[EventStream]:
        """Subscribe to one type of event of the bus."""
        async with self.subscribe("subscribe_events", event_type=event_type) as stream:
            yield stream

    async def call(
        self,
        action: str,
        data: Mapping[str, Any] | None = None,
        *,
        target: Mapping[str, Any] | None = None,
        return_response: bool = False,
    ) -> Json:
        """Perform an action such as "light.turn_on"; return its response, empty without one."""
        domain, _, service = action.partition(".")
        fields: Json = {"domain": domain, "service": service, "service_data": dict(data or {})}
        if target is not None:
            fields["target"] = dict(target)
        if return_response:
            fields["return_response"] = True
        result = await self.command("call_service", **fields)
        return dict(result.get("response") or {})

    async def rest(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a REST request; return its status and its JSON, or its bytes when it is none."""
        if self._session is None:
            raise ConnectionError("not connected")
        async with self._session.request(method, f"{self.url}{path}", json=body) as response:
            if response.content_type == "application/json":
                return response.status, await response.json()
            return response.status, await response.read()

    # --- states ------------------------------------------------------------------------------------

    def _on_state_changed(self, event: Json) -> None:
        entity_id, state = event["data"]["entity_id"], event["data"]["new_state"]
        if state is None:
            self.states.pop(entity_id, None)
        else:
            self.states[entity_id] = state
        self._changed.set()
        self._changed = asyncio.Event()

    def state(self, entity_id: str) -> str | None:
        """Return an entity's state, None when there is no such entity."""
        found = self.states.get(entity_id)
        return None if found is None else str(found["state"])

    async def wait_for_state(
        self, entity_id: str, wanted: str | Callable[[str], bool], *, timeout: float = 10.0
    ) -> Json:
        """Return an entity's state as soon as it is, or satisfies, what is wanted."""
        matches = wanted if callable(wanted) else lambda state: state == wanted

        def find() -> Json | None:
            state = self.states.get(entity_id)
            return state if state is not None and matches(state["state"]) else None

        return await self.wait_for(find, f"{entity_id} to be {wanted}", timeout=timeout)

    async def wait_for[T](self, find: Callable[[], T | None], what: str, *, timeout: float = 10.0) -> T:
        """Return what find finds in the states, looking again whenever one changes."""
        try:
            async with asyncio.timeout(timeout * SLOWER):
                while (found := find()) is None:
                    await self._changed.wait()
        except TimeoutError:
            known = {name: state["state"] for name, state in self.states.items()}
            raise TimeoutError(f"waited {timeout * SLOWER} s for {what}; states are {known}") from None
        return found
