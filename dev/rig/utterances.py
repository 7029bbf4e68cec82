"""Utterances to say in no time, and what of them a house gives back."""

from array import array
import io
from random import Random
import wave

from .furnish import DOMAIN
from .ha_client import HomeAssistantClient

_PAGE = 100


def utterance(chance: Random) -> bytes:
    """Return 0.32 s (mono, 16-bit, 16 kHz) that nobody else says: quiet, then loud enough for speech."""
    quiet = array("h", (chance.randrange(-20, 20) for _ in range(1_280)))
    loud = array("h", (chance.randrange(-9_000, 9_000) for _ in range(3_840)))
    return (quiet + loud).tobytes()


async def read_all(client: HomeAssistantClient) -> dict[str, bytes]:
    """Return the audio of everything that is listed, as it is played, by recording id; oldest last."""
    found: dict[str, bytes] = {}
    before: int | None = None
    while True:
        page = await client.command(f"{DOMAIN}/recordings/list", limit=_PAGE, content=False, before=before)
        for row in page["recordings"]:
            status, answer = await client.rest("GET", f"/api/{DOMAIN}/recordings/{row['id']}/audio")
            assert status == 200, "what is listed can be played"
            with wave.open(io.BytesIO(answer)) as reader:
                found[row["id"]] = reader.readframes(reader.getnframes())
        if not page["more"]:
            return found
        before = page["recordings"][-1]["sequence"]
