"""Speak into a satellite of a running scripts/develop and tell what came back, or list the satellites."""

import argparse
import asyncio
import json
from pathlib import Path
import sys
from typing import Any, Final

from .develop import FOLDER, PORTS
from .loopback_server import HOST
from .voices import Voice

_EXAMPLE: Final = '"Alexa, turn on the kitchen light"'


def _print(answer: dict[str, Any]) -> None:
    match answer["result"]:
        case "spoken":
            line = f"spoken in {answer['seconds']} s; the satellite sent {answer['frames_sent']} chunks"
        case "transcript":
            line = f"understood: {answer['text']}"
        case "reply":
            line = f"answered: {answer['text']} ({answer['seconds']} s of speech)"
        case "nothing":
            line = f"nothing came back: {answer['why']}"
        case "satellites":
            line = f"satellites: {', '.join(answer['names'])}\nfor example: scripts/say {answer['names'][0]} {_EXAMPLE}"
        case "error":
            line = f"error: {answer['text']}"
        case _:
            return
    print(line, flush=True)  # noqa: T201


async def _say(arguments: argparse.Namespace) -> int:
    """Return the exit status: 0 when something was understood, or the satellites were listed."""
    try:
        port = json.loads(await asyncio.to_thread((arguments.folder / PORTS).read_text))["control"]
        reader, writer = await asyncio.open_connection(HOST, port)
    except FileNotFoundError, KeyError, ConnectionError:
        print("scripts/develop is not running", file=sys.stderr)  # noqa: T201
        return 2
    request = {"do": "list"}
    if arguments.text is not None:
        request = {
            "satellite": arguments.satellite.casefold().replace(" ", "_"),
            "do": "say",
            "text": arguments.text,
            "voice": arguments.voice,
        }
    writer.write(json.dumps(request).encode() + b"\n")
    understood = False
    while line := await reader.readline():
        answer = json.loads(line)
        understood |= answer["result"] in ("transcript", "satellites")
        _print(answer)
        if answer.get("done"):
            break
    writer.close()
    return 0 if understood else 1


def main() -> None:
    """Speak."""
    parser = argparse.ArgumentParser(
        prog="scripts/say",
        description="Speak into a satellite of scripts/develop; without arguments, list its satellites.",
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the house (default .develop)")
    parser.add_argument("satellite", nargs="?", help="for example kitchen")
    parser.add_argument("text", nargs="?", help=f"for example {_EXAMPLE}")
    parser.add_argument("--voice", type=Voice, choices=list(Voice), default=Voice.SLT)
    arguments = parser.parse_args()
    if arguments.satellite is not None and arguments.text is None:
        parser.error(f"say what {arguments.satellite} is to hear, for example {_EXAMPLE}")
    sys.exit(asyncio.run(_say(arguments)))


if __name__ == "__main__":
    main()
