"""A real backup holds nothing that was said, and its database brings nothing deleted back."""

import asyncio
import contextlib
from pathlib import Path
import shutil
import sqlite3
import tarfile

from tests.storage.residue import Searcher

from .rig.household import Home
from .rig.leak_search import LeakSearch

_SAID = "turn off the kitchen light"
_DATABASE = "home-assistant_v2.db"


async def _back_up(home: Home) -> Path:
    """Have Home Assistant make a backup of everything; return the archive."""
    client, folder = home.house.client, home.house.config / "backups"
    async with client.subscribe("backup/subscribe_events") as events:
        await client.command("backup/generate", agent_ids=["backup.local"])
        event = await events.next(lambda event: event.get("state") in ("completed", "failed"), timeout=60)
    assert event["state"] == "completed", event
    (archive,) = folder.glob("*.tar")
    return archive


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack a backup, and the archive of the configuration folder in it."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    with tarfile.open(folder / "homeassistant.tar.gz") as tar:
        # Our own code is a symbolic link out of the house.
        members = [member for member in tar if not member.issym()]
        tar.extractall(folder, members, filter="data")


def _rows(database: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return {row[0] for row in connection.execute("SELECT recording_id FROM voice_privacy_recordings")}


def _put_back(backup: Path, database: Path) -> None:
    """Restore the database alone, as Home Assistant does: the file, and no log beside it."""
    shutil.copy(backup, database)
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


async def test_backup_holds_nothing_and_brings_nothing_back(home: Home, tmp_path: Path) -> None:
    kitchen, config = home.kitchen, home.house.config
    heard: list[bytes] = []
    for count in (1, 2):
        since = await kitchen.say(_SAID)
        await kitchen.wait_for("recordings", str(count), timeout=15)
        await kitchen.satellite.wait_for_reply(since=since)
        heard.append(kitchen.satellite.sent_audio(since=since))
    (first, second) = sorted(home.sealed_files)
    planted = config / "planted.txt"
    secret = b"this was never said by anybody, but it is in the configuration folder"
    await asyncio.to_thread(planted.write_bytes, secret)

    archive = await _back_up(home)

    await asyncio.to_thread(planted.unlink)
    searcher = Searcher({"first": heard[0], "second": heard[1], "planted": secret})
    found = await asyncio.to_thread(lambda: searcher.search(archive.read_bytes()))
    assert found == {("planted", "raw")}
    unpacked = tmp_path / "backup"
    await asyncio.to_thread(_unpack, archive, unpacked)
    for audio in heard:
        assert LeakSearch(audio=audio, texts=[_SAID]).run(unpacked) == []
    assert not [
        path for path in unpacked.rglob("*") if path.name.startswith("keys.") or path.suffix == ".sealed"
    ]
    database = unpacked / "data" / _DATABASE
    ids = {path.name[17:49] for path in (first, second)}
    assert _rows(database) == ids

    receipt = await kitchen.act("delete_last")
    assert receipt["deleted"] == 1
    await home.house.stop()
    await asyncio.to_thread(_put_back, database, config / _DATABASE)
    assert _rows(config / _DATABASE) == ids
    await home.house.start()
    for member in home.members:
        await member.refresh()

    await kitchen.wait_for("recordings", "1")
    assert home.sealed_files == [first]
    await home.house.stop()
    assert _rows(config / _DATABASE) == {first.name[17:49]}
    await home.house.start()
    for member in home.members:
        await member.refresh()
    await asyncio.to_thread(archive.unlink)
