"""The lives of a store in processes of their own: core, recorder and store, until they are killed.

`python -m tests.storage.life` waits for orders and forks a process for each life, since importing a core
takes far longer than starting one. A life says what it finds after opening, then keeps and deletes at random
and says before and after each deed what it does; whoever reads that knows what was promised when it died.
"""

import asyncio
import hashlib
import json
import os
from pathlib import Path
from random import Random
import sys
import traceback
from typing import Any, Final, NoReturn

from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE

from custom_components.voice_privacy.core.models import RecordingContent, Utterance
from custom_components.voice_privacy.recordings.store import RecordingStore
from custom_components.voice_privacy.storage.rows import read_rows

from .core_process import core
from .utterances import DAY, make_utterance

FOLDER: Final = ".cache/voice_privacy"
"""The store's place in the configuration folder."""

_SAMPLES: Final = 2_000


def say(**what: Any) -> None:
    """Tell the reader, at once: a pipe outlives its writer."""
    os.write(sys.stdout.fileno(), json.dumps(what).encode() + b"\n")


def utterance(number: int) -> Utterance:
    """Return the n-th utterance of this house."""
    return make_utterance(number, samples=_SAMPLES)


def digest(content: Utterance | RecordingContent) -> str:
    """Return what tells one content from another."""
    return hashlib.sha256(content.audio + (content.transcript or "").encode()).hexdigest()


async def report(hass: HomeAssistant, store: RecordingStore, folder: Path) -> None:
    """Say what is listed, readable, in the table and in the folder."""
    await store.async_flush()
    recorder = hass.data[DATA_INSTANCE]
    engine = recorder.engine
    assert engine is not None
    store_id = store._vault.store_id
    rows = await recorder.async_add_executor_job(read_rows, engine, store_id)
    names = await hass.async_add_executor_job(os.listdir, folder / FOLDER / "audio")
    say(
        listed={
            recording_id: digest((await store.async_read(recording_id))[1])
            for recording_id in store.recordings
        },
        unreadable=sorted(store.unreadable_ids),
        not_restored=store.not_restored,
        rows=sorted(rows.recordings),
        files=sorted(names),
    )


async def live(hass: HomeAssistant, folder: Path, seed: int) -> None:
    """Open the store, report, and keep and delete until the end."""
    store = RecordingStore(hass, folder / FOLDER)
    await store.async_open()
    await report(hass, store, folder)
    chance = Random(seed)
    number = seed * 100_000
    while True:
        alive = list(store.recordings)
        if len(alive) > 20 and chance.random() < 0.3:
            doomed = chance.sample(alive, chance.choice([1, 1, 2, 15]))
            say(deleting=doomed)
            await store.async_delete(doomed)
            say(deleted=doomed)
        else:
            number += 1
            say(keeping=number)
            await store.async_keep(utterance(number), DAY)
            say(kept=number)


async def _begin(folder: Path, seed: int) -> None:
    async with core(folder) as hass:
        try:
            await live(hass, folder, seed)
        except Exception:  # noqa: BLE001
            # Nobody stops in good order here, least of all a core that waits for its recorder.
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)


def _become(folder: str, seed: int, pipe: str) -> NoReturn:
    """Live, with the pipe as output."""
    try:
        os.dup2(os.open(pipe, os.O_WRONLY), sys.stdout.fileno())
        asyncio.run(_begin(Path(folder), seed))
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stderr.flush()
        # Whatever else this process has inherited belongs to the one that waits for orders.
        os._exit(1)


def main() -> None:
    """Take orders: {folder, seed, pipe} begins a life, {wait} waits for the end of one."""
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            os.waitpid(order["wait"], 0)
            say(ended=order["wait"])
            continue
        pid = os.fork()
        if pid == 0:
            _become(**order)
        say(pid=pid)


if __name__ == "__main__":
    main()
