"""Nothing that was said is on the disk in plain, neither its sound nor its words, before and after deletion."""

import asyncio
import base64
from collections.abc import Generator
import contextlib
from pathlib import Path
import sqlite3

import pytest

from dev.rig.ha_client import CommandFailed
from dev.rig.household import Household
from dev.rig.leak_search import LeakSearch, in_log

_SAID = "turn off the kitchen light"
_TYPED = "where did the marmalade go"
_PLANTED = "nobody hides this pumpernickel"


@contextlib.contextmanager
def _planted(folder: Path, audio: bytes, text: str) -> Generator[list[str]]:
    """Put what must be found where it could be found, and take it away again."""
    piece = audio[len(audio) // 2 + 7 :][:400]
    files = {
        "planted.raw": b"\1\2\3" + piece,
        "planted.b64": b"xy" + base64.b64encode(b"z" + piece),
        "planted.txt": f"he said: {text.upper()}".encode(),
        "planted.utf16": text.encode("utf-16"),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    database = folder / "planted.db"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE sounds (sound BLOB)")
        connection.execute("INSERT INTO sounds VALUES (?)", (piece,))
        connection.commit()
        # The connection stays open, so that the row is in the write-ahead log and not in the database.
        yield [*files, "planted.db-wal"]
    for file in folder.glob("planted.*"):
        file.unlink()


async def test_neither_sound_nor_words_are_on_the_disk(home: Household) -> None:
    kitchen, config = home.kitchen, home.house.config
    async with kitchen.activity() as activity:
        since = await kitchen.say(_SAID)
        await activity.next("kept")
    transcript = await kitchen.satellite.wait_for_event("transcript", since=since)
    assert transcript.data["text"] == _SAID.lower()
    await kitchen.satellite.wait_for_reply(since=since)
    audio = kitchen.satellite.sent_audio(since=since)
    assert len(audio) > 2 * 32_000
    search = LeakSearch(audio=audio, texts=[_SAID])

    with _planted(config, audio, _SAID) as planted:
        assert {find.file.name for find in search.run(config)} == set(planted)

    assert search.run(config) == []
    assert len(home.sealed_files) == 1
    receipt = await kitchen.act("delete_last")
    assert receipt["deleted"] == 1
    assert search.run(config) == []

    # Stopping writes what the recorder and the stores still had in memory.
    await home.house.stop()
    assert search.run(config) == []
    await home.house.start()
    for member in home.members:
        await member.refresh()
    assert search.run(config) == []
    assert _SAID.lower() not in home.house.log.lower()


async def test_what_is_typed_is_not_in_the_log(home: Household) -> None:
    """What is wrong with it is said to whoever typed it."""
    client = home.house.client
    home.house.typed.append(_TYPED)
    await client.command("voice_privacy/recordings/search", text=_TYPED)
    for command, fields in (
        ("recordings/search", {"text": _TYPED * 10}),
        ("recordings/search", {"text": {_TYPED: [_TYPED]}}),
        ("access_log", {"deed": _TYPED, _TYPED: True}),
        ("review/label", {"review_id": _TYPED, "label": [_TYPED], "correction": _TYPED * 100}),
        ("settings/set", {"toggle": {_TYPED: 1}, "on": _TYPED}),
    ):
        with pytest.raises(CommandFailed) as failed:
            await client.command(f"voice_privacy/{command}", **fields)
        assert _TYPED not in str(failed.value)
    for data in ({"start": _TYPED, "end": [_TYPED]}, {_TYPED: _TYPED}):
        with pytest.raises(CommandFailed) as failed:
            await client.command(
                "call_service", domain="voice_privacy", service="delete_range", service_data=data
            )
        assert _TYPED not in str(failed.value)
    # What Home Assistant checks itself, it logs: once that is there, so is everything before it.
    with pytest.raises(CommandFailed):
        await client.command("call_service", domain=_PLANTED, service=_PLANTED, service_data=_PLANTED)
    async with asyncio.timeout(30):
        while in_log(home.house.log, [_PLANTED]) == []:  # noqa: ASYNC110  # a file tells nobody
            await asyncio.sleep(0.1)
    assert in_log(home.house.log, [_TYPED]) == []
