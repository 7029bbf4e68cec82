"""JSON lines on loopback that make a running satellite hear something, for other processes.

One request a line, {"satellite": NAME, "do": "say", "text": "...", "voice": "slt"}, or "do": "wake" or "log";
{"do": "list"} asks for the names.
Answers are lines too, each with a "result"; the last one of a request has "done": true.

usage: python -m dev.rig.control NAME [--port PORT] [--control PORT] [--local-wake]
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Mapping
import contextlib
import json
import time
from typing import Any, Final, override

from .loopback_server import LoopbackServer
from .satellite import Mode, Satellite
from .voices import Voice, synthesize, with_room_noise

_ANSWER_STARTS: Final = 8.0
"""Seconds after the last word in which something has to come back."""

_REPLY_STARTS: Final = 10.0
"""Seconds after a transcript in which a spoken reply has to have been played."""


class ControlServer(LoopbackServer):
    """Serve the control socket of some satellites."""

    def __init__(self, satellites: Mapping[str, Satellite], *, port: int = 0) -> None:
        """Prepare; start opens the port, 0 for a free one."""
        super().__init__(port=port)
        self._satellites = satellites

    @override
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                async for answer in self._answers(line):
                    writer.write(json.dumps(answer).encode() + b"\n")
                    await writer.drain()
        writer.close()

    def _satellite(self, name: str) -> Satellite:
        """Return a satellite. Raises ValueError with the names of all."""
        if name not in self._satellites:
            names = ", ".join(sorted(self._satellites))
            raise ValueError(f"there is no satellite {name}; there are: {names}")
        return self._satellites[name]

    async def _answers(self, line: bytes) -> AsyncIterator[dict[str, Any]]:
        try:
            request = json.loads(line)
            action = request["do"]
            if action == "list":
                yield {"result": "satellites", "names": sorted(self._satellites), "done": True}
                return
            satellite = self._satellite(request["satellite"])
            if action == "say":
                voice = Voice(request.get("voice", Voice.SLT))
                async for answer in _say(satellite, request["text"], voice):
                    yield answer
            elif action == "wake":
                yield {"result": "woke" if await satellite.wake() else "not listening"}
            elif action == "log":
                yield {"result": [item.event.type for item in satellite.log.items]}
            else:
                yield {"result": "error", "text": f"unknown action {action}"}
        except (KeyError, TypeError) as err:
            yield {"result": "error", "text": f"{type(err).__name__}: {err}"}
        except ValueError as err:
            yield {"result": "error", "text": str(err)}
        yield {"result": "end", "done": True}


async def _say(satellite: Satellite, text: str, voice: Voice) -> AsyncIterator[dict[str, Any]]:
    """Speak into a satellite and tell what it received in return."""
    speech = await synthesize(text, voice=voice)
    since = time.monotonic()
    frames = satellite.frames_sent
    if satellite.mode is Mode.LOCAL_WAKE:
        await satellite.wake()
    await satellite.say(with_room_noise(speech.pcm))
    yield {
        "result": "spoken",
        "seconds": round(speech.seconds, 2),
        "frames_sent": satellite.frames_sent - frames,
    }
    if satellite.frames_sent == frames:
        yield {"result": "nothing", "why": "the satellite sends no audio: it is muted or not connected"}
        return
    try:
        event = await satellite.wait_for_event("transcript", "error", since=since, timeout=_ANSWER_STARTS)
    except TimeoutError:
        woke = bool(satellite.log.received("detection", since=since))
        yield {"result": "nothing", "why": "no command was understood" if woke else "no wake word was heard"}
        return
    yield {"result": event.type, "text": event.data.get("text")}
    if event.type == "error":
        return
    with contextlib.suppress(TimeoutError):
        reply = await satellite.wait_for_reply(since=since, timeout=_REPLY_STARTS)
        texts = satellite.log.received("synthesize", since=since)
        yield {
            "result": "reply",
            "text": texts[-1].data.get("text") if texts else None,
            "seconds": round(reply.seconds, 2),
        }


async def _run(arguments: argparse.Namespace) -> None:
    """Run one satellite until interrupted."""
    mode = Mode.LOCAL_WAKE if arguments.local_wake else Mode.ALWAYS_STREAMING
    async with Satellite(arguments.name, mode=mode, port=arguments.port) as satellite:
        control = ControlServer({satellite.name: satellite}, port=arguments.control)
        await control.start()
        print(json.dumps({"port": satellite.port, "control": control.port}), flush=True)  # noqa: T201
        await asyncio.Event().wait()


def main() -> None:
    """Run one satellite with its control socket."""
    parser = argparse.ArgumentParser(description="Simulate a Wyoming satellite.")
    parser.add_argument("name")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control", type=int, default=0, help="port of its control socket")
    parser.add_argument(
        "--local-wake", action="store_true", help="the satellite finds its wake word by itself"
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
